"""What is proposed to an owner, and that it is only proposed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from catalog.web.report.recipe import told
from ingest.recipes.suggest import one_spelling
from tests.ingest.result import Result

MESSY = "id,species,note,none\n" + "".join(
    f"{number},{species},{note},\n"
    for number, (species, note) in enumerate(
        [
            ("Adelie", "a"),
            ("Adelie", "b"),
            ("adelie", " c"),
            ("ADELIE ", "d  e"),
            ("Gentoo", "Cafe\u0301"),
            ("Gentoo", "１２"),
        ]
    )
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"Adelie": 2, "adelie": 1, " ADELIE ": 1}, {"adelie": "Adelie", " ADELIE ": "Adelie"}),
        ({"New York": 5, "New  York": 1, "new_york": 1}, {"New  York": "New York", "new_york": "New York"}),
        ({"U.S.A.": 1, "U S A": 3}, {"U.S.A.": "U S A"}),
        ({"ＡＢＣ": 1, "ABC": 1}, {"ＡＢＣ": "ABC"}),
        ({"a": 1, " a": 1}, {" a": "a"}),
        ({"1.0": 1, "10": 1, "1 0": 1}, {}),
        ({"Adelie": 2, "Gentoo": 1}, {}),
        ({"A": 1}, {}),
        ({f"v{n}": 1 for n in range(3_000)} | {"V1": 1}, {}),
    ],
)
def test_spellings_of_one_thing_are_found_and_nothing_else(values: dict[str, int], expected: dict[str, str]) -> None:
    assert one_spelling(values) == expected


def test_steps_are_proposed_and_not_taken(ingest: Callable[..., Result]) -> None:
    result = ingest(MESSY)
    proposed = {(item["step"], item.get("column")): item for item in result.resource.suggestions}
    assert set(proposed) == {
        ("trim-text", "species"),
        ("spell", "species"),
        ("trim-text", "note"),
        ("collapse-spaces", "note"),
        ("normalise-unicode", "note"),
        ("narrow-digits", "note"),
        ("drop-empty-columns", None),
    }
    assert proposed["spell", "species"]["values"] == {"ADELIE ": "Adelie", "adelie": "Adelie"}
    assert proposed["spell", "species"]["count"] == 2
    assert proposed["drop-empty-columns", None]["columns"] == ["none"]
    assert all(item["whole"] for item in proposed.values())
    assert [row["species"] for row in result.rows][2:4] == ["adelie", "ADELIE "]
    assert [row["note"] for row in result.rows][2] == " c"
    assert "none" in result.types


def of_rows(result: Result) -> dict[str, tuple[int, bool, str]]:
    found = [item for item in result.resource.suggestions if item["step"] in {"drop-empty-rows", "drop-duplicates"}]
    return {item["step"]: (item["count"], item["whole"], item.get("bound", "")) for item in found}


def taken(ingest: Callable[..., Result], text: str, step: str) -> int:
    """How many rows the step takes out."""
    before, after = ingest(text), ingest(text, recipes={"": [{"step": step}]})
    return before.resource.rows - after.resource.rows


def test_rows_that_could_go_are_counted_as_the_steps_would_take_them(ingest: Callable[..., Result]) -> None:
    text = "id,name,note\n" + "1,a,\n2,b,x\n1,a,\n,,\n3,c,\n1,a,\n,,\n" * 40
    assert of_rows(ingest(text)) == {
        "drop-empty-rows": (taken(ingest, text, "drop-empty-rows"), True, ""),
        "drop-duplicates": (taken(ingest, text, "drop-duplicates"), True, ""),
    }
    assert taken(ingest, text, "drop-empty-rows") == 80
    assert taken(ingest, text, "drop-duplicates") == 40 * 7 - 4


@pytest.mark.parametrize(
    "text",
    [
        "id,name\n" + "".join(f"{n},a\n" for n in range(50)),
        "id,name\n" + "".join(f"{n if n % 2 else ''},{'' if n % 2 else f'n{n}'}\n" for n in range(50)),
    ],
    ids=["nothing missing", "something missing in each row"],
)
def test_a_table_whose_rows_all_differ_and_hold_something(ingest: Callable[..., Result], text: str) -> None:
    assert of_rows(ingest(text)) == {}


def test_rows_that_became_empty_are_no_more_than_these(ingest: Callable[..., Result]) -> None:
    """A placeholder is a value to the step, and a null to who looks at the Parquet."""
    rows = "".join(f"{n},{n / 2}\n" for n in range(60))
    text = f"id,share\n{rows}NA,NA\n,\n"
    count, whole, bound = of_rows(ingest(text))["drop-empty-rows"]
    assert (count, whole, bound) == (2, False, "most")
    assert taken(ingest, text, "drop-empty-rows") == 1


def test_of_a_large_table_a_bound_is_told(ingest: Callable[..., Result]) -> None:
    lines = [f"{n},{n % 7}" for n in range(400_000)]
    lines[10:13] = lines[9:10] * 3
    lines[399_000] = lines[398_000]
    for place in (5, 130_000, 399_999):
        lines[place] = ","
    assert of_rows(ingest("id,kind\n" + "\n".join(lines) + "\n")) == {
        "drop-empty-rows": (2, False, "least"),
        "drop-duplicates": (3, False, "least"),
    }


def test_rows_with_lists_are_compared_too(ingest: Callable[..., Result]) -> None:
    rows = [{"id": 1, "tags": ["a", "b"]}, {"id": 1, "tags": ["a"]}, {"id": 1, "tags": ["a", "b"]}, {"id": 2}]
    result = ingest("\n".join(map(json.dumps, rows)), "t.ndjson")
    assert of_rows(result) == {"drop-duplicates": (1, True, "")}


def empty_columns(result: Result) -> list[str]:
    found = [item["columns"] for item in result.resource.suggestions if item["step"] == "drop-empty-columns"]
    return [name for names in found for name in names]


def test_an_empty_column_is_found_beside_nested_ones(ingest: Callable[..., Result]) -> None:
    """A footer counts the leaves of structs."""
    rows = [{"place": {"lat": n / 2, "lon": 1}, "a.b": None, "none": None, "id": n} for n in range(3)]
    result = ingest("\n".join(map(json.dumps, rows)), "t.ndjson")
    assert result.types["place"].startswith("struct")
    assert empty_columns(result) == ["a_b", "none"]


@pytest.mark.parametrize(
    ("bound", "sentence"),
    [
        ({}, "Rows that repeat an earlier one are left out (1,234)."),
        ({"bound": "least"}, "Rows that repeat an earlier one are left out (≥ 1,234)."),
        ({"bound": "most"}, "Rows that repeat an earlier one are left out (≤ 1,234)."),
    ],
)
def test_a_bound_is_said_to_be_one(bound: dict[str, str], sentence: str) -> None:
    assert told({"step": "drop-duplicates", "count": 1234, **bound}, with_values=True).sentence == sentence
