"""Choosing each column's type from its values, with reasons.

The choice is a claim about the whole file. The caster holds every cell against it afterwards and asks for
another type when the claim turns out wrong (``ingest.columns.cast``): that one is chosen here too, from the same values
and those that contradicted. So a sample and a full pass end where the whole file as sample would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ingest.columns.evidence import DISTINCT_LIMIT, Evidence, Sample
from ingest.columns.infer_dates import plan_date, plan_duration, plan_month, plan_time
from ingest.columns.infer_numbers import plan_number
from ingest.columns.plan import ColumnPlan, Remark
from ingest.limits import Limits
from ingest.semantics.detect import semantic_of
from ingest.text.names import ColumnName
from ingest.writings.booleans import words_for
from ingest.writings.missing import placeholders_in_text
from ingest.writings.shapes import NUMERIC, TEMPORAL, Shape

__all__ = [
    "DISTINCT_LIMIT",
    "Evidence",
    "Sample",
    "decimal_mark",
    "plan_again",
    "plan_columns",
    "plan_single",
    "tolerable",
]

# What a column may be. Whole numbers are numbers in the first place and days never.
GROUPS: Mapping[str, frozenset[Shape]] = {
    "boolean": frozenset({Shape.BOOLEAN, Shape.WORD}),
    "numeric": NUMERIC,
    "temporal": TEMPORAL,
    "time": frozenset({Shape.TIME}),
    "month": frozenset({Shape.MONTH}),
    "duration": frozenset({Shape.DURATION}),
}
_WORDS = {"boolean": "true/false", "numeric": "numbers", "temporal": "dates"}
_WRITTEN = frozenset({Shape.WRITTEN_NUMBER, Shape.WRITTEN_DATE})
# Doubts about how the values are written, not about what they are.
_ABOUT_WRITING = frozenset({"types-mixed", "date-order-doubtful", "number-format-doubtful", "units-mixed"})


def tolerable(misfits: int, total: int, limits: Limits) -> bool:
    """Whether so few cells do not fit a type that the type is right and the cells are wrong."""
    return misfits <= limits.misfit_share * total


def plan_columns(
    names: Sequence[ColumnName], samples: Sequence[Sample], *, delimiter: str, limits: Limits
) -> tuple[ColumnPlan, ...]:
    """A plan for each column. What one column settles (decimal comma, "NA") is evidence for the others."""
    evidence = [Evidence(sample, name.source_name) for name, sample in zip(names, samples, strict=True)]
    plans = [
        plan_again(ColumnPlan(name.name, name.source_name), item, limits)
        for name, item in zip(names, evidence, strict=True)
    ]
    decimal = decimal_mark(plans, evidence)
    for place, item in enumerate(evidence):
        item.decimal, item.delimiter = decimal, delimiter
        if item.weights[Shape.WRITTEN_NUMBER] or (decimal == "," and plans[place].kind == "number"):
            plans[place] = plan_again(plans[place], item, limits)
    spoken = sorted({token for plan in plans for token in plan.missing})
    for place, (sample, item) in enumerate(zip(samples, evidence, strict=True)):
        plan = replace(plans[place], semantic=semantic_of(plans[place], sample.counts))
        if plan.kind == "string" and spoken:
            plan = replace(plan, missing=placeholders_in_text(sample.counts, spoken, whole=item.whole))
        plans[place] = plan
    return tuple(plans)


def plan_single(plan: ColumnPlan, sample: Sample, limits: Limits) -> ColumnPlan:
    """Plan one column again from more of its values; what the other columns have settled is remembered."""
    evidence = Evidence(sample, plan.source_name)
    if plan.evidence is not None:
        evidence.decimal, evidence.delimiter = plan.evidence.decimal, plan.evidence.delimiter
    again = plan_again(plan, evidence, limits)
    return replace(again, semantic=semantic_of(again, sample.counts))


def plan_again(plan: ColumnPlan, evidence: Evidence, limits: Limits) -> ColumnPlan:
    """The plan that the evidence asks for. A pure function of it: nothing else of the old plan counts."""
    found = _plan_column(_blank(plan), evidence, limits)
    return replace(found, evidence=evidence.condensed(), semantic=plan.semantic)


def _blank(plan: ColumnPlan) -> ColumnPlan:
    bare = ColumnPlan(plan.name, plan.source_name, declared=plan.declared, position=plan.position, native=plan.native)
    return replace(bare, kept=plan.kept, was=plan.was)


def _plan_column(plan: ColumnPlan, evidence: Evidence, limits: Limits) -> ColumnPlan:
    if not evidence.present:
        return replace(plan, watch="" if evidence.whole else "empty")
    weights = {group: evidence.weight(shapes) for group, shapes in GROUPS.items()}
    group = max(weights, key=lambda key: weights[key])
    if not tolerable(evidence.present - weights[group], evidence.present, limits):
        return _with_standby(plan, evidence, group, weights, limits)
    if evidence.quoted and group != "temporal":
        return plan
    return _plan_group(plan, evidence, group, limits)


def _plan_group(plan: ColumnPlan, evidence: Evidence, group: str, limits: Limits) -> ColumnPlan:
    """The plan of a column of which all but a few values are of one group of shapes."""
    typed = replace(plan, missing=evidence.missing, trim=evidence.padded, digits=evidence.digits)
    choose = _PLANNERS[group]
    planned = choose(plan, typed, evidence)
    written = evidence.weight(_WRITTEN)
    minority = _WRITTEN if written * 2 <= evidence.present else GROUPS[group] - _WRITTEN
    odd = evidence.weight(minority)
    for_writing = planned.kind == "string" and any(remark.code in _ABOUT_WRITING for remark in planned.remarks)
    if not for_writing or not odd:
        return planned
    # So few odd writings among so many of the others are faults in the cells, no reason to give the type up.
    usual = choose(plan, typed, evidence.without(minority))
    if odd <= limits.odd_share * evidence.present:
        return usual
    # In the whole file they may be as few.
    stands_by = not evidence.whole and usual.kind != "string"
    return replace(planned, standby=replace(usual, evidence=evidence.condensed()) if stands_by else None)


def _plan_boolean(plain: ColumnPlan, typed: ColumnPlan, evidence: Evidence) -> ColumnPlan:
    values = evidence.of(GROUPS["boolean"])
    words = words_for(values)
    if words is None:
        # "yes" without a "no" is no answer to anything yet.
        return replace(plain, watch="" if evidence.whole else "words")
    return replace(typed, kind="boolean", words=words)


_PLANNERS: Mapping[str, Callable[[ColumnPlan, ColumnPlan, Evidence], ColumnPlan]] = {
    "boolean": _plan_boolean,
    "numeric": plan_number,
    "temporal": plan_date,
    "time": plan_time,
    "month": plan_month,
    "duration": plan_duration,
}


def _with_standby(
    plan: ColumnPlan, evidence: Evidence, group: str, weights: Mapping[str, int], limits: Limits
) -> ColumnPlan:
    """Text, with a remark when at least half of the values have a type and the rest do not.

    Where only a sample was seen, the rest may be few in the whole file: the type then stands by.
    """
    plan = replace(plan, remarks=_mixture(evidence, weights))
    if evidence.whole or evidence.quoted or weights[group] * 2 < evidence.present:
        return plan
    fitting = evidence.only({*GROUPS[group], Shape.MISSING})
    standby = _plan_group(replace(plan, remarks=()), fitting, group, limits)
    if standby.kind == "string":
        return plan
    return replace(plan, standby=replace(standby, evidence=fitting.condensed()))


def _mixture(evidence: Evidence, weights: Mapping[str, int]) -> tuple[Remark, ...]:
    found = [words for key, words in _WORDS.items() if weights[key] * 10 >= evidence.present]
    if not found or sum(weights.values()) * 2 < evidence.present:
        return ()
    rest = evidence.first(Shape.TEXT, Shape.FAULT)
    types = " and ".join([*found, "text"] if rest else found)
    return (Remark("types-mixed", rest, {"types": types}),) if rest or len(found) > 1 else ()


def decimal_mark(plans: Sequence[ColumnPlan], evidence: Sequence[Evidence]) -> str:
    """The decimal mark that the file's settled columns use; "" when none or both do."""
    marks: set[str] = set()
    for plan, item in zip(plans, evidence, strict=True):
        if plan.kind not in {"number", "decimal"}:
            continue
        if plan.number:
            marks.add(plan.number.decimal)
        elif any(len(value.rpartition(".")[2]) != 3 for value in item.values.get(Shape.DECIMAL, ())):
            marks.add(".")
    return marks.pop() if len(marks) == 1 else ""
