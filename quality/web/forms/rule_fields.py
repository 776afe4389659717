"""The fields of a form for one rule: its columns and the parameters of its type, with labels and hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.table_schema import FIELD_TYPES, PATTERN_LIMIT
from catalog.web.forms.base import lines
from quality.rules.params import PARAMS, Shape
from quality.rules.rule import RuleType
from quality.rules.sentences import TYPE_NAMES

IN_ORDER = frozenset({RuleType.INCREASING_TOGETHER, RuleType.FOREIGN_KEY, RuleType.COLUMNS_MATCH})
"""Types for which it matters in which order the columns stand: they are written, a line each."""
SIDES = ("west", "south", "east", "north")
COLUMNS_NAMED = 40


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule can speak of: the columns of the dataset's tables (name, Table Schema type) and the tables' names.

    Where ``is_whole`` is false these are those of one table at hand, and rules may name others.
    """

    columns: Mapping[str, str]
    tables: tuple[str, ...] = ()
    is_whole: bool = True

    @property
    def choices(self) -> Mapping[str, str]:
        """The columns to choose from; none where they are written, as before the first table."""
        return self.columns if self.is_whole else {}

    @property
    def hint(self) -> str:
        """Columns of the table at hand, for who writes their names."""
        if self.is_whole or not self.columns:
            return ""
        names = ", ".join(list(self.columns)[:COLUMNS_NAMED])
        more = ", …" if len(self.columns) > COLUMNS_NAMED else ""
        return gettext("The table at hand has %(names)s.") % {"names": names + more}


def fields_of(rule_type: RuleType, known: Known) -> Iterator[tuple[str, forms.Field]]:
    """The fields for the columns of a type, then those for its parameters; level and share are the form's own."""
    yield from _columns(rule_type, known)
    for name in PARAMS[rule_type].names:
        if name == "box":
            yield from ((side, _number(_SIDES[side], required=True)) for side in SIDES)
        elif name == "resource":
            yield name, _tables(known)
        elif name == "group":
            yield name, _several(_("For each"), known, _("Columns of which each combination is looked at by itself."))
        elif name != "mostly":
            yield name, _FIELDS[rule_type, name]() if (rule_type, name) in _FIELDS else _PARAMETERS[name]()


def table_field(rule_type: RuleType, known: Known, chosen: str) -> forms.Field | None:
    """The one table that a rule is of; None where there is one table only and nothing to choose."""
    of_table = PARAMS[rule_type].shape is Shape.TABLE
    if not known.is_whole:
        hint = _("Empty for every table.") if of_table else _("Empty for every table that has the columns.")
        return forms.CharField(label=_("Only of the table"), max_length=96, required=False, help_text=hint)
    names = dict.fromkeys((*known.tables, *([chosen] if chosen else ())))
    if len(names) < 2 and not chosen:
        return None
    every = _("Every table") if of_table else _("Every table that has the columns")
    choices = [("", every), *((name, name) for name in names)]
    return forms.ChoiceField(label=_("Asked of"), choices=choices, required=False)


def _columns(rule_type: RuleType, known: Known) -> Iterator[tuple[str, forms.Field]]:
    shape = PARAMS[rule_type].shape
    if shape is Shape.COLUMN:
        yield "column", _one(_("Column"), known)
    elif shape is Shape.PAIR:
        is_place = rule_type is RuleType.WITHIN_AREA
        yield "first", _one(_("Column with the latitude") if is_place else _("The greater column"), known)
        yield "second", _one(_("Column with the longitude") if is_place else _("The smaller column"), known)
    elif rule_type in IN_ORDER:
        yield "columns", _lines(_("Columns"), _("One a line, in their order."))
    elif shape is not Shape.TABLE:
        yield "columns", _several(_("Columns"), known, "", required=True)


def _one(label: Any, known: Known) -> forms.Field:
    missing = {"required": _("Choose a column.")}
    if not known.choices:
        return forms.CharField(label=label, max_length=500, help_text=known.hint, error_messages=missing)
    choices = [("", "–"), *((name, name) for name in known.choices)]
    return forms.ChoiceField(label=label, choices=choices, error_messages=missing)


def _several(label: Any, known: Known, hint: Any, *, required: bool = False) -> forms.Field:
    if not known.choices:
        return _lines(label, " ".join([str(_("One a line.")), known.hint]).strip(), required=required)
    return forms.MultipleChoiceField(
        label=label,
        choices=[(name, name) for name in known.choices],
        required=required,
        help_text=hint,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the columns.")},
    )


def _tables(known: Known) -> forms.Field:
    if not known.is_whole:
        hint = _("Empty for the table itself.")
        return forms.CharField(label=_("Table in which they are found"), max_length=200, required=False, help_text=hint)
    choices = [("", _("The table itself")), *((name, name) for name in known.tables)]
    return forms.ChoiceField(label=_("Table in which they are found"), choices=choices, required=False)


def _lines(label: Any, hint: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=50_000,
        widget=lines(4),
        error_messages={"required": _("Write at least one.")},
    )


def _text(label: Any, hint: Any = "", *, required: bool = False, limit: int = 60) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=limit,
        error_messages={"required": _("This is needed.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


def _number(label: Any, hint: Any = "", *, required: bool = False) -> forms.CharField:
    return _text(label, hint, required=required)


def _tick(label: Any, hint: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=hint, required=False)


_SIDES: Mapping[str, Any] = {
    "west": _("West, in degrees"),
    "south": _("South, in degrees"),
    "east": _("East, in degrees"),
    "north": _("North, in degrees"),
}
_PARAMETERS: Mapping[str, Callable[[], forms.Field]] = {
    "is": lambda: forms.ChoiceField(
        label=_("Type"), choices=[(name, TYPE_NAMES[name]) for name in FIELD_TYPES if name in TYPE_NAMES]
    ),
    "values": lambda: _lines(_("Allowed values"), _("One a line.")),
    "min": lambda: _number(_("Lowest")),
    "max": lambda: _number(_("Highest")),
    "strict_min": lambda: _tick(_("The lowest itself is not allowed")),
    "strict_max": lambda: _tick(_("The highest itself is not allowed")),
    "pattern": lambda: _text(
        _("Pattern"), _("A regular expression (RE2) that the whole value matches."), required=True, limit=PATTERN_LIMIT
    ),
    "value": lambda: _number(_("Number of columns"), required=True),
    "ordered": lambda: _tick(_("In this order")),
    "or_equal": lambda: _tick(_("Both may be equal")),
    "strictly": lambda: _tick(_("Each is greater than the one before, never equal")),
    "step": lambda: _text(
        _("Largest step"),
        _("A number, or a length of time: P1D is a day, PT15M a quarter of an hour, P1M a month."),
        required=True,
    ),
    "fields": lambda: _lines(_("Columns in which they are found"), _("One a line, as many as above.")),
    "total": lambda: _text(_("Total"), _("A number, or the name of a column."), required=True, limit=500),
    "tolerance": lambda: _number(_("Give or take")),
    "within": lambda: _text(
        _("Not older than"),
        _("A length of time: P7D is seven days, PT12H twelve hours. Empty: as the dataset’s update frequency says."),
    ),
}
_FIELDS: Mapping[tuple[RuleType, str], Callable[[], forms.Field]] = {
    (RuleType.BETWEEN, "min"): lambda: _number(_("Lowest"), _("A number, or a date or moment such as 2026-01-31.")),
    (RuleType.BETWEEN, "max"): lambda: _number(_("Highest"), _("A number, or a date or moment such as 2026-01-31.")),
    (RuleType.DRIFT, "max"): lambda: _number(
        _("Largest population stability index"), _("0.25 when empty: more is commonly taken for another population.")
    ),
}
