"""Which column of one version is which of the other, and how their values are held against each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from quality.difference.session import Relation
from quality.difference.side import Which
from quality.table import NUMERIC, TEMPORAL, Column, Family
from quality.values import EXACT_LIMIT

_SCALE = re.compile(r"DECIMAL\(\d+,\s*(\d+)\)")
_ZONED = "TIMESTAMP WITH TIME ZONE"
# A zoned timestamp is right for all moments: the session's clock is UTC, and text with an offset keeps its instant.
_COMMON: Mapping[frozenset[Family], str] = {
    frozenset({"integer"}): "HUGEINT",
    frozenset({"float"}): "FLOAT",
    frozenset({"integer", "float"}): "DOUBLE",
    frozenset({"decimal", "float"}): "DOUBLE",
    frozenset({"text", "integer"}): "DOUBLE",
    frozenset({"text", "decimal"}): "DOUBLE",
    frozenset({"text", "float"}): "DOUBLE",
    frozenset({"text"}): "VARCHAR",
    frozenset({"text", "bool"}): "BOOLEAN",
    frozenset({"text", "time"}): "TIME",
    frozenset({"text", "date"}): _ZONED,
    frozenset({"text", "timestamp"}): _ZONED,
    frozenset({"date", "timestamp"}): _ZONED,
    frozenset({"timestamp"}): _ZONED,
    frozenset({"bool", "integer"}): "HUGEINT",
}


@dataclass(frozen=True, slots=True)
class ColumnPair:
    """A column that both versions have. ``common`` is the SQL type in which the values of both are compared.

    It is empty where the types are the same, and None where no value of one can be held against one of the other.
    """

    before: Column
    after: Column
    common: str | None

    @property
    def is_comparable(self) -> bool:
        return self.common is not None

    @property
    def is_retyped(self) -> bool:
        return self.common != ""

    @property
    def is_renamed(self) -> bool:
        return self.before.name != self.after.name

    def column(self, which: Which) -> Column:
        return self.before if which == "before" else self.after

    def value(self, which: Which, name: str) -> str:
        """The value called ``name`` as it is compared, as SQL; null where it can't be cast without loss."""
        if not self.common:
            return name
        column = self.column(which)
        if self.common == "DOUBLE" and column.family in ("integer", "decimal"):
            return f"CASE WHEN {name} BETWEEN -{EXACT_LIMIT} AND {EXACT_LIMIT} THEN {name}::DOUBLE END"
        return f"TRY_CAST({name} AS {self.common})"

    def hashed(self, which: Which) -> Iterator[str]:
        """What of the column goes into the hash of a row, as SQL."""
        name = self.column(which).alias
        if self.column(which).family == "nested":
            # DuckDB 1.5 hashes [], [NULL] and NULL alike; their texts differ (and so do those of 0.0 and -0.0 in them).
            yield f"{name}::VARCHAR"
            return
        yield self.value(which, name)
        if self.common:
            # A value that can't be cast is not the same as none.
            yield f"{name} IS NULL"


def pair_columns(before: Relation, after: Relation, *, renamed: Mapping[str, str]) -> tuple[ColumnPair, ...]:
    """The columns of both, in the order of the newer: by name, and ``renamed`` (old name by new name)."""
    old = {column.name: column for column in before.columns}
    found = []
    for column in after.columns:
        earlier = old.get(renamed.get(column.name, column.name))
        if earlier is not None:
            found.append(ColumnPair(earlier, column, common_type(earlier, column)))
    return tuple(found)


def common_type(before: Column, after: Column) -> str | None:
    """The SQL type in which values of both columns can be compared; "" where it is their own, None where none is.

    Numbers are compared as numbers (whole ones beyond 2**53 never as doubles), moments as instants, and text by what
    it says in the other's type. Of a FLOAT and a DOUBLE only what the FLOAT can hold is compared.
    """
    if before.sql_type == after.sql_type:
        return ""
    families = frozenset({before.family, after.family})
    if families <= {"integer", "decimal"} and "decimal" in families:
        scales = [int(found[1]) for column in (before, after) if (found := _SCALE.match(column.sql_type))]
        return f"DECIMAL(38,{max(scales)})"
    return _COMMON.get(families)


def key_pairs(pairs: Sequence[ColumnPair], key: Sequence[str]) -> tuple[ColumnPair, ...] | None:
    """The pairs of the key's columns (by their newer names) if rows can be told by them; otherwise None.

    A key whose columns changed in kind can't be held against itself: 007 and 7 may have been two.
    """
    by_name = {pair.after.name: pair for pair in pairs}
    if not key or any(name not in by_name for name in key):
        return None
    found = tuple(by_name[name] for name in key)
    return found if all(_tells_rows(pair) for pair in found) else None


def _tells_rows(pair: ColumnPair) -> bool:
    family = pair.before.family
    return family == pair.after.family and family not in ("nested", "other") and pair.is_comparable


def is_number(pair: ColumnPair) -> bool:
    return pair.before.family in NUMERIC and pair.after.family in NUMERIC


def is_recodable(pair: ColumnPair) -> bool:
    """Whether it makes sense to count which value became which."""
    return {pair.before.family, pair.after.family} <= {"text", "bool", "integer", "date"} | TEMPORAL
