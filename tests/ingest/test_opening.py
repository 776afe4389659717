"""A file opened as its owner says: in another encoding, under another header; and the next file alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingest.recipes.opening import LINES, Opening, is_doubtful, opening_of
from ingest.recipes.vocabulary import RecipeInvalidError
from tests.ingest.result import Result

Ingest = Callable[..., Result]
REPORT = "station,7\nname,mass\nsite,kg\nx,12\ny,13\n"
GREEK = "name,place\n" + "".join(f"Ω{n},Αθήνα\n" for n in range(20))


def opened(ingest: Ingest, source: str | bytes, opening: Opening) -> Result:
    """The file as its owner has it opened, and by the recipe of that once more."""
    result = ingest(source, recipes={"": opening.steps})
    stored = json.loads(json.dumps(list(result.resource.recipe)))
    assert opening_of(stored) == opening
    again = ingest(source, recipes={"": stored})
    assert (again.rows, list(again.resource.recipe)) == (result.rows, stored)
    return result


@pytest.mark.parametrize(
    ("line", "names", "rows"),
    [
        (1, ["station", "7"], 4),
        (2, ["name", "mass"], 3),
        (3, ["site", "kg"], 2),
        (0, ["column_1", "column_2"], 5),
    ],
)
def test_the_header_is_the_line_that_was_chosen(ingest: Ingest, line: int, names: list[str], rows: int) -> None:
    result = opened(ingest, REPORT, Opening(header=line))
    assert (list(result.types), len(result.rows)) == (names, rows)


def test_rows_keep_their_lines_under_a_chosen_header(ingest: Ingest) -> None:
    cast = {"step": "cast", "column": "kg", "type": "integer", "by": "owner"}
    result = ingest(REPORT.replace("12", "12x"), recipes={"": [*Opening(header=3).steps, cast]})
    [finding] = result.findings("cell-not-of-type")
    assert (finding["row"], finding["line"], finding["value"]) == (2, 4, "12x")


def test_a_shorter_header_names_its_columns_and_no_more(ingest: Ingest) -> None:
    text = "title\n\na,b,c\n1,2,3\n4,5,6\n"
    assert list(opened(ingest, text, Opening(header=1)).types) == ["title", "column_2", "column_3"]


def test_a_line_that_is_not_there_is_told_and_passed_over(ingest: Ingest) -> None:
    result = ingest(REPORT, recipes={"": Opening(header=LINES).steps})
    assert result.codes["recipe-step-left-out"] == 1
    assert list(result.types) == list(ingest(REPORT).types)


def test_bytes_are_read_in_the_encoding_that_was_chosen(ingest: Ingest) -> None:
    data = GREEK.encode("cp1253")
    assert opened(ingest, data, Opening(encoding="cp1253")).rows[0] == {"name": "Ω0", "place": "Αθήνα"}
    cyrillic = opened(ingest, data, Opening(encoding="cp1251"))
    assert cyrillic.rows[0]["place"] == "Αθήνα".encode("cp1253").decode("cp1251")


def test_bytes_that_are_none_of_the_encoding_are_told(ingest: Ingest) -> None:
    result = opened(ingest, GREEK.encode("cp1253"), Opening(encoding="utf-8"))
    assert result.codes["bytes-not-decoded"] >= 1
    assert "\ufffd" in result.rows[0]["place"]


@pytest.mark.parametrize("found", [Opening(encoding="rot13"), Opening(header=LINES + 1), Opening(header=-1)])
def test_what_can_not_be_is_refused(ingest: Ingest, found: Opening) -> None:
    with pytest.raises(RecipeInvalidError):
        opening_of(found.steps)
    assert ingest(REPORT, recipes={"": found.steps}).reason == "recipe-invalid"


def test_doubtful_is_what_neither_the_bytes_nor_the_owner_said(ingest: Ingest) -> None:
    def doubts(result: Any) -> list[str]:
        return [step["step"] for step in result.resource.recipe if is_doubtful(step)]

    assert doubts(ingest(GREEK)) == []
    assert doubts(ingest(GREEK.encode("cp1253"))) == ["decode"]
    assert doubts(ingest("1,2\n3,4\n")) == ["read-header"]
    assert doubts(ingest(GREEK.encode("cp1253"), recipes={"": Opening("cp1253", 0).steps})) == []
