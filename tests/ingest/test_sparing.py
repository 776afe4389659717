"""A value that a change leaves as it is: stored in the step, counted, taken to the next file, given up again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingest.recipes import sparing
from ingest.recipes.edits import with_steps
from ingest.recipes.vocabulary import RecipeInvalidError
from tests.ingest.result import Result

Ingest = Callable[..., Result]
TEXT = "id,mass,grade,place\n" + "".join(
    f"{n},{('-', '—', '12', '13')[n % 4]},{('A', '-', 'b ', 'B')[n % 4]}{n % 2 or ''},{(' x', ' y')[n % 2]}\n"
    for n in range(1, 41)
).replace("-1,", "-,")


def recipe_of(result: Result) -> list[dict[str, Any]]:
    return json.loads(json.dumps(result.resource.recipe))


def place_of(recipe: list[dict[str, Any]], step: str, column: str) -> int:
    [place] = [place for place, item in enumerate(recipe) if item["step"] == step and item.get("column") == column]
    return place


def column(result: Result, name: str) -> list[Any]:
    return [row[name] for row in result.rows]


def test_a_dash_stays_in_a_column_of_text(ingest: Ingest) -> None:
    first = ingest(TEXT)
    before = recipe_of(first)
    place = place_of(before, "read-as-missing", "grade")
    assert before[place]["tokens"] == {"-": 10}
    assert not sparing.becomes_text(before, before[place], "-")
    second = ingest(TEXT, recipes={"": sparing.keep(before, place, "-")})
    assert column(second, "grade").count("-") == 10
    step = recipe_of(second)[place_of(recipe_of(second), "read-as-missing", "grade")]
    assert (step["tokens"], step["kept"], step["count"]) == ({}, {"-": 10}, 0)
    assert column(second, "mass") == column(first, "mass"), "elsewhere it means missing as before"
    # The next file is read the same way, and says how often it met the value.
    third = ingest(TEXT + "41,12,-,z\n", recipes={"": recipe_of(second)})
    step = recipe_of(third)[place_of(recipe_of(third), "read-as-missing", "grade")]
    assert step["kept"] == {"-": 11}
    back = sparing.give_up(recipe_of(second), place_of(recipe_of(second), "read-as-missing", "grade"), "-")
    assert recipe_of(ingest(TEXT, recipes={"": back})) == before


def test_a_dash_that_stays_in_a_column_of_numbers_makes_it_text_until_it_is_given_up(ingest: Ingest) -> None:
    first = ingest(TEXT)
    before = recipe_of(first)
    place = place_of(before, "read-as-missing", "mass")
    assert sparing.becomes_text(before, before[place], "-")
    second = ingest(TEXT, recipes={"": sparing.keep(before, place, "-")})
    assert (first.types["mass"], second.types["mass"]) == ("int64", "string")
    assert set(column(second, "mass")) == {"-", None, "12", "13"}, "the other placeholder is still missing"
    after = recipe_of(second)
    assert recipe_of(ingest(TEXT, recipes={"": after})) == after
    back = sparing.give_up(after, place_of(after, "read-as-missing", "mass"), "-")
    third = ingest(TEXT, recipes={"": back})
    assert (recipe_of(third), third.rows) == (before, first.rows)


def test_a_number_that_was_read_as_missing_is_a_number_again(ingest: Ingest) -> None:
    text = "depth\n" + "".join(f"{n % 7 if n % 5 else -9999}\n" for n in range(50))
    first = ingest(text)
    [question] = first.resource.questions
    steps = next(item["steps"] for item in question["options"] if item["code"] == "read-as-missing")
    second = ingest(text, recipes={"": with_steps(recipe_of(first), steps)})
    assert column(second, "depth").count(None) == 10
    recipe = recipe_of(second)
    place = place_of(recipe, "read-as-missing", "depth")
    assert not sparing.becomes_text(recipe, recipe[place], "-9999")
    third = ingest(text, recipes={"": sparing.keep(recipe, place, "-9999")})
    assert column(third, "depth").count(-9999) == 10
    assert sparing.spared(recipe_of(third)[place_of(recipe_of(third), "read-as-missing", "depth")]) == {"-9999": 10}


def test_a_cleaning_step_spares_a_value(ingest: Ingest) -> None:
    first = ingest(TEXT)
    recipe = with_steps(recipe_of(first), [{"step": "trim-text", "column": "place"}])
    place = place_of(recipe, "trim-text", "place")
    second = ingest(TEXT, recipes={"": sparing.keep(sparing.keep(recipe, place, " x"), place, " x")})
    assert set(column(second, "place")) == {" x", "y"}
    step = recipe_of(second)[place_of(recipe_of(second), "trim-text", "place")]
    assert (step["count"], step["spared"], step["kept"]) == (20, [" x"], {" x": 20})
    assert {before for _row, _line, before, _after in step["cells"]} == {" y"}
    after = recipe_of(second)
    third = ingest(TEXT, recipes={"": after})
    assert recipe_of(third) == after
    back = sparing.give_up(after, place_of(after, "trim-text", "place"), " x")
    assert set(column(ingest(TEXT, recipes={"": back}), "place")) == {"x", "y"}


def test_what_is_no_value_of_the_step_is_refused(ingest: Ingest) -> None:
    recipe = recipe_of(ingest(TEXT))
    place = place_of(recipe, "read-as-missing", "grade")
    with pytest.raises(RecipeInvalidError, match="not read as missing"):
        sparing.keep(recipe, place, "A")
    with pytest.raises(RecipeInvalidError, match="no value"):
        sparing.give_up(recipe, place, "-")
    for wrong in (-1, 0, len(recipe)):
        with pytest.raises(RecipeInvalidError, match="changes no values"):
            sparing.keep(recipe, wrong, "-")
