"""Original and recipe make the same Parquet, byte for byte; and what happens when a recipe meets another file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.outcome import Stored
from tests.ingest.conftest import DATA
from tests.ingest.result import Result

Ingest = Callable[..., Result]
FILES = sorted(
    path for folder in (DATA, DATA / "accept") for path in folder.iterdir() if path.is_file() and path.suffix != ".md"
)


def recipes_of(outcome: Stored) -> dict[str, Any]:
    """As they come back from the database: through JSON."""
    return json.loads(json.dumps({table.name: list(table.recipe) for table in outcome.resources}))


def bytes_of(outcome: Stored) -> dict[str, list[str]]:
    return {table.name: [part.sha256 for part in table.parts] for table in outcome.resources}


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_a_real_file_and_its_recipe_make_the_same_bytes(ingest: Ingest, path: Path) -> None:
    first = ingest(path).stored
    again = ingest(path, recipes=recipes_of(first)).stored
    assert bytes_of(again) == bytes_of(first)
    assert recipes_of(again) == recipes_of(first)
    assert [table.schema for table in again.resources] == [table.schema for table in first.resources]
    assert [table.findings.count for table in again.resources] == [table.findings.count for table in first.resources]
    assert [table.questions for table in again.resources] == [table.questions for table in first.resources]


BIRDS = "id,species,mass,seen\n" + "".join(
    f"{n:03},{('Adelie', ' adelie', 'Gentoo')[n % 3]},{3000 + n},0{1 + n % 9}/0{1 + n % 8}/2024\n" for n in range(90)
)


def with_step(result: Result, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"": [*json.loads(json.dumps(result.resource.recipe)), *steps]}


def test_an_owner_s_steps_are_taken_and_kept_with_counts(ingest: Ingest) -> None:
    first = ingest(BIRDS)
    steps = [
        {"step": "trim-text", "column": "species"},
        {"step": "spell", "column": "species", "values": {"adelie": "Adelie"}},
        {"step": "rename-columns", "columns": [["mass", "mass_g"]]},
    ]
    second = ingest(BIRDS, recipes=with_step(first, *steps))
    assert {row["species"] for row in second.rows} == {"Adelie", "Gentoo"}
    assert list(second.types) == ["id", "species", "mass_g", "seen"]
    told = [step for step in second.resource.recipe if step["step"] in {"trim-text", "spell", "rename-columns"}]
    assert [(step["step"], step["count"]) for step in told] == [("trim-text", 30), ("spell", 30), ("rename-columns", 1)]
    third = ingest(BIRDS, recipes=with_step(second))
    assert bytes_of(third.stored) == bytes_of(second.stored)
    undone = [step for step in second.resource.recipe if step["step"] not in {"trim-text", "spell", "rename-columns"}]
    fourth = ingest(BIRDS, recipes={"": undone})
    assert bytes_of(fourth.stored) == bytes_of(first.stored)


def test_a_question_is_answered_by_its_option_s_steps(ingest: Ingest) -> None:
    first = ingest(BIRDS)
    assert first.types["seen"] == "string"
    [question] = first.resource.questions
    assert (question["column"], question["code"]) == ("seen", "date-order-doubtful")
    answers = {option["code"]: option["steps"] for option in question["options"]}
    for code, day in (("day-first", "2024-02-01"), ("month-first", "2024-01-02")):
        second = ingest(BIRDS, recipes=with_step(first, *answers[code]))
        assert second.types["seen"] == "date32[day]"
        assert any(str(row["seen"]) == day for row in second.rows)
        assert second.resource.questions == ()
        again = ingest(BIRDS, recipes=with_step(second))
        assert bytes_of(again.stored) == bytes_of(second.stored)


def test_a_type_is_the_owner_s_word_whatever_the_cells_are(ingest: Ingest) -> None:
    first = ingest(BIRDS)
    cast = {"step": "cast", "column": "species", "type": "integer", "by": "owner"}
    second = ingest(BIRDS, recipes=with_step(first, cast))
    assert second.types["species"] == "int64"
    assert {row["species"] for row in second.rows} == {None}
    [group] = [group for group in second.resource.findings.groups if group.code == "cell-not-of-type"]
    assert group.count == 90


def test_the_next_file_is_read_as_the_last_one(ingest: Ingest) -> None:
    first = ingest("code,mass\n" + "".join(f"{n},{n}.5\n" for n in range(50)))
    recipe = with_step(first, {"step": "cast", "column": "code", "type": "string", "by": "owner"})
    second = ingest("code,mass\n" + "".join(f"{n},{n}\n" for n in range(50)), recipes=recipe)
    assert second.types == {"code": "string", "mass": "double"}


def test_a_column_that_no_longer_reads_so_is_a_question_and_no_guess(ingest: Ingest) -> None:
    first = ingest("code,mass\n" + "".join(f"{n},{n}.5\n" for n in range(50)))
    text = "code,mass\n" + "".join(f"{n},{'heavy' if n % 2 else n}\n" for n in range(50))
    second = ingest(text, recipes=with_step(first))
    assert second.types == {"code": "int64", "mass": "string"}
    assert [row["mass"] for row in second.rows][:2] == ["0", "heavy"]
    [group] = [group for group in second.resource.findings.groups if group.code == "recipe-does-not-fit"]
    assert (group.column, group.params["before"]) == ("mass", "number")
    [question] = second.resource.questions
    assert [option["code"] for option in question["options"]] == ["read-anew", "read-as-before"]
    kept = ingest(text, recipes=with_step(second, *question["options"][1]["steps"]))
    assert kept.types["mass"] == "double"
    assert [row["mass"] for row in kept.rows][:3] == [0.0, None, 2.0]
    assert kept.resource.questions == ()


def test_columns_that_come_and_go_are_said(ingest: Ingest) -> None:
    first = ingest("a,b\n1,x\n2,y\n")
    second = ingest("a,c\n1,5\n2,6\n", recipes=with_step(first))
    assert second.types == {"a": "int64", "c": "int64"}
    assert [(group.code, group.column) for group in second.resource.findings.groups] == [("recipe-column-absent", "b")]


def test_repeated_rows_go_when_asked_and_are_on_record(ingest: Ingest) -> None:
    text = "id,name\n1,a\n2,b\n1,a\n,\n3,c\n2,b\n1,x\n1,a\n,\n"
    steps = [{"step": "drop-empty-rows"}, {"step": "drop-duplicates"}]
    result = ingest(text, recipes={"": steps})
    assert [(row["id"], row["name"]) for row in result.rows] == [(1, "a"), (2, "b"), (3, "c"), (1, "x")]
    groups = {group.code: group for group in result.resource.findings.groups}
    assert {code: group.count for code, group in groups.items()} == {"empty-row-dropped": 2, "duplicate-row-dropped": 3}
    assert [(item.row, item.line) for item in groups["duplicate-row-dropped"].samples] == [(4, 4), (7, 7), (9, 9)]
    told = {step["step"]: step["count"] for step in result.resource.recipe if step["step"].startswith("drop-")}
    assert told == {"drop-empty-rows": 2, "drop-duplicates": 3}


@pytest.mark.parametrize("rows", [2, 100_000], ids=["in the sample", "after it"])
def test_a_column_dropped_for_being_empty_comes_back_with_a_value(ingest: Ingest, rows: int) -> None:
    first = ingest("a,none\n1,\n2,\n", recipes={"": [{"step": "drop-empty-columns", "columns": ["none"]}]})
    assert list(first.types) == ["a"]
    second = ingest("a,none\n" + "1,\n" * rows + "2,5\n", recipes=with_step(first))
    assert second.types == {"a": "int64", "none": "int64"}
    assert [group.code for group in second.resource.findings.groups] == ["empty-column-filled"]


@pytest.mark.parametrize(
    "step",
    [
        {"step": "cast", "column": "a", "type": "colour"},
        {"step": "read-written-dates", "column": "a", "formats": ["%Q"]},
        {"step": "split", "column": "a", "by": ","},
    ],
)
def test_a_recipe_that_can_t_be_followed_is_refused_before_anything_is_read(
    ingest: Ingest, step: dict[str, Any]
) -> None:
    result = ingest("a\n1\n", recipes={"": [step]})
    assert result.codes == {"recipe-invalid": 1}
    assert str(result.outcome.findings.groups[0].params["reason"]).startswith("Step 1 (")
