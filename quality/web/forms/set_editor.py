"""The forms of the editor of a rule set: which table is at hand, whose rules are taken, what the version is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Dataset
from catalog.web.forms.base import PageForm, lines

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class AnyTableForm(PageForm):
    """Any table that the person may read: one of a list, or another by its address. ``address`` is what was chosen."""

    on = forms.ChoiceField(label=gettext_lazy("Try it on"), required=False)
    other = forms.CharField(
        label=gettext_lazy("Or another table"),
        required=False,
        max_length=300,
        help_text=gettext_lazy(
            "owner/dataset, owner/dataset/1.0.0 or owner/dataset/1.0.0/table; any that you may read."
        ),
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(self, *args: Any, tables: Sequence[tuple[str, list[tuple[str, str]]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[Any] = [("", "–"), *tables]
        self.fields["on"].choices = choices  # type: ignore[attr-defined]
        chosen = str(self.initial.get("on", ""))
        if chosen and chosen not in {value for _group, group in tables for value, _label in group}:
            self.initial = {**self.initial, "on": "", "other": chosen}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not self.address:
            self.add_error("on", _("Choose a table."))
        return given

    @property
    def address(self) -> str:
        """``owner/dataset[/version[/table]]`` as it was typed or chosen."""
        return str(self.cleaned_data.get("other") or self.cleaned_data.get("on") or "").strip().strip("/")


class TakeForm(PageForm):
    """A dataset whose own rules are copied."""

    dataset = forms.ChoiceField(
        label=gettext_lazy("Takes the rules of"),
        help_text=gettext_lazy("The dataset’s own rules as they are now. They are copied."),
        error_messages={"required": gettext_lazy("Choose a dataset that has rules.")},
    )

    def __init__(self, *args: Any, datasets: Sequence[Dataset], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "take_%s", **kwargs})
        self.datasets = {dataset.slug: dataset for dataset in datasets}
        self.fields["dataset"].choices = choices_of(datasets)  # type: ignore[attr-defined]

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The rules of the dataset that was chosen; to be asked when the form is valid."""
        return list(self.datasets[self.cleaned_data["dataset"]].rules)


class NewVersionForm(PageForm):
    """What another version of a set is called; what has the earlier one attached stays with it."""

    number = forms.CharField(
        label=gettext_lazy("Version"), max_length=32, error_messages={"required": gettext_lazy("Give it a number.")}
    )
    note = forms.CharField(label=gettext_lazy("What is different"), required=False, max_length=10_000, widget=lines(3))


def choices_of(datasets: Sequence[Dataset]) -> list[tuple[str, str]]:
    """Datasets with the number of their rules, as choices by short name."""
    return [
        (dataset.slug, _("%(title)s (rules: %(n)s)") % {"title": dataset.title, "n": len(dataset.rules)})
        for dataset in datasets
    ]
