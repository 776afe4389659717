"""A column's plan as recipe steps and back: what is inferred is written down, what is written down is replayed.

``apply_steps(blank(plan), steps_of(plan)) == decided(plan)`` holds for every plan, also after the steps went
through JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ingest.columns.plan import ARROW_TYPES, ColumnPlan
from ingest.outcome import RecipeStep
from ingest.writings.booleans import TRUE_FALSE, BooleanWords
from ingest.writings.dates import DateFormat, format_named
from ingest.writings.numbers import NumberFormat


class StepNotKnownError(ValueError):
    """A step that no plan of a column can follow: its name or one of its values is not known here."""


def blank(plan: ColumnPlan) -> ColumnPlan:
    """The column before anything was decided: text."""
    return ColumnPlan(plan.name, plan.source_name, declared=plan.declared, position=plan.position, native=plan.native)


def decided(plan: ColumnPlan) -> ColumnPlan:
    """The plan's decisions alone, without what is still open and what was remarked."""
    dates = plan.dates if plan.kind in {"date", "datetime"} else ()
    return replace(plan, dates=dates, watch="", standby=None, remarks=(), question=None)


def renamed(plan: ColumnPlan, name: str) -> ColumnPlan:
    """The plan of a column that is called otherwise; its question and standing type with it."""
    question = plan.question
    if question is not None:
        options = tuple(
            replace(item, steps=tuple({**step, "column": name} for step in item.steps)) for item in question.options
        )
        question = replace(question, column=name, options=options)
    standby = replace(plan.standby, name=name) if plan.standby is not None else None
    return replace(plan, name=name, question=question, standby=standby)


def steps_of(plan: ColumnPlan) -> tuple[RecipeStep, ...]:
    """The plan's decisions as recipe steps, in the order in which they are applied to a cell."""
    return tuple(_steps(plan))


def _steps(plan: ColumnPlan) -> Iterator[RecipeStep]:
    column = {"column": plan.name}
    if plan.trim:
        yield {"step": "trim", **column}
    if plan.digits:
        yield {"step": "read-foreign-digits", **column}
    if plan.missing or plan.kept:
        yield {"step": "read-as-missing", **column, "tokens": list(plan.missing), **kept_tokens(plan, plan.kept)}
    if plan.number is not None:
        yield {"step": "read-written-numbers", **column, **plan.number.describe(), **_unit(plan.number)}
    if plan.dates and plan.kind in {"date", "datetime"}:
        yield written_dates(plan.name, plan.dates)
    if plan.words != TRUE_FALSE:
        yield {"step": "read-truth-words", **column, **plan.words.describe()}
    if plan.native is None and (plan.kind != "string" or plan.chosen):
        scale = {"scale": plan.scale} if plan.kind == "decimal" else {"rounded": True} if plan.rounded else {}
        by = "schema" if plan.declared is not None else "owner" if plan.chosen else "values"
        yield {"step": "cast", **column, "type": plan.kind, **scale, "arrow": str(plan.arrow), "by": by}


def kept_tokens(plan: ColumnPlan, kept: Mapping[str, int] | Sequence[str]) -> dict[str, Any]:
    """What a step says of placeholders that are kept as values, alone or with how often each was met."""
    if not plan.kept:
        return {}
    return {"kept": kept if isinstance(kept, Mapping) else list(kept), **({"was": plan.was} if plan.was else {})}


def written_dates(column: str, formats: Sequence[DateFormat]) -> RecipeStep:
    """The step that reads a column's dates in these formats."""
    pivot = next(({"pivot": item.pivot} for item in formats if item.year_digits == 2), {})
    return {"step": "read-written-dates", "column": column, "formats": [item.name for item in formats], **pivot}


def _unit(number: NumberFormat) -> dict[str, str]:
    return {"unit": number.unit} if number.unit else {}


def apply_steps(plan: ColumnPlan, steps: Sequence[RecipeStep]) -> ColumnPlan:
    """The plan after the column's steps; those of other columns are passed over.

    Raises StepNotKnownError for a step or a value in it that is not known.
    """
    for step in steps:
        if step.get("column") != plan.name:
            continue
        apply = _APPLY.get(str(step.get("step")))
        if apply is None:
            raise StepNotKnownError(str(step.get("step")))
        try:
            plan = apply(plan, step)
        except (KeyError, TypeError, ValueError) as error:
            raise StepNotKnownError(f"{step.get('step')}: {error}") from error
    return plan


def answered(plan: ColumnPlan, steps: Sequence[RecipeStep]) -> ColumnPlan:
    """The plan after an option of its question was chosen: settled, with nothing left open.

    How the column was read before is forgotten, but for the white space and the missing values.
    """
    base = replace(blank(plan), missing=plan.missing, kept=plan.kept, trim=plan.trim, digits=plan.digits)
    return replace(apply_steps(base, steps), chosen=True)


def _cast(plan: ColumnPlan, step: RecipeStep) -> ColumnPlan:
    kind = step["type"]
    if kind != "decimal" and kind not in ARROW_TYPES:
        raise StepNotKnownError(kind)
    scale, rounded = int(step.get("scale", 0)), bool(step.get("rounded", False))
    return replace(plan, kind=kind, scale=scale, rounded=rounded, chosen=step.get("by") == "owner")


def _dates(plan: ColumnPlan, step: RecipeStep) -> ColumnPlan:
    formats = []
    for name in step["formats"]:
        found = format_named(name)
        if found is None:
            raise StepNotKnownError(name)
        formats.append(replace(found, pivot=int(step["pivot"])) if found.year_digits == 2 else found)
    return replace(plan, dates=tuple(formats))


def _missing(plan: ColumnPlan, step: RecipeStep) -> ColumnPlan:
    # A recipe has the tokens with how often each was met; an option has them alone. Both may come twice.
    kept = tuple(dict.fromkeys([*plan.kept, *step.get("kept", ())]))
    missing = dict.fromkeys(token for token in (*plan.missing, *step["tokens"]) if token not in kept)
    return replace(plan, missing=tuple(missing), kept=kept, was=str(step.get("was", plan.was)))


_APPLY: Mapping[str, Callable[[ColumnPlan, RecipeStep], ColumnPlan]] = MappingProxyType(
    {
        "trim": lambda plan, _step: replace(plan, trim=True),
        "read-foreign-digits": lambda plan, _step: replace(plan, digits=True),
        "read-as-missing": _missing,
        "read-written-numbers": lambda plan, step: replace(plan, number=NumberFormat.from_step(step)),
        "read-written-dates": _dates,
        "read-truth-words": lambda plan, step: replace(plan, words=BooleanWords.from_step(step)),
        "cast": _cast,
    }
)
