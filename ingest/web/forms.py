"""The forms of "Share data"."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.licenses import License, all_licenses, get_license
from catalog.models import Dataset, Organization, SourceMode, StandardSchema
from catalog.services.reviewing.conversation import REMARK_LIMIT
from catalog.slugs import SLUG_LENGTH
from catalog.web.forms.base import PageForm, lines
from catalog.web.forms.dataset import LATER, DescriptionForm
from ingest.models import NewColumns
from ingest.services.documents import DocumentWords
from ingest.services.purposes import KEYED, Purpose

OTHER = "other"


class StartForm(PageForm):
    """A new dataset: whose it is and what it is called. Everything else comes on the next page."""

    organization = forms.ModelChoiceField(
        queryset=Organization.objects.none(),
        to_field_name="slug",
        label=gettext_lazy("Organization"),
        required=False,
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("Choose an organization that you may upload to.")},
    )
    new_title = forms.CharField(
        label=gettext_lazy("Name of the organization"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("An institute, a project or your own name. You become its owner."),
    )
    new_slug = forms.CharField(
        label=gettext_lazy("Its short name"),
        max_length=SLUG_LENGTH,
        required=False,
        help_text=gettext_lazy("It stands in every address and stays for ever. Made from the name when empty."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    title = forms.CharField(
        label=gettext_lazy("Title of the dataset"),
        max_length=200,
        help_text=gettext_lazy("What it holds, where and when: “Penguins of the Palmer Archipelago, 2007 to 2009”."),
        error_messages={"required": gettext_lazy("A dataset needs a title.")},
    )
    slug = forms.CharField(
        label=gettext_lazy("Short name of the dataset"),
        max_length=SLUG_LENGTH,
        required=False,
        help_text=gettext_lazy("It stands in its address and stays for ever. Made from the title when empty."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        if not isinstance(field, forms.ModelChoiceField):
            raise TypeError("organization")
        field.queryset = Organization.objects.filter(pk__in=[item.pk for item in organizations])
        field.label_from_instance = lambda item: item.title  # type: ignore[method-assign,assignment]
        self.has_organizations = bool(organizations)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("organization") and not (cleaned.get("new_title") or "").strip():
            self.add_error(
                "organization" if self.has_organizations else "new_title",
                ValidationError(_("Say whose dataset it is.")),
            )
        return cleaned


class ShareForm(DescriptionForm):
    """A draft's description as it is typed beside the upload: licences as choices, saved field by field."""

    license_other = forms.CharField(
        label=gettext_lazy("Another licence"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Begin to write its name or its SPDX identifier."),
        widget=forms.TextInput(attrs={"list": "licenses", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, may_change_access: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        licenses = [(item.id, item.name) for item in recommended_licenses()]
        self.fields["license"] = forms.ChoiceField(
            label=_("Licence"),
            required=False,
            choices=[*licenses, (OTHER, _("Another licence"))],
            widget=forms.RadioSelect,
        )
        schemas = [str(item) for item in StandardSchema.objects.order_by("name", "version")]
        self.fields["conforms_to"] = forms.ChoiceField(
            label=_("Standard schema"),
            required=False,
            choices=[("", _("None")), *[(item, item) for item in schemas]],
            help_text=_("Choose it before you upload: the files are then read by it."),
        )
        self.fields["description"].widget = lines(6)
        self.fields["access"].disabled = not may_change_access
        if not schemas:
            del self.fields["conforms_to"]

    @staticmethod
    def initial_of(dataset: Dataset) -> dict[str, Any]:
        initial = DescriptionForm.initial_of(dataset)
        known = {item.id for item in recommended_licenses()}
        if dataset.license and dataset.license not in known:
            initial |= {"license": OTHER, "license_other": dataset.license}
        return initial

    def clean_license_other(self) -> str:
        text = str(self.cleaned_data["license_other"]).strip()
        if self.cleaned_data.get("license") != OTHER or not text:
            return ""
        found = get_license(text) or next((item for item in all_licenses().values() if item.name == text), None)
        if found is None:
            raise ValidationError(_("“%(text)s” is no SPDX licence, such as CC-BY-4.0.") % {"text": text})
        return found.id

    def valid_values(self) -> dict[str, Any]:
        """What was typed and is valid, by the names of the dataset's own fields."""
        self.full_clean()
        data = {name: value for name, value in self.cleaned_data.items() if name not in LATER or name in self.data}
        other = data.pop("license_other", None)
        if data.get("license") == OTHER:
            data.pop("license")
            if other:
                data["license"] = other
        if "keywords" in data:
            data["keywords"] = data["keywords"].split(",")
        if self.fields["access"].disabled:
            data.pop("access", None)
        return data


class ImportForm(PageForm):
    """A web address, and what its file does to the dataset's tables as the page's choice beside it says.

    A document does nothing to a table, whatever that choice is.
    """

    url = forms.CharField(error_messages={"required": gettext_lazy("Give the address of a file.")})
    mode = forms.ChoiceField(choices=SourceMode.choices, required=False)
    resource = forms.CharField(required=False)
    key = forms.CharField(required=False)
    new_columns = forms.BooleanField(required=False)
    is_document = forms.BooleanField(required=False)

    @property
    def purpose(self) -> Purpose:
        """Of a valid form. What is sent of fields that the chosen mode hides is left out."""
        data = self.cleaned_data
        mode = data["mode"] or SourceMode.REPLACE
        if mode == SourceMode.REPLACE or data["is_document"]:
            return Purpose()
        key = tuple(name.strip() for name in data["key"].split(",") if name.strip()) if mode in KEYED else ()
        adds = data["new_columns"] and mode != SourceMode.DELETE
        return Purpose(mode, key, NewColumns.ADD if adds else NewColumns.REFUSE)

    @property
    def resource_name(self) -> str:
        """The table that the file is added to; a file that replaces is told by its own name."""
        is_added = self.purpose.mode != SourceMode.REPLACE
        return str(self.cleaned_data["resource"]) if is_added else ""

    @property
    def document(self) -> DocumentWords | None:
        """Words for a document, where the address is to become one: they are given later, in the list."""
        return DocumentWords() if self.cleaned_data["is_document"] else None


class SubmitForm(PageForm):
    """The last step: what this version is, and its number."""

    note = forms.CharField(
        label=gettext_lazy("What this version is or changes"),
        max_length=10_000,
        help_text=gettext_lazy("For the reviewer and for everybody who uses the data. It is kept with the version."),
        error_messages={"required": gettext_lazy("Say in a sentence what this version is or changes.")},
        widget=lines(4),
    )
    number = forms.CharField(
        label=gettext_lazy("Version number"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("You may raise it, never lower it."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "spellcheck": "false", "size": "12"}),
    )
    message = forms.CharField(
        label=gettext_lazy("Message to the steward"),
        max_length=REMARK_LIMIT,
        required=False,
        help_text=gettext_lazy("Only for the review: it begins the conversation there and is not published."),
        widget=lines(3),
    )
    may_share = forms.BooleanField(
        label=gettext_lazy("I may share these data."),
        error_messages={"required": gettext_lazy("Say that you may share them, or ask whoever can say so.")},
    )
    persons_declared = forms.BooleanField(
        label=gettext_lazy("They tell of persons only what is declared in the schema."),
        error_messages={"required": gettext_lazy("Say so, or declare in the schema what tells of persons.")},
    )

    def __init__(self, *args: Any, is_read: bool, **kwargs: Any) -> None:
        """``is_read`` when a steward reads what is sent."""
        super().__init__(*args, **kwargs)
        if not is_read:
            del self.fields["message"]


def recommended_licenses() -> list[License]:
    """The licences made for data."""
    return [item for item in all_licenses().values() if item.recommended]
