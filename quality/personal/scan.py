"""The search of one table: a sample of each column by all detectors, all rows by their forms, groups of rows.

Nothing is changed and no raw value is kept: what comes back is masked (quality/personal/masking.py). Memory is bounded
by DuckDB's limit, a row group of one column, and some thousand values.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from catalog.personal.kinds import PersonalKind
from catalog.table_schema import TableSchema
from quality.personal import uniqueness
from quality.personal.columns import judge_columns
from quality.personal.judging import judge
from quality.personal.judging_texts import judge_unlike
from quality.personal.places import beside_persons, judge_places, may_be_place
from quality.personal.result import Dismissed, Hit, PersonalScan, Sampling
from quality.personal.sample import ColumnSample, samples
from quality.personal.unlike import Unlike, Wanted, count_form, look_through, text_of, wanted_of
from quality.table import Column, Table, opened

logger = logging.getLogger(__name__)

_SEARCHED = frozenset({"text", "nested", "integer", "decimal", "float", "date", "timestamp"})
# Identity, card and telephone numbers that lost their leading zeros have so many digits with them.
_WIDTHS = frozenset({9, 10, 11, 12, 13, 15})
_ORDER = {kind: place for place, kind in enumerate(PersonalKind)}


def scan(
    *,
    parquet: Sequence[Path],
    schema: TableSchema,
    workdir: Path,
    memory_limit: str = "512MB",
    threads: int | None = None,
) -> PersonalScan:
    """Search every column of the parts. Raises duckdb.Error or pyarrow's errors when the parts can't be read."""
    started = time.perf_counter()
    with opened(parquet=parquet, workdir=workdir, memory_limit=memory_limit, threads=threads) as table:
        search = _Search(table, schema)
        search.look_at_samples()
        search.look_at_all_rows()
        hits, measured = search.finish()
    return PersonalScan(
        rows=table.rows,
        hits=tuple(sorted(hits, key=lambda hit: (_ORDER[hit.kind], hit.column or ""))),
        considered=tuple(search.dismissed),
        uniqueness=measured,
        skipped=tuple(search.skipped),
        sampling=search.sampling(),
        seconds=round(time.perf_counter() - started, 3),
    )


class _Search:
    """The steps over one table, and what they found so far."""

    def __init__(self, table: Table, schema: TableSchema) -> None:
        self._table = table
        self._schema = schema
        self._fields = {field.name: field for field in schema.fields}
        self._hits: list[Hit] = []
        self.dismissed: list[Dismissed] = []
        self.skipped: list[tuple[str, str]] = []
        self._wanted: list[Wanted] = []
        self._texts: dict[str, str] = {}
        self._presence: dict[str, float] = {}
        self._sampled = 0
        self._unlike: dict[str, Unlike] = {}
        self._examined: dict[str, int] = {}

    def look_at_samples(self) -> None:
        """All detectors over a sample of each column."""
        columns = list(self._searched())
        semantics = {field.name: field.semantic for field in self._schema.fields}
        placed: dict[str, ColumnSample] = {}
        for column, sample in zip(columns, samples(self._table.parts, columns, semantics), strict=True):
            self._judge(column, sample)
            if may_be_place(sample):
                placed[column.name] = sample
        hits, dismissed = judge_places(placed)
        self._hits += hits
        self.dismissed += dismissed

    def _searched(self) -> Iterable[Column]:
        for column in self._table.columns:
            field = self._fields.get(column.name)
            if field is not None and field.type == "geojson":
                self.skipped.append((column.name, "geometry"))
            elif column.family == "other":
                self.skipped.append((column.name, "binary"))
            elif column.family in _SEARCHED:
                yield column

    def _judge(self, column: Column, sample: ColumnSample) -> None:
        self._sampled = max(self._sampled, sample.looked_at)
        self._presence[column.name] = sample.present / sample.looked_at if sample.looked_at else 0.0
        padded, width = _padded(sample)
        self._texts[column.name] = text_of(column, width)
        names = self._names_of(column)
        hits, dismissed = judge(padded, names)
        more, others = judge_columns(sample, names, [hit.kind for hit in hits])
        self._hits += [*hits, *more]
        self.dismissed += [*dismissed, *others]
        wanted = wanted_of(column, sample, hits)
        if wanted is not None:
            self._wanted.append(wanted)

    def _names_of(self, column: Column) -> str:
        """What the column is called, here and in the file that it came from."""
        field = self._fields.get(column.name)
        return f"{column.name} | {field.source_name} | {field.title}" if field is not None else column.name

    def look_at_all_rows(self) -> None:
        """The values of all rows that are unlike their column's, and the complete counts of what was found."""
        for name, (unlike, strong) in look_through(self._table, self._wanted).items():
            self._unlike[name] = unlike
            self._examined[name] = len(unlike.values) + (len(strong.values) if strong is not None else 0)
            for some in (strong, unlike):
                if some is not None and some.values:
                    self._hits += judge_unlike(some.values, column=name, unlike=some.count, known=self._kinds_of(name))
        self._hits = [self._counted(hit) for hit in self._hits]

    def _counted(self, hit: Hit) -> Hit:
        """With all rows counted: by the form, or, of what has no form, as the sample has them."""
        if hit.column is None or (hit.matched and not hit.pattern):
            return hit
        if hit.pattern:
            return hit.counted(count_form(self._table, self._texts[hit.column], hit.pattern))
        present = self._table.rows * self._presence.get(hit.column, 1.0)
        return replace(hit, matched=round(present * hit.valid / max(1, hit.checked)))

    def _kinds_of(self, column: str) -> list[PersonalKind]:
        return [hit.kind for hit in self._hits if hit.column == column]

    def finish(self) -> tuple[list[Hit], Mapping[str, object] | None]:
        """All hits, and how rows single persons out."""
        hits = beside_persons(self._hits)
        births = {hit.column for hit in hits if hit.kind is PersonalKind.BIRTH_DATE and hit.column}
        direct = {hit.column for hit in hits if hit.column and hit.kind is not PersonalKind.LOCATION}
        found = uniqueness.identifying(self._table, self._schema, direct=direct, births=births)
        if found is None:
            return hits, None
        measured = uniqueness.measure(self._table, found)
        hit = uniqueness.hit_of(self._table, measured, hits)
        return ([*hits, hit] if hit is not None else hits), measured

    def sampling(self) -> Sampling:
        """How much was looked at."""
        unlike = {name: found.count for name, found in self._unlike.items() if found.count}
        return Sampling(self._table.rows, self._sampled, {name: self._examined[name] for name in unlike}, unlike)


def _padded(sample: ColumnSample) -> tuple[ColumnSample, int]:
    """A column of whole numbers with the zeros that identity numbers have lost, and their width (0: none)."""
    if sample.family != "integer" or not sample.rows:
        return sample, 0
    lengths = [len(value) for value in sample.counts]
    width = max(lengths)
    is_mostly_whole = sum(length == width for length in lengths) >= 0.5 * len(lengths)
    if width not in _WIDTHS or min(lengths) in (width, *range(width - 3)) or not is_mostly_whole:
        return sample, 0
    return replace(sample, rows=tuple((row, value.zfill(width)) for row, value in sample.rows)), width
