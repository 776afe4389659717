"""JSON in its many shapes: the same table comes out of each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from ingest.limits import Limits
from ingest.readers.json_values import DECODER
from tests.ingest.result import Result

Ingest = Callable[..., Result]

ROWS = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 3, "name": None}]
LINES = "\n".join(map(json.dumps, ROWS)) + "\n"
SHAPES: dict[str, Any] = {
    "records": ROWS,
    "under a key": {"meta": {"count": 3}, "data": ROWS},
    "columns": {"id": [1, 2, 3], "name": ["a", "b", None]},
    "split": {"columns": ["id", "name"], "index": [0, 1, 2], "data": [[1, "a"], [2, "b"], [3, None]]},
    "arrays with header": [["id", "name"], [1, "a"], [2, "b"], [3, None]],
    "short rows": [["id", "name"], [1, "a"], [2, "b"], [3]],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("indent", [None, 2])
def test_shapes(ingest: Ingest, shape: str, indent: int | None) -> None:
    result = ingest(json.dumps(SHAPES[shape], indent=indent), "t.json")
    assert result.rows == ROWS
    assert result.codes == {}


@pytest.mark.parametrize("mark", ["\ufeff", "", "\x1e"])
def test_lines(ingest: Ingest, mark: str) -> None:
    assert ingest(mark + LINES, "t.jsonl").rows == ROWS


def test_lines_of_arrays(ingest: Ingest) -> None:
    text = "\n".join(map(json.dumps, SHAPES["arrays with header"]))
    assert ingest(text, "t.jsonl").rows == ROWS


def test_an_object_a_row_under_its_key(ingest: Ingest) -> None:
    data = {"x": {"n": 1, "m": 2}, "y": {"n": 3, "m": 4}}
    assert ingest(json.dumps(data), "t.json").rows == [{"key": "x", "n": 1, "m": 2}, {"key": "y", "n": 3, "m": 4}]


def test_a_row_of_too_many_values_is_on_record(ingest: Ingest) -> None:
    result = ingest(json.dumps([*SHAPES["arrays with header"], [4, "d", "e"]]), "t.json")
    assert result.rows == ROWS
    assert result.codes == {"record-not-an-object": 1}


def test_records_under_a_key_of_a_file_too_large_to_hold(ingest: Ingest) -> None:
    data = {"meta": {"x": [1, 2]}, "data": [{"id": number, "pad": "x" * 100} for number in range(2000)]}
    result = ingest(json.dumps(data), "t.json", limits=Limits(max_cell_bytes=50_000))
    assert result.resource.rows == 2000


def test_nesting_deeper_than_the_limit(ingest: Ingest) -> None:
    for depth in (150, 400, 900, 5000):
        text = '[{"a": 1}, {"a": ' + "[" * depth + "]" * depth + "}]"
        assert ingest(text, "t.json").reason == "nesting-too-deep", depth


@pytest.mark.parametrize("depth", [150, 400, 900, 5000])
def test_a_record_that_is_a_deep_array_is_on_record_or_refused(ingest: Ingest, depth: int) -> None:
    result = ingest('[{"a": 1}, ' + "[" * depth + "]" * depth + "]", "t.json")
    assert set(result.codes) <= {"record-not-an-object", "nesting-too-deep"}


def test_an_object_of_which_two_keys_are_one(ingest: Ingest) -> None:
    keys = ",".join(f'"k{number}": 1' for number in range(1_000))
    result = ingest("[{" + keys + ', "k7": 2}]', "t.json")
    assert result.codes["keys-repeated"] == 1


def test_two_equal_keys_are_found_among_a_hundred_thousand() -> None:
    """In a moment: whoever held each key against all the others would take minutes."""
    keys = ",".join(f'"k{number}": 1' for number in range(100_000))
    began = time.process_time()
    found = DECODER.decode("{" + keys + ', "k7": 2}')
    assert time.process_time() - began < 10
    assert (len(found), found.repeated) == (100_000, ("k7",))


@pytest.mark.parametrize("join", ["\n", ","], ids=["lines", "array"])
def test_a_byte_that_is_no_text_behind_what_was_looked_at(ingest: Ingest, join: str) -> None:
    """Found by fuzzing: the head was UTF-8, and what came later ended the attempt instead of being told."""
    text = join.join(json.dumps({"id": n, "name": f"bird {n}"}) for n in range(1, 400))
    content = (text if join == "\n" else f"[{text}]").encode().replace(b"bird 300", b"bird \xff300")
    result = ingest(content, "t.json", limits=Limits(head_sample_bytes=256))
    assert result.resource.rows == 399
    assert "300" in result.rows[299]["name"]
    assert result.codes == {}
