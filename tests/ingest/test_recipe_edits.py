"""A recipe edited as an owner does it, and read again: what changes is what was asked for, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingest.recipes.edits import editable, towards, with_steps, without_step
from ingest.recipes.vocabulary import RecipeInvalidError
from tests.ingest.result import Result

Ingest = Callable[..., Result]
TEXT = "No.,Weight (kg),species,seen\n" + "".join(
    f'{n},"1.{n:03},5",{("Adelie", "adelie ", "NA")[n % 3]},{1 + n % 28}.3.2024\n' for n in range(60)
)


def recipe_of(result: Result) -> list[dict[str, Any]]:
    return json.loads(json.dumps(result.resource.recipe))


def place_of(recipe: list[dict[str, Any]], step: str, column: str = "") -> int:
    [place] = [place for place, item in enumerate(recipe) if item["step"] == step and item.get("column", "") == column]
    return place


@pytest.fixture
def first(ingest: Ingest) -> Result:
    result = ingest(TEXT)
    assert result.types == {"no": "int64", "weight_kg": "double", "species": "string", "seen": "date32[day]"}
    return result


@pytest.mark.parametrize("step", ["read-written-numbers", "cast"])
def test_undoing_how_a_column_is_read_makes_it_text(ingest: Ingest, first: Result, step: str) -> None:
    recipe = recipe_of(first)
    second = ingest(TEXT, recipes={"": without_step(recipe, place_of(recipe, step, "weight_kg"))})
    assert second.types == {**first.types, "weight_kg": "string"}
    assert second.rows[7]["weight_kg"] == "1.007,5"
    third = ingest(TEXT, recipes={"": recipe_of(second)})
    assert third.rows == second.rows


def test_a_rename_goes_through_the_whole_recipe_and_back(ingest: Ingest, first: Result) -> None:
    step = {"step": "rename-columns", "columns": [["weight_kg", "weight"], ["species", "kind"]]}
    second = ingest(TEXT, recipes={"": with_steps(recipe_of(first), [step])})
    assert second.types == {"no": "int64", "weight": "double", "kind": "string", "seen": "date32[day]"}
    assert second.resource.findings.count == first.resource.findings.count
    assert [field.source_name for field in second.resource.schema.fields] == [
        "No.",
        "Weight (kg)",
        "species",
        "seen",
    ]
    recipe = recipe_of(second)
    third = ingest(TEXT, recipes={"": without_step(recipe, place_of(recipe, "rename-columns"))})
    assert third.resource.parts[0].sha256 == first.resource.parts[0].sha256


def test_cleaning_is_added_behind_cleaning_and_undone_alone(ingest: Ingest, first: Result) -> None:
    trim = {"step": "trim-text", "column": "species"}
    spell = {"step": "spell", "column": "species", "values": {"adelie": "Adelie"}}
    second = ingest(TEXT, recipes={"": with_steps(with_steps(recipe_of(first), [trim]), [spell])})
    assert {row["species"] for row in second.rows} == {"Adelie", "NA"}
    recipe = recipe_of(second)
    assert place_of(recipe, "trim-text", "species") + 1 == place_of(recipe, "spell", "species")
    third = ingest(TEXT, recipes={"": without_step(recipe, place_of(recipe, "spell", "species"))})
    assert {row["species"] for row in third.rows} == {"Adelie", "adelie", "NA"}


def test_a_reading_takes_the_place_of_the_one_before(ingest: Ingest, first: Result) -> None:
    chosen = {"step": "cast", "column": "no", "type": "string", "by": "owner"}
    recipe = with_steps(recipe_of(first), [chosen])
    assert [step for step in recipe if step["step"] == "cast" and step["column"] == "no"] == [chosen]
    assert ingest(TEXT, recipes={"": recipe}).types["no"] == "string"


def test_a_whole_new_list_undoes_what_it_lacks_and_adds_what_is_new(ingest: Ingest, first: Result) -> None:
    recipe = recipe_of(first)
    trim = {"step": "trim-text", "column": "species"}
    wanted = [step for step in recipe if step.get("column") not in {"seen", "no"}]
    text = [{"step": "cast", "column": name, "type": "string", "by": "owner"} for name in ("no", "seen")]
    edited = towards(recipe, [*wanted, trim])
    assert sorted(edited, key=str) == sorted([*wanted, trim, *text], key=str)
    assert towards(recipe, recipe) == recipe
    second = ingest(TEXT, recipes={"": edited})
    assert second.types == {"no": "string", "weight_kg": "double", "species": "string", "seen": "string"}


@pytest.mark.parametrize("name", ["decode", "write-parquet", "burn", None])
def test_what_an_owner_can_t_add_is_refused(name: str | None) -> None:
    with pytest.raises(RecipeInvalidError, match=r"^There is no step "):
        with_steps([], [{"step": name} if name else {}])


@pytest.mark.parametrize("place", [-1, 0, 99])
def test_what_can_t_be_undone_is_refused(first: Result, place: int) -> None:
    recipe = recipe_of(first)
    assert not editable(recipe[0])
    with pytest.raises(RecipeInvalidError, match="can't be undone"):
        without_step(recipe, place)
