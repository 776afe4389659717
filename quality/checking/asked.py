"""A rule held against a table: its columns as the table has them, its values as the columns take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from quality.checking.outcome import Obstacle, first_line
from quality.rules.rule import Rule, RuleType
from quality.table import NUMERIC, ORDERED, TEMPORAL, Column, Family, Table, quoted
from quality.values import as_value_of

ANYTHING: frozenset[Family] = frozenset(
    {"integer", "decimal", "float", "text", "bool", "date", "timestamp", "time", "nested", "other"}
)
SCALAR: frozenset[Family] = ANYTHING - {"nested", "other"}

# The families of columns that a type of rule can be asked of.
SUITED: Mapping[RuleType, frozenset[Family]] = {
    RuleType.TYPE: ANYTHING,
    RuleType.NOT_NULL: ANYTHING,
    RuleType.UNIQUE: SCALAR,
    RuleType.UNIQUE_TOGETHER: SCALAR,
    RuleType.IN_SET: SCALAR,
    RuleType.BETWEEN: ORDERED,
    RuleType.MATCHES: frozenset({"text"}),
    RuleType.LENGTH_BETWEEN: frozenset({"text"}),
    RuleType.COLUMN_PAIR: ORDERED | {"text"},
    RuleType.MEAN_BETWEEN: NUMERIC,
    RuleType.MEDIAN_BETWEEN: NUMERIC,
    RuleType.STDEV_BETWEEN: NUMERIC,
    RuleType.SUM_BETWEEN: NUMERIC,
    RuleType.DISTINCT_COUNT_BETWEEN: SCALAR,
    RuleType.DISTINCT_IN_SET: SCALAR,
    RuleType.INCREASING: ORDERED | {"text"},
    RuleType.INCREASING_TOGETHER: ORDERED | {"text"},
    RuleType.FOREIGN_KEY: SCALAR,
    RuleType.NO_GAPS: NUMERIC | TEMPORAL,
    RuleType.SUM_EQUALS: NUMERIC,
    RuleType.FRESH: TEMPORAL,
    RuleType.DRIFT: SCALAR,
    RuleType.WITHIN_AREA: NUMERIC,
}


class CannotCheckError(Exception):
    """The rule can't be asked of this table; ``obstacle`` says why, ``detail`` names the culprit."""

    def __init__(self, obstacle: Obstacle, detail: str = "") -> None:
        super().__init__(f"{obstacle}: {detail}")
        self.obstacle = obstacle
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a rule may depend on beside the table. Moments are UTC and don't say so.

    ``promised`` is how often new data were promised, an ISO 8601 duration or nothing; ``earlier`` the profiles of the
    columns, by name, in the last published version (``ColumnProfile.to_json``), None where there is none. ``others``
    are the Parquet parts of the tables that foreign keys refer to, by the tables' names. ``table`` is the name of the
    table itself; without it nobody asks whose rules these are.
    """

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))
    promised: str = ""
    earlier: Mapping[str, Mapping[str, Any]] | None = None
    others: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    table: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an expectation or a query is made from: rule, table, and the rule's columns as the table has them."""

    rule: Rule
    table: Table
    columns: tuple[Column, ...]
    circumstances: Circumstances

    @property
    def params(self) -> Mapping[str, Any]:
        return self.rule.params

    @property
    def names(self) -> list[str]:
        """The columns' aliases as SQL."""
        return [quoted(column.alias) for column in self.columns]

    def bounds(self, *, coerced: bool = False) -> dict[str, Any]:
        """``min_value`` and ``max_value`` as far as they are given."""
        found: dict[str, Any] = {}
        for name in ("min", "max"):
            value = self.params.get(name)
            if value is not None:
                found[f"{name}_value"] = self.coerced(value) if coerced else value
        return found

    def coerced(self, value: Any) -> Any:
        """A rule's value as one of the first column. Raises CannotCheckError."""
        try:
            return as_value_of(self.columns[0], value)
        except ValueError:
            raise CannotCheckError("value-unsuited", str(value)) from None

    def value_set(self) -> list[Any]:
        """A schema may list null among its values: constraints are not asked of nulls, so it says nothing."""
        return [self.coerced(value) for value in self.params["values"] if value is not None]

    def others(self, names: Sequence[str], families: frozenset[Family]) -> tuple[Column, ...]:
        """Columns that a parameter names. Raises CannotCheckError where one is missing or of another family."""
        return tuple(_column(self.table, name, families) for name in names)


def asked(rule: Rule, table: Table, circumstances: Circumstances) -> Asked:
    """Hold a rule against a table. Raises CannotCheckError when it has no such column or the rule makes no sense."""
    if circumstances.table and rule.table not in ("", circumstances.table):
        raise CannotCheckError("other-table", rule.table)
    if rule.type not in SUITED:
        return Asked(rule, table, (), circumstances)
    columns = tuple(_column(table, name, SUITED[rule.type]) for name in rule.columns)
    if rule.type is RuleType.COLUMN_PAIR:
        _require_comparable(*columns)
    elif rule.type is RuleType.MATCHES:
        _require_known(rule.params["pattern"], table)
    return Asked(rule, table, columns, circumstances)


def _require_comparable(first: Column, second: Column) -> None:
    families = {first.family, second.family}
    if len(families) > 1 and not families <= NUMERIC and not families <= TEMPORAL:
        raise CannotCheckError("type-unsuited", f"{first.sql_type}, {second.sql_type}")


def _require_known(pattern: str, table: Table) -> None:
    try:
        # The pattern is proved alone: '^(?:a)|(b)$' would compile though 'a)|(b' does not.
        table.connection.execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
    except duckdb.Error as error:
        raise CannotCheckError("pattern-unsupported", first_line(error)) from None


def _column(table: Table, name: str, families: frozenset[Family]) -> Column:
    column = table.column(name)
    if column is None:
        raise CannotCheckError("column-missing", name)
    if column.family not in families:
        raise CannotCheckError("type-unsuited", column.sql_type)
    return column
