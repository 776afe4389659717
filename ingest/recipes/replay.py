"""How columns were read the last time, taken to the columns of this time; and what is asked when it does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from catalog.findings import Finding
from ingest.columns.cast import Caster
from ingest.columns.choices import apply_steps, blank, decided, steps_of
from ingest.columns.plan import ColumnPlan
from ingest.columns.questions import Option, Question
from ingest.outcome import RecipeStep


class Replay:
    """``reading`` has each column's steps (``ingest.recipes.recipe.Recipe``)."""

    def __init__(self, reading: Mapping[str, Sequence[RecipeStep]]) -> None:
        self._reading = reading
        self._before: dict[str, ColumnPlan] = {}
        self.findings: list[Finding] = []

    def take(self, plans: Sequence[ColumnPlan]) -> tuple[ColumnPlan, ...]:
        """The plans as the recipe has them; what it does not know is left to the values."""
        self.findings.clear()
        for name in sorted(set(self._reading) - {plan.name for plan in plans}):
            self.findings.append(Finding("recipe-column-absent", column=name))
        return tuple(self._take_column(plan) if plan.name in self._reading else plan for plan in plans)

    def _take_column(self, plan: ColumnPlan) -> ColumnPlan:
        if plan.native is not None:
            return plan
        before = apply_steps(blank(plan), self._reading[plan.name])
        self._before[plan.name] = before
        if replace(decided(plan), missing=()) == replace(before, missing=(), kept=(), was=""):
            # The values say the same: what is still open about the column stays open.
            return replace(plan, missing=before.missing, kept=before.kept, was=before.was)
        return replace(before, evidence=plan.evidence, semantic=plan.semantic)

    def ask(self, plans: Sequence[ColumnPlan], casters: Sequence[Caster | None]) -> list[Question]:
        """What only the owner can say: doubts about values, and columns that no longer read as they did.

        ``plans`` are those that held for every row. Each column that changed is one more of ``findings``.
        """
        questions = [plan.question for plan in plans if plan.question is not None]
        for plan, caster in zip(plans, casters, strict=True):
            before = self._before.get(plan.name)
            if before is None or before.kind == plan.kind or plan.declared is not None:
                continue
            value = plan.remarks[0].value if plan.remarks else None
            params = {"before": before.kind, "refused": caster.wrong if caster is not None else 0}
            self.findings.append(Finding("recipe-does-not-fit", column=plan.name, value=value, params=params))
            questions.append(_question_of(before, plan, value))
        return questions


def _question_of(before: ColumnPlan, now: ColumnPlan, value: str | None) -> Question:
    """Whether the column goes on as it reads now, or as it was read in the last version."""
    options = (
        Option("read-anew", {"type": now.kind}, _chosen(now)),
        Option("read-as-before", {"type": before.kind}, _chosen(before)),
    )
    return Question(before.name, "recipe-does-not-fit", value, options)


def _chosen(plan: ColumnPlan) -> tuple[RecipeStep, ...]:
    """The plan's steps, as the owner's word."""
    return steps_of(replace(plan, chosen=True))
