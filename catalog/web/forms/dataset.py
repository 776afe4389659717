from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.licenses import all_licenses
from catalog.models import Access, Dataset, UpdateFrequency
from catalog.services.cataloguing.datasets import Description
from catalog.web.forms.base import PageForm, lines

LATER = ("methods", "known_limits")
"""Fields that not every sender of a description knows of."""


class DescriptionForm(PageForm):
    """What an owner says of a dataset, and who may have its bytes."""

    title = forms.CharField(
        label=_("Title"), max_length=200, error_messages={"required": _("A dataset needs a title.")}
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=100_000,
        help_text=_("What was measured, how, and what it is not good for. Markdown."),
        widget=lines(10),
    )
    methods = forms.CharField(
        label=_("Methods"),
        required=False,
        max_length=100_000,
        help_text=_(
            "How the data came to be: instruments, sampling, what was done to them before the upload. Markdown."
        ),
        widget=lines(5),
    )
    known_limits = forms.CharField(
        label=_("Known limits"),
        required=False,
        max_length=100_000,
        help_text=_("What is missing or uncertain, and what the data must not be used for. Markdown."),
        widget=lines(5),
    )
    license = forms.CharField(
        label=_("Licence"),
        required=False,
        max_length=100,
        help_text=_("An SPDX identifier. CC-BY-4.0 and CC0-1.0 let others use the data without asking."),
        widget=forms.TextInput(attrs={"list": "licenses", "autocapitalize": "none", "spellcheck": "false"}),
    )
    keywords = forms.CharField(
        label=_("Keywords"), required=False, max_length=2_500, help_text=_("With commas between them.")
    )
    attribution = forms.CharField(
        label=_("Credit line"),
        required=False,
        max_length=500,
        help_text=_("How others should name the source. Empty means the organization’s name."),
    )
    contact_name = forms.CharField(label=_("Contact"), required=False, max_length=150)
    contact_email = forms.EmailField(
        label=_("Contact’s e-mail"),
        required=False,
        error_messages={"invalid": _("This is no e-mail address.")},
    )
    access = forms.ChoiceField(label=_("Who may have the data"), choices=Access, widget=forms.RadioSelect)
    update_frequency = forms.ChoiceField(
        label=_("New data are promised"),
        required=False,
        choices=[("", _("No promise")), *UpdateFrequency.choices],
        help_text=_("When they are late, the report and the score say so."),
    )
    conforms_to = forms.CharField(
        label=_("Standard schema"),
        required=False,
        max_length=130,
        help_text=_("Name and version, such as weather@1.0.0. Uploads are then read by it."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    max_refused_percent = forms.IntegerField(
        label=_("Refuse a file above"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_(
            "Percent of a column’s cells that can’t be read. At 100 no file is refused for it: the cells are on "
            "record, and you decide."
        ),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    @staticmethod
    def initial_of(dataset: Dataset) -> dict[str, Any]:
        """What the form shows of a dataset as it stands."""
        names = ("title", "description", *LATER, "license", "attribution", "contact_name", "contact_email", "access")
        return {
            "update_frequency": dataset.update_frequency,
            **{name: getattr(dataset, name) for name in names},
            "max_refused_percent": dataset.max_refused_percent,
            "keywords": ", ".join(dataset.keywords),
            "conforms_to": str(dataset.conforms_to) if dataset.conforms_to else "",
        }

    def to_description(self) -> Description:
        """What was typed, as the service takes it."""
        data = self.cleaned_data
        return Description(
            title=data["title"],
            description=data["description"],
            **{name: data[name] for name in LATER if name in self.data},
            license=data["license"],
            keywords=data["keywords"].split(","),
            contact_name=data["contact_name"],
            contact_email=data["contact_email"],
            attribution=data["attribution"],
            access=data["access"],
            max_refused_percent=data["max_refused_percent"],
            # Whoever does not send a field does not mean to empty it.
            update_frequency=data["update_frequency"] if "update_frequency" in self.data else None,
        )


def license_choices() -> list[tuple[str, str]]:
    """Every licence's identifier and name, the ones made for data first."""
    return [(item.id, item.name) for item in all_licenses().values()]


class WithdrawForm(PageForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=5_000,
        help_text=_("It stays on the version’s page for ever, for everybody who cited it."),
        error_messages={"required": _("Say why: the reason stays on the version’s page.")},
        widget=lines(4),
    )
