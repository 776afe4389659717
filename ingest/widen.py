"""The wider plan that a cell asks for when its shape proves the column's type wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.dates import family_of
from ingest.missing import PADDING
from ingest.plan import ColumnPlan, Remark
from ingest.shapes import Shape, shape


def wider(plan: ColumnPlan, token: str) -> ColumnPlan | None:
    """The plan that has room for the token too, if its shape proves the type wrong."""
    value = token.strip(PADDING)
    found = shape(value)
    if plan.kind in {"integer", "number"}:
        if found is Shape.ZEROS:
            return as_text(plan, "identifiers-kept-as-text", token)
        if found in {Shape.BIG, Shape.LONG}:
            return as_text(plan, "number-not-exact", token)
        if plan.kind == "integer" and _is_fraction(plan, value, found):
            return replace(plan, kind="number")
    if plan.kind == "date" and _has_clock(plan, value, found):
        return replace(plan, kind="datetime")
    return None


def _is_fraction(plan: ColumnPlan, value: str, found: Shape) -> bool:
    if plan.number is None:
        return found is Shape.DECIMAL
    texts = pa.array([value])
    return bool(pc.match_substring_regex(texts, plan.number.pattern)[0].as_py())


def _has_clock(plan: ColumnPlan, value: str, found: Shape) -> bool:
    if not plan.dates:
        return found is Shape.DATETIME
    match = family_of(value)
    return match is not None and bool(match[1]["clock"])


def as_text(plan: ColumnPlan, code: str, value: str | None, **params: Any) -> ColumnPlan:
    """The column as text, with the remark that says why."""
    remark = Remark(code, value, params)
    return replace(plan, kind="string", missing=(), trim=False, number=None, dates=(), watch="", remarks=(remark,))
