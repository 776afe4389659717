"""Choosing the type of a column of numbers: how they are written, and which type holds them exactly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from ingest.columns.doubts import ask_missing, doubt_digits, doubt_number, doubt_units
from ingest.columns.evidence import Evidence
from ingest.columns.plan import DECIMAL_DIGITS, ColumnPlan, Remark, Watch
from ingest.writings.numbers import (
    NumberFormat,
    feasible_formats,
    format_deciders,
    readings,
    readings_agree,
    unit_written,
)
from ingest.writings.shapes import FLOAT64_SURE_DIGITS, NUMERIC, Shape, fits_float, shape

_YEAR_NAMES = re.compile(
    r"(?:^|[^a-z])(?:year|yr|jahr|ann[ée]e|an|a[ñn]o|ano|anno|jaar|[åa]r|rok)(?:$|[^a-z])|год|年", re.IGNORECASE
)
_YEAR = re.compile(r"(?:1[0-9]|2[0-9])[0-9]{2}$")
# Numbers that are entered where there is none.
_SENTINELS = frozenset(
    {"-9", "-99", "-999", "-9999", "-99999", "-999999", "-99.9", "-99.99", "-999.9", "-999.99", "-9999.0", "-999.0"}
)
SENTINEL_DISTANCE = 5


def plan_number(plain: ColumnPlan, typed: ColumnPlan, evidence: Evidence) -> ColumnPlan:
    """The column as numbers (``typed``), or as text (``plain``) with what stands against it."""
    if zeros := evidence.first(Shape.ZEROS):
        return replace(plain, remarks=(Remark("identifiers-kept-as-text", zeros),))
    values = evidence.of(NUMERIC)
    if not evidence.weights[Shape.WRITTEN_NUMBER]:
        return _plan_plain(typed, evidence, values)
    evidence.deciders = format_deciders(values)
    formats = feasible_formats(values)
    if not formats:
        return _in_several_writings(plain, typed, evidence)
    number = _choose(formats, evidence, values)
    if number is None:
        watch: Watch = "" if evidence.whole else "number"
        return replace(doubt_number(typed, formats, values), watch=watch)
    if number.decimal == evidence.delimiter == "," and 2 * evidence.weights[Shape.WRITTEN_NUMBER] < evidence.present:
        # "2,2" among whole numbers of a comma-separated file is likelier a list than a fraction.
        return doubt_number(typed, formats, evidence.of([Shape.WRITTEN_NUMBER]))
    texts = readings(number, values)
    return _held_exactly(replace(typed, number=number), values, texts, set(map(shape, texts)))


def _choose(formats: Sequence[NumberFormat], evidence: Evidence, values: Sequence[str]) -> NumberFormat | None:
    """The format in which the values are to be read; None when several read them differently."""
    if readings_agree(formats, values):
        return formats[0]
    # A comma inside a field that had to be quoted for it would be an odd decimal mark to choose.
    mark = evidence.decimal or ("." if evidence.delimiter == "," else "")
    fitting = [item for item in formats if item.decimal == mark]
    return fitting[0] if fitting and readings_agree(fitting, values) else None


def _plan_plain(typed: ColumnPlan, evidence: Evidence, values: Sequence[str]) -> ColumnPlan:
    grouped = NumberFormat(".", ",")
    if evidence.decimal == "," and evidence.weights[Shape.DECIMAL] and grouped in feasible_formats(values):
        # 1.234 is a thousand where the rest of the file has decimal commas.
        texts = readings(grouped, values)
        return _held_exactly(replace(typed, number=grouped), values, texts, set(map(shape, texts)))
    found = {item for item in NUMERIC if evidence.values.get(item)}
    return _with_meaning(_held_exactly(typed, values, values, found), values, evidence)


def _held_exactly(
    typed: ColumnPlan, values: Sequence[str], texts: Sequence[str], found: AbstractSet[Shape]
) -> ColumnPlan:
    """The narrowest type that holds each value exactly: int64, float64, decimal of 38 digits, or text.

    ``texts`` are the values in the plain form and ``found`` the shapes of these.
    """
    fractions = bool(found & {Shape.DECIMAL, Shape.LONG})
    long = [text for text in texts if len(text) > FLOAT64_SURE_DIGITS]
    # Among fractions a whole number beyond 64 bits is asked what they are asked, as the cast asks it of every cell.
    exact = Shape.LONG not in found and all(map(fits_float, long)) if fractions else Shape.BIG not in found
    if exact:
        return replace(typed, kind="number" if fractions else "integer")
    scale = decimal_scale(texts)
    if scale is not None:
        return replace(typed, kind="decimal", scale=scale)
    culprit = next((place for place, text in enumerate(texts) if not fits_float(text)), 0)
    return doubt_digits(replace(typed, number=None), typed.number, values[culprit], texts[culprit])


def decimal_scale(texts: Sequence[str]) -> int | None:
    """The decimals that hold all of these plain numbers, or None when 38 digits are not enough or one is in e-form."""
    whole = scale = 0
    for text in texts:
        if "e" in text or "E" in text:
            return None
        before, _mark, after = text.lstrip("+-").partition(".")
        whole, scale = max(whole, len(before.lstrip("0"))), max(scale, len(after))
    return scale if whole + scale <= DECIMAL_DIGITS else None


def _with_meaning(plan: ColumnPlan, values: Sequence[str], evidence: Evidence) -> ColumnPlan:
    """A year is more than a whole number, and -999 may be less than one."""
    if plan.kind == "integer" and _YEAR_NAMES.search(evidence.name) and all(map(_YEAR.match, values)):
        return replace(plan, kind="year")
    tokens = [value for value in values if value in _SENTINELS and value not in plan.missing]
    if not tokens or plan.kind not in {"integer", "number"}:
        return plan
    others = [float(value) for value in values if value not in tokens]
    low = min(others, default=0.0)
    # Among other numbers as far below zero it is a value like them.
    odd = [token for token in tokens if low >= 0 or float(token) < low * SENTINEL_DISTANCE]
    return ask_missing(plan, odd) if odd and others else plan


def _in_several_writings(plain: ColumnPlan, typed: ColumnPlan, evidence: Evidence) -> ColumnPlan:
    """No format fits all: because of the units, or because of the marks."""
    written = evidence.values.get(Shape.WRITTEN_NUMBER, {})
    units = Counter[str]()
    for value, count in written.items():
        units[unit_written(value)] += count
    if len(units) > 1 and "" not in units:
        formats = []
        for unit, _count in units.most_common(5):
            of_unit = [value for value in written if unit_written(value) == unit]
            formats += feasible_formats(of_unit)[:1]
        return doubt_units(typed, formats, next(iter(written)))
    value = next(iter(written))
    return replace(plain, remarks=(Remark("types-mixed", value, {"types": "numbers in several writings"}),))
