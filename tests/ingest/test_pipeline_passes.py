"""Types hold for the whole file: the sample proposes, every cell decides, and the same bytes give the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.limits import Limits
from ingest.outcome import Stored
from ingest.pipeline import ingest_file
from tests.fixtures.effort import examples
from tests.ingest.result import Result

Ingest = Callable[..., Result]
# A sample that sees a few hundred rows at the beginning and hardly any later on.
SHORT_SIGHTED = Limits(
    whole_sample_bytes=100,
    head_sample_bytes=2_000,
    piece_bytes=10,
    pieces=2,
    block_bytes=4_096,
    misfit_grace_rows=1_000,
)


def column(values: list[str]) -> str:
    return "n,x\n" + "".join(f"{number},{value}\n" for number, value in enumerate(values))


@pytest.mark.parametrize(
    ("values", "kind", "codes"),
    [
        (["7"] * 4000 + ["1.5"], "double", {}),
        (["7"] * 4000 + ["007"], "string", {"identifiers-kept-as-text": 1}),
        (["7"] * 4000 + ["1.5", "007"], "string", {"identifiers-kept-as-text": 1}),
        (["7"] * 4000 + ["99999999999999999999"], "decimal128(38, 0)", {}),
        (["7"] * 4000 + ["9" * 39], "string", {"number-not-exact": 1}),
        (["7"] * 4000 + ["oops"], "int64", {"cell-not-of-type": 1}),
        (["7"] * 4000 + ["NA"] * 3, "int64", {"missing-tokens": 1}),
        (["7"] * 4000 + ["oops"] * 400, "string", {"types-mixed": 1}),
        (["7"] * 1000 + [f"w{n}" for n in range(3000)], "string", {"types-mixed": 1}),
        (["2024-01-31"] * 4000 + ["2024-01-31 10:00:00"], "timestamp[us]", {}),
        (["01/02/2024"] * 4000 + ["31/12/2024"], "date32[day]", {}),
        (["01/02/2024"] * 4000 + ["12/31/2024"], "date32[day]", {}),
        (["01/02/2024"] * 4000, "string", {"date-order-doubtful": 1}),
        (["01/02/2024"] * 4000 + ["31/12/2024", "12/31/2024"], "string", {"date-order-doubtful": 1}),
        ([""] * 4000 + ["2.5", "3"], "double", {}),
        ([""] * 4000, "string", {}),
        (["true"] * 4000 + ["1"], "bool", {"cell-not-of-type": 1}),
        (["2024-01-01T00:00:00Z"] * 4000 + ["2024-01-01T02:00:00+02:00"], "timestamp[us, tz=UTC]", {}),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(value)[-24:],
)
def test_a_late_cell_decides(ingest: Ingest, values: list[str], kind: str, codes: dict[str, int]) -> None:
    result = ingest(column(values), limits=SHORT_SIGHTED)
    assert result.types == {"n": "int64", "x": kind}
    assert result.codes == codes
    assert result.resource.rows == len(values)
    if kind == "string":
        assert result.table()["x"].to_pylist() == [value or None for value in values]


def test_month_first_is_read_month_first(ingest: Ingest) -> None:
    table = ingest(column(["01/02/2024"] * 4000 + ["12/31/2024"]), limits=SHORT_SIGHTED).table()
    assert table["x"][0].as_py() == dt.date(2024, 1, 2)


def test_several_columns_change_in_one_further_pass(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    passes = 0
    from ingest.convert import _Conversion

    original = _Conversion.run

    def counted(self: Any) -> bool:
        nonlocal passes
        passes += 1
        return original(self)

    monkeypatch.setattr(_Conversion, "run", counted)
    width, rows = 30, 3000
    text = ",".join(f"c{place}" for place in range(width)) + "\n"
    for number in range(rows):
        cells = ["1.5" if number == 1500 + place * 10 else str(number) for place in range(width)]
        text += ",".join(cells) + "\n"
    result = ingest(text, limits=SHORT_SIGHTED)
    assert set(result.types.values()) == {"double"}
    assert passes == 2


def test_findings_of_an_abandoned_pass_are_forgotten(ingest: Ingest) -> None:
    values = ["7"] * 2000 + ["oops"] + ["7"] * 2000 + ["1.5"]
    result = ingest(column(values), limits=SHORT_SIGHTED)
    assert result.codes == {"cell-not-of-type": 1}
    assert [(row["row"], row["line"], row["value"]) for row in result.findings("cell-not-of-type")] == [
        (2002, 2002, "oops")
    ]


def test_rows_and_lines_of_findings_after_quoted_line_breaks(ingest: Ingest) -> None:
    values = ['"a\nb"' if number % 10 == 0 else "c" for number in range(100)]
    lines = [f"{'bad' if number == 77 else number},{value}" for number, value in enumerate(values)]
    text = "Title\n\nn,x\n" + "\n".join(lines) + "\n"
    result = ingest(text)
    (found,) = result.findings("cell-not-of-type")
    assert found["row"] == 79
    assert text.split("\n")[found["line"] - 1].startswith("bad,")


@pytest.mark.parametrize("name", ["penguins.csv", "accept/us_weather_history.zip", "accept/multi_sheet_report.xlsx"])
def test_the_same_bytes_give_the_same_bytes(ingest: Ingest, data: Path, name: str) -> None:
    first, second = (ingest(data / name).stored for _ in range(2))
    assert [item.parts[0].sha256 for item in first.resources] == [item.parts[0].sha256 for item in second.resources]
    assert [item.recipe for item in first.resources] == [item.recipe for item in second.resources]
    assert [item.schema for item in first.resources] == [item.schema for item in second.resources]


def test_the_same_bytes_whatever_the_threads_do(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    text = column([f"{n % 7}.{n % 10}" for n in range(20_000)])
    limits = Limits(block_bytes=10_000, row_group_rows=3_000)
    first = ingest(text, limits=limits).resource.parts[0].sha256
    monkeypatch.setattr("ingest.stages.DEPTH", 50)
    assert ingest(text, limits=limits).resource.parts[0].sha256 == first


def test_the_recipe_is_plain_json_in_order(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "accept/currency_thousands_percent.csv")
    recipe = result.resource.recipe
    assert json.loads(json.dumps(recipe)) == list(recipe)
    assert [step["step"] for step in recipe] == [
        "decode",
        "read-header",
        "keep-text",
        *["read-written-numbers", "cast"] * 4,
        "write-parquet",
    ]
    assert {key: value for key, value in recipe[3].items() if key != "cells"} == {
        "step": "read-written-numbers",
        "column": "population",
        "thousands": ",",
        "decimal": ".",
    }


# -------------------------------------------------------------------------------------------- round trip

WORDS = st.text(alphabet=string.ascii_letters + "äé漢 ,;|\t\"'\n\\", min_size=1, max_size=12).filter(
    lambda text: not text.isspace() and text.strip() == text
)
DATES = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "words": WORDS.map(lambda text: "w" + text),
    "integers": st.integers(-(10**17), 10**17),
    "floats": st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0),
    "booleans": st.booleans(),
    "dates": DATES,
    "times": st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)),  # noqa: DTZ001 -- times of no zone
}


def as_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else str(value)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    rows = draw(st.integers(2, 25))
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=6))
    table = {
        f"c{place} {kind}": draw(st.lists(VALUES[kind] | st.none(), min_size=rows, max_size=rows))
        for place, kind in enumerate(kinds)
    }
    table["n"] = list(range(rows))
    return table


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables())
def test_round_trip(table: dict[str, list[Any]], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("round")
    lines = [",".join(table)]
    lines += [",".join(as_cell(value) for value in row) for row in zip(*table.values(), strict=True)]
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n", newline="")
    outcome = ingest_file(path, filename="table.csv", workdir=folder / "work")
    assert isinstance(outcome, Stored), outcome.findings.groups
    found = Result(outcome).table().to_pydict()
    assert [item.source_name for item in outcome.resources[0].schema.fields] == list(table)
    for (name, values), item in zip(table.items(), outcome.resources[0].schema.fields, strict=True):
        assert [restored(value, item.arrow, name) for value in found[item.name]] == values, name


def restored(value: Any, kind: str, name: str) -> Any:
    """A value that stayed text (a column of whole floats beyond 18 digits, say) must at least be the same text."""
    if value is None or kind != "string" or "words" in name:
        return float(value) if "floats" in name and value is not None else value
    if "floats" in name:
        return float(value)
    if "times" in name:
        return dt.datetime.fromisoformat(value)
    return value
