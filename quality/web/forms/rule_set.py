"""Rule sets in forms: attached to a dataset, made, and what is said of them (quality.web.forms.set_editor edits)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Dataset
from catalog.slugs import SLUG_LENGTH
from catalog.web.forms.base import PageForm, lines
from quality.models import RuleSet
from quality.web.forms.set_editor import choices_of

_PLAIN = {"autocapitalize": "none", "spellcheck": "false"}


class AttachForm(PageForm):
    """Which version of which set; those that the dataset has attached are not offered."""

    rule_set = forms.ChoiceField(label=gettext_lazy("Rule set"))

    def __init__(self, *args: Any, sets: Sequence[RuleSet], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "attach_%s", **kwargs})
        self.fields["rule_set"].choices = [  # type: ignore[attr-defined]
            (
                f"{found.organization.title}: {found.title}",
                [(str(version), f"{found.title} {version.number}") for version in found.versions.all()],
            )
            for found in sets
        ]


class AboutSetForm(PageForm):
    """What is said of a set, and who sees it."""

    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=200, error_messages={"required": gettext_lazy("Give it a title.")}
    )
    description = forms.CharField(label=gettext_lazy("Description"), required=False, max_length=10_000, widget=lines(4))
    is_shared = forms.BooleanField(
        label=gettext_lazy("For everybody"),
        required=False,
        help_text=gettext_lazy("Otherwise it is for the members of the organization."),
    )


class NewSetForm(AboutSetForm):
    """A set with its first version, which may begin with the rules that a dataset has."""

    name = forms.CharField(
        label=gettext_lazy("Short name"),
        max_length=SLUG_LENGTH,
        help_text=gettext_lazy("Small letters, digits and hyphens. It stands in its address and stays for ever."),
        error_messages={"required": gettext_lazy("Give it a short name, such as time-series.")},
        widget=forms.TextInput(attrs=_PLAIN),
    )
    dataset = forms.ChoiceField(
        label=gettext_lazy("Takes the rules of"),
        required=False,
        help_text=gettext_lazy("A dataset’s own rules as they are now, copied; or none, and you write them next."),
    )
    number = forms.CharField(
        label=gettext_lazy("Version"), max_length=32, error_messages={"required": gettext_lazy("Give it a number.")}
    )
    field_order = ["title", "name", "dataset", "number", "description", "is_shared"]

    def __init__(self, *args: Any, datasets: Sequence[Dataset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.datasets = {dataset.slug: dataset for dataset in datasets}
        none = ("", _("None: I write them next"))
        self.fields["dataset"].choices = [none, *choices_of(datasets)]  # type: ignore[attr-defined]

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The rules of the dataset that was chosen; to be asked when the form is valid."""
        chosen = self.datasets.get(self.cleaned_data["dataset"])
        return list(chosen.rules) if chosen is not None else []
