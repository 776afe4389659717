"""Every decision holds for every row: whatever the sample showed, the end is that of the whole file as sample."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.outcome import ConvertedResource
from tests.fixtures.effort import examples
from tests.ingest.memory_table import convert

SEEN = 200
# What tells one end from another: everything but what is said about it and what was only met.
_BY_THE_WAY = {"refused"}


def end(cells: Sequence[str | None], folder: Path, *, seen: int | None, name: str = "x") -> dict[str, Any]:
    # The second column has its row's number, so that no row is empty.
    columns = {name: cells, "n": [f"r{place}" for place in range(len(cells))]}
    resource = convert(columns, folder, seen=seen)
    field = resource.schema.fields[0]
    return {
        "type": (field.type, field.arrow, field.unit),
        "values": stored(resource).column(0).to_pylist(),
        "steps": [
            {key: value for key, value in step.items() if key not in _BY_THE_WAY}
            for step in resource.recipe
            if step.get("column") == field.name
        ],
    }


def stored(resource: ConvertedResource) -> Any:
    return pa.concat_tables([pq.read_table(part.path) for part in resource.parts])


USUAL: list[tuple[str, str, list[str], str]] = [
    # id, the cell that stands everywhere, the last cells, the type that the whole file has
    ("a leading zero", "7", ["007"], "string"),
    ("a fraction", "7", ["1.5"], "double"),
    ("a fraction and a leading zero", "7", ["1.5", "007"], "string"),
    ("thousands", "7", ["1,234.5"], "double"),
    ("thousands that may be decimals", "7", ["1,234"], "int64"),
    ("decimals after thousands", "1,234", ["1,234.5"], "double"),
    ("thousands after decimals", "1,234", ["1,23"], "double"),
    ("no decision", "1,234", ["5,678"], "string"),
    ("both marks", "1,234.5", ["1.234,5"], "string"),
    ("european and plain", "1.234,5", ["7"], "double"),
    ("a full stop that turns out to be thousands", "1.234", ["1.234.567"], "int64"),
    ("indian groups", "1,234", ["12,34,567"], "int64"),
    ("swiss groups", "7", ["1'234.50"], "double"),
    ("narrow spaces", "7", ["1\u202f234"], "int64"),
    ("brackets", "7", ["(7)"], "int64"),
    ("minus behind", "7", ["7-"], "int64"),
    ("percent", "7%", ["7.5%"], "double"),
    ("percent and none", "7%", ["7"], "int64"),
    ("two units", "5 kg", ["5 g"], "string"),
    ("two currencies", "$5", ["€5"], "string"),
    ("64 bits", "7", ["9223372036854775807"], "int64"),
    ("more than 64 bits", "7", ["9223372036854775808"], "decimal128(38, 0)"),
    ("more digits than a float", "1.5", ["0.12345678901234567890"], "decimal128(38, 20)"),
    ("a long whole number among fractions", "1.5", ["12345678901234567"], "decimal128(38, 1)"),
    ("more decimals than before", "0.12345678901234567890", ["0.123456789012345678901"], "decimal128(38, 21)"),
    ("an exponent among long decimals", "0.12345678901234567890", ["1e5"], "string"),
    ("39 digits", "7", ["1" * 39], "string"),
    ("white space", "7", [" 8"], "int64"),
    ("full-width digits", "7", ["１２３"], "int64"),
    ("arabic digits", "7", ["٣٫٥"], "double"),
    ("a token", "7", ["n.a.", "-", "--"], "int64"),
    ("a word", "7", ["oops"], "int64"),
    ("day above 12", "01/02/2024", ["31/12/2024"], "date32[day]"),
    ("month second", "01/02/2024", ["12/31/2024"], "date32[day]"),
    ("contradiction", "31/12/2024", ["12/31/2024"], "string"),
    ("contradiction of an open order", "01/02/2024", ["31/12/2024", "12/31/2024"], "string"),
    ("no order", "01/02/2024", ["03/04/2024"], "string"),
    ("another separator, open", "31/12/2024", ["01.02.2024"], "string"),
    ("another writing", "31/12/2024", ["16 Nov 2007"], "date32[day]"),
    ("a time of day", "31/12/2024", ["31/12/2024 10:00"], "timestamp[us]"),
    ("iso with a time", "2024-01-31", ["2024-01-31 10:00:00"], "timestamp[us]"),
    ("iso among written", "31/12/2024", ["2024-02-01"], "date32[day]"),
    ("written among iso", "2024-01-31", ["31/12/2024"], "date32[day]"),
    ("open among iso", "2024-01-31", ["01/02/2024"], "date32[day]"),
    ("a zone", "2024-01-31T10:00:00", ["2024-01-31T10:00:00Z"], "string"),
    ("no zone", "2024-01-31T10:00:00Z", ["2024-01-31T10:00:00"], "string"),
    ("compact", "20240131", ["20241231"], "int64"),
    ("two digits of the year", "31/12/24", ["01/02/25"], "string"),
    ("a century after all", "31/12/24", ["31/12/2023"], "date32[day]"),
    ("a century contradicted", "31/12/2024", ["31/12/23", "31/12/60"], "string"),
    ("thirtieth of february", "2024-01-31", ["2024-02-30"], "date32[day]"),
    ("no at last", "yes", ["no"], "bool"),
    ("never a no", "yes", ["yes"], "string"),
    ("another word", "yes", ["no", "maybe"], "bool"),
    ("a number among truth", "true", ["1"], "bool"),
    ("a time without its zero", "08:30", ["9:15"], "string"),
    ("am and none", "8:30 am", ["08:30"], "string"),
    ("a word among times", "08:30", ["noon"], "string"),
    ("a season among months", "2001-03", ["2001-02"], "string"),
    ("a month among seasons", "2001-02", ["2001-07"], "string"),
    ("a word among months", "2001-03", ["soon"], "string"),
    ("a word among durations", "PT5M", ["soon"], "string"),
    ("nothing for long", "", ["2.5", "3"], "double"),
    ("nothing at all", "", [""], "string"),
]


@pytest.mark.parametrize(("cell", "last", "kind"), [case[1:] for case in USUAL], ids=[case[0] for case in USUAL])
def test_the_last_rows_decide_as_if_they_had_been_seen(cell: str, last: list[str], kind: str, tmp_path: Path) -> None:
    cells = [cell] * 5_000 + last
    sampled, whole = end(cells, tmp_path / "a", seen=SEEN), end(cells, tmp_path / "b", seen=None)
    assert sampled == whole
    assert whole["type"][1] == kind
    if kind == "string":
        assert sampled["values"] == [value or None for value in cells] or whole["type"][0] != "string"


def test_a_year_that_is_none(tmp_path: Path) -> None:
    cells = ["1999"] * 5_000 + ["12"]
    sampled, whole = (end(cells, tmp_path / str(seen), seen=seen, name="Year") for seen in (SEEN, None))
    assert sampled == whole
    assert whole["type"][0] == "integer"
    years = end(cells[:-1], tmp_path / "years", seen=SEEN, name="Year")
    assert years["type"][:2] == ("year", "int64")


def test_seasons_are_no_months(tmp_path: Path) -> None:
    seasons = ["2001-02", "2002-03", "2000-01"] * 500
    kinds = {
        last: [end([*seasons, last], tmp_path / f"{last}{seen}", seen=seen)["type"][0] for seen in (SEEN, None)]
        for last in ("2003-04", "2003-07")
    }
    assert kinds == {"2003-04": ["string"] * 2, "2003-07": ["yearmonth"] * 2}


def test_a_century_that_a_late_year_puts_in_doubt(tmp_path: Path) -> None:
    cells = ["31/12/2024", "31/12/23"] * 2_000
    for last, kind in (("31/12/22", "date32[day]"), ("31/12/60", "string")):
        sampled, whole = (end([*cells, last], tmp_path / f"{last[-2:]}{seen}", seen=seen) for seen in (SEEN, None))
        assert sampled == whole
        assert whole["type"][1] == kind


@pytest.mark.parametrize("share", [0.03, 0.2])
def test_texts_that_the_sample_had_too_many_of(share: float, tmp_path: Path) -> None:
    rows = 5_000
    texts = [f"see note {number}" for number in range(int(share * rows))]
    # A third of what is seen is text, of the whole only ``share``.
    cells = texts[:100] + ["7"] * 200 + texts[100:] + ["7"] * (rows - 200 - len(texts))
    sampled, whole = end(cells, tmp_path / "a", seen=300), end(cells, tmp_path / "b", seen=None)
    assert sampled == whole
    assert whole["type"][1] == ("int64" if share < 0.05 else "string")


def test_a_deciding_cell_behind_thousands_of_different_faults(tmp_path: Path) -> None:
    faults = [f"fault {number}" for number in range(12_000)]
    cells = ["7"] * 300_000 + faults + ["007"]
    assert end(cells, tmp_path / "a", seen=SEEN)["type"][1] == "string"


# ------------------------------------------------------------------------------------------ any column

INTEGERS = st.integers(-(10**20), 10**20).map(str)
SMALL = st.integers(-9_999, 9_999).map(str)
DECIMALS = st.decimals(-(10**6), 10**6, allow_nan=False, places=2).map(str)
LONG = st.decimals(-(10**6), 10**6, allow_nan=False, places=20).map(str)
GROUPED = st.integers(0, 10**9).map(lambda number: f"{number:,}")
GERMAN = st.decimals(0, 10**7, allow_nan=False, places=2).map(
    lambda number: f"{number:,}".translate(str.maketrans(",.", ".,"))
)
PERCENT = st.integers(0, 100).map(lambda number: f"{number}%")
MONEY = st.integers(0, 10**6).map(lambda number: f"${number:,}")
ISO = st.dates().map(str)
DMY = st.dates().map(lambda day: f"{day.day:02}/{day.month:02}/{day.year:04}")
MDY = st.dates().map(lambda day: f"{day.month:02}/{day.day:02}/{day.year:04}")
NAMED = st.sampled_from(["16 Nov 2007", "1. März 2024", "3 de mayo de 1999"])
MOMENTS = st.datetimes().map(lambda moment: moment.isoformat(sep=" "))  # type: ignore[attr-defined]
TRUTH = st.sampled_from(["yes", "no", "true", "false", "ja", "nein"])
CLOCK = st.times().map(lambda time: time.isoformat(timespec="minutes"))
ZEROS = st.integers(0, 999).map(lambda number: f"{number:05}")
FOREIGN = st.sampled_from(["１２３", "٣٫٥"])
WORDS = st.sampled_from(["n.a.", "-", "oops", "#REF!", "x y", "NA"])
KINDS = [SMALL, INTEGERS, DECIMALS, LONG, GROUPED, GERMAN, PERCENT, MONEY, ISO, DMY, MDY, NAMED, MOMENTS, TRUTH]
KINDS += [CLOCK, ZEROS, FOREIGN]


@st.composite
def columns(draw: st.DrawFn) -> tuple[list[str], int]:
    """Mostly one kind, with a few cells of another and of none, of which the sample sees some or not."""
    usual, odd = draw(st.sampled_from(KINDS)), draw(st.sampled_from(KINDS))
    base = draw(st.lists(usual, min_size=1, max_size=12))
    rare = draw(st.lists(odd, max_size=3)) + draw(st.lists(WORDS, max_size=3))
    chance = random.Random(draw(st.integers(0, 10**6)))
    cells = [chance.choice(base) for _ in range(400)] + base
    for cell in rare:
        cells.insert(chance.randrange(len(cells)), cell)
    return cells, draw(st.integers(20, 200))


@settings(
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(column=columns())
@example(column=(["0.00"] * 200 + ["12500000000000000000"] + ["0.00"] * 200, 20))
@example(column=(["0.00"] * 200 + ["12345678901234567891"] + ["0.00"] * 200, 20))
def test_sample_and_full_pass_are_the_whole(
    column: tuple[list[str], int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    cells, seen = column
    folder = tmp_path_factory.mktemp("any")
    assert end(cells, folder / "a", seen=seen) == end(cells, folder / "b", seen=None)
