"""The recipe: the ordered, named steps that made the Parquet, with how many cells each of them met.

PROV's *activity*. A step is a dict with ``step`` (its name) first; what was inferred or declared stands in it
in full, so that the same recipe over the same bytes gives the same table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ingest.columns.cast import Caster
from ingest.columns.choices import StepNotKnownError, apply_steps, kept_tokens, steps_of
from ingest.columns.plan import ColumnPlan
from ingest.outcome import RecipeStep
from ingest.recipes.opening import AS_FOUND, Opening, opening_of
from ingest.recipes.vocabulary import CLEANING, KEPT, READING, RecipeInvalidError, Step, parse_cleaning
from ingest.text.names import ColumnName


@dataclass(frozen=True, slots=True)
class Recipe:
    """``opening`` is how the owner has the file opened; ``cleaning`` are an owner's steps, in order; ``reading`` has
    each column's steps, none for one that is text.

    A cast "by values" is how the column was read before: its cells may contradict it, which is then a question. One
    "by owner" stands whatever the cells are.
    """

    cleaning: tuple[Step, ...] = ()
    reading: Mapping[str, tuple[RecipeStep, ...]] = field(default_factory=dict)
    opening: Opening = AS_FOUND


NO_RECIPE = Recipe()


def parse_recipe(steps: Iterable[RecipeStep]) -> Recipe:
    """Read a recipe as it is stored. Steps that only tell what a reader did are passed over.

    Raises RecipeInvalidError for a cleaning step or a reading that can't be followed.
    """
    steps = list(steps)
    reading: dict[str, list[RecipeStep]] = {}
    for step in steps:
        if step.get("step") == KEPT:
            reading |= {str(name): [] for name in step.get("columns", ())}
    for place, step in enumerate(steps, start=1):
        if step.get("step") in READING:
            column = str(step.get("column", ""))
            reading.setdefault(column, []).append(step)
            try:
                apply_steps(ColumnPlan(column, column), [step])
            except StepNotKnownError as error:
                raise RecipeInvalidError(f"Step {place} ({step['step']}) can't be followed: {error}.") from error
    cleaning = parse_cleaning(step for step in steps if step.get("step") in CLEANING)
    return Recipe(cleaning, {name: tuple(mine) for name, mine in reading.items()}, opening_of(steps))


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column as it was read: ``cells`` are the first ones that each of its steps met, by the step's name."""

    plan: ColumnPlan
    caster: Caster | None
    cells: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)


def column_steps(column: ReadColumn) -> Iterable[RecipeStep]:
    """The steps of one column in the order in which they are applied to a cell, with what they met."""
    for step in _met(column.plan, column.caster):
        cells = column.cells.get(step["step"])
        yield {**step, "cells": [list(cell) for cell in cells]} if cells else step


def _met(plan: ColumnPlan, caster: Caster | None) -> Iterator[RecipeStep]:
    missing = dict(sorted(caster.missing.items())) if caster is not None else {}
    met = {"step": "read-as-missing", "column": plan.name, "tokens": missing, "count": sum(missing.values())}
    if caster is not None:
        met |= kept_tokens(plan, caster.kept)
    told = not (missing or "kept" in met)
    for step in steps_of(plan):
        if step["step"] == "read-as-missing":
            continue
        if not told and step["step"] not in {"trim", "read-foreign-digits"}:
            told = True
            yield met
        refused = {"refused": caster.wrong} if step["step"] == "cast" and caster is not None else {}
        yield {**step, **refused}
    if not told:
        yield met


def make_recipe(
    before: Sequence[RecipeStep],
    header: Sequence[ColumnName],
    cleaning: Sequence[RecipeStep],
    columns: Sequence[ReadColumn],
    mended: dict[str, int],
    rows: int,
    version: str,
) -> tuple[RecipeStep, ...]:
    """All steps: reaching the table, mending rows, naming columns, cleaning, typing, writing."""
    steps: list[RecipeStep] = list(before)
    if mended:
        steps.append({"step": "mend-rows", **dict(sorted(mended.items()))})
    if renamed := [[item.source_name, item.name] for item in header if item.source_name != item.name]:
        steps.append({"step": "rename", "columns": renamed})
    steps.extend(cleaning)
    plans = [column.plan for column in columns]
    if kept := [plan.name for plan in plans if plan.kind == "string" and plan.native is None]:
        steps.append({"step": KEPT, "columns": kept})
    for column in columns:
        steps.extend(column_steps(column))
    steps.append({"step": "write-parquet", "rows": rows, "pipeline": version, "pyarrow": pa.__version__})
    return tuple(steps)
