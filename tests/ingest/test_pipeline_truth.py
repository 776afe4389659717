"""Real files whose truth is known, with no option set: rows, header, types, and every single cell."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from catalog.findings import CATALOGUE, sentence
from tests.ingest.result import Result

Ingest = Callable[..., Result]


@dataclass(frozen=True)
class Truth:
    """``types`` are those that are not text; ``codes`` the findings that there must be (and no others)."""

    file: str
    rows: int
    columns: int
    types: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    before_header: int = 0
    header_rows: int = 1
    after: int = 0
    codes: dict[str, int] = field(default_factory=dict)


BILL = {"bill_length_mm": "double", "bill_depth_mm": "double"}
PENGUINS = {**BILL, "flipper_length_mm": "int64", "body_mass_g": "int64", "year": "int64"}
NASA = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "j_d",
    "d_n",
    "djf",
    "mam",
    "jja",
    "son",
]
NOAA = {
    **dict.fromkeys(["decimal_date", "average", "deseasonalized", "sdev", "unc"], "double"),
    **dict.fromkeys(["year", "month", "ndays"], "int64"),
}
CODES = ["global_code", "region_code", "sub_region_code", "intermediate_region_code", "m49_code"]

TRUTHS = [
    Truth("penguins.csv", 344, 8, PENGUINS, codes={"missing-tokens": 5}),
    Truth(
        "accept/penguins_raw.csv",
        344,
        17,
        {
            "sample_number": "int64",
            "clutch_completion": "bool",
            "date_egg": "date32[day]",
            "culmen_length_mm": "double",
            "culmen_depth_mm": "double",
            "flipper_length_mm": "int64",
            "body_mass_g": "int64",
            "delta_15_n_o_oo": "double",
            "delta_13_c_o_oo": "double",
        },
        codes={"missing-tokens": 8},
    ),
    Truth(
        "accept/gapminder.tsv",
        1704,
        6,
        {"year": "int64", "lifeexp": "double", "pop": "int64", "gdppercap": "double"},
        delimiter="\t",
    ),
    Truth("accept/owid_co2_codebook.csv", 79, 4),
    Truth(
        "accept/biopics.csv",
        761,
        14,
        {"year_release": "int64", "number_of_subjects": "int64", "person_of_color": "int64"},
        encoding="mac_roman",
    ),
    Truth("accept/partisan_lean_districts_2021.csv", 435, 2, {"2021": "double"}, encoding="utf-8-sig"),
    Truth(
        "accept/pulitzer_circulation.csv",
        50,
        7,
        {
            "daily_circulation_2004": "int64",
            "daily_circulation_2013": "int64",
            "change_in_daily_circulation_2004_2013": "int64",
            "pulitzer_prize_winners_and_finalists_1990_2003": "int64",
            "pulitzer_prize_winners_and_finalists_2004_2014": "int64",
            "pulitzer_prize_winners_and_finalists_1990_2014": "int64",
        },
    ),
    Truth("accept/bachelorette.csv", 921, 23, codes={"identifiers-kept-as-text": 1, "types-mixed": 5}),
    Truth(
        "accept/sp500_constituents.csv",
        503,
        8,
        {"date_added": "date32[day]", "cik": "int64"},
        codes={"types-mixed": 1},
    ),
    Truth(
        "accept/nasa_gistemp_global.csv",
        143,
        19,
        {"year": "int64", **dict.fromkeys(NASA, "double")},
        before_header=1,
        codes={"lines-before-header": 1, "missing-tokens": 12},
    ),
    Truth("accept/noaa_co2_mm_mlo.csv", 802, 8, NOAA, before_header=40, codes={"lines-before-header": 1}),
    Truth("accept/shift_jis_country_names.csv", 244, 5, encoding="shift_jis", codes={"header-repaired": 3}),
    Truth(
        "accept/gb18030_un_regions.csv",
        249,
        15,
        encoding="gb18030",
        codes={"identifiers-kept-as-text": len(CODES)},
    ),
    Truth(
        "accept/utf16le_bom_penguins.tsv",
        344,
        8,
        PENGUINS,
        encoding="utf-16",
        delimiter="\t",
        codes={"missing-tokens": 5},
    ),
    Truth(
        "accept/european_semicolon_cp1252.csv",
        1704,
        6,
        {"jahr": "int64", "lebenserwartung": "double", "bevolkerung": "int64", "bip_je_kopf_eur": "double"},
        encoding="cp1252",
        delimiter=";",
    ),
    Truth(
        "accept/nul_bytes_penguins.csv",
        344,
        8,
        PENGUINS,
        codes={"nul-bytes-removed": 2, "missing-tokens": 5},
    ),
    Truth(
        "accept/ragged_penguins.csv",
        344,
        8,
        PENGUINS,
        codes={"row-too-short": 2, "row-too-long": 3, "missing-tokens": 5},
    ),
    Truth(
        "accept/duplicate_headers_penguins.csv",
        344,
        8,
        {"value": "double", "value_2": "double", "value_3": "int64", "year": "int64", "year_2": "int64"},
        codes={"header-repaired": 5, "missing-tokens": 4},
    ),
    Truth(
        "accept/mixed_dates_penguins.csv",
        344,
        4,
        {"sample": "int64", "date_egg": "date32[day]", "date_iso": "date32[day]"},
        codes={"date-formats-mixed": 1},
    ),
    Truth("accept/dmy_dates_penguins.csv", 344, 3, {"date": "date32[day]", "n": "int64"}),
    Truth(
        "accept/preamble_footnotes_gapminder.csv",
        143,
        5,
        {"life_expectancy_years": "double", "population": "int64", "gdp_per_capita_usd": "double"},
        before_header=3,
        after=2,
        codes={"lines-before-header": 1, "lines-after-table": 2},
    ),
    Truth(
        "accept/currency_thousands_percent.csv",
        142,
        5,
        {"population": "int64", "gdp_per_head": "double", "growth": "double", "balance": "int64"},
    ),
    Truth("accept/invalid_utf8_cities.csv", 2000, 4, {"geonameid": "int64"}, codes={"bytes-not-decoded": 2}),
    Truth(
        "accept/no_header_penguins.csv",
        344,
        8,
        {"column_3": "double", "column_4": "double", "column_5": "int64", "column_6": "int64", "column_8": "int64"},
        header_rows=0,
        codes={"header-missing": 1, "missing-tokens": 5},
    ),
    Truth(
        "accept/two_row_header_penguins.csv",
        344,
        8,
        {
            "bill_mm_length": "double",
            "depth": "double",
            "flipper_mm_length": "int64",
            "body_g_mass": "int64",
            "year": "int64",
        },
        header_rows=2,
        codes={"missing-tokens": 5},
    ),
    Truth("accept/mixed_line_endings_penguins.csv", 344, 8, PENGUINS, codes={"missing-tokens": 5}),
    Truth("accept/pipe_single_quotes.csv", 400, 3, {"mag": "double"}, delimiter="|", quote="'"),
    Truth(
        "accept/leading_zero_codes.csv",
        249,
        7,
        encoding="utf-8-sig",
        codes={"identifiers-kept-as-text": 2, "types-mixed": 1},
    ),
]


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.file)
def test_a_real_file(ingest: Ingest, data: Path, truth: Truth) -> None:
    result = ingest(data / truth.file)
    source = result.resource.source
    assert result.table().num_rows == result.resource.rows == truth.rows
    assert len(result.resource.schema.fields) == truth.columns
    assert {name: kind for name, kind in result.types.items() if kind != "string"} == truth.types
    assert (source["encoding"], source["delimiter"], source["quote"]) == (
        truth.encoding,
        truth.delimiter,
        truth.quote,
    )
    assert (source["lines_before_header"], source["header_rows"]) == (truth.before_header, truth.header_rows)
    assert result.codes == truth.codes
    check_cells(result, read_independently(data / truth.file, truth))


def read_independently(path: Path, truth: Truth) -> tuple[list[list[str]], list[list[str]]]:
    """Header rows and rows by Python's csv module, told everything that the pipeline has to find out."""
    text = path.read_bytes().decode(truth.encoding, "replace").replace("\0", "")
    for _line in range(truth.before_header):
        text = text.split("\n", 1)[1]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=truth.delimiter, quotechar=truth.quote)
    rows = [row for row in reader if row]
    end = len(rows) - truth.after
    return rows[: truth.header_rows], rows[truth.header_rows : end]


def check_cells(result: Result, original: tuple[list[list[str]], list[list[str]]]) -> None:
    headers, rows = original
    fields = result.resource.schema.fields
    if len(headers) == 1:
        assert [item.source_name for item in fields] == headers[0]
    refused = {
        (row["row"], row["column"]): row["value"]
        for row in (result.findings("cell-not-of-type") if "cell-not-of-type" in result.codes else [])
    }
    missing = {step["column"]: set(step["tokens"]) for step in steps(result, "read-as-missing")}
    columns = result.table().to_pydict()
    assert len(rows) == result.resource.rows
    for place, item in enumerate(fields):
        for number, (row, value) in enumerate(zip(rows, columns[item.name], strict=True)):
            cell = row[place] if place < len(row) else ""
            where = (item.name, number, cell, value)
            if value is None:
                allowed = not cell or cell in missing.get(item.name, ())
                assert allowed or refused[number + len(headers) + 1, item.name] == cell, where
            else:
                assert same(cell, value), where


def steps(result: Result, name: str) -> list[dict[str, Any]]:
    return [step for step in result.resource.recipe if step["step"] == name]


def same(cell: str, value: Any) -> bool:
    """Whether a typed value is what the cell says, by means that the pipeline does not use."""
    if isinstance(value, str):
        return cell == value
    if isinstance(value, bool):
        return cell == ("Yes" if value else "No")
    if isinstance(value, dt.date):
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%b %d, %Y", "%d-%b-%y", "%Y%m%d"]
        for item in formats:
            try:
                return dt.datetime.strptime(cell, item).replace(tzinfo=dt.UTC).date() == value
            except ValueError:
                continue
        return False
    negative = cell.startswith(("-", "("))
    digits = cell.strip("$%()+-")
    readings = {digits.replace(",", ""), digits.replace(".", "").replace(",", "."), digits}
    return any(_number(text) == abs(value) for text in readings) and negative == (value < 0 or cell == "-0")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def test_the_mixed_dates_are_the_days_that_the_file_says_they_are(ingest: Ingest, data: Path) -> None:
    rows = ingest(data / "accept/mixed_dates_penguins.csv").rows
    assert all(row["date_egg"] == row["date_iso"] for row in rows)


def test_units_are_kept_with_the_numbers(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "accept/currency_thousands_percent.csv")
    assert {item.name: item.unit for item in result.resource.schema.fields if item.unit} == {
        "gdp_per_head": "$",
        "growth": "%",
    }
    assert result.rows[0] == {
        "country": "Afghanistan",
        "population": 31889923,
        "gdp_per_head": 974.58,
        "growth": -1.2,
        "balance": -50456,
    }


def test_ragged_rows_stay_in_their_place_and_are_on_record(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "accept/ragged_penguins.csv")
    found = result.findings("row-too-long") + result.findings("row-too-short")
    assert sorted((row["row"], row["line"]) for row in found) == [
        (11, 11),
        (51, 51),
        (52, 52),
        (121, 121),
        (301, 301),
    ]
    text = (data / "accept/ragged_penguins.csv").read_text().split("\n")
    assert {row["value"] for row in found} == {text[row["line"] - 1] for row in found}


def test_namibia_is_a_country(ingest: Ingest, data: Path) -> None:
    table = ingest(data / "accept/country_codes.csv").table()
    assert "NA" in table["iso3166_1_alpha_2"].to_pylist()
    # Two currencies with two decimals each, and not two and two tenths.
    assert "2,2" in table["iso4217_currency_minor_unit"].to_pylist()


def test_zip_of_ten_tables(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "accept/us_weather_history.zip")
    names = ["kclt", "kcqt", "khou", "kind", "kjax", "kmdw", "knyc", "kphl", "kphx", "ksea"]
    assert [item.name for item in result.stored.resources] == names
    assert {item.rows for item in result.stored.resources} == {365}
    assert {len(item.schema.fields) for item in result.stored.resources} == {13}
    assert result.stored.resources[0].source["member"] == "us-weather-history/KCLT.csv"
    assert result.table("knyc")["date"][0].as_py() == dt.date(2014, 7, 1)
    assert result.codes == {"members-not-read": 1}


def test_workbook_of_six_sheets(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "accept/off_year_turnout_2023.xlsx")
    assert {item.name: (item.rows, len(item.schema.fields)) for item in result.stored.resources} == {
        "virginia": (134, 33),
        "kentucky": (120, 27),
        "ohio": (88, 26),
        "pennsylvania": (67, 34),
        "new-jersey": (21, 33),
    }
    (group,) = result.stored.findings.groups
    assert sentence(group) == ("The sheet Sources was not read: its first row does not name the columns.")


def test_workbook_with_a_report_sheet(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "accept/multi_sheet_report.xlsx")
    assert [item.name for item in result.stored.resources] == ["summary", "countries", "eggs"]
    summary = result.table("summary").to_pylist()
    assert summary[0] == {
        "continent": "Africa",
        "countries": 52,
        "population": 929539692,
        "mean_life_expectancy": 54.806,
    }
    assert summary[-1] == {
        "continent": "Total",
        "countries": None,
        "population": None,
        "mean_life_expectancy": None,
    }
    eggs = result.table("eggs").to_pylist()
    assert eggs[0]["date_egg"] == dt.date(2007, 11, 11)
    assert eggs[0]["clutch_complete"] is True
    assert result.codes == {"sheets-not-read": 2, "lines-before-header": 1}
    assert result.stored.resources[0].source["header_line"] == 4


def test_parquet(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "nycflights13_weather.parquet")
    assert (result.resource.rows, len(result.resource.schema.fields)) == (26115, 15)
    assert result.types["time_hour"] == "timestamp[us, tz=UTC]"
    assert result.codes == {}


def test_geojson(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "accept/us_states.geojson")
    original = json.loads((data / "accept/us_states.geojson").read_text())["features"]
    assert result.resource.rows == 51
    assert [row["name"] for row in result.rows] == [item["properties"]["name"] for item in original]
    part = result.resource.parts[0].path
    shapes = duckdb.sql(f"SELECT geometry::VARCHAR FROM read_parquet('{part}')").fetchall()
    # The engine writes them as text: the same numbers in the same order.
    for (shape,), item in zip(shapes, original, strict=True):
        assert shape.startswith(item["geometry"]["type"].upper())
        numbers = re.findall(r"-?[0-9]+(?:[.][0-9]+)?", json.dumps(item["geometry"]["coordinates"]))
        assert list(map(float, re.findall(r"-?[0-9]+(?:[.][0-9]+)?", shape))) == list(map(float, numbers))
    assert result.resource.schema["geometry"].type == "geojson"


def test_ndjson_of_mixed_types(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "accept/mixed_types.ndjson")
    lines = (data / "accept/mixed_types.ndjson").read_text().split("\n")
    original = [json.loads(line) for line in lines if line.strip()]
    assert result.resource.rows == 120
    assert [row["area"] for row in result.rows] == [float(item["area"]) for item in original]
    assert [row["capital"] for row in result.rows] == [item.get("capital") for item in original]
    names = [row["names"] for row in result.rows]
    assert names[0] == '"Aruba"'
    assert [json.loads(text) for text in names] == [item["names"] for item in original]
    assert result.codes == {"nested-kept-as-json": 1}


REJECTED = {
    "empty.csv": ("empty-file", "The file has no bytes."),
    "only_whitespace.csv": ("no-table", "The file holds no row with a value: it holds only white space."),
    "truncated.csv.gz": (
        "file-truncated",
        "The gzip file ends in the middle: the end of the compressed data is missing.",
    ),
    "truncated.parquet": ("file-truncated", "The Parquet file ends in the middle: its footer is missing."),
    "truncated.json": (
        "file-truncated",
        "The JSON file ends in the middle: Expecting ',' delimiter in line 3115.",
    ),
    "html_error_page.csv": ("format-not-supported", "This is an HTML page, not a table."),
    "not_a_workbook.xlsx": (
        "format-damaged",
        "The file says that it is a zip archive or workbook, but it can't be read as that: File is not a zip file.",
    ),
    "zip_slip.zip": (
        "archive-unsafe",
        "The archive holds a member called ../../../tmp/evil.csv, which points outside of it.",
    ),
    "bomb_64MiB.zip": (
        "archive-too-large",
        "Unpacked, this file is over the limit of 200 times its size (272 times its packed size).",
    ),
}


@pytest.mark.parametrize("name", sorted(REJECTED))
def test_a_bad_file_is_rejected_with_a_sentence(ingest: Ingest, data: Path, name: str) -> None:
    result = ingest(data / "reject" / name)
    code, words = REJECTED[name]
    assert result.reason == code
    assert CATALOGUE[code].severity == "reject"
    assert sentence(result.outcome.findings.groups[0]) == words


def test_every_file_in_the_reject_folder_is_listed(data: Path) -> None:
    assert {path.name for path in (data / "reject").iterdir()} == set(REJECTED)
