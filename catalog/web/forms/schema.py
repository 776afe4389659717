"""What an owner may say of a draft's column: meaning, unit, and what its values must satisfy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.table_schema import Constraints, Field
from catalog.web.forms.base import PageForm, lines

_WHOLE, _NUMBERS = {"integer", "year"}, {"integer", "year", "number"}


class MeaningForm(PageForm):
    """What a column means and in which unit it is: all that its row offers to edit."""

    meaning = forms.CharField(
        label=gettext_lazy("Meaning"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "autofocus": True}),
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=60)

    def __init__(self, *args: Any, column: Field, **kwargs: Any) -> None:
        self.column = column
        super().__init__(*args, initial={"meaning": column.description, "unit": column.unit}, **kwargs)

    def changed_field(self) -> Field:
        """The column with what was typed."""
        data = self.cleaned_data
        return replace(self.column, description=data["meaning"].strip(), unit=data["unit"].strip())


class ColumnForm(PageForm):
    """One column. Name and type are facts of the Parquet and can't be changed here."""

    meaning = forms.CharField(label=gettext_lazy("Meaning"), required=False, max_length=2_000, widget=lines(2))
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=60)
    required = forms.BooleanField(label=gettext_lazy("Never missing"), required=False)
    unique = forms.BooleanField(label=gettext_lazy("Each value once"), required=False)
    is_key = forms.BooleanField(label=gettext_lazy("Part of the key"), required=False)
    is_group = forms.BooleanField(label=gettext_lazy("Groups to compare"), required=False)
    minimum = forms.CharField(label=gettext_lazy("Lowest"), required=False, max_length=60)
    maximum = forms.CharField(label=gettext_lazy("Highest"), required=False, max_length=60)
    pattern = forms.CharField(label=gettext_lazy("Pattern"), required=False, max_length=1_000)
    enum = forms.CharField(label=gettext_lazy("Allowed values"), required=False, max_length=20_000, widget=lines(2))

    def __init__(self, *args: Any, column: Field, is_key: bool, **kwargs: Any) -> None:
        self.column = column
        constraints = column.constraints
        initial = {
            "meaning": column.description,
            "unit": column.unit,
            "required": constraints.required,
            "unique": constraints.unique,
            "is_key": is_key,
            "is_group": column.group,
            "minimum": "" if constraints.minimum is None else str(constraints.minimum),
            "maximum": "" if constraints.maximum is None else str(constraints.maximum),
            "pattern": constraints.pattern or "",
            "enum": "\n".join(str(value) for value in constraints.enum),
        }
        super().__init__(*args, initial=initial, **kwargs)

    @property
    def flags(self) -> list[forms.BoundField]:
        """The rules that are a tick."""
        return [self["required"], self["unique"], self["is_key"], self["is_group"]]

    @property
    def rules(self) -> list[forms.BoundField]:
        """The rules that are typed, where they mean anything for the column's type."""
        names = ["minimum", "maximum"] if self.is_ordered else ["pattern"] if self.has_text else []
        return [self[name] for name in [*names, "enum"]]

    @property
    def has_rules(self) -> bool:
        """Whether any of the typed rules is set, so that the page opens them."""
        return any(field.value() for field in self.rules)

    @property
    def is_ordered(self) -> bool:
        """Whether lowest and highest mean anything for this column."""
        return self.column.type in {"integer", "number", "year", "date", "datetime", "time"}

    @property
    def has_text(self) -> bool:
        return self.column.type in {"string", "any"}

    def clean_minimum(self) -> float | str | None:
        return self._bound("minimum")

    def clean_maximum(self) -> float | str | None:
        return self._bound("maximum")

    def clean_enum(self) -> tuple[Any, ...]:
        """One value a line, in the column's type."""
        words = [word.strip() for word in self.cleaned_data["enum"].splitlines() if word.strip()]
        return tuple(self._typed(word) for word in dict.fromkeys(words))

    def changed_field(self) -> Field:
        """The column with what was typed; lengths and whatever else the form does not show stay."""
        data = self.cleaned_data
        old = self.column.constraints
        constraints = Constraints(
            required=data["required"],
            unique=data["unique"],
            minimum=data["minimum"] if self.is_ordered else old.minimum,
            maximum=data["maximum"] if self.is_ordered else old.maximum,
            min_length=old.min_length,
            max_length=old.max_length,
            pattern=(data["pattern"] or None) if self.has_text else old.pattern,
            enum=data["enum"],
        )
        return replace(
            self.column,
            description=data["meaning"].strip(),
            unit=data["unit"].strip(),
            constraints=constraints,
            group=data["is_group"],
        )

    def _bound(self, name: str) -> float | str | None:
        text = self.cleaned_data[name].strip()
        bound = self._typed(text) if text else None
        return bound if not isinstance(bound, bool) else None

    def _typed(self, text: str) -> Any:
        try:
            if self.column.type in _WHOLE:
                return int(text)
            if self.column.type in _NUMBERS:
                return int(text) if text.lstrip("+-").isdecimal() else float(text)
        except ValueError:
            raise ValidationError(_("“%(text)s” is no number.") % {"text": text}) from None
        if self.column.type == "boolean":
            return text.casefold() in {"true", "1", "yes"}
        return text
