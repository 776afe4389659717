"""The recipe: the ordered, named steps that made the Parquet, with how many cells each of them met.

PROV's *activity*. A step is a dict with ``step`` (its name) first; what was inferred or declared stands in it
in full, so that the same recipe over the same bytes gives the same table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from ingest.cast import Caster
from ingest.outcome import RecipeStep
from ingest.plan import ColumnPlan


def column_steps(plan: ColumnPlan, caster: Caster | None) -> Iterable[RecipeStep]:
    """The steps of one column in the order in which they are applied to a cell."""
    if plan.trim:
        yield {"step": "trim", "column": plan.name}
    if caster is not None and caster.missing:
        tokens = dict(sorted(caster.missing.items()))
        yield {
            "step": "read-as-missing",
            "column": plan.name,
            "tokens": tokens,
            "count": sum(tokens.values()),
        }
    if plan.number is not None:
        yield {"step": "read-written-numbers", "column": plan.name, **plan.number.describe()}
    if plan.dates and plan.kind != "string":
        yield {
            "step": "read-written-dates",
            "column": plan.name,
            "formats": [item.name for item in plan.dates],
        }
    if plan.kind != "string" and plan.native is None:
        yield {
            "step": "cast",
            "column": plan.name,
            "type": plan.kind,
            "arrow": str(plan.arrow),
            "by": "schema" if plan.settled else "values",
            "refused": caster.wrong if caster is not None else 0,
        }


def make_recipe(
    before: Sequence[RecipeStep],
    columns: Sequence[tuple[ColumnPlan, Caster | None]],
    mended: dict[str, int],
    rows: int,
    version: str,
) -> tuple[RecipeStep, ...]:
    """All steps: reaching the table, mending rows, naming and typing columns, writing."""
    steps: list[RecipeStep] = list(before)
    if mended:
        steps.append({"step": "mend-rows", **dict(sorted(mended.items()))})
    renamed = {plan.source_name: plan.name for plan, _caster in columns if plan.source_name != plan.name}
    if renamed:
        names = [[plan.source_name, plan.name] for plan, _caster in columns if plan.source_name != plan.name]
        steps.append({"step": "rename", "columns": names})
    for plan, caster in columns:
        steps.extend(column_steps(plan, caster))
    steps.append({"step": "write-parquet", "rows": rows, "pipeline": version, "pyarrow": pa.__version__})
    return tuple(steps)
