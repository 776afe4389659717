"""Choosing each column's type from a sample of its values, with reasons.

The choice is a claim about the whole file. The caster holds every cell against it afterwards and asks for a
wider type when the claim turns out wrong (``ingest.cast``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

from ingest.dates import DateFormat, DateReading, family_of, read_dates
from ingest.limits import Limits
from ingest.missing import PADDING, placeholders_in_text
from ingest.names import ColumnName
from ingest.numbers import NumberFormat, feasible_formats, readings_agree
from ingest.plan import ColumnPlan, Kind, Remark, Watch
from ingest.shapes import NUMERIC, TEMPORAL, Shape, shape

DISTINCT_LIMIT = 50_000
TEXT_AFTER = 300


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of one column with how often each stands. ``whole`` when they are all the column's values.

    ``quoted`` when the format has numbers of its own and every value here was written as a text all the same:
    then it stays text, unless it is a date (JSON has none).
    """

    counts: Mapping[str, int]
    whole: bool
    quoted: bool = False


class _Evidence:
    """One column's sample, sorted by shape."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.weights: Counter[Shape] = Counter()
        self.values: dict[Shape, list[str]] = {}
        self.padded = False
        for place, (raw, count) in enumerate(sample.counts.items()):
            if place == TEXT_AFTER and self.weights[Shape.TEXT] * 2 > self.weights.total():
                # A column of texts: the other values would change nothing, and texts take longest to look at.
                self.weights[Shape.TEXT] += sum(sample.counts.values()) - self.weights.total()
                break
            value = raw.strip(PADDING)
            kind = shape(value)
            self.weights[kind] += count
            self.values.setdefault(kind, []).append(value)
            self.padded = self.padded or (value != raw and kind is not Shape.TEXT)
        self.present = sum(self.weights.values()) - self.weights[Shape.MISSING]
        self._read_compact_dates()

    def _read_compact_dates(self) -> None:
        """20071116 is a number, unless the column is otherwise one of dates."""
        temporal = self.weight(TEMPORAL)
        compact = [value for value in self.values.get(Shape.INTEGER, ()) if family_of(value)]
        weight = sum(self.sample.counts.get(value, 0) for value in compact)
        if compact and weight == self.weights[Shape.INTEGER] and temporal > weight:
            self.weights[Shape.WRITTEN_DATE] += weight
            self.values.setdefault(Shape.WRITTEN_DATE, []).extend(compact)
            del self.weights[Shape.INTEGER], self.values[Shape.INTEGER]

    def weight(self, shapes: Iterable[Shape]) -> int:
        return sum(self.weights[item] for item in shapes)

    def of(self, shapes: Iterable[Shape]) -> list[str]:
        return [value for item in sorted(shapes, key=lambda x: x.value) for value in self.values.get(item, ())]

    def without(self, shapes: Iterable[Shape]) -> _Evidence:
        """The same evidence less the values of some shapes."""
        left = copy(self)
        left.weights = Counter({item: weight for item, weight in self.weights.items() if item not in shapes})
        left.values = {item: values for item, values in self.values.items() if item not in shapes}
        return left

    def first(self, *shapes: Shape) -> str | None:
        return next((self.values[item][0] for item in shapes if self.values.get(item)), None)


def _is_for_writing(plan: ColumnPlan) -> bool:
    """Whether the column stayed text for the way in which some of its values are written."""
    return any(
        remark.code in {"types-mixed", "date-order-doubtful", "number-format-doubtful"} for remark in plan.remarks
    )


def tolerable(misfits: int, total: int, limits: Limits) -> bool:
    """Whether so few cells do not fit a type that the type is right and the cells are wrong."""
    return misfits <= limits.misfit_share * total


def plan_columns(
    names: Sequence[ColumnName], samples: Sequence[Sample], *, delimiter: str, limits: Limits
) -> tuple[ColumnPlan, ...]:
    """A plan for each column. What one column settles (decimal comma, "NA") is evidence for the others."""
    evidence = [_Evidence(sample) for sample in samples]
    plans = [
        _plan_column(ColumnPlan(name.name, name.source_name), item, limits)
        for name, item in zip(names, evidence, strict=True)
    ]
    decimal = _decimal_mark(plans, evidence)
    plans = [_settle_number(plan, item, decimal, delimiter) for plan, item in zip(plans, evidence, strict=True)]
    spoken = sorted({token for plan in plans for token in plan.missing})
    return tuple(
        replace(plan, missing=placeholders_in_text(item.sample.counts, spoken))
        if plan.kind == "string" and spoken
        else plan
        for plan, item in zip(plans, evidence, strict=True)
    )


def plan_single(plan: ColumnPlan, sample: Sample, limits: Limits) -> ColumnPlan:
    """Plan one column again from more of its values, without the evidence of the others."""
    evidence = _Evidence(sample)
    return _settle_number(_plan_column(plan, evidence, limits), evidence, "", "")


def _plan_column(plan: ColumnPlan, evidence: _Evidence, limits: Limits) -> ColumnPlan:
    plan = replace(plan, kind="string", remarks=(), watch="")
    if not evidence.present:
        return replace(plan, watch="" if evidence.sample.whole else "empty")
    weights = {
        "boolean": evidence.weight([Shape.BOOLEAN]),
        "numeric": evidence.weight(NUMERIC),
        "temporal": evidence.weight(TEMPORAL),
    }
    group = max(weights, key=lambda key: weights[key])
    if not tolerable(evidence.present - weights[group], evidence.present, limits):
        return replace(plan, remarks=_mixture(evidence, weights))
    if evidence.sample.quoted and group != "temporal":
        return plan
    typed = replace(plan, missing=_tokens(evidence), trim=evidence.padded)
    if group == "boolean":
        return replace(typed, kind="boolean")
    planned = (_plan_number if group == "numeric" else _plan_date)(plan, typed, evidence)
    odd = evidence.weight({Shape.WRITTEN_NUMBER, Shape.WRITTEN_DATE})
    if planned.kind == "string" and _is_for_writing(planned) and 0 < odd <= limits.odd_share * evidence.present:
        # So few odd writings among so many plain ones are faults in the cells, no reason to give the type up.
        again = _plan_number if group == "numeric" else _plan_date
        return again(plan, typed, evidence.without({Shape.WRITTEN_NUMBER, Shape.WRITTEN_DATE}))
    return planned


def _tokens(evidence: _Evidence) -> tuple[str, ...]:
    return tuple(sorted(value for value in evidence.values.get(Shape.MISSING, ()) if value))


def _mixture(evidence: _Evidence, weights: Mapping[str, int]) -> tuple[Remark, ...]:
    """A remark when at least half of the values have a type and the rest do not."""
    words = {"boolean": "true/false", "numeric": "numbers", "temporal": "dates"}
    found = [words[key] for key, weight in weights.items() if weight * 10 >= evidence.present]
    if not found or sum(weights.values()) * 2 < evidence.present:
        return ()
    rest = evidence.first(Shape.TEXT, Shape.FAULT)
    types = " and ".join([*found, "text"] if rest else found)
    return (Remark("types-mixed", rest, {"types": types}),) if rest or len(found) > 1 else ()


def _plan_number(plain: ColumnPlan, typed: ColumnPlan, evidence: _Evidence) -> ColumnPlan:
    if zeros := evidence.first(Shape.ZEROS):
        return replace(plain, remarks=(Remark("identifiers-kept-as-text", zeros),))
    if long := evidence.first(Shape.BIG, Shape.LONG):
        return replace(plain, remarks=(Remark("number-not-exact", long),))
    if not evidence.weights[Shape.WRITTEN_NUMBER]:
        return replace(typed, kind="number" if evidence.weights[Shape.DECIMAL] else "integer")
    values = evidence.of(NUMERIC)
    formats = feasible_formats(values)
    if not formats:
        return replace(plain, remarks=(Remark("types-mixed", values[-1], {"types": "numbers in several writings"}),))
    if readings_agree(formats, values):
        return _with_format(typed, formats[0], values)
    # Left open for _settle_number, which knows the other columns.
    return replace(
        plain, missing=typed.missing, trim=typed.trim, remarks=(Remark("number-format-doubtful", values[0]),)
    )


def _with_format(plan: ColumnPlan, number: NumberFormat, values: Sequence[str]) -> ColumnPlan:
    whole = not any(number.decimal in number_body(number, value) for value in values)
    return replace(plan, kind="integer" if whole else "number", number=number, remarks=())


def number_body(number: NumberFormat, value: str) -> str:
    """The value without its thousands marks, so that what is left of the decimal mark can be looked for."""
    return value.replace(number.thousands, "") if number.thousands else value


def _decimal_mark(plans: Sequence[ColumnPlan], evidence: Sequence[_Evidence]) -> str:
    """The decimal mark that the file's settled columns use; "" when none or both do."""
    marks: set[str] = set()
    for plan, item in zip(plans, evidence, strict=True):
        if plan.kind != "number":
            continue
        if plan.number:
            marks.add(plan.number.decimal)
        elif any(len(value.rpartition(".")[2]) != 3 for value in item.values.get(Shape.DECIMAL, ())):
            marks.add(".")
    return marks.pop() if len(marks) == 1 else ""


def _settle_number(plan: ColumnPlan, evidence: _Evidence, decimal: str, delimiter: str) -> ColumnPlan:
    """Choose between 1,234 as a thousand and as one point two by what the rest of the file does."""
    doubtful = any(remark.code == "number-format-doubtful" for remark in plan.remarks)
    values = evidence.of(NUMERIC)
    if plan.kind == "number" and plan.number is None and decimal == ",":
        grouped = NumberFormat(".", ",")
        if grouped in feasible_formats(values):
            return _with_format(plan, grouped, values)
        return plan
    if plan.number and plan.number.decimal == delimiter == "," and not _mostly_written(evidence):
        # "2,2" among whole numbers of a comma-separated file is likelier a list than a fraction.
        remark = Remark("number-format-doubtful", evidence.first(Shape.WRITTEN_NUMBER))
        return replace(plan, kind="string", number=None, missing=(), trim=False, remarks=(remark,))
    if not doubtful:
        return plan
    # A comma inside a field that had to be quoted for it would be an odd decimal mark to choose.
    mark = decimal or ("." if delimiter == "," else "")
    fitting = [item for item in feasible_formats(values) if item.decimal == mark]
    if not fitting or not readings_agree(fitting, values):
        return replace(plan, missing=(), trim=False)
    return _with_format(plan, fitting[0], values)


def _mostly_written(evidence: _Evidence) -> bool:
    return evidence.weights[Shape.WRITTEN_NUMBER] * 2 >= evidence.weight(NUMERIC)


def _plan_date(plain: ColumnPlan, typed: ColumnPlan, evidence: _Evidence) -> ColumnPlan:
    shapes = {item for item in TEMPORAL if evidence.weights[item]}
    if Shape.WRITTEN_DATE not in shapes:
        if Shape.INSTANT in shapes and len(shapes) > 1:
            remark = Remark(
                "types-mixed",
                evidence.first(Shape.DATETIME, Shape.DATE),
                {"types": "times with and without a zone"},
            )
            return replace(plain, remarks=(remark,))
        kind: Kind = "instant" if Shape.INSTANT in shapes else "datetime" if Shape.DATETIME in shapes else "date"
        return replace(typed, kind=kind)
    if Shape.INSTANT in shapes:
        return replace(
            plain,
            remarks=(Remark("types-mixed", evidence.first(Shape.INSTANT), {"types": "dates in several writings"}),),
        )
    return _plan_written_date(plain, typed, evidence, shapes)


def _plan_written_date(plain: ColumnPlan, typed: ColumnPlan, evidence: _Evidence, shapes: set[Shape]) -> ColumnPlan:
    reading: DateReading | None = read_dates(evidence.of([Shape.WRITTEN_DATE]))
    if reading is None:
        return plain
    if reading.doubtful:
        remark = Remark("date-order-doubtful", reading.doubtful)
        watch: Watch = "" if evidence.sample.whole else "order"
        return replace(plain, watch=watch, remarks=(remark,), dates=reading.formats)
    formats = reading.formats
    if shapes & {Shape.DATE, Shape.DATETIME}:
        formats = (*formats, DateFormat("ymd", "-"))
    remarks: tuple[Remark, ...] = ()
    if len(set(formats)) > 1:
        words = ", ".join(sorted({item.name for item in formats}))
        remarks = (Remark("date-formats-mixed", evidence.first(Shape.WRITTEN_DATE), {"formats": words}),)
    kind: Kind = "datetime" if reading.has_time or Shape.DATETIME in shapes else "date"
    return replace(typed, kind=kind, dates=tuple(dict.fromkeys(formats)), remarks=remarks)
