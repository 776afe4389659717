"""One table to Parquet: read, cast, write, in as many passes as the types need to be right for every row.

A pass is cast under a plan for each column. When the cells prove a plan wrong, the rest of the pass writes
nothing and only looks on, for every column at once; then the next pass begins with the plans that they asked
for. A file whose sample told the truth is read once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from catalog.findings import Finding
from catalog.table_schema import Field, TableSchema
from ingest.columns.arrow_types import field_type
from ingest.columns.cast import Caster
from ingest.columns.conform import bind, conform
from ingest.columns.infer import Sample, plan_columns
from ingest.columns.map_columns import suggest_mapping
from ingest.columns.plan import ColumnPlan
from ingest.columns.together import settle_together
from ingest.findings_file import FindingsLog
from ingest.limits import Limits
from ingest.outcome import ConvertedPart, ConvertedResource, RejectionError
from ingest.parquet_writer import PartWriter
from ingest.progress import Reporter, Stage
from ingest.recipes.changed import most_of_each
from ingest.recipes.cleaning.table import CleanedTable
from ingest.recipes.read_cells import ReadCells
from ingest.recipes.recipe import NO_RECIPE, ReadColumn, Recipe, make_recipe
from ingest.recipes.replay import Replay
from ingest.recipes.row_groups import empty_columns, read_row_groups
from ingest.recipes.suggest import Suggestion, suggest_steps
from ingest.recipes.suggest_rows import suggest_rows
from ingest.semantics.native import native_meanings
from ingest.stages import ReadAhead, WriteBehind
from ingest.table import Batch, ReadAgainError, Table
from ingest.text.line_runs import KeptRows, Runs, line_runs

_REASONS = {
    "empty": "it was empty",
    "repeated": "the name stands more than once",
    "script": "it has no Latin letter or digit",
    "long": "it was too long",
}


def convert_table(
    table: Table,
    *,
    name: str,
    folder: Path,
    schema: TableSchema | None,
    limits: Limits,
    reporter: Reporter,
    version: str,
    recipe: Recipe = NO_RECIPE,
) -> ConvertedResource:
    """Write the table as Parquet into ``folder``, with all its findings beside it.

    ``recipe`` is what is to be done besides, or how the last version's table was read. Raises RejectionError when it
    turns out not to be a table, or not the schema's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reporter.enter(Stage.READ, table.facts.size)
    cleaned, replay = CleanedTable(table, recipe.cleaning), Replay(recipe.reading)
    conversion = _Conversion(cleaned, replay, schema, folder, limits, reporter)
    conversion.plan()
    while not conversion.run():
        pass
    return conversion.result(name, version)


class _Conversion:
    """The passes over one table and what is kept from one to the next."""

    def __init__(
        self,
        table: CleanedTable,
        replay: Replay,
        schema: TableSchema | None,
        folder: Path,
        limits: Limits,
        reporter: Reporter,
    ) -> None:
        self._table = table
        self._replay = replay
        self._schema = schema
        self._names = table.facts.names
        self._folder = folder
        self._limits = limits
        self._reporter = reporter
        self._log = FindingsLog(folder, limits.samples_per_group)
        self._plans: tuple[ColumnPlan, ...] = ()
        self._casters: list[Caster | None] = []
        self._schema_findings: tuple[Finding, ...] = ()
        self._mended: Counter[str] = Counter()
        self._parts: tuple[ConvertedPart, ...] = ()
        self._samples: list[Sample] = []
        self._meanings: dict[str, str] = {}
        self._rows = 0
        self._kept = KeptRows()
        self._read_cells: list[ReadCells] = []

    def plan(self) -> None:
        samples = self._samples = self._table.samples()
        facts = self._table.facts
        self._names = facts.names
        plans = bind(
            plan_columns(facts.names, samples, delimiter=facts.delimiter, limits=self._limits),
            facts.native,
        )
        plans = self._replay.take(plans)
        if self._schema is not None:
            named = frozenset(item.name for item in facts.names if item.is_chosen)
            plans, self._schema_findings = conform(self._schema, plans, samples, self._limits, named=named)
        self._plans = plans

    # ------------------------------------------------------------------------------------------- passes

    def run(self) -> bool:
        """One pass. True when all was written under plans that held; False when it has to be done again."""
        self._log.reset()
        self._mended.clear()
        self._rows = 0
        self._kept = KeptRows()
        self._casters = [None if self._passes_through(plan) else Caster(plan, self._limits) for plan in self._plans]
        most = most_of_each(len(self._plans))
        self._read_cells = [ReadCells(plan, most) for plan in self._plans]
        writer = PartWriter(self._folder, self._arrow_schema(), self._limits)
        self._reporter.enter(Stage.CONVERT, self._table.facts.size)
        try:
            held = self._pass(writer)
        except ReadAgainError:
            held = False
            if self._table.facts.names == self._names:
                self._plans = tuple(self._with_native(plan) for plan in self._plans)
            else:
                self.plan()
        except BaseException:
            writer.discard()
            raise
        if not held:
            writer.discard()
            return False
        self._parts = writer.finish()
        files = [(part.path, part.rows) for part in self._parts]
        if self._table.find_duplicates(files, [plan.name for plan in self._plans], self._folder):
            writer.discard()
            return False
        return True

    def _with_native(self, plan: ColumnPlan) -> ColumnPlan:
        """The plan with the type that the reader now gives to the column."""
        if plan.position is None or plan.native is None:
            return plan
        return replace(plan, native=self._table.facts.native[plan.position])

    @staticmethod
    def _passes_through(plan: ColumnPlan) -> bool:
        return plan.native is not None or plan.position is None

    def _pass(self, writer: PartWriter) -> bool:
        writing = True
        # As long as anything is written, no plan has changed.
        schema = self._arrow_schema()
        with ReadAhead(self._table.batches()) as ahead, WriteBehind(writer.write, _weight) as behind:
            for batch in ahead:
                arrays = self._cast(batch)
                writing = writing and not any(caster and caster.demand for caster in self._casters)
                if writing:
                    behind.send(pa.record_batch(arrays, schema=schema))
                self._adopt()
                self._rows += batch.rows
                self._kept.add(batch.numbers, batch.rows)
                self._reporter.advance(batch.position, self._rows)
            behind.finish()
        for caster in self._casters:
            if caster is not None:
                caster.finish()
        changed = not writing or any(caster and caster.demand for caster in self._casters)
        self._adopt()
        if not changed:
            plans = settle_together(self._plans, self._casters, self._limits)
            changed, self._plans = plans != self._plans, plans
        return not changed

    def _adopt(self) -> None:
        """Let the columns whose plan was wrong go on under the plan that their cells ask for."""
        plans = list(self._plans)
        for place, caster in enumerate(self._casters):
            if caster is not None and caster.demand is not None:
                plans[place] = caster.demand
                self._casters[place] = Caster(caster.demand, self._limits, partial=True)
        self._plans = tuple(plans)

    def _cast(self, batch: Batch) -> list[Any]:
        first = self._table.facts.first_row
        for finding in batch.findings:
            self._log.add(finding)
            self._mended[finding.code] += finding.code in {"row-too-short", "row-too-long"}
        arrays = []
        for plan, caster, looked in zip(self._plans, self._casters, self._read_cells, strict=True):
            if plan.position is None:
                arrays.append(pa.nulls(batch.rows, plan.arrow))
                continue
            cells = batch.columns[plan.position]
            if caster is None:
                arrays.append(cells)
                continue
            if not pa.types.is_string(cells.type):
                cells = pc.cast(cells, pa.string())
            result = caster.cast(cells)
            arrays.append(result.values)
            looked.look(batch.numbers, cells, result)
            if result.faults is not None:
                rows = pa.array(batch.numbers[result.faults.places] + first)
                self._log.add_cells("cell-not-of-type", plan.name, rows, result.faults.texts, {"type": plan.kind})
        return arrays

    def _arrow_schema(self) -> Any:
        fields = [(plan.name, plan.arrow) for plan in self._plans]
        return pa.schema(fields, metadata=dict(self._table.facts.metadata) or None)

    # ------------------------------------------------------------------------------------------- result

    def result(self, name: str, version: str) -> ConvertedResource:
        facts = self._table.facts
        if not self._rows:
            raise RejectionError(Finding("no-table", params={"reason": "it has a header line but no row"}))
        self._require_few_refused()
        questions = self._replay.ask(self._plans, self._casters)
        self._meanings = native_meanings([part.path for part in self._parts], self._plans)
        self._log_columns()
        read = [changed for looked in self._read_cells for changed in looked.changed.values()]
        place = self._table.places([*self._table.changed, *read])
        columns = [
            ReadColumn(plan, caster, {step: changed.told(place) for step, changed in looked.changed.items()})
            for plan, caster, looked in zip(self._plans, self._casters, self._read_cells, strict=True)
        ]
        mended = {code: count for code, count in self._mended.items() if count}
        return ConvertedResource(
            name=name,
            title=facts.title,
            parts=self._parts,
            rows=self._rows,
            schema=self._table_schema(),
            recipe=make_recipe(
                facts.recipe, self._table.header, self._table.told(place), columns, mended, self._rows, version
            ),
            source=facts.source,
            findings=self._log.finish(self._line_finder()),
            suggestions=tuple(self._suggestions()),
            questions=tuple(question.to_json() for question in questions),
            lines=self._lines_of_rows(),
        )

    def _require_few_refused(self) -> None:
        """Raises RejectionError when a column has more refused cells than its owner takes."""
        for plan, caster in zip(self._plans, self._casters, strict=True):
            if caster is not None and caster.wrong > self._limits.refused_share * self._rows:
                params = {"refused": caster.wrong, "rows": self._rows, "limit": f"{self._limits.refused_share:.0%}"}
                reason = Finding("too-many-refused", column=plan.name, params=params)
                raise RejectionError(reason, *self._log.samples("cell-not-of-type", plan.name))

    def _suggestions(self) -> list[Suggestion]:
        """What could be cleaned; a column is empty if the footers of all parts say so."""
        groups = list(read_row_groups(part.path for part in self._parts))
        empty = empty_columns(groups)
        names = [plan.name for plan in self._plans if plan.name in empty and plan.position is not None]
        certain = not any(caster is not None and (caster.missing or caster.wrong) for caster in self._casters)
        by_row = suggest_rows(groups, certain=certain)
        found = [*suggest_steps(self._plans, self._samples, names), *by_row]
        return [*suggest_mapping(self._plans, self._samples), *found] if self._schema is not None else found

    def _lines_of_rows(self) -> Runs:
        first_row = self._table.facts.first_row
        return line_runs(
            self._kept.told_by(self._table.lines, first_row=first_row), first_row=first_row, rows=self._rows
        )

    def _line_finder(self) -> Callable[[Any], Any]:
        return self._table.lines

    def _log_columns(self) -> None:
        named = all(finding.code != "header-missing" for finding in self._table.facts.findings)
        for finding in (*self._table.facts.findings, *self._replay.findings, *self._schema_findings):
            self._log.add(finding)
        for plan, caster in zip(self._plans, self._casters, strict=True):
            if named and plan.position is not None and (reason := self._table.facts.names[plan.position].reason):
                params: dict[str, Any] = {"reason": _REASONS[reason]}
                self._log.add(Finding("header-repaired", column=plan.name, value=plan.source_name, params=params))
            for remark in plan.remarks:
                self._log.add(Finding(remark.code, column=plan.name, value=remark.value, params=remark.params))
            if caster is not None and caster.missing:
                tokens = ", ".join(sorted(caster.missing))
                params = {"tokens": tokens, "cells": caster.missing.total()}
                self._log.add(Finding("missing-tokens", column=plan.name, params=params))

    def _table_schema(self) -> TableSchema:
        fields = tuple(self._field(plan, caster) for plan, caster in zip(self._plans, self._casters, strict=True))
        return replace(self._schema, fields=fields) if self._schema is not None else TableSchema(fields)

    def _field(self, plan: ColumnPlan, caster: Caster | None) -> Field:
        logical = self._table.facts.logical.get(plan.position if plan.position is not None else -1)
        kind = logical or (field_type(plan.native) if plan.native is not None else plan.field_type)
        tokens = tuple(sorted(caster.missing)) if caster is not None else ()
        semantic = caster.semantic if caster is not None else self._meanings.get(plan.name, "")
        if plan.declared is not None:
            semantic = plan.declared.semantic or semantic
            told = replace(plan.declared, arrow=str(plan.arrow), source_name=plan.source_name, semantic=semantic)
            return replace(told, aliases=())
        title = self._table.facts.titles[plan.position] if plan.position is not None else ""
        return Field(
            name=plan.name,
            type=kind,
            title=title if title != plan.name else "",
            unit=plan.unit,
            missing_values=("", *tokens) if tokens else None,
            arrow=str(plan.arrow),
            source_name=plan.source_name,
            semantic=semantic,
        )


def _weight(batch: Any) -> int:
    return int(batch.nbytes)
