"""What columns settle for each other, once every row was seen.

The plans are made with what the sample of one column said about the others: which mark is the decimal one, which
placeholders the file uses. A late row may say more of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from ingest.columns.cast import Caster
from ingest.columns.choices import decided
from ingest.columns.evidence import Evidence
from ingest.columns.infer import decimal_mark, plan_again
from ingest.columns.plan import ColumnPlan
from ingest.limits import Limits
from ingest.writings.missing import placeholders_in_text
from ingest.writings.shapes import Shape


def settle_together(
    plans: Sequence[ColumnPlan], casters: Sequence[Caster | None], limits: Limits
) -> tuple[ColumnPlan, ...]:
    """The plans that all columns together ask for after a full pass; the very same ones when these hold."""
    evidence = [plan.evidence for plan in plans if plan.evidence is not None]
    decimal = decimal_mark([plan for plan in plans if plan.evidence is not None], evidence)
    spoken = {token for plan, caster in _free(plans, casters) if plan.kind != "string" for token in caster.missing}
    found = list(plans)
    for place, (plan, caster) in enumerate(zip(plans, casters, strict=True)):
        if caster is None or plan.settled:
            continue
        found[place] = _with_mark(plan, decimal, limits)
        tokens = sorted(spoken & (caster.placeholders - {*plan.missing, *plan.kept}))
        if tokens and found[place].kind == "string":
            found[place] = _with_tokens(found[place], tokens)
    return tuple(found)


def _free(plans: Sequence[ColumnPlan], casters: Sequence[Caster | None]) -> list[tuple[ColumnPlan, Caster]]:
    return [(plan, caster) for plan, caster in zip(plans, casters, strict=True) if caster is not None]


def _with_mark(plan: ColumnPlan, decimal: str, limits: Limits) -> ColumnPlan:
    """The plan under the decimal mark of the whole file, if that decides anything for the column."""
    before: Evidence | None = plan.evidence
    if before is None or before.decimal == decimal or not decimal:
        return plan
    if not before.weights[Shape.WRITTEN_NUMBER] and not (decimal == "," and plan.kind == "number"):
        return plan
    evidence = copy(before)
    evidence.decimal = decimal
    again = plan_again(plan, evidence, limits)
    if decided(replace(again, missing=plan.missing)) == decided(plan):
        return plan
    return again


def _with_tokens(plan: ColumnPlan, tokens: Sequence[str]) -> ColumnPlan:
    """The text with the placeholders read as missing that typed columns of the file use, and that stand in it."""
    values = {value: 1 for item in plan.evidence.values.values() for value in item} if plan.evidence else {}
    more = placeholders_in_text({**values, **dict.fromkeys(tokens, 1)}, tokens)
    return replace(plan, missing=tuple(sorted({*plan.missing, *more}))) if more else plan
