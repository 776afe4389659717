"""Choosing the type of a column of dates, times or durations."""

from __future__ import annotations

from dataclasses import replace

from ingest.columns.doubts import doubt_century, doubt_order, doubt_time
from ingest.columns.evidence import Evidence
from ingest.columns.plan import ColumnPlan, Kind, Remark, Watch
from ingest.writings.date_reading import DateReading, read_dates
from ingest.writings.dates import DateFormat
from ingest.writings.shapes import TEMPORAL, Shape
from ingest.writings.times import are_times_of_day


def plan_date(plain: ColumnPlan, typed: ColumnPlan, evidence: Evidence) -> ColumnPlan:
    """The column as dates or moments (``typed``), or as text (``plain``) with what stands against it."""
    shapes = {item for item in TEMPORAL if evidence.weights[item]}
    if Shape.WRITTEN_DATE not in shapes:
        if Shape.INSTANT in shapes and len(shapes) > 1:
            value = evidence.first(Shape.DATETIME, Shape.DATE)
            return _mixed(plain, value, "times with and without a zone")
        kind: Kind = "instant" if Shape.INSTANT in shapes else "datetime" if Shape.DATETIME in shapes else "date"
        return replace(typed, kind=kind)
    if Shape.INSTANT in shapes:
        return _mixed(plain, evidence.first(Shape.INSTANT), "dates in several writings")
    return _plan_written(plain, typed, evidence, shapes)


def _mixed(plain: ColumnPlan, value: str | None, types: str) -> ColumnPlan:
    return replace(plain, remarks=(Remark("types-mixed", value, {"types": types}),))


def _plan_written(plain: ColumnPlan, typed: ColumnPlan, evidence: Evidence, shapes: set[Shape]) -> ColumnPlan:
    iso = evidence.of(shapes & {Shape.DATE, Shape.DATETIME})
    reading: DateReading | None = read_dates([*evidence.of([Shape.WRITTEN_DATE]), *iso])
    if reading is None:
        return plain
    evidence.deciders = reading.deciders
    has_time = reading.has_time or Shape.DATETIME in shapes
    if reading.doubtful:
        doubtful = doubt_order(typed, reading.formats, reading.contradicted or reading.doubtful, has_time=has_time)
        watch: Watch = "" if evidence.whole or reading.contradicted else "order"
        return replace(doubtful, watch=watch, dates=reading.formats)
    if reading.century:
        watch = "" if evidence.whole else "order"
        doubtful = doubt_century(typed, reading.formats, reading.century, has_time=has_time)
        return replace(doubtful, watch=watch, dates=reading.formats)
    formats = reading.formats
    remarks: tuple[Remark, ...] = ()
    if len(formats) > 1:
        words = ", ".join(sorted({item.name for item in formats}))
        remarks = (Remark("date-formats-mixed", evidence.first(Shape.WRITTEN_DATE), {"formats": words}),)
    kind: Kind = "datetime" if has_time else "date"
    return replace(typed, kind=kind, dates=tuple(dict.fromkeys(formats)), remarks=remarks)


def plan_time(plain: ColumnPlan, typed: ColumnPlan, evidence: Evidence) -> ColumnPlan:
    """Times of day; in doubt whether they are, text. They are stored as text, so that nothing is refused."""
    values = evidence.of([Shape.TIME])
    if evidence.present > evidence.weights[Shape.TIME]:
        return plain
    return replace(typed, kind="time") if are_times_of_day(values) else doubt_time(typed, values[0])


def plan_month(plain: ColumnPlan, typed: ColumnPlan, evidence: Evidence) -> ColumnPlan:
    """Months of a year, unless all are as 2001-02: seasons and school years are written so."""
    values = evidence.of([Shape.MONTH])
    seasons = all((int(value[2:4]) + 1) % 100 == int(value[5:]) for value in values)
    if evidence.present > evidence.weights[Shape.MONTH]:
        return plain
    if seasons:
        return replace(plain, watch="" if evidence.whole else "words")
    return replace(typed, kind="yearmonth")


def plan_duration(plain: ColumnPlan, typed: ColumnPlan, evidence: Evidence) -> ColumnPlan:
    """Durations as ISO 8601 writes them."""
    whole = evidence.present == evidence.weights[Shape.DURATION]
    return replace(typed, kind="duration") if whole else plain


ISO = DateFormat("ymd", "-")
