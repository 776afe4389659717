"""Which rows are new, gone, or changed. By key where there is one, else by how often each whole row stands.

Rows that have a key are compared by a 64-bit hash of their values: that two versions of one row differ and hash alike
has a chance of 1 in 2**64. Whole rows without a key are told apart by two such hashes. DuckDB's hash is quick and is
no proof against somebody who constructs two values that hash alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from quality.difference.keys import REPEATED, Keys, UnusableKeys, find_unusable
from quality.difference.pairing import ColumnPair
from quality.difference.session import Relation, Session
from quality.difference.values import shown_from, told

# Why rows are not matched by a key.
Unkeyed = Literal["", "no-key", "key-missing", "key-unsuited"]

ADDED = "added"
REMOVED = "removed"
MATCHED = "matched"


@dataclass(frozen=True, slots=True)
class RowsDifference:
    """Counts of rows. With a key ``added + changed + retyped + unchanged`` and the unusable make all rows of the newer.

    ``retyped`` rows differ in nothing but cells whose type changed and which can't be held against each other. Without
    a key (``keyed`` is false, ``unkeyed`` says why) ``changed`` and ``retyped`` are None: a changed row is one that
    is gone and one that is new. ``compared`` are the columns (newer names) by which rows were compared; where there
    is none, rows are not compared at all and all counts but the totals are None. ``skipped`` rows lie in parts that
    both versions have. Examples are ``{"row": number from 1, "values": {column: value}}``.
    """

    before: int
    after: int
    keyed: bool
    key: tuple[str, ...]
    unkeyed: Unkeyed
    compared: tuple[str, ...]
    skipped: int
    added: int | None
    removed: int | None
    changed: int | None
    retyped: int | None
    unchanged: int | None
    unusable: UnusableKeys
    added_examples: tuple[Mapping[str, Any], ...] = ()
    removed_examples: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "keyed": self.keyed,
            "key": list(self.key),
            "unkeyed": self.unkeyed,
            "compared": list(self.compared),
            "skipped": self.skipped,
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "retyped": self.retyped,
            "unchanged": self.unchanged,
            "unusable": self.unusable.to_json(),
            "added_examples": [dict(example) for example in self.added_examples],
            "removed_examples": [dict(example) for example in self.removed_examples],
        }


def match_by_key(
    session: Session, keys: Keys, pairs: Sequence[ColumnPair], *, proved: tuple[bool, bool], examples: int
) -> UnusableKeys:
    """Find rows by key, and leave them in tables: ``added`` and ``removed`` (r), ``matched`` (b, a, keys).

    ``matched`` has the pairs of rows whose values differ. Parts that both versions have are passed over: their rows
    are the same, and a key of theirs that stands anywhere else is a repeated one, which is found before.
    """
    unusable = find_unusable(session, keys, proved=proved, examples=examples)
    key_names = {pair.after.name for pair in keys.pairs}
    compared = [pair for pair in pairs if pair.is_comparable and pair.after.name not in key_names]
    sides = [_keyed(relation, keys, compared, unusable) for relation in session.sides]
    chosen = ", ".join(f"coalesce(x.k{place}, y.k{place}) AS k{place}" for place in range(len(keys.pairs)))
    session.run(
        f"CREATE TABLE odd AS SELECT x.r AS b, y.r AS a, {chosen} "
        f"FROM {sides[0]} x FULL JOIN {sides[1]} y ON {keys.joined('x', 'y')} WHERE x.h IS DISTINCT FROM y.h"
    )
    session.run(f"CREATE VIEW {ADDED} AS SELECT a AS r, {keys.listed} FROM odd WHERE b IS NULL")
    session.run(f"CREATE VIEW {REMOVED} AS SELECT b AS r, {keys.listed} FROM odd WHERE a IS NULL")
    session.run(f"CREATE VIEW {MATCHED} AS SELECT b, a, {keys.listed} FROM odd WHERE a IS NOT NULL AND b IS NOT NULL")
    return unusable


def _keyed(relation: Relation, keys: Keys, compared: Sequence[ColumnPair], unusable: UnusableKeys) -> str:
    """The rows of one side with key and hash, without shared parts and without keys that tell nothing."""
    rows = keys.of(relation, extra=f"{hash_of(relation, compared)} AS h", without=relation.shared)
    if not unusable.repeated_keys:
        return rows
    return f"(SELECT * FROM {rows} o ANTI JOIN {REPEATED} p ON {keys.joined('o', 'p')})"


def hash_of(relation: Relation, compared: Sequence[ColumnPair], *, salt: str = "") -> str:
    """The hash of a row's compared values, as SQL; the same for values that are the same."""
    values = [item for pair in compared for item in pair.hashed(relation.which)]
    if salt:
        values = [salt, *reversed(values)]
    return f"hash({', '.join(values)})" if values else "0::UBIGINT"


def match_whole_rows(session: Session, pairs: Sequence[ColumnPair]) -> None:
    """Find rows that stand more often on one side, and leave them in the tables ``added`` and ``removed`` (r).

    Of rows that are alike, the last ones are said to be the new or the missing ones. Parts that both versions have
    take as many of each row from both, and are passed over.
    """
    compared = [pair for pair in pairs if pair.is_comparable]
    hashed = [
        f"SELECT {hash_of(relation, compared)} AS h1, {hash_of(relation, compared, salt='7')} AS h2, r "
        f"FROM {relation.sql(without=relation.shared)}"
        for relation in session.sides
    ]
    session.run(
        "CREATE TABLE odd AS SELECT h1, h2, count(b) AS nb, count(a) AS na FROM ("
        f"SELECT h1, h2, r AS b, NULL AS a FROM ({hashed[0]}) UNION ALL "
        f"SELECT h1, h2, NULL AS b, r AS a FROM ({hashed[1]})) GROUP BY h1, h2 HAVING count(b) <> count(a)"
    )
    for name, rows, more, fewer in ((REMOVED, hashed[0], "nb", "na"), (ADDED, hashed[1], "na", "nb")):
        session.run(
            f"CREATE TABLE {name} AS SELECT r FROM (SELECT r, {fewer}, "
            f"row_number() OVER (PARTITION BY h1, h2 ORDER BY r) AS place "
            f"FROM ({rows}) JOIN odd USING (h1, h2) WHERE {more} > {fewer}) WHERE place > {fewer}"
        )


def row_examples(session: Session, relation: Relation, table: str, limit: int) -> tuple[Mapping[str, Any], ...]:
    """The first rows of ``added`` or ``removed``, with all of their values."""
    numbers = [number for (number,) in session.rows(f"SELECT r FROM {table} ORDER BY r LIMIT {limit:d}")]
    if not numbers:
        return ()
    selected = "".join(f", {told(column, column.alias)}" for column in relation.columns)
    listed = ", ".join(str(number) for number in numbers)
    found = session.rows(f"SELECT r{selected} FROM {relation.sql()} WHERE r IN ({listed}) ORDER BY r")
    return tuple({"row": number, "values": shown_from(relation.columns, values)} for number, *values in found)
