"""What each type of rule takes: its columns, its parameters and what is wrong with given ones."""

from __future__ import annotations

import json
import math
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _

from catalog.table_schema import FIELD_TYPES, PATTERN_LIMIT
from quality.rules.durations import Duration
from quality.rules.problem import Problem, Wrong

SET_LIMIT = 1_000
OF_ALL = ("table",)
"""What a rule of any type may say beside its own parameters: the name of the one table that it is asked of."""
COLUMNS_LIMIT = 32


class Shape(Enum):
    """How many columns a rule looks at."""

    TABLE = "table"
    COLUMN = "column"
    PAIR = "pair"
    COLUMNS = "columns"
    SOME = "some"  # one or several
    NAMES = "names"  # any number: the names that a table must have


@dataclass(frozen=True, slots=True)
class Params:
    """``names`` are the parameters; ``check`` yields what is wrong with given ones."""

    shape: Shape
    names: tuple[str, ...] = ()
    check: Callable[[Mapping[str, Any]], Iterable[Problem]] = lambda _data: ()


def problems_of(rule_type: str, data: Mapping[str, Any]) -> Iterable[Problem]:
    """Everything that is wrong with the columns and parameters of a rule in JSON."""
    params = PARAMS[rule_type]
    yield from _column_problems(params.shape, data)
    yield from params.check(data)
    if data.get("table") is not None and not isinstance(data["table"], str):
        yield Problem("table", _("table must be the name of the table that the rule is asked of"))
    if "mostly" in params.names and data.get("mostly") is not None:
        mostly = data["mostly"]
        if not _is_number(mostly) or not 0 < mostly <= 1:
            yield Problem("mostly", _("mostly must be a share above 0 and up to 1"))


def _column_problems(shape: Shape, data: Mapping[str, Any]) -> Iterable[Problem]:
    wanted = {Shape.TABLE: (), Shape.COLUMN: ("column",)}.get(shape, ("columns",))
    for name in ("column", "columns"):
        if name in data and name not in wanted:
            if wanted:
                said = _("this type takes %(wanted)s, not %(given)s") % {"wanted": wanted[0], "given": name}
            else:
                said = _("this type takes no %(given)s") % {"given": name}
            yield Problem(name, said)
    if shape is Shape.COLUMN and (not isinstance(data.get("column"), str) or not data["column"]):
        yield Problem("column", _("column must be the name of a column"))
    elif "columns" in wanted:
        yield from _names_problems(shape, data.get("columns"))


def _names_problems(shape: Shape, names: Any) -> Iterable[Problem]:
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        yield Problem("columns", _("columns must be a list of names"))
        return
    if len(set(names)) < len(names):
        yield Problem("columns", _("columns must not name a column twice"), Wrong.COLUMN_TWICE)
    if shape is Shape.PAIR and len(names) != 2:
        yield Problem("columns", _("columns must name two columns"))
    if shape is Shape.COLUMNS and not 2 <= len(names) <= COLUMNS_LIMIT:
        yield _number_of_columns(2)
    if shape is Shape.SOME and not 1 <= len(names) <= COLUMNS_LIMIT:
        yield _number_of_columns(1)
    if shape is Shape.NAMES and not names:
        yield Problem("columns", _("columns must name at least one column"))


def _type(data: Mapping[str, Any]) -> Iterable[Problem]:
    if data.get("is") not in FIELD_TYPES:
        yield Problem("is", _("is must be one of %(types)s") % {"types": ", ".join(FIELD_TYPES)})


def _values(data: Mapping[str, Any]) -> Iterable[Problem]:
    values = data.get("values")
    if not isinstance(values, list) or not values:
        yield Problem("values", _("values must be a list with at least one value"))
        return
    if len(values) > SET_LIMIT:
        yield Problem("values", _("values may have at most %(n)s values") % {"n": SET_LIMIT})
    if any(not isinstance(value, bool | int | float | str) for value in values):
        yield Problem("values", _("values may be texts, numbers, true and false"))
    elif any(isinstance(value, float) and not math.isfinite(value) for value in values):
        yield Problem("values", _("values must be finite"))
    elif len({json.dumps(value) for value in values}) < len(values):
        yield Problem("values", _("values must not name a value twice"), Wrong.VALUE_TWICE)


def _range(data: Mapping[str, Any]) -> Iterable[Problem]:
    """``min`` and ``max``: numbers (a text of one is exact), or dates, times or moments in ISO 8601."""
    low, high = data.get("min"), data.get("max")
    if low is None and high is None:
        yield Problem("min", _("min or max must be given"), Wrong.NO_BOUND)
    bad = [name for name in ("min", "max") if data.get(name) is not None and not _is_bound(data[name])]
    for name in bad:
        said = _("%(name)s must be a finite number or a date or time in ISO 8601") % {"name": name}
        yield Problem(name, said)
    if bad or low is None or high is None:
        return
    if type(_comparable(low)) is not type(_comparable(high)):
        yield Problem("min", _("min and max must be of one kind"), Wrong.BOUNDS_UNLIKE)
    elif not _in_order(low, high):
        yield Problem("min", _("min must not be above max"), Wrong.BOUNDS_CROSSED)


def _strictness(data: Mapping[str, Any]) -> Iterable[Problem]:
    for name in ("strict_min", "strict_max", "or_equal", "strictly", "ordered"):
        if data.get(name) is not None and not isinstance(data[name], bool):
            yield Problem(name, _("%(name)s must be true or false") % {"name": name})


def _strict_range(data: Mapping[str, Any]) -> Iterable[Problem]:
    yield from _range(data)
    yield from _strictness(data)


def _number_range(data: Mapping[str, Any]) -> Iterable[Problem]:
    yield from _range(data)
    if any(isinstance(data.get(name), str) for name in ("min", "max")):
        yield Problem("min", _("min and max must be numbers"))


def _count_range(data: Mapping[str, Any]) -> Iterable[Problem]:
    yield from _range(data)
    for name in ("min", "max"):
        if data.get(name) is not None and not _is_count(data[name]):
            yield _no_count(name)


def _count(data: Mapping[str, Any]) -> Iterable[Problem]:
    if not _is_count(data.get("value")):
        yield _no_count("value")


def _pattern(data: Mapping[str, Any]) -> Iterable[Problem]:
    pattern = data.get("pattern")
    if not isinstance(pattern, str) or not pattern or len(pattern) > PATTERN_LIMIT:
        yield Problem("pattern", _("pattern must be a text of 1 to %(n)s characters") % {"n": PATTERN_LIMIT})
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as error:
        yield Problem("pattern", _("pattern is no regular expression (%(why)s)") % {"why": error})


def _group(data: Mapping[str, Any]) -> Iterable[Problem]:
    group = data.get("group")
    if group is None:
        return
    if not isinstance(group, list) or not group or not all(isinstance(name, str) and name for name in group):
        yield Problem("group", _("group must be a list of names"))
    elif len(set(group)) < len(group) or len(group) > COLUMNS_LIMIT:
        yield Problem("group", _("group must name up to %(n)s columns, each once") % {"n": COLUMNS_LIMIT})


def _order(data: Mapping[str, Any]) -> Iterable[Problem]:
    yield from _strictness(data)
    yield from _group(data)


def _step(data: Mapping[str, Any]) -> Iterable[Problem]:
    step: Any = data.get("step")
    is_length = isinstance(step, str) and _is_duration(step)
    if not is_length and not (_is_number(step) and step > 0):
        said = _("step must be a number above 0, or a length of time in ISO 8601 such as P1D, PT15M or P1M")
        yield Problem("step", said)
    yield from _group(data)


def _reference(data: Mapping[str, Any]) -> Iterable[Problem]:
    if not isinstance(data.get("resource"), str):
        said = _("resource must be the name of a table of the version, or empty for the table itself")
        yield Problem("resource", said)
    fields = data.get("fields")
    if not isinstance(fields, list) or not all(isinstance(name, str) and name for name in fields):
        yield Problem("fields", _("fields must be a list of names"))
    elif isinstance(data.get("columns"), list) and len(fields) != len(data["columns"]):
        said = _("fields must name as many columns as columns does")
        yield Problem("fields", said, Wrong.FIELDS_TOO_FEW_OR_MANY)


def _total(data: Mapping[str, Any]) -> Iterable[Problem]:
    total = data.get("total")
    if not _is_number(total) and not (isinstance(total, str) and total):
        yield Problem("total", _("total must be a number or the name of a column"))
    tolerance = data.get("tolerance")
    if tolerance is not None and not (_is_number(tolerance) and tolerance >= 0):
        yield Problem("tolerance", _("tolerance must be a number of at least 0"))


def _box(data: Mapping[str, Any]) -> Iterable[Problem]:
    box = data.get("box")
    if not isinstance(box, list) or len(box) != 4 or not all(_is_number(side) for side in box):
        yield Problem("box", _("box must be four numbers: west, south, east, north, in degrees"))
        return
    west, south, east, north = box
    if not (-90 <= south <= north <= 90):
        yield Problem("south", _("south and north must be from -90 to 90, and south not above north"))
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        yield Problem("box", _("west and east must be from -180 to 180"))


def _age(data: Mapping[str, Any]) -> Iterable[Problem]:
    within = data.get("within")
    if within is not None and not (isinstance(within, str) and _is_duration(within)):
        yield Problem("within", _("within must be a length of time in ISO 8601, such as P7D or PT12H"))


def _limit(data: Mapping[str, Any]) -> Iterable[Problem]:
    limit = data.get("max")
    if limit is not None and not (_is_number(limit) and limit > 0):
        yield Problem("max", _("max must be a number above 0"))


def _number_of_columns(least: int) -> Problem:
    said = _("columns must name %(least)s to %(most)s columns") % {"least": least, "most": COLUMNS_LIMIT}
    return Problem("columns", said, Wrong.COLUMNS_TOO_FEW_OR_MANY)


def _no_count(name: str) -> Problem:
    return Problem(name, _("%(name)s must be a whole number of at least 0") % {"name": name})


def _is_duration(text: str) -> bool:
    try:
        Duration.parse(text)
    except ValueError:
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_bound(value: Any) -> bool:
    return _is_number(value) or (isinstance(value, str) and _comparable(value) is not None)


def _comparable(value: Any) -> Decimal | datetime | time | None:
    """What a bound means: a number, a moment (a date is its midnight), a time of day, or nothing.

    Numbers may be texts, so that a decimal can be given exactly.
    """
    if isinstance(value, int | float):
        return Decimal(str(value))
    readers: tuple[Callable[[str], Any], ...] = (Decimal, datetime.fromisoformat, time.fromisoformat)
    for read in readers:
        try:
            found = read(str(value))
        except (ValueError, InvalidOperation):
            continue
        return None if isinstance(found, Decimal) and not found.is_finite() else found
    return None


def _in_order(low: Any, high: Any) -> bool:
    first: Any = _comparable(low)
    try:
        return bool(first <= _comparable(high))
    except TypeError:
        return True  # One has a zone and the other has none; the column's own type will say.


PARAMS: Mapping[str, Params] = {
    "type": Params(Shape.COLUMN, ("is",), _type),
    "not_null": Params(Shape.COLUMN, ("mostly",)),
    "unique": Params(Shape.COLUMN),
    "unique_together": Params(Shape.COLUMNS),
    "in_set": Params(Shape.COLUMN, ("values", "mostly"), _values),
    "between": Params(Shape.COLUMN, ("min", "max", "strict_min", "strict_max", "mostly"), _strict_range),
    "matches": Params(Shape.COLUMN, ("pattern", "mostly"), _pattern),
    "length_between": Params(Shape.COLUMN, ("min", "max", "mostly"), _count_range),
    "row_count_between": Params(Shape.TABLE, ("min", "max"), _count_range),
    "column_count": Params(Shape.TABLE, ("value",), _count),
    "columns_match": Params(Shape.NAMES, ("ordered",), _strictness),
    "column_pair": Params(Shape.PAIR, ("or_equal", "mostly"), _strictness),
    "mean_between": Params(Shape.COLUMN, ("min", "max"), _number_range),
    "median_between": Params(Shape.COLUMN, ("min", "max"), _number_range),
    "stdev_between": Params(Shape.COLUMN, ("min", "max"), _number_range),
    "sum_between": Params(Shape.COLUMN, ("min", "max"), _number_range),
    "distinct_count_between": Params(Shape.COLUMN, ("min", "max"), _count_range),
    "distinct_in_set": Params(Shape.COLUMN, ("values",), _values),
    "increasing": Params(Shape.COLUMN, ("strictly", "group"), _order),
    "increasing_together": Params(Shape.COLUMNS, ("strictly", "group"), _order),
    "no_gaps": Params(Shape.COLUMN, ("step", "group"), _step),
    "foreign_key": Params(Shape.SOME, ("resource", "fields", "mostly"), _reference),
    "sum_equals": Params(Shape.COLUMNS, ("total", "tolerance", "mostly"), _total),
    "within_area": Params(Shape.PAIR, ("box", "mostly"), _box),
    "fresh": Params(Shape.COLUMN, ("within",), _age),
    "drift": Params(Shape.COLUMN, ("max",), _limit),
}
