"""Values that a step is not to change: kept as they are, counted, and given up again.

A cleaning step calls them ``spared``; the step that reads placeholders as missing has them as ``kept``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.outcome import RecipeStep
from ingest.recipes.edits import TYPING, Steps
from ingest.recipes.vocabulary import CELL_STEPS, KEPT, READING, RecipeInvalidError, chosen_cast
from ingest.writings.missing import is_placeholder

_NUMERIC = frozenset({"integer", "number", "decimal", "year"})


def can_spare(step: Mapping[str, Any]) -> bool:
    """Whether the step changes values one by one, so that it can leave some as they are."""
    return step.get("step") in CELL_STEPS or step.get("step") == "read-as-missing"


def spared(step: Mapping[str, Any]) -> dict[str, int | None]:
    """The values that the step leaves as they are, with how many cells hold them: None where nobody has counted."""
    counts = step.get("kept") or {}
    values = step.get("spared") or counts
    return {str(value): counts.get(value) if isinstance(counts, Mapping) else None for value in values}


def keep(recipe: Sequence[RecipeStep], place: int, value: str) -> Steps:
    """The recipe with one more value that the step at ``place`` (from 0) leaves as it is.

    A placeholder that is to stay in a column of another type makes it text: a dash is no number.
    Raises RecipeInvalidError.
    """
    step = _step(recipe, place)
    if step["step"] in CELL_STEPS:
        return _with(recipe, place, {**step, "spared": list(dict.fromkeys([*spared(step), value]))})
    if value not in step["tokens"]:
        raise RecipeInvalidError(f"“{value}” is not read as missing in {step['column']}.")
    tokens = [token for token in step["tokens"] if token != value]
    found = {**step, "tokens": tokens, "kept": [*spared(step), value]}
    if not becomes_text(recipe, step, value):
        return _with(recipe, place, found)
    left = _with(recipe, place, {**found, "was": _kind(recipe, step)})
    left = [item for item in left if not (item["step"] in TYPING and _is_of(item, step))]
    return [*left, chosen_cast(str(step["column"]), "string")]


def becomes_text(recipe: Sequence[RecipeStep], step: Mapping[str, Any], value: str) -> bool:
    """Whether the column has to become text for the value to stay: -9999 is a number too, a dash is none."""
    kind = _kind(recipe, step)
    return step["step"] == "read-as-missing" and kind != "string" and (kind not in _NUMERIC or is_placeholder(value))


def give_up(recipe: Sequence[RecipeStep], place: int, value: str) -> Steps:
    """The recipe in which the step at ``place`` changes the value again. Raises RecipeInvalidError."""
    step = _step(recipe, place)
    left = [item for item in spared(step) if item != value]
    if len(left) == len(spared(step)):
        raise RecipeInvalidError(f"“{value}” is no value that step {place + 1} leaves as it is.")
    if step["step"] in CELL_STEPS:
        return _with(recipe, place, {**step, "spared": left})
    if "was" in step and not left:
        return _by_values(recipe, str(step["column"]))
    return _with(recipe, place, {**step, "tokens": [*step["tokens"], value], "kept": left})


def _by_values(recipe: Sequence[RecipeStep], column: str) -> Steps:
    """The recipe without a word of how the column is read: its values say so again."""
    found: Steps = []
    for item in recipe:
        if item["step"] == KEPT:
            found.append({**item, "columns": [name for name in item["columns"] if name != column]})
        elif item["step"] not in READING or item.get("column") != column:
            found.append(item)
    return found


def _step(recipe: Sequence[RecipeStep], place: int) -> RecipeStep:
    step = recipe[place] if 0 <= place < len(recipe) else {}
    if not can_spare(step):
        raise RecipeInvalidError(f"Step {place + 1} changes no values that could be kept.")
    return step


def _kind(recipe: Sequence[RecipeStep], step: Mapping[str, Any]) -> str:
    """The type that the step's column is read as."""
    return next((str(item["type"]) for item in recipe if item["step"] == "cast" and _is_of(item, step)), "string")


def _is_of(item: Mapping[str, Any], step: Mapping[str, Any]) -> bool:
    return bool(item.get("column") == step["column"])


def _with(recipe: Sequence[RecipeStep], place: int, step: RecipeStep) -> Steps:
    return [*recipe[:place], step, *recipe[place + 1 :]]
