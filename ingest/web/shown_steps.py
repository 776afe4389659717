"""A recipe's step, and what a suggestion would do, as step 2 of Share data shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.web.report.recipe import Step, told
from ingest.outcome import RecipeStep
from ingest.recipes.edits import editable
from ingest.web.changes import exceptions_of

EXAMPLES_SHOWN = 50
"""Of a suggestion; the first three stand on the page, the others are one click away."""
EXAMPLES_OF_A_STEP = 3
NAMES_OF_A_STEP = 100


@dataclass(frozen=True, slots=True)
class ShownStep:
    """``place`` is among the recipe's steps; one that tells how the file was opened can't be undone.

    ``more`` are the columns that its words don't name any more; ``cells`` the first ones that it changed;
    ``exceptions`` the values that it leaves as they are: the value, how many cells in words, and what the button sends.
    """

    place: int
    can_undo: bool
    words: Step
    examples: tuple[tuple[str, str], ...]
    more: int
    cells: int
    exceptions: tuple[tuple[str, str, str], ...]


def shown_step(place: int, recipe: Sequence[RecipeStep]) -> ShownStep:
    """The step of that place, with what it changed as far as the recipe has kept it."""
    item = recipe[place]
    cells = [(before, "" if after is None else after) for _row, _line, before, after in item.get("cells") or ()]
    # Placeholders stand in the step's own words.
    told_apart = () if item["step"] == "read-as-missing" else tuple(dict.fromkeys(cells))
    words = told(item, with_values=True)
    return ShownStep(
        place=place,
        can_undo=editable(item) and not (item["step"] == "cast" and item.get("type") == "string"),
        words=replace(words, columns=words.columns[:NAMES_OF_A_STEP]),
        more=max(0, len(words.columns) - NAMES_OF_A_STEP),
        examples=(examples_of(item) or told_apart)[:EXAMPLES_OF_A_STEP],
        cells=len(cells),
        exceptions=exceptions_of(recipe, place),
    )


def examples_of(item: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pairs of before and after, as far as the step has any."""
    pairs: Sequence[Any] = item.get("examples") or ()
    if item["step"] == "spell" and not pairs:
        pairs = list((item.get("values") or {}).items())
    elif not pairs and isinstance(item.get("values"), list):
        pairs = [(value, "") for value in item["values"]]
    return tuple((_shown(before), _shown(after)) for before, after in pairs[:EXAMPLES_SHOWN])


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " | ".join("" if item is None else str(item) for item in value)
    return "" if value is None else str(value)
