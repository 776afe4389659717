"""What is proposed to an owner, and that it is only proposed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
