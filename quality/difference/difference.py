"""The difference between two versions: of one table, and of all tables with the words about them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quality.difference.cells import CellsDifference, ComparedCells, compare_cells, compared_cells
from quality.difference.changes_file import write_changes
from quality.difference.columns import ColumnChange, compare_schemas
from quality.difference.drift import ColumnDrift, compare_profiles
from quality.difference.keys import Keys, UnusableKeys
from quality.difference.pairing import ColumnPair, key_pairs, pair_columns
from quality.difference.renames import Rename, declared_renames, guessed_renames
from quality.difference.rows import (
    ADDED,
    REMOVED,
    RowsDifference,
    Unkeyed,
    match_by_key,
    match_whole_rows,
    row_examples,
)
from quality.difference.session import Limits, Session, opened
from quality.difference.side import Side
from quality.difference.verdicts import RuleChange, compare_outcomes
from quality.difference.words import WordChange, compare_words

DEFAULT_LIMITS = Limits()

# Called between the steps, with the steps done and all steps; it may raise to give up.
Progress = Callable[[int, int], None]
_STEPS = 4


@dataclass(frozen=True, slots=True)
class TableDifference:
    """``cells`` is None where rows are not matched by a key. ``records`` are those of the file of all changes."""

    columns: tuple[ColumnChange, ...]
    rows: RowsDifference
    cells: CellsDifference | None
    drift: tuple[ColumnDrift, ...]
    quality: tuple[RuleChange, ...]
    records: int
    seconds: float

    @property
    def is_breaking(self) -> bool:
        return any(change.is_breaking for change in self.columns)

    def to_json(self) -> dict[str, Any]:
        return {
            "breaking": self.is_breaking,
            "columns": [change.to_json() for change in self.columns],
            "rows": self.rows.to_json(),
            "cells": self.cells.to_json() if self.cells else None,
            "drift": [column.to_json() for column in self.drift],
            "quality": [change.to_json() for change in self.quality],
            "records": self.records,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class VersionDifference:
    """All tables of two versions by name, and what is said about them."""

    tables: Mapping[str, TableDifference]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    words: tuple[WordChange, ...]

    @property
    def is_breaking(self) -> bool:
        return bool(self.removed) or any(table.is_breaking for table in self.tables.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "breaking": self.is_breaking,
            "added": list(self.added),
            "removed": list(self.removed),
            "words": [change.to_json() for change in self.words],
            "tables": {name: table.to_json() for name, table in self.tables.items()},
        }


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


def difference(
    *,
    before: Side,
    after: Side,
    workdir: Path,
    key: Sequence[str] | None = None,
    changes: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = no_progress,
) -> TableDifference:
    """Compare two versions of a table.

    ``key`` are column names of the newer version; without it the newer schema's primary key is taken, or else the
    older one's. ``changes`` is where the file of all changes goes (changes_file.py). Raises duckdb.Error when a part
    can't be read, or when the limits do not suffice.
    """
    started = time.perf_counter()
    with opened(before=before, after=after, workdir=workdir, limits=limits) as session:
        comparing = _Comparing(session, before, after, key, limits.examples)
        progress(1, _STEPS)
        rows, cells = comparing.compare(lambda done: progress(done, _STEPS))
        records = comparing.write(workdir, changes) if changes else 0
        progress(_STEPS, _STEPS)
    return TableDifference(
        columns=compare_schemas(before.schema, after.schema, renames=comparing.renames),
        rows=rows,
        cells=cells,
        drift=compare_profiles(before.profile, after.profile, renames=comparing.renames),
        quality=compare_outcomes(before.outcomes, after.outcomes),
        records=records,
        seconds=round(time.perf_counter() - started, 3),
    )


def version_difference(
    *,
    tables: Mapping[str, TableDifference],
    before: Sequence[str],
    after: Sequence[str],
    words: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> VersionDifference:
    """Put together what was found of the tables that both have; ``before`` and ``after`` are the names of all."""
    return VersionDifference(
        tables=tables,
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        words=compare_words(*words),
    )


class _Comparing:
    """The steps over one pair of tables."""

    def __init__(self, session: Session, before: Side, after: Side, key: Sequence[str] | None, examples: int) -> None:
        self._session = session
        self._before, self._after = before, after
        self._examples = examples
        self._compared: ComparedCells | None = None
        declared = declared_renames(before.schema, after.schema)
        self._wanted = self._wanted_key(key, declared)
        # A guess needs the rows side by side, and so the key as the schemas themselves have it.
        first = self._keys(self._pairs(declared))
        guessed = guessed_renames(session, first, declared, (before.profile, after.profile))
        self.renames = (*declared, *guessed)
        self._all_pairs = self._pairs(self.renames)
        self._usable = self._keys(self._all_pairs)

    def compare(self, progress: Callable[[int], None]) -> tuple[RowsDifference, CellsDifference | None]:
        session, pairs, keys = self._session, self._all_pairs, self._usable
        if keys is None:
            if any(pair.is_comparable for pair in pairs):
                match_whole_rows(session, pairs)
                progress(3)
            return self._told(None, UnusableKeys()), None
        proved = (self._is_proved(self._before), self._is_proved(self._after))
        unusable = match_by_key(session, keys, pairs, proved=proved, examples=self._examples)
        progress(2)
        self._compared = compared_cells(pairs, keys)
        cells = compare_cells(session, keys, self._compared, examples=self._examples)
        progress(3)
        return self._told(cells, unusable), cells

    def write(self, workdir: Path, target: Path) -> int:
        """The file of all changes; in the session's folder first, where alone DuckDB may write."""
        if self._usable is None and not self._is_compared:
            return 0
        made = workdir / "difference" / "changes.parquet"
        records = write_changes(self._session, made, self._usable, self._compared)
        made.replace(target)
        return records

    @property
    def _is_compared(self) -> bool:
        return any(pair.is_comparable for pair in self._all_pairs)

    def _pairs(self, renames: Sequence[Rename]) -> tuple[ColumnPair, ...]:
        renamed = {rename.after: rename.before for rename in renames}
        return pair_columns(self._session.before, self._session.after, renamed=renamed)

    def _wanted_key(self, key: Sequence[str] | None, renames: Sequence[Rename]) -> tuple[str, ...]:
        if key is not None:
            return tuple(key)
        if self._after.schema.primary_key:
            return self._after.schema.primary_key
        newer = {rename.before: rename.after for rename in renames}
        return tuple(newer.get(name, name) for name in self._before.schema.primary_key)

    def _keys(self, pairs: Sequence[ColumnPair]) -> Keys | None:
        found = key_pairs(pairs, self._wanted)
        return Keys(found) if found else None

    def _is_proved(self, side: Side) -> bool:
        """A check proves the key that its own schema has."""
        names = [pair.after.name if side is self._after else pair.before.name for pair in self._keyed]
        return side.key_is_proved and set(side.schema.primary_key) == set(names)

    @property
    def _keyed(self) -> tuple[ColumnPair, ...]:
        return self._usable.pairs if self._usable else ()

    def _told(self, cells: CellsDifference | None, unusable: UnusableKeys) -> RowsDifference:
        session, keyed = self._session, self._usable is not None
        before, after = session.sides
        is_compared = keyed or self._is_compared
        added = session.count(ADDED) if is_compared else None
        removed = session.count(REMOVED) if is_compared else None
        changed, retyped = (cells.rows, cells.retyped_rows) if cells else (None, None)
        unchanged = None
        if added is not None:
            untold = unusable.null_rows_after + unusable.repeated_rows_after
            unchanged = after.rows - untold - added - (changed or 0) - (retyped or 0)
        limit = self._examples
        return RowsDifference(
            before=before.rows,
            after=after.rows,
            keyed=keyed,
            key=self._wanted if keyed else (),
            unkeyed=self._unkeyed() if not keyed else "",
            compared=tuple(pair.after.name for pair in self._all_pairs if pair.is_comparable),
            skipped=sum(after.counts[place] for place in after.shared),
            added=added,
            removed=removed,
            changed=changed,
            retyped=retyped,
            unchanged=unchanged,
            unusable=unusable,
            added_examples=row_examples(session, after, ADDED, limit) if is_compared else (),
            removed_examples=row_examples(session, before, REMOVED, limit) if is_compared else (),
        )

    def _unkeyed(self) -> Unkeyed:
        if not self._wanted:
            return "no-key"
        names = {pair.after.name for pair in self._all_pairs}
        return "key-unsuited" if set(self._wanted) <= names else "key-missing"
