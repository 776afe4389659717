"""One rule as a form. What was typed becomes the rule's JSON; what is wrong stands at the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.web.forms.base import PageForm
from quality.rules.params import OF_ALL, PARAMS, Shape
from quality.rules.problem import Problem, Wrong
from quality.rules.rule import InvalidRule, Rule, RuleType
from quality.web.forms.rule_fields import SIDES, Known, fields_of, table_field

LEVEL_CHOICES = [
    ("error", gettext_lazy("Error: a table that breaks it fails")),
    ("warning", gettext_lazy("Warning: it is told and counted")),
    ("info", gettext_lazy("Note: it is only told")),
]
# What a person is told of what happens most, in the words of the fields (quality.rules.params has the others).
_TOLD: Mapping[Wrong, Any] = {
    Wrong.NO_BOUND: gettext_lazy("Give the lowest, the highest or both."),
    Wrong.BOUNDS_CROSSED: gettext_lazy("The lowest is above the highest."),
    Wrong.BOUNDS_UNLIKE: gettext_lazy("Both must be numbers, or both dates or moments."),
    Wrong.COLUMN_TWICE: gettext_lazy("Choose different columns."),
    Wrong.COLUMNS_TOO_FEW_OR_MANY: gettext_lazy("Choose 2 to 32 columns."),
    Wrong.FIELDS_TOO_FEW_OR_MANY: gettext_lazy("Name as many columns as above."),
    Wrong.VALUE_TWICE: gettext_lazy("A value stands twice."),
}
_TICKS = frozenset({"strict_min", "strict_max", "or_equal", "strictly", "ordered"})


class RuleForm(PageForm):
    """``rule_type`` is given; after ``is_valid``, ``rule`` is the rule that was typed."""

    rule: Rule

    def __init__(self, *args: Any, rule_type: RuleType, known: Known, rule: Rule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(rule) if rule else {"level": "error"}, **kwargs)
        self.rule_type, self.known = rule_type, _with_own(known, rule)
        self.fields.update(fields_of(rule_type, self.known))
        of_table = table_field(rule_type, self.known, rule.table if rule else "")
        if of_table is not None:
            self.fields["table"] = of_table
        if "mostly" in PARAMS[rule_type].names:
            self.fields["mostly"] = forms.CharField(
                label=gettext_lazy("Share of the values that must do so, in %"),
                required=False,
                max_length=20,
                help_text=gettext_lazy("100 when empty."),
            )
        for name, value in self.initial.items():
            if isinstance(value, list) and not isinstance(self.fields.get(name), forms.MultipleChoiceField):
                self.initial[name] = "\n".join(value)
        self.fields["level"] = forms.ChoiceField(
            label=gettext_lazy("Level"), choices=LEVEL_CHOICES, widget=forms.RadioSelect
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        data: dict[str, Any] = {"type": self.rule_type.value, "level": given["level"], **self._columns(given)}
        for name in (*PARAMS[self.rule_type].names, *(name for name in OF_ALL if name in self.fields)):
            value = self._parameter(name, given)
            if value is not None:
                data[name] = value
        if not self.errors:
            self._make(data)
        return given

    def _make(self, data: Mapping[str, Any]) -> None:
        try:
            self.rule = Rule.from_json(data, origin="owner")
        except InvalidRule as refusal:
            for problem in refusal.problems:
                self.add_error(self._field_of(problem.parameter), str(self._told(problem)))

    def _told(self, problem: Problem) -> Any:
        if problem.wrong is Wrong.COLUMNS_TOO_FEW_OR_MANY and PARAMS[self.rule_type].shape is Shape.SOME:
            return _("Name 1 to 32 columns.")
        return _TOLD.get(problem.wrong, problem.sentence)

    def _field_of(self, parameter: str) -> str | None:
        """The field for a parameter; a box has a field for each side, a pair of columns one for each."""
        if parameter in ("box", "south"):
            return "south" if parameter == "south" else "west"
        if parameter == "columns" and parameter not in self.fields:
            return "second"
        return parameter if parameter in self.fields else None

    def _columns(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if "column" in self.fields:
            return {"column": given["column"]}
        if "first" in self.fields:
            return {"columns": [given["first"], given["second"]]}
        return {"columns": self._names("columns", given)} if "columns" in self.fields else {}

    def _parameter(self, name: str, given: Mapping[str, Any]) -> Any:
        """What was typed as a parameter's value; None for nothing. Problems are added to the field."""
        if name in _TICKS:
            return given[name] or None
        if name == "box":
            return [self._read(side, given[side], _number) for side in SIDES]
        if name in ("fields", "group"):
            return self._names(name, given) or None
        if name == "values":
            return [self._read(name, word, self._typed) for word in _lines(given[name])]
        if name in ("is", "resource", "pattern", *OF_ALL):
            return given[name]
        text = given[name].strip()
        return self._read(name, text, self._reader(name)) if text else None

    def _reader(self, name: str) -> Callable[[str], Any]:
        if name == "mostly":
            return _share
        if name == "total":
            return lambda text: text if text in self.known.columns else _number(text)
        if name == "within":
            return str
        if name == "step":
            return lambda text: text if text.startswith("P") else _number(text)
        return _bound if self.rule_type is RuleType.BETWEEN else _number

    def _read(self, name: str, text: str, reader: Callable[[str], Any]) -> Any:
        try:
            return reader(text)
        except ValidationError as problem:
            self.add_error(name, problem)
            return None

    def _names(self, name: str, given: Mapping[str, Any]) -> list[str]:
        found = given[name] if isinstance(given[name], list) else _lines(given[name])
        # The columns of another table than the dataset's own are not all known here.
        if self.known.choices and not (name == "fields" and given.get("resource")):
            for column in found:
                if column not in self.known.columns:
                    self.add_error(name, _("No table has a column “%(name)s”.") % {"name": column})
        return found

    def _typed(self, text: str) -> Any:
        """A value in the type of the rule's column."""
        of = self.known.columns.get(str(self.cleaned_data.get("column", "")), "string")
        if of in ("integer", "year", "number"):
            return _number(text)
        if of == "boolean":
            if text.casefold() not in ("true", "false"):
                raise ValidationError(_("Write true or false."))
            return text.casefold() == "true"
        return text


def _with_own(known: Known, rule: Rule | None) -> Known:
    """The columns that a rule names stay choices, also where no table has them any more."""
    if rule is None or not known.choices:
        return known
    return Known(
        {**known.columns, **{name: "string" for name in rule.reads if name not in known.columns}}, known.tables
    )


def _initial(rule: Rule) -> dict[str, Any]:
    """A rule as its form shows it."""
    shown: dict[str, Any] = {"level": rule.level, "columns": list(rule.columns)}
    if rule.columns:
        shown |= {"column": rule.columns[0], "first": rule.columns[0], "second": rule.columns[-1]}
    for name, value in rule.params.items():
        if name == "box":
            shown |= dict(zip(SIDES, value, strict=True))
        elif name == "mostly":
            shown[name] = f"{Decimal(str(value)) * 100:f}".rstrip("0").rstrip(".")
        elif name in ("values", "fields"):
            shown[name] = "\n".join(_written(item) for item in value)
        else:
            shown[name] = value
    return shown


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _number(text: str) -> int | float:
    """A whole number, or another finite one."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ValidationError(_("“%(text)s” is no number.") % {"text": text}) from None
    if not found.is_finite() or abs(found.adjusted()) > 300:
        raise ValidationError(_("“%(text)s” is no number.") % {"text": text})
    return int(text) if text.lstrip("+-").isdecimal() else float(found)


def _bound(text: str) -> int | float | str:
    """A number, as its text where a binary one would not be the same; else a date or a moment as it stands."""
    try:
        found = _number(text)
    except ValidationError:
        if not text[:1].isdecimal() or ("-" not in text and ":" not in text):
            raise
        return text
    return found if Decimal(str(found)) == Decimal(text) else text


def _share(text: str) -> float | None:
    percent = Decimal(str(_number(text.removesuffix("%").strip())))
    if not 0 < percent <= 100:
        raise ValidationError(_("A share is above 0 and up to 100 %."))
    return float(percent / 100) if percent < 100 else None
