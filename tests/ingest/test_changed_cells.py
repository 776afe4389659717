"""The first cells of each change: as they stand in the file and in the table, with their row and line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.recipes import without_values
from ingest.recipes.changed import LONGEST, MOST, most_of_each
from tests.ingest.memory_table import convert
from tests.ingest.result import Result

Ingest = Callable[..., Result]
TEXT = 'id,when,weight,"long, note",flag\n' + "".join(
    f'{n:03},{1 + n % 28}.3.2024,"{n},5","two\nlines {n}",{("yes", "no")[n % 2]}\n' if n % 4 else f"{n:03},-,n/a,,yes\n"
    for n in range(1, 401)
)


def cells_of(result: Result, step: str, column: str) -> list[list[Any]]:
    [found] = [item for item in result.resource.recipe if item["step"] == step and item.get("column") == column]
    cells: list[list[Any]] = found["cells"]
    return cells


def test_placeholders_and_writings_are_kept_with_row_and_line(ingest: Ingest) -> None:
    result = ingest(TEXT)
    rows, lines = result.rows, TEXT.splitlines()
    missing = cells_of(result, "read-as-missing", "when")
    dates = cells_of(result, "read-written-dates", "when")
    numbers = cells_of(result, "read-written-numbers", "weight")
    assert len(missing) == len(dates) == len(numbers) == MOST
    assert missing[0] == [4, lines.index("004,-,n/a,,yes") + 1, "-", None]
    for name, cells in (("when", missing), ("when", dates), ("weight", numbers)):
        for row, line, before, after in cells:
            assert before in lines[line - 1]
            value = rows[row - 1][name]
            assert (None if value is None else str(value)) == after
    assert [row for row, *_ in dates] == sorted(row for row, *_ in dates)
    assert cells_of(result, "read-truth-words", "flag")[0] == [1, 2, "no", "false"]


def test_the_same_file_keeps_the_same_cells_however_it_comes_in_batches(tmp_path: Path) -> None:
    columns = {"n": [f"{n},5" if n % 3 else "-" for n in range(1, 3_000)]}
    small, large = (convert(columns, tmp_path / str(size), batch=size) for size in (7, 2_000))
    assert small.recipe == large.recipe
    assert sum(len(step["cells"]) for step in small.recipe if "cells" in step) == 2 * MOST


def test_rows_that_went_before_move_those_behind_them(ingest: Ingest) -> None:
    steps = [
        {"step": "drop-duplicates"},
        {"step": "drop-empty-rows"},
        {"step": "trim-text", "column": "name"},
        {"step": "split", "column": "both", "by": "/", "into": ["one", "two"]},
    ]
    text = "name,both\na,x/y\n,\na,x/y\n b ,z/\n c,\n"
    result = ingest(text, recipes={"": steps})
    told = {item["step"]: item.get("cells") for item in result.resource.recipe}
    assert result.rows == [
        {"name": "a", "both": "x/y", "one": "x", "two": "y"},
        {"name": "b", "both": "z/", "one": "z", "two": None},
        {"name": "c", "both": None, "one": None, "two": None},
    ]
    assert told["drop-empty-rows"] == [[None, 3, " | ", None]]
    assert told["drop-duplicates"] == [[None, 4, "a | x/y", None]]
    assert told["trim-text"] == [[2, 5, " b ", "b"], [3, 6, " c", "c"]]
    assert told["split"] == [[1, 2, "x/y", "x | y"], [2, 5, "z/", "z | "]]


def test_long_texts_are_cut_and_wide_tables_keep_fewer(ingest: Ingest) -> None:
    assert [most_of_each(changes) for changes in (1, 40, 100, 100_000)] == [50, 50, 20, 5]
    text = f"a\n {'x' * 500}\n"
    [cell] = cells_of(ingest(text, recipes={"": [{"step": "trim-text", "column": "a"}]}), "trim-text", "a")
    assert cell[2] == f" {'x' * (LONGEST - 2)}…"


def test_whoever_may_not_have_the_bytes_sees_no_cell(ingest: Ingest) -> None:
    kept = {"step": "read-as-missing", "column": "flag", "tokens": ["no"], "kept": ["yes"]}
    spared = {"step": "clear", "column": "long_note", "values": ["z"], "spared": ["two\nlines 1"]}
    recipe = ingest(TEXT, recipes={"": [spared, kept, {"step": "cast", "column": "flag", "type": "string"}]})
    shown = json.dumps(without_values(recipe.resource.recipe))
    assert json.dumps(list(recipe.resource.recipe)) != shown
    for value in ("lines", "3.2024", "2024-03", "n/a", '"yes"', '"no"'):
        assert value not in shown
