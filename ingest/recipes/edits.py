"""Changing a recipe: a step more, a step less. Every edit gives a new list; what was stored stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.outcome import RecipeStep
from ingest.recipes.vocabulary import CLEANING, KEPT, READING, RecipeInvalidError, chosen_cast
from ingest.text.names import slug

Steps = list[RecipeStep]

TYPING = READING - {"trim", "read-as-missing", "read-foreign-digits"}
"""The steps that give a column its type."""


def editable(step: Mapping[str, Any]) -> bool:
    """Whether the step can be undone: the others only tell how the file was opened and written."""
    return step.get("step") in CLEANING or step.get("step") in READING


def with_steps(recipe: Sequence[RecipeStep], steps: Sequence[RecipeStep]) -> Steps:
    """The recipe with steps more. Cleaning comes after the cleaning that is there; how a column is to be read takes
    the place of how it was read. Raises RecipeInvalidError for a step that an owner can't add.
    """
    for step in steps:
        if not editable(step):
            raise RecipeInvalidError(f"There is no step {step.get('step', 'without a name')} that could be added.")
    kept = list(recipe)
    for step in steps:
        if step["step"] == "rename-columns":
            kept = _renamed(kept, _new_names(step))
    reread = {str(step.get("column")) for step in steps if step["step"] in TYPING}
    kept = [step for step in kept if not (step["step"] in TYPING and step.get("column") in reread)]
    cleaning = [dict(step) for step in steps if step["step"] in CLEANING]
    place = 1 + max((place for place, step in enumerate(kept) if _before_reading(step)), default=-1)
    return [*kept[:place], *cleaning, *kept[place:], *(dict(step) for step in steps if step["step"] in READING)]


def without_step(recipe: Sequence[RecipeStep], place: int) -> Steps:
    """The recipe without the step at ``place`` (from 0). A column that loses its type is text from then on.

    Raises RecipeInvalidError when there is no such step, or it can't be undone.
    """
    if not 0 <= place < len(recipe) or not editable(recipe[place]):
        raise RecipeInvalidError(f"Step {place + 1} can't be undone.")
    gone = recipe[place]
    left = [*recipe[:place], *recipe[place + 1 :]]
    if gone["step"] == "rename-columns":
        return _renamed(left, {new: old for old, new in _new_names(gone).items()})
    if gone["step"] in TYPING:
        column = str(gone["column"])
        left = [step for step in left if not (step["step"] in TYPING and step.get("column") == column)]
        left.append(chosen_cast(column, "string"))
    return left


def towards(recipe: Sequence[RecipeStep], wanted: Sequence[RecipeStep]) -> Steps:
    """The recipe with the steps that ``wanted`` has and it has not, and without those that ``wanted`` lacks.

    Raises RecipeInvalidError.
    """
    left: Steps = list(recipe)
    made: Steps = []
    while True:
        gone = (place for place, step in enumerate(left) if editable(step) and step not in wanted and step not in made)
        place = next(gone, None)
        if place is None:
            return with_steps(left, [step for step in wanted if step not in recipe])
        before = left
        left = without_step(before, place)
        made += [step for step in left if step not in before]


def _before_reading(step: RecipeStep) -> bool:
    return step["step"] not in READING and step["step"] not in {KEPT, "write-parquet"}


def _new_names(step: RecipeStep) -> dict[str, str]:
    """The names that columns have after a renaming, as the table will have them. Raises RecipeInvalidError."""
    try:
        return {str(old): slug(str(new)) for old, new in step["columns"]}
    except (KeyError, TypeError, ValueError) as error:
        raise RecipeInvalidError("A renaming takes pairs of the old and the new name.") from error


def _renamed(recipe: Sequence[RecipeStep], names: Mapping[str, str]) -> Steps:
    """The reading steps under the columns' new names; cleaning goes by the names that hold where it stands."""
    found: Steps = []
    for step in recipe:
        if step["step"] in READING and step.get("column") in names:
            found.append({**step, "column": names[step["column"]]})
        elif step["step"] == KEPT:
            found.append({**step, "columns": [names.get(name, name) for name in step["columns"]]})
        else:
            found.append(step)
    return found
