"""The doubts that a column's values leave, as remarks for the report and questions for the owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import Any

import pyarrow as pa

from ingest.columns.choices import steps_of, written_dates
from ingest.columns.plan import ColumnPlan, Kind, Remark
from ingest.columns.questions import Option, Question
from ingest.outcome import RecipeStep
from ingest.recipes.vocabulary import chosen_cast
from ingest.writings.date_reading import PIVOTS
from ingest.writings.dates import DateFormat, swapped
from ingest.writings.numbers import NumberFormat, readings
from ingest.writings.times import canonical_time


def doubt(typed: ColumnPlan, code: str, value: str | None, options: Iterable[Option], **params: Any) -> ColumnPlan:
    """The column as text, with a remark and the question of the same code.

    ``typed`` is what is settled about the column all the same (white space, missing values); each option's steps
    begin with it, so that they are all that the column needs.
    """
    before = steps_of(typed)
    keep = Option("keep-text", {}, (chosen_cast(typed.name, "string"),))
    answers = (replace(item, steps=(*before, *item.steps)) for item in options)
    question = Question(typed.name, code, value, (keep, *answers))
    plain = replace(typed, missing=(), trim=False, digits=False)
    return replace(plain, remarks=(Remark(code, value, params),), question=question)


def doubt_order(plan: ColumnPlan, formats: Sequence[DateFormat], value: str, *, has_time: bool) -> ColumnPlan:
    """Day or month first?"""
    kind: Kind = "datetime" if has_time else "date"
    day_first = [swapped(item) if item.order == "mdy" and not item.named else item for item in formats]
    month_first = [swapped(item) if item.order == "dmy" else item for item in formats]
    options = [
        _date_option(plan.name, code, value, chosen, kind)
        for code, chosen in (("day-first", day_first), ("month-first", month_first))
    ]
    return doubt(plan, "date-order-doubtful", value, options)


def doubt_century(plan: ColumnPlan, formats: Sequence[DateFormat], value: str, *, has_time: bool) -> ColumnPlan:
    """In which century?"""
    kind: Kind = "datetime" if has_time else "date"
    options = []
    for code, pivot in zip(("years-posix", "years-1900", "years-2000"), PIVOTS, strict=True):
        chosen = [replace(item, pivot=pivot) if item.year_digits == 2 else item for item in formats]
        options.append(_date_option(plan.name, code, value, chosen, kind))
    return doubt(plan, "century-doubtful", value, options)


def _date_option(column: str, code: str, value: str, formats: Sequence[DateFormat], kind: Kind) -> Option:
    reading = _reading(value, formats)
    steps = (written_dates(column, formats), chosen_cast(column, kind))
    return Option(code, {"value": value, "reading": reading}, steps)


def _reading(value: str, formats: Sequence[DateFormat]) -> str:
    """The value in the first of the formats that it has, a dash where it is no day in that."""
    text = pa.array([value], pa.string())
    for item in formats:
        if found := item.canonical(text)[0].as_py():
            try:
                return (
                    str(datetime.fromisoformat(found).isoformat()) if "T" in found else str(date.fromisoformat(found))
                )
            except ValueError:
                continue
    return "–"


def doubt_number(plan: ColumnPlan, formats: Sequence[NumberFormat], values: Sequence[str]) -> ColumnPlan:
    """Thousands or decimals? One option for each decimal mark that fits all values."""
    found = [
        (code, number, readings(number, values))
        for code, mark in (("decimal-point", "."), ("decimal-comma", ","))
        if (number := next((item for item in formats if item.decimal == mark), None)) is not None
    ]
    shown = next((place for place, *plain in zip(count(), *(item[2] for item in found)) if len(set(plain)) > 1), 0)
    options = []
    for code, number, plain in found:
        kind: Kind = "number" if any("." in text for text in plain) else "integer"
        params = {"value": values[shown], "reading": plain[shown]}
        options.append(Option(code, params, (_number_step(plan.name, number), chosen_cast(plan.name, kind))))
    return doubt(plan, "number-format-doubtful", values[shown], options)


def doubt_units(plan: ColumnPlan, formats: Sequence[NumberFormat], value: str) -> ColumnPlan:
    """Several units in one column: one option for each, the most frequent first."""
    options = [
        Option(
            "with-unit",
            {"unit": item.unit},
            (_number_step(plan.name, item), chosen_cast(plan.name, "number")),
        )
        for item in formats
    ]
    units = ", ".join(dict.fromkeys(item.unit for item in formats))
    return doubt(plan, "units-mixed", value, options, units=units)


def doubt_digits(plan: ColumnPlan, number: NumberFormat | None, value: str, plain: str) -> ColumnPlan:
    """More digits than any number type holds: text, or rounded if the owner says so."""
    steps = [chosen_cast(plan.name, "number", rounded=True)]
    if number is not None:
        steps.insert(0, _number_step(plan.name, number))
    option = Option("round-to-float", {"value": value, "reading": str(float(plain))}, tuple(steps))
    return doubt(plan, "number-not-exact", value, (option,))


def doubt_time(plan: ColumnPlan, value: str) -> ColumnPlan:
    """A time of day, or minutes and seconds?"""
    reading = canonical_time(pa.array([value], pa.string()))[0].as_py()
    option = Option("time-of-day", {"value": value, "reading": reading}, (chosen_cast(plan.name, "time"),))
    return doubt(plan, "time-doubtful", value, (option,))


def ask_missing(plan: ColumnPlan, tokens: Sequence[str]) -> ColumnPlan:
    """The column as it is, and the question whether the odd values in it mean that there is none."""
    shown = ", ".join(tokens)
    *before, cast = steps_of(replace(plan, chosen=True))
    missing: RecipeStep = {"step": "read-as-missing", "column": plan.name, "tokens": list(tokens)}
    options = (
        Option("keep-values", {"tokens": shown}, (*before, cast)),
        Option("read-as-missing", {"tokens": shown}, (*before, missing, cast)),
    )
    remark = Remark("missing-value-doubtful", tokens[0], {"tokens": shown})
    question = Question(plan.name, "missing-value-doubtful", tokens[0], options)
    return replace(plan, remarks=(*plan.remarks, remark), question=question)


def _number_step(column: str, number: NumberFormat) -> RecipeStep:
    unit = {"unit": number.unit} if number.unit else {}
    return {"step": "read-written-numbers", "column": column, **number.describe(), **unit}
