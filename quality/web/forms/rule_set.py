"""Rule sets in forms: attached to a dataset, made of a dataset's rules, given a new version."""

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


class _OfRulesForm(PageForm):
    """A version, made of the rules that a dataset has."""

    dataset = forms.ChoiceField(
        label=gettext_lazy("Takes the rules of"),
        help_text=gettext_lazy("The dataset’s own rules as they are now. They are copied."),
        error_messages={"required": gettext_lazy("Choose a dataset that has rules.")},
    )
    number = forms.CharField(
        label=gettext_lazy("Version"), max_length=32, error_messages={"required": gettext_lazy("Give it a number.")}
    )

    def __init__(self, *args: Any, datasets: Sequence[Dataset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.datasets = {dataset.slug: dataset for dataset in datasets}
        self.fields["dataset"].choices = [  # type: ignore[attr-defined]
            (dataset.slug, _("%(title)s (rules: %(n)s)") % {"title": dataset.title, "n": len(dataset.rules)})
            for dataset in datasets
        ]

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The rules of the dataset that was chosen; to be asked when the form is valid."""
        return list(self.datasets[self.cleaned_data["dataset"]].rules)


class NewSetForm(AboutSetForm, _OfRulesForm):
    """A set with its first version."""

    name = forms.CharField(
        label=gettext_lazy("Short name"),
        max_length=SLUG_LENGTH,
        help_text=gettext_lazy("Small letters, digits and hyphens. It stands in its address and stays for ever."),
        error_messages={"required": gettext_lazy("Give it a short name, such as time-series.")},
        widget=forms.TextInput(attrs=_PLAIN),
    )
    field_order = ["title", "name", "dataset", "number", "description", "is_shared"]


class NewVersionForm(_OfRulesForm):
    """Another version of a set; what has the earlier one attached stays with it."""

    note = forms.CharField(label=gettext_lazy("What is different"), required=False, max_length=10_000, widget=lines(3))
