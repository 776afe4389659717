"""Each cleaning step on a real file, through the reader and back out as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.limits import Limits
from ingest.readers.csv import CsvTable
from ingest.recipes.cleaning.table import CleanedTable
from ingest.recipes.vocabulary import CLEANING, RecipeInvalidError, parse_cleaning
from ingest.text.encoding import Encoding
from ingest.text.file import open_text
from tests.fixtures.effort import examples

BIRDS = """id,species,place,empty,mass
1, Adelie ,"Torgersen, Biscoe",,3750
2,adelie,Torgersen,,３８００
3,Gentoo,,,5000
2,adelie,Torgersen,,３８００
,,,,
4,Cafe\u0301,Dream,,4500
"""


def cleaned(folder: Path, text: str, *steps: dict[str, Any], block: int = 2 << 20) -> CleanedTable:
    path = folder / "birds.csv"
    path.write_text(text)
    opened = open_text(path, Encoding("utf-8"), folder, has_nul=False)
    limits = Limits(block_bytes=block)
    table = CsvTable(opened, title="birds", format_name="csv", limits=limits)
    return CleanedTable(table, parse_cleaning(steps))


def rows_of(table: CleanedTable) -> list[dict[str, Any]]:
    names = [name.name for name in table.facts.names]
    found = [
        pa.record_batch([column.cast(pa.string()) for column in batch.columns], names=names)
        for batch in table.batches()
    ]
    return pa.Table.from_batches(found).to_pylist()


def column(table: CleanedTable, name: str) -> list[Any]:
    return [row[name] for row in rows_of(table)]


CELLS = [
    ({"step": "trim-text", "column": "species"}, "species", {" Adelie ": "Adelie"}),
    ({"step": "normalise-unicode", "column": "species"}, "species", {"Cafe\u0301": "Café"}),
    ({"step": "narrow-digits", "column": "mass"}, "mass", {"３８００": "3800"}),
    ({"step": "spell", "column": "species", "values": {"adelie": "Adelie"}}, "species", {"adelie": "Adelie"}),
    ({"step": "clear", "column": "place", "values": ["Dream"]}, "place", {"Dream": None}),
    ({"step": "collapse-spaces", "column": "species"}, "species", {" Adelie ": "Adelie"}),
]


@pytest.mark.parametrize(("step", "name", "changes"), CELLS, ids=[step["step"] for step, *_ in CELLS])
def test_a_step_on_cells_changes_what_it_says_and_tells_it(
    tmp_path: Path, step: dict[str, Any], name: str, changes: dict[str, str | None]
) -> None:
    before = column(cleaned(tmp_path, BIRDS), name)
    table = cleaned(tmp_path, BIRDS, step)
    assert column(table, name) == [changes.get(value, value) for value in before]
    [told] = table.told()
    assert told["count"] == sum(value in changes for value in before)
    assert told["examples"] == [[old, new] for old, new in changes.items()]
    assert parse_cleaning([told]) == parse_cleaning([step])


def test_columns_are_renamed_dropped_split_and_merged(tmp_path: Path) -> None:
    table = cleaned(
        tmp_path,
        BIRDS,
        {"step": "rename-columns", "columns": [["mass", "Body mass (g)"]]},
        {"step": "drop-empty-columns", "columns": ["empty"]},
        {"step": "split", "column": "place", "by": ", ", "into": ["island", "other"], "keep": False},
        {"step": "merge", "columns": ["species", "id"], "by": "#", "into": "tag"},
        {"step": "drop-columns", "columns": ["id"]},
    )
    assert [name.name for name in table.facts.names] == ["species", "island", "other", "body_mass_g", "tag"]
    rows = rows_of(table)
    assert rows[0] == {
        "species": " Adelie ",
        "island": "Torgersen",
        "other": "Biscoe",
        "body_mass_g": "3750",
        "tag": " Adelie #1",
    }
    assert rows[1]["other"] is None
    assert [row["island"] for row in rows] == ["Torgersen", "Torgersen", None, "Torgersen", None, "Dream"]
    assert rows[4] == dict.fromkeys(rows[4])
    told = {item["step"]: item for item in table.told()}
    assert told["split"]["count"] == 1
    assert told["split"]["examples"] == [["Torgersen, Biscoe", ["Torgersen", "Biscoe"]]]
    assert told["merge"]["count"] == 5
    assert parse_cleaning(table.told()) == parse_cleaning([*table.told()])


@given(st.lists(st.text("a,b\n", max_size=8), min_size=1, max_size=20), st.integers(2, 4))
@settings(max_examples=examples(80))
def test_a_split_loses_nothing(values: list[str], pieces: int) -> None:
    from ingest.recipes.cleaning.column import Column, Rows
    from ingest.recipes.cleaning.step import begin
    from ingest.text.names import ColumnName

    names = [f"p{place}" for place in range(pieces)]
    [step] = parse_cleaning([{"step": "split", "column": "a", "by": ",", "into": names}])
    run = begin(step, (Column(ColumnName("a", "a"), "a"),))
    out = run.apply(Rows([pa.array(values)], pa.array(range(len(values))).to_numpy()))
    for value, *made in zip(values, *(item.to_pylist() for item in out.columns[1:]), strict=True):
        expected = [part or None for part in value.split(",", pieces - 1)]
        assert made == [*expected, *[None] * (pieces - len(expected))]


def test_empty_rows_go_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    table = cleaned(tmp_path, BIRDS, {"step": "drop-empty-rows"}, block=64)
    assert column(table, "id") == ["1", "2", "3", "2", "4"]
    batches = list(table.batches())
    assert [int(number) for batch in batches for number in batch.numbers] == [0, 1, 2, 3, 5]
    findings = [item for batch in batches for item in batch.findings]
    assert [(item.code, item.row) for item in findings] == [("empty-row-dropped", 6)]


def test_a_column_dropped_for_being_empty_stays_when_it_is_not(tmp_path: Path) -> None:
    from ingest.table import ReadAgainError

    text = BIRDS.replace("Dream,,4500", "Dream,x,4500")
    table = cleaned(tmp_path, text, {"step": "drop-empty-columns", "columns": ["empty"]})
    with pytest.raises(ReadAgainError):
        rows_of(table)
    assert column(table, "empty")[-1] == "x"
    assert [item.code for item in table.facts.findings] == ["empty-column-filled"]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"step": "trim-text", "column": "wings"}, "there is no column wings"),
        ({"step": "rename-columns", "columns": [["id", "mass"]]}, "there would be two columns mass"),
        ({"step": "rename-columns", "columns": [["id", "种"]]}, "'种' can't be the name of a column"),
        ({"step": "drop-columns", "columns": ["id", "species", "place", "empty", "mass"]}, "no column would be left"),
        ({"step": "split", "column": "place", "by": ",", "into": ["id", "b"]}, "there would be two columns id"),
    ],
)
def test_a_step_that_does_not_fit_is_left_out_and_said(tmp_path: Path, step: dict[str, Any], reason: str) -> None:
    table = cleaned(tmp_path, BIRDS, step, {"step": "trim-text", "column": "species"})
    [finding] = table.facts.findings
    assert (finding.code, finding.params["reason"]) == ("recipe-step-left-out", reason)
    assert column(table, "species")[0] == "Adelie"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"step": "burn"}, "Step 1 (burn)"),
        ({}, "without a name"),
        ({"step": "spell", "column": "a", "values": {}}, "values"),
        ({"step": "split", "column": "a", "by": "", "into": ["b", "c"]}, "by"),
        ({"step": "merge", "columns": ["a", "a"], "into": "b"}, "named twice"),
        ({"step": "trim-text"}, "column"),
    ],
)
def test_a_step_that_is_not_as_it_has_to_be_is_refused_with_a_sentence(step: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeInvalidError, match=r"^Step 1 ") as caught:
        parse_cleaning([step])
    assert words in str(caught.value)


def test_the_vocabulary_is_what_the_documents_list() -> None:
    assert {step["step"] for step, *_ in CELLS} < CLEANING
    assert len(CLEANING) == 13
