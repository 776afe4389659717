"""What is asked of a table's rows: which columns, in which order, with which simple filters.

Parsed values only: what comes out of here is SQL made of positional aliases (``c0``, ``c1`` …) and of values that
``catalog.sql.literal`` writes, so that neither a column's name nor a value can say anything to the engine.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from catalog.errors import Invalid
from catalog.sql import Value, literal

Operator = Literal["is", "not", "min", "max", "below", "has", "missing"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
Family = Literal[
    "integer",
    "decimal",
    "float",
    "text",
    "bool",
    "date",
    "timestamp",
    "instant",
    "time",
    "blob",
    "nested",
    "other",
]

MAX_FILTERS = 20
MAX_VALUE = 1_000
_RANGES: frozenset[Family] = frozenset({"integer", "decimal", "float", "date", "timestamp", "instant", "time"})
_SIGNS: Mapping[str, str] = {"min": ">=", "max": "<=", "below": "<"}
_LARGEST = 2**127 - 1
_TYPES: Sequence[tuple[str, Family]] = (
    (r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?", "integer"),
    (r"DECIMAL\(.*\)", "decimal"),
    (r"FLOAT|DOUBLE", "float"),
    (r"VARCHAR|ENUM\(.*\)", "text"),
    (r"BOOLEAN", "bool"),
    (r"DATE", "date"),
    (r"TIMESTAMP(_NS|_MS|_S)?", "timestamp"),
    (r"TIMESTAMP WITH TIME ZONE", "instant"),
    (r"TIME(_NS)?", "time"),
    (r"BLOB", "blob"),
    (r".*\[\d*\]|STRUCT\(.*|MAP\(.*|UNION\(.*|JSON|VARIANT", "nested"),
)


class QueryInvalid(Invalid):
    """A column, an operator or a value of the question that the table can't answer."""

    code = "query-invalid"
    title = gettext_lazy("The rows can't be asked for like this")


@dataclass(frozen=True, slots=True)
class Filter:
    """``min`` and ``max`` include the value, ``below`` does not; ``missing`` has the value "only" or "none".

    Several ``is`` of one column mean any of them; ``not`` leaves a value out, and keeps rows where it is missing.
    """

    column: str
    operator: Operator
    value: str


@dataclass(frozen=True, slots=True)
class Sort:
    """By one column, missing values last, rows that are equal in their own order."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """Only rows whose values in ``columns`` are one of ``keys``, each as long as ``columns``, all at once."""

    columns: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class RowQuery:
    """``search`` is looked for in every column of text, whatever its case."""

    filters: tuple[Filter, ...] = ()
    sort: Sort | None = None
    among: Among | None = None
    search: str = ""

    @property
    def is_plain(self) -> bool:
        """All rows in their own order, so that a page can be found by counting."""
        return not self.is_narrowed and self.sort is None

    @property
    def is_narrowed(self) -> bool:
        """Whether not all rows are asked for."""
        return bool(self.filters or self.among or self.search)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as the engine reads it: ``alias`` in our SQL, ``family`` of its type, the type in the engine's words."""

    name: str
    alias: str
    family: Family
    sql_type: str = "VARCHAR"


def family_of(sql_type: str) -> Family:
    """The family of one of DuckDB's types."""
    for pattern, family in _TYPES:
        if re.fullmatch(pattern, sql_type, re.DOTALL):
            return family
    return "other"


def operators_of(family: Family) -> tuple[Operator, ...]:
    """The filters that a column of this family can answer."""
    if family in _RANGES:
        return ("is", "not", "min", "max", "below", "missing")
    if family == "text":
        return ("is", "not", "has", "missing")
    return ("is", "not", "missing") if family == "bool" else ("missing",)


def parse_filters(pairs: Iterable[tuple[str, str]]) -> tuple[Filter, ...]:
    """Filters out of an address's parameters ``operator:column=value``; others are left alone.

    Raises QueryInvalid.
    """
    found = []
    for key, value in pairs:
        operator, colon, column = key.partition(":")
        if colon and operator in OPERATORS and value != "":
            found.append(Filter(column, operator, value))
    if len(found) > MAX_FILTERS:
        raise QueryInvalid(
            gettext("At most %(max_filters)s filters at once.") % {"max_filters": MAX_FILTERS},
            remedy=gettext("Take some away."),
        )
    return tuple(found)


def parse_sort(text: str) -> Sort | None:
    """``name``, or ``-name`` for the largest first. A column whose own name begins with "-" is ``+-name``."""
    if not text:
        return None
    if text[0] in "+-":
        return Sort(text[1:], descending=text[0] == "-")
    return Sort(text)


def written_sort(sort: Sort) -> str:
    """The inverse of parse_sort."""
    if sort.descending:
        return f"-{sort.column}"
    return f"+{sort.column}" if sort.column[:1] in {"+", "-"} else sort.column


def where(filters: Sequence[Filter], columns: Mapping[str, TableColumn]) -> str:
    """A condition over the aliases. Raises QueryInvalid."""
    found: list[str] = []
    equals: dict[TableColumn, list[str]] = {}
    for item in filters:
        column = require_column(item.column, columns)
        if item.operator not in operators_of(column.family):
            raise QueryInvalid(
                gettext("“%(operator)s” can't be asked of %(name)s.")
                % {"operator": item.operator, "name": column.name},
                remedy=gettext("Use another filter."),
            )
        if item.operator == "is":
            equals.setdefault(column, []).append(literal(_value(column, item)))
        else:
            found.append(_condition(column, item))
    for column, wanted in equals.items():
        found.append("(" + " OR ".join(f"{_compared(column)} = {value}" for value in wanted) + ")")
    return " AND ".join(found) or "TRUE"


def where_among(among: Among | None, columns: Mapping[str, TableColumn]) -> str:
    """A condition over the aliases that finds rows by their keys. Raises QueryInvalid."""
    if among is None:
        return "TRUE"
    found = [require_column(name, columns) for name in among.columns]
    if unsuited := [column.name for column in found if "is" not in operators_of(column.family)]:
        raise QueryInvalid(
            gettext("Rows can't be found by %(unsuited)s.") % {"unsuited": unsuited[0]},
            remedy=gettext("Use a key of numbers, texts or dates."),
        )
    rows = [
        "("
        + ", ".join(
            literal(_value(column, Filter(column.name, "is", text))) for column, text in zip(found, key, strict=True)
        )
        + ")"
        for key in among.keys
    ]
    names = ", ".join(_compared(column) for column in found)
    return f"({names}) IN (VALUES {', '.join(rows)})"


def where_found(search: str, columns: Iterable[TableColumn]) -> str:
    """A condition over the aliases: some column of text contains this. Raises QueryInvalid."""
    if not search:
        return "TRUE"
    if len(search) > MAX_VALUE:
        raise QueryInvalid(
            gettext("What is searched for has at most %(max_value)s characters.") % {"max_value": MAX_VALUE}
        )
    texts = [column.alias for column in columns if column.family == "text"]
    if not texts:
        return "FALSE"
    return "(" + " OR ".join(f"contains(lower({alias}), lower({literal(search)}))" for alias in texts) + ")"


def conditions(query: RowQuery, columns: Mapping[str, TableColumn]) -> str:
    """All that narrows the rows, as one condition over the aliases. Raises QueryInvalid."""
    found = [
        where(query.filters, columns),
        where_among(query.among, columns),
        where_found(query.search, columns.values()),
    ]
    return " AND ".join(sql for sql in found if sql != "TRUE") or "TRUE"


def order_by(sort: Sort | None, columns: Mapping[str, TableColumn]) -> str:
    """An order over the aliases that is the same at every page. Raises QueryInvalid."""
    if sort is None:
        return "r"
    column = require_column(sort.column, columns)
    if column.family in {"nested", "blob"}:
        raise QueryInvalid(
            gettext("Rows can't be sorted by %(name)s.") % {"name": column.name},
            remedy=gettext("Sort by another column."),
        )
    return f"{column.alias} {'DESC' if sort.descending else 'ASC'} NULLS LAST, r"


def require_column(name: str, columns: Mapping[str, TableColumn]) -> TableColumn:
    """Raises QueryInvalid."""
    found = columns.get(name)
    if found is None:
        raise QueryInvalid(
            gettext("The table has no column “%(name)s”.") % {"name": name},
            remedy=gettext("The schema lists its columns."),
        )
    return found


def _condition(column: TableColumn, item: Filter) -> str:
    if item.operator == "missing":
        if item.value not in {"only", "none"}:
            raise QueryInvalid(gettext("Missing values can be asked for as “only” or “none”."))
        return f"{column.alias} IS {'' if item.value == 'only' else 'NOT '}NULL"
    if item.operator == "has":
        return f"contains(lower({column.alias}), lower({literal(_text(item))}))"
    if item.operator == "not":
        return f"{_compared(column)} IS DISTINCT FROM {literal(_value(column, item))}"
    return f"{_compared(column)} {_SIGNS[item.operator]} {literal(_value(column, item))}"


def _compared(column: TableColumn) -> str:
    """The column as it is compared: decimals as doubles (a parameter's scale may not fit), moments in UTC."""
    if column.family in {"decimal", "float"}:
        return f"{column.alias}::DOUBLE"
    if column.family in {"instant", "timestamp"}:
        return f"{column.alias}::TIMESTAMP"
    return column.alias


def _value(column: TableColumn, item: Filter) -> Value:
    text = _text(item)
    try:
        return _PARSERS[column.family](text.strip() if column.family != "text" else text, item.operator)
    except (ValueError, InvalidOperation, OverflowError):
        raise QueryInvalid(
            gettext("“%(text)s” is no %(kind)s, which %(name)s holds.")
            % {"text": text, "kind": _WORDS.get(column.family, gettext("value")), "name": column.name},
            remedy=str(_EXAMPLES.get(column.family, "")),
        ) from None


def _text(item: Filter) -> str:
    if len(item.value) > MAX_VALUE:
        raise QueryInvalid(gettext("A filter's value has at most %(max_value)s characters.") % {"max_value": MAX_VALUE})
    return item.value


def _integer(text: str, operator: Operator) -> int | float:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    if operator == "is" and number != number.to_integral_value():
        # No whole number equals it, and the comparison with a double says so.
        return float(number)
    if abs(number) > _LARGEST:
        return _LARGEST if number > 0 else -_LARGEST
    return math.floor(number) if operator == "max" else math.ceil(number)


def _boolean(text: str, _operator: Operator) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _moment(text: str, operator: Operator) -> datetime:
    if len(text) <= 10:
        day = date.fromisoformat(text)
        # “Until 3 May” means the whole of that day.
        return datetime.combine(day, time.max if operator == "max" else time.min)
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


_PARSERS: Mapping[Family, Callable[[str, Operator], Value]] = {
    "integer": _integer,
    "decimal": lambda text, _: float(Decimal(text)),
    "float": lambda text, _: float(text),
    "text": lambda text, _: text,
    "bool": _boolean,
    "date": lambda text, _: date.fromisoformat(text),
    "timestamp": _moment,
    "instant": _moment,
    "time": lambda text, _: time.fromisoformat(text),
}
_WORDS: Mapping[Family, str | Promise] = {
    "integer": gettext_lazy("number"),
    "decimal": gettext_lazy("number"),
    "float": gettext_lazy("number"),
    "bool": gettext_lazy("truth value"),
    "date": gettext_lazy("date"),
    "timestamp": gettext_lazy("time"),
    "instant": gettext_lazy("time"),
    "time": gettext_lazy("time of day"),
}
_EXAMPLES: Mapping[Family, str | Promise] = {
    "integer": gettext_lazy("Write it like 1250."),
    "decimal": gettext_lazy("Write it like 12.5."),
    "float": gettext_lazy("Write it like 12.5."),
    "bool": gettext_lazy("Write true or false."),
    "date": gettext_lazy("Write it like 2026-11-19."),
    "timestamp": gettext_lazy("Write it like 2026-11-19 or 2026-11-19T10:42."),
    "instant": gettext_lazy("Write it like 2026-11-19 or 2026-11-19T10:42Z."),
    "time": gettext_lazy("Write it like 10:42."),
}
