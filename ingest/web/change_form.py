"""The form that changes how one column is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import Invalid
from catalog.web.forms.base import PageForm
from catalog.web.frame.refusals import put_into
from ingest.outcome import RecipeStep
from ingest.recipes.vocabulary import chosen_cast

TYPES = {
    "string": gettext_lazy("text"),
    "integer": gettext_lazy("whole numbers"),
    "number": gettext_lazy("numbers"),
    "boolean": gettext_lazy("true and false"),
    "date": gettext_lazy("dates"),
    "datetime": gettext_lazy("dates with a time"),
}
CHANGES = {
    "trim-text": gettext_lazy("take away spaces around values"),
    "clear": gettext_lazy("read a value as missing"),
    "rename-columns": gettext_lazy("rename it"),
    "drop-columns": gettext_lazy("leave it out"),
}


class ChangeForm(PageForm):
    """One change of one column; ``step`` is the recipe's step once the form is valid."""

    column = forms.ChoiceField(label=gettext_lazy("Column"))
    change = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[(gettext_lazy("Read it as"), list(TYPES.items())), (gettext_lazy("Clean it"), list(CHANGES.items()))],
    )
    value = forms.CharField(
        label=gettext_lazy("New name or value"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For a new name, or for the value that means “missing”."),
    )

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["column"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(name, name) for name in columns]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("change") in {"clear", "rename-columns"} and not given.get("value"):
            self.add_error("value", _("Say what: the new name, or the value that means “missing”."))
        return given

    def refuse(self, refusal: Invalid) -> None:
        """Show a refusal in the form, beside what was found in the form itself."""
        if not (self.errors and any(field for field in self.errors if field in self.data)):
            self.errors.clear()
            put_into(self, refusal)

    @property
    def step(self) -> RecipeStep:
        column, change, value = (self.cleaned_data[name] for name in ("column", "change", "value"))
        if change in TYPES:
            return chosen_cast(column, change)
        if change == "drop-columns":
            return {"step": change, "columns": [column]}
        if change == "rename-columns":
            return {"step": change, "columns": [[column, value]]}
        return {"step": change, "column": column, **({"values": [value]} if change == "clear" else {})}
