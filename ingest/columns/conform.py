"""Holding a file against a schema: whose types are then used instead of those that the values suggest."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from catalog.findings import Finding
from catalog.table_schema import Field, TableSchema
from ingest.columns.choices import renamed
from ingest.columns.infer import Sample, plan_single
from ingest.columns.plan import ColumnPlan, Kind
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.text.names import slug
from ingest.writings.booleans import TRUE_FALSE, BooleanWords, words_for, words_with
from ingest.writings.date_reading import read_dates
from ingest.writings.dates import FAMILIES, DateFormat
from ingest.writings.missing import PADDING, is_placeholder
from ingest.writings.numbers import feasible_formats
from ingest.writings.shapes import NUMERIC, Shape, shape

KINDS: Mapping[str, Kind] = {
    "string": "string",
    "integer": "integer",
    "year": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "yearmonth": "yearmonth",
    "duration": "duration",
}
_DECIMAL = re.compile(r"decimal128\(\d+, (\d+)\)$")


def conform(
    schema: TableSchema,
    plans: Sequence[ColumnPlan],
    samples: Sequence[Sample],
    limits: Limits,
    *,
    named: Collection[str] = (),
) -> tuple[tuple[ColumnPlan, ...], tuple[Finding, ...]]:
    """The plans in the schema's order and with its types, then the columns that it does not know.

    ``named`` are the names that the owner gave: the file's own word for such a column counts no more.
    Raises RejectionError (``schema-not-met``) when a required column is not in the file.
    """
    by_name = _columns_by_name(plans, named)
    missing: list[str] = []
    chosen: list[ColumnPlan] = []
    findings: list[Finding] = []
    used: set[int | None] = set()
    for item in schema.fields:
        plan = next(
            (by_name[key] for key in _keys(item) if key in by_name and by_name[key].position not in used),
            None,
        )
        if plan is None or plan.position is None:
            if item.constraints.required or item.name in schema.primary_key:
                missing.append(item.name)
            findings.append(Finding("column-absent", column=item.name))
            chosen.append(ColumnPlan(item.name, "", kind=KINDS.get(item.type, "string"), declared=item))
            continue
        used.add(plan.position)
        chosen.append(_declare(plan, item, schema, samples[plan.position], limits))
    if missing:
        raise RejectionError(Finding("schema-not-met", params={"missing": ", ".join(missing)}))
    taken = {plan.name for plan in chosen}
    for plan in plans:
        if plan.position not in used:
            name = plan.name if plan.name not in taken else f"{plan.name}_{(plan.position or 0) + 1}"
            chosen.append(renamed(plan, name))
            findings.append(Finding("column-not-in-schema", column=name, value=plan.source_name))
    return tuple(chosen), tuple(findings)


def _columns_by_name(plans: Sequence[ColumnPlan], named: Collection[str]) -> dict[str, ColumnPlan]:
    found = {plan.name: plan for plan in plans if plan.name in named}
    for plan in plans:
        if plan.name not in named:
            for key in (plan.source_name, plan.source_name.strip().casefold(), plan.name):
                found.setdefault(key, plan)
    return found


def _keys(item: Field) -> tuple[str, ...]:
    """Under which names a field may stand in a file, the surest first."""
    texts = [text for text in (item.source_name, item.name, item.title, *item.aliases) if text]
    return (*texts, *(text.casefold() for text in texts), *(slug(text) for text in texts))


def _declare(plan: ColumnPlan, item: Field, schema: TableSchema, sample: Sample, limits: Limits) -> ColumnPlan:
    tokens = item.missing_values if item.missing_values is not None else schema.missing_values
    missing = tuple(token for token in tokens if token)
    kind = KINDS.get(item.type)
    declared = replace(
        renamed(plan, item.name), declared=item, missing=missing, remarks=(), watch="", standby=None, question=None
    )
    if kind is None:
        return replace(renamed(plan, item.name), declared=item)
    if kind == "datetime" and ("tz=" in item.arrow or (not item.arrow and plan.kind == "instant")):
        kind = "instant"
    plain = replace(declared, kind=kind, number=None, dates=(), native=None)
    if plan.native is not None:
        return replace(declared, kind=kind) if plan.native == plain.arrow else plain
    plain = replace(plain, digits=plan.digits)
    if kind in {"integer", "number"}:
        return _declare_number(plain, plan, sample)
    if kind == "boolean":
        return replace(plain, words=_words(plan, sample), trim=plan.trim)
    if kind in {"date", "datetime"}:
        return _declare_dates(plain, plan, sample, limits)
    return replace(plain, trim=plan.trim and kind != "string")


def _declare_number(plan: ColumnPlan, inferred: ColumnPlan, sample: Sample) -> ColumnPlan:
    """Exactly as many decimals as the schema's Arrow type has, or as the values need where it names none."""
    if inferred.number is not None:
        plan = replace(plan, number=inferred.number, trim=inferred.trim)
    else:
        values = [text for value in sample.counts if shape(text := value.strip(PADDING)) in NUMERIC]
        written = any(shape(value) is Shape.WRITTEN_NUMBER for value in values)
        padded = any(value != value.strip(PADDING) for value in sample.counts)
        formats = feasible_formats(values) if written else []
        plan = replace(plan, number=formats[0] if formats else None, trim=padded)
    arrow = plan.declared.arrow if plan.declared is not None else ""
    if decimals := _DECIMAL.match(arrow):
        return replace(plan, kind="decimal", scale=int(decimals[1]))
    if not arrow and inferred.kind == "decimal" and (plan.kind == "number" or not inferred.scale):
        return replace(plan, kind="decimal", scale=inferred.scale)
    return plan


def _words(inferred: ColumnPlan, sample: Sample) -> BooleanWords:
    """The truth words of the values; of one alone too, as the schema says that it is one."""
    if inferred.kind == "boolean":
        return inferred.words
    present = [value.strip(PADDING) for value in sample.counts if not is_placeholder(value)]
    return words_for(present) or words_with(present) or TRUE_FALSE


def _declare_dates(plan: ColumnPlan, inferred: ColumnPlan, sample: Sample, limits: Limits) -> ColumnPlan:
    """By the field's own format if it names one; else as the values say, and as text while they don't."""
    item = plan.declared
    if item is not None and (named := _format_named(item.format)):
        return replace(plan, dates=named)
    written = [text for value in sample.counts if shape(text := value.strip(PADDING)) is Shape.WRITTEN_DATE]
    if not written:
        return replace(plan, trim=inferred.trim)
    reading = read_dates(written)
    if reading is None:
        return plan
    if reading.doubtful or reading.century:
        doubtful = plan_single(inferred, sample, limits)
        return replace(renamed(doubtful, plan.name), declared=None, watch="")
    return replace(plan, dates=(*reading.formats, DateFormat("ymd", "-")))


def _format_named(text: str) -> tuple[DateFormat, ...]:
    """The format that strptime's letters name, with or without a time of day behind it."""
    wanted = text.replace("%B", "%b").split(" %H")[0].split("T%H")[0].split(" %I")[0]
    choices = [*FAMILIES, *(replace(item, order="mdy") for item in FAMILIES if item.order == "dmy")]
    return tuple(item for item in choices if item.name == wanted)[:1]


def bind(plans: Sequence[ColumnPlan], native: Sequence[object]) -> tuple[ColumnPlan, ...]:
    """Plans that know their place in the original and the type in which they come."""
    pairs = enumerate(zip(plans, native, strict=True))
    return tuple(replace(plan, position=place, native=kind) for place, (plan, kind) in pairs)
