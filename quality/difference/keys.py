"""Keys that tell nothing: rows that lack a part of theirs, and rows that share one. They are counted, never matched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quality.difference.pairing import ColumnPair
from quality.difference.session import Relation, Session
from quality.difference.values import shown_from, told
from quality.table import Column

REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class UnusableKeys:
    """``null_rows`` lack a part of the key; ``repeated_rows`` have one that stands more than once on either side.

    ``repeated_keys`` counts those keys; ``examples`` are ``{"key": {column: value}, "before": n, "after": n}``.
    """

    null_rows_before: int = 0
    null_rows_after: int = 0
    repeated_keys: int = 0
    repeated_rows_before: int = 0
    repeated_rows_after: int = 0
    examples: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "null_rows_before": self.null_rows_before,
            "null_rows_after": self.null_rows_after,
            "repeated_keys": self.repeated_keys,
            "repeated_rows_before": self.repeated_rows_before,
            "repeated_rows_after": self.repeated_rows_after,
            "examples": [dict(example) for example in self.examples],
        }


@dataclass(frozen=True, slots=True)
class Keys:
    """The key's columns in both versions; in SQL they are called k0, k1 …"""

    pairs: tuple[ColumnPair, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What people call the key: its columns' newer names."""
        return tuple(pair.after.name for pair in self.pairs)

    @property
    def listed(self) -> str:
        return ", ".join(f"k{place}" for place in range(len(self.pairs)))

    def joined(self, left: str, right: str) -> str:
        """The condition that two relations' keys are the same, as SQL."""
        return " AND ".join(f"{left}.k{place} = {right}.k{place}" for place in range(len(self.pairs)))

    def columns(self) -> list[Column]:
        """The key's columns as they are in the newer version, under the names that they have in SQL."""
        return [Column(pair.after.name, pair.after.sql_type, f"k{place}") for place, pair in enumerate(self.pairs)]

    def values(self, relation: Relation) -> str:
        """The key's columns of a relation, as SQL to select."""
        chosen = [
            f"{pair.value(relation.which, pair.column(relation.which).alias)} AS k{place}"
            for place, pair in enumerate(self.pairs)
        ]
        return ", ".join(chosen)

    def of(self, relation: Relation, *, extra: str = "", without: frozenset[int] = frozenset()) -> str:
        """A subquery of row numbers, keys and ``extra``, without the rows that lack a part of the key."""
        present = " AND ".join(f"k{place} IS NOT NULL" for place in range(len(self.pairs)))
        more = f", {extra}" if extra else ""
        source = f"SELECT r, {self.values(relation)}{more} FROM {relation.sql(without=without)}"
        return f"(SELECT * FROM ({source}) WHERE {present})"


def find_unusable(session: Session, keys: Keys, *, proved: tuple[bool, bool], examples: int) -> UnusableKeys:
    """Count them, and leave the repeated keys in the table ``repeated`` (keys, n_before, n_after).

    ``proved`` says of each side that it has none: it is not looked at then, unless the other has some.
    """
    nulls, found = [], []
    for relation, is_proved in zip(session.sides, proved, strict=True):
        if is_proved or not relation.rows:
            nulls.append(0)
            found.append(f"SELECT {keys.values(relation)} FROM {relation.sql()} WHERE false")
            continue
        nulls.append(relation.rows - session.count(keys.of(relation)))
        found.append(f"SELECT {keys.listed} FROM {keys.of(relation)} GROUP BY ALL HAVING count(*) > 1")
    session.run(f"CREATE TABLE suspects AS SELECT * FROM ({found[0]}) UNION SELECT * FROM ({found[1]})")
    if not session.count("suspects"):
        session.run(f"CREATE TABLE {REPEATED} AS SELECT *, 0 AS n_before, 0 AS n_after FROM suspects")
        return UnusableKeys(nulls[0], nulls[1])
    counted = [
        f"(SELECT {keys.listed}, count(*) AS n FROM {keys.of(relation)} o SEMI JOIN suspects s "
        f"ON {keys.joined('o', 's')} GROUP BY ALL)"
        for relation in session.sides
    ]
    every = ", ".join(f"s.k{place}" for place in range(len(keys.pairs)))
    session.run(
        f"CREATE TABLE {REPEATED} AS SELECT {every}, coalesce(b.n, 0) AS n_before, coalesce(a.n, 0) AS n_after "
        f"FROM suspects s LEFT JOIN {counted[0]} b ON {keys.joined('s', 'b')} "
        f"LEFT JOIN {counted[1]} a ON {keys.joined('s', 'a')}"
    )
    count, before, after = session.one(f"SELECT count(*), sum(n_before), sum(n_after) FROM {REPEATED}")
    return UnusableKeys(nulls[0], nulls[1], count, int(before), int(after), _examples(session, keys, examples))


def _examples(session: Session, keys: Keys, limit: int) -> tuple[Mapping[str, Any], ...]:
    columns = keys.columns()
    selected = ", ".join(told(column, column.alias) for column in columns)
    rows = session.rows(
        f"SELECT n_before, n_after, {selected} FROM {REPEATED} "
        f"ORDER BY n_before + n_after DESC, {keys.listed} LIMIT {limit:d}"
    )
    return tuple(
        {"key": shown_from(columns, values), "before": int(before), "after": int(after)}
        for before, after, *values in rows
    )
