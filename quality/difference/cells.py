"""The cells that changed in rows that both versions have: how many per column, from what to what, with examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quality.difference.keys import Keys
from quality.difference.pairing import ColumnPair, is_number, is_recodable
from quality.difference.rows import MATCHED
from quality.difference.session import Relation, Session
from quality.difference.values import shown_from, told
from quality.table import Column
from quality.values import shown

CELLS = "cells"
RECODINGS = 5
# A recoding is told where it stands at least so often.
RECODED_OFTEN = 2
# Differences beyond this are not averaged: their sum is no double.
_FAR = "1e300"


@dataclass(frozen=True, slots=True)
class Moved:
    """By how much numbers changed, newer minus older, over the changed cells that are finite numbers in both."""

    cells: int
    mean: float
    smallest: float
    largest: float

    def to_json(self) -> dict[str, Any]:
        return {"cells": self.cells, "mean": self.mean, "smallest": self.smallest, "largest": self.largest}


@dataclass(frozen=True, slots=True)
class ChangedColumn:
    """One column's changed cells; ``before_name`` is what it was called in the older version.

    ``filled`` cells had no value before, ``emptied`` ones have none now. ``uncompared`` cells changed in type and
    their values can't be held against each other: they are not among the ``changed`` ones. ``recodings`` are the most
    frequent changes, ``{"before", "after", "count"}``. ``examples`` are ``{"key": {…}, "row_before", "row_after",
    "before", "after"}``, numbers also with ``moved``.
    """

    name: str
    before_name: str
    changed: int
    filled: int
    emptied: int
    uncompared: int
    moved: Moved | None = None
    recodings: tuple[Mapping[str, Any], ...] = ()
    examples: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "before_name": self.before_name,
            "changed": self.changed,
            "filled": self.filled,
            "emptied": self.emptied,
            "uncompared": self.uncompared,
            "moved": self.moved.to_json() if self.moved else None,
            "recodings": [dict(item) for item in self.recodings],
            "examples": [dict(example) for example in self.examples],
        }


@dataclass(frozen=True, slots=True)
class CellsDifference:
    """``rows`` have at least one changed cell; ``retyped_rows`` only cells that can't be compared any more."""

    rows: int
    retyped_rows: int
    changed: int
    columns: tuple[ChangedColumn, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "retyped_rows": self.retyped_rows,
            "changed": self.changed,
            "columns": [column.to_json() for column in self.columns],
        }


@dataclass(frozen=True, slots=True)
class ComparedCells:
    """The columns that are compared cell by cell. In the table ``cells`` they are b0, a0, s0, b1 …, in this order.

    ``s`` is 0 for the same, 1 for changed, 2 where a retyped value can't be compared.
    """

    pairs: tuple[ColumnPair, ...]

    def __iter__(self) -> Iterator[tuple[int, ColumnPair]]:
        return iter(enumerate(self.pairs))

    @property
    def any_changed(self) -> str:
        """Whether a row has a changed cell, as SQL."""
        return "(" + (" OR ".join(f"s{place} = 1" for place, _ in self) or "false") + ")"


def compared_cells(pairs: Sequence[ColumnPair], keys: Keys) -> ComparedCells:
    """All columns that can be compared but the key's: rows are matched by those."""
    return ComparedCells(tuple(pair for pair in pairs if pair.is_comparable and pair not in keys.pairs))


def compare_cells(session: Session, keys: Keys, compared: ComparedCells, *, examples: int) -> CellsDifference:
    """Compare the values of the ``matched`` rows, and leave them in the table ``cells`` (rb, ra, keys, b…, a…, s…)."""
    _collect(session, keys, compared)
    rows, retyped, *counts = session.one(_counting(compared))
    columns = []
    for place, pair in compared:
        changed, filled, emptied, uncompared, moved = counts[place * 5 : place * 5 + 5]
        if changed or uncompared:
            found = ChangedColumn(
                name=pair.after.name,
                before_name=pair.before.name,
                changed=changed,
                filled=filled,
                emptied=emptied,
                uncompared=uncompared,
                moved=_moved(moved),
                recodings=_recodings(session, place, pair) if changed else (),
                examples=_examples(session, keys, place, pair, examples),
            )
            columns.append(found)
    columns.sort(key=lambda column: -column.changed)
    return CellsDifference(rows, retyped, sum(column.changed for column in columns), tuple(columns))


def _collect(session: Session, keys: Keys, compared: ComparedCells) -> None:
    """First the values of each side alone, which takes one scan and a small join; then both side by side."""
    for relation, number in ((session.before, "b"), (session.after, "a")):
        values = "".join(f", {pair.column(relation.which).alias}" for _, pair in compared)
        session.run(
            f"CREATE TABLE {_values(relation)} AS SELECT r{values} "
            f"FROM {relation.sql(without=relation.shared)} WHERE r IN (SELECT {number} FROM {MATCHED})"
        )
    pieces = ["m.b AS rb", "m.a AS ra", *(f"m.k{place}" for place in range(len(keys.pairs)))]
    for place, pair in compared:
        before, after = f"x.{pair.before.alias}", f"y.{pair.after.alias}"
        pieces += [f"{before} AS b{place}", f"{after} AS a{place}", f"{_state(pair, before, after)} AS s{place}"]
    session.run(
        f"CREATE TABLE {CELLS} AS SELECT {', '.join(pieces)} FROM {MATCHED} m "
        f"JOIN {_values(session.before)} x ON x.r = m.b JOIN {_values(session.after)} y ON y.r = m.a"
    )
    for relation in session.sides:
        session.run(f"DROP TABLE {_values(relation)}")


def _values(relation: Relation) -> str:
    return f"values_{relation.which}"


def _state(pair: ColumnPair, before: str, after: str) -> str:
    """Same, changed, or not to be compared, as SQL; before and after are values as they stand."""
    if not pair.common:
        return f"CASE WHEN {before} IS DISTINCT FROM {after} THEN 1 ELSE 0 END::TINYINT"
    old, new = pair.value("before", before), pair.value("after", after)
    return (
        f"CASE WHEN {before} IS NULL AND {after} IS NULL THEN 0 WHEN {before} IS NULL OR {after} IS NULL THEN 1 "
        f"WHEN ({old}) IS NULL OR ({new}) IS NULL THEN 2 "
        f"WHEN ({old}) IS DISTINCT FROM ({new}) THEN 1 ELSE 0 END::TINYINT"
    )


def _counting(compared: ComparedCells) -> str:
    """One scan for all counts: rows changed and retyped, then five answers a column."""
    some = compared.any_changed
    uncompared = "(" + (" OR ".join(f"s{place} = 2" for place, _ in compared) or "false") + ")"
    asked = [f"count(*) FILTER (WHERE {some})", f"count(*) FILTER (WHERE {uncompared} AND NOT {some})"]
    for place, pair in compared:
        asked += [
            f"count(*) FILTER (WHERE s{place} = 1)",
            f"count(*) FILTER (WHERE s{place} = 1 AND b{place} IS NULL)",
            f"count(*) FILTER (WHERE s{place} = 1 AND a{place} IS NULL)",
            f"count(*) FILTER (WHERE s{place} = 2)",
            _moving(place) if is_number(pair) else "NULL",
        ]
    return f"SELECT {', '.join(asked)} FROM {CELLS}"


def _moving(place: int) -> str:
    change = f"(a{place}::DOUBLE - b{place}::DOUBLE)"
    near = f" FILTER (WHERE s{place} = 1 AND {change} BETWEEN -{_FAR} AND {_FAR})"
    asked = [f"count({change}){near}::DOUBLE", *(f"{name}({change}){near}" for name in ("avg", "min", "max"))]
    return f"[{', '.join(asked)}]"


def _moved(found: Sequence[float] | None) -> Moved | None:
    if not found or not found[0]:
        return None
    count, mean, smallest, largest = found
    return Moved(int(count), mean, smallest, largest)


def _recodings(session: Session, place: int, pair: ColumnPair) -> tuple[Mapping[str, Any], ...]:
    """What became what, the most frequent first: 1 became 2 in 812 cells."""
    if not is_recodable(pair):
        return ()
    before, after = told(pair.before, f"b{place}"), told(pair.after, f"a{place}")
    rows = session.rows(
        f"SELECT {before} AS b, {after} AS a, count(*) AS n FROM {CELLS} WHERE s{place} = 1 "
        f"GROUP BY ALL HAVING n >= {RECODED_OFTEN} ORDER BY n DESC, b, a LIMIT {RECODINGS}"
    )
    return tuple({"before": shown(old), "after": shown(new), "count": count} for old, new, count in rows)


def _examples(session: Session, keys: Keys, place: int, pair: ColumnPair, limit: int) -> tuple[Mapping[str, Any], ...]:
    columns = keys.columns()
    selected = "".join(f", {told(column, column.alias)}" for column in columns)
    moved = f"a{place}::DOUBLE - b{place}::DOUBLE" if is_number(pair) else "NULL"
    rows = session.rows(
        f"SELECT rb, ra, {told(pair.before, f'b{place}')}, {told(pair.after, f'a{place}')}, {moved}{selected} "
        f"FROM {CELLS} WHERE s{place} <> 0 ORDER BY s{place}, ra LIMIT {limit:d}"
    )
    return tuple(_example(columns, row) for row in rows)


def _example(columns: Sequence[Column], row: Sequence[Any]) -> Mapping[str, Any]:
    row_before, row_after, before, after, moved, *key = row
    example = {
        "key": shown_from(columns, key),
        "row_before": row_before,
        "row_after": row_after,
        "before": shown(before),
        "after": shown(after),
    }
    return example if moved is None else example | {"moved": shown(moved)}
