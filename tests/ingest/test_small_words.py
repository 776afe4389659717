"""Names, numbers, dates and shapes: how single values are read."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from ingest.text.names import NAME_LENGTH, column_names, resource_name, slug
from ingest.web.suggested import title_of
from ingest.writings.date_reading import read_dates
from ingest.writings.dates import DateFormat, family_of
from ingest.writings.missing import is_placeholder, placeholders_in_text
from ingest.writings.numbers import NumberFormat, feasible_formats, readings_agree
from ingest.writings.shapes import Shape, shape, significant_digits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bevölkerung", "bevolkerung"),
        ("Culmen Length (mm)", "culmen_length_mm"),
        ("BIP je Kopf (€)", "bip_je_kopf_eur"),
        ("Straße %", "strasse_percent"),
        ("CO₂", "co2"),
        ("日本語名", ""),
        ("  ", ""),
        ("2021", "2021"),
    ],
)
def test_slug(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_column_names_are_unique_and_say_why_they_were_repaired() -> None:
    names = column_names(["value", "Value", "", "value_2", "地域", "x" * 80])
    assert [item.name for item in names] == [
        "value",
        "value_3",
        "column_3",
        "value_2",
        "column_5",
        "x" * 33 + "_" + "x" * 26,
    ]
    assert [item.reason for item in names] == ["", "repeated", "empty", "", "script", "long"]
    assert [item.source_name for item in names][:2] == ["value", "Value"]


def test_long_names_that_differ_at_the_end_stay_different() -> None:
    question = "please state whether you view the following characters favourably "
    names = [item.name for item in column_names([question + "Han Solo", question + "Yoda"])]
    assert names[0].endswith("han_solo")
    assert names[1].endswith("yoda")
    assert max(map(len, names)) <= NAME_LENGTH


def test_resource_name() -> None:
    assert resource_name("Über Sicht 2023", ()) == "uber-sicht-2023"
    assert resource_name("a", {"a", "a-2"}) == "a-3"
    assert resource_name("表", ()) == "table"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12", Shape.INTEGER),
        ("-0", Shape.DECIMAL),
        ("007", Shape.ZEROS),
        ("01.10", Shape.ZEROS),
        ("1234567890123456789", Shape.INTEGER),
        ("-9223372036854775808", Shape.INTEGER),
        ("9223372036854775808", Shape.BIG),
        ("-.18", Shape.DECIMAL),
        ("1e5", Shape.DECIMAL),
        ("0.1234567890123456789", Shape.LONG),
        ("0.30000000000000004", Shape.DECIMAL),
        ("0x1F", Shape.TEXT),
        ("1_000", Shape.TEXT),
        ("True", Shape.BOOLEAN),
        ("2024-02-29", Shape.DATE),
        ("2024-02-29 10:00", Shape.DATETIME),
        ("2024-02-29T10:00:00.5Z", Shape.INSTANT),
        ("2024-02-29T10:00+02:00", Shape.INSTANT),
        ("2024-02-29Z", Shape.TEXT),
        ("26.09.2021", Shape.WRITTEN_DATE),
        ("2014-7-1", Shape.WRITTEN_DATE),
        ("Nov 16, 2007", Shape.WRITTEN_DATE),
        ("31/31/2024", Shape.TEXT),
        ("1.234.567", Shape.WRITTEN_NUMBER),
        ("$1,234.50", Shape.WRITTEN_NUMBER),
        ("(50)", Shape.WRITTEN_NUMBER),
        ("(50", Shape.TEXT),
        ("n.a.", Shape.MISSING),
        ("", Shape.MISSING),
        ("***", Shape.MISSING),
        ("#REF!", Shape.FAULT),
        ("2013 (1888)", Shape.TEXT),
        ("Aug-62", Shape.TEXT),
    ],
)
def test_shape(value: str, expected: Shape) -> None:
    assert shape(value) is expected


@pytest.mark.parametrize(("value", "count"), [("0.00120", 2), ("1200", 2), ("-12.5e10", 3), ("0", 0)])
def test_significant_digits(value: str, count: int) -> None:
    assert significant_digits(value) == count


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["28,801", "34,02"], NumberFormat("", ",")),
        (["8.425.333", "60.011"], NumberFormat(".", "")),
        (["31,889,923", "7"], NumberFormat(",", ".")),
        (["$974.58", "$5,937.03"], NumberFormat(",", ".", prefix="$")),
        (["-24%", "+13%"], NumberFormat("", ".", suffix="%")),
        (["1 234,5", "12\u00a0000"], NumberFormat(" ", ",")),
        (["1’234.50"], NumberFormat("'", ".")),
        (["(50,456)", "1,050,478"], NumberFormat(",", ".")),
    ],
)
def test_feasible_formats(values: list[str], expected: NumberFormat) -> None:
    found = feasible_formats(values)[0]
    assert (found.thousands, found.prefix, found.suffix) == (expected.thousands, expected.prefix, expected.suffix)
    if expected.decimal:
        assert found.decimal == expected.decimal


@pytest.mark.parametrize("values", [["$1", "€2"], ["1%", "2"], ["1,2,3"], ["12", "abc"], ["1,234.5", "1.234,5"]])
def test_no_format_for_a_mixture(values: list[str]) -> None:
    assert feasible_formats(values) == []


def test_a_single_group_of_three_can_be_read_in_two_ways() -> None:
    formats = feasible_formats(["1,234", "5,678"])
    assert not readings_agree(formats, ["1,234", "5,678"])
    # Nothing else than a fraction begins with a zero.
    assert readings_agree(feasible_formats(["0,123"]), ["0,123"])


@pytest.mark.parametrize(
    ("number", "text", "expected"),
    [
        (NumberFormat(",", "."), "(50,456)", "-50456"),
        (NumberFormat(".", ","), "\u22121.234,50", "-1234.50"),
        (NumberFormat(",", ".", prefix="$"), "-$1,234.5", "-1234.5"),
        (NumberFormat("", ".", suffix="%"), "+13 %", "13"),
        (NumberFormat("'", "."), "1'234", "1234"),
    ],
)
def test_canonical_number(number: NumberFormat, text: str, expected: str) -> None:
    assert number.canonical(pa.array([text])).to_pylist() == [expected]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["11/11/2007", "16/11/2007"], ["%d/%m/%Y"]),
        (["11/12/2007", "11/16/2007"], ["%m/%d/%Y"]),
        (["26.09.2021"], ["%d.%m.%Y"]),
        (["2014-7-1"], ["%Y-%m-%d"]),
        (["16-Nov-07", "1-Dec-07"], ["%d-%b-%y"]),
        (["Nov 16, 2007"], ["%b %d, %Y"]),
        (["16/11/2007", "16.11.2007"], ["%d/%m/%Y", "%d.%m.%Y"]),
    ],
)
def test_read_dates(values: list[str], names: list[str]) -> None:
    reading = read_dates(values)
    assert reading is not None
    assert not reading.doubtful
    assert [item.name for item in reading.formats] == names


@pytest.mark.parametrize(
    ("values", "example"),
    [
        # One that the answers read differently, where there is one.
        (["11/11/2007", "01/02/2003"], "01/02/2003"),
        (["11/11/2007", "02/02/2003"], "11/11/2007"),
        (["13/01/2020", "01/13/2020"], "13/01/2020"),
    ],
)
def test_dates_of_which_the_order_is_open(values: list[str], example: str) -> None:
    reading = read_dates(values)
    assert reading is not None
    assert reading.doubtful == example


@pytest.mark.parametrize(
    ("item", "text", "expected"),
    [
        (DateFormat("dmy", "/"), "1/2/2007", "2007-02-01"),
        (DateFormat("mdy", "/"), "1/2/2007 9:05 PM", "2007-01-02T21:05:00"),
        (DateFormat("mdy", "/"), "1/2/2007 12:05 AM", "2007-01-02T00:05:00"),
        (DateFormat("dmy", "-", named=True, year_digits=2), "16-Nov-07", "2007-11-16"),
        (DateFormat("dmy", "-", named=True, year_digits=2), "16-Nov-69", "1969-11-16"),
        (DateFormat("mdy", " ", named=True), "September 3rd, 2020", "2020-09-03"),
        (DateFormat("compact"), "20071116", "2007-11-16"),
        (DateFormat("dmy", "."), "1.2.2007 10:00:30.25", "2007-02-01T10:00:30.25"),
        (DateFormat("dmy", "/"), "x", None),
    ],
)
def test_canonical_date(item: DateFormat, text: str, expected: str | None) -> None:
    assert item.canonical(pa.array([text, None])).to_pylist() == [expected, None]


def test_family_of_refuses_impossible_days() -> None:
    assert family_of("31/31/2024") is None
    assert family_of("2024/13/01") is None
    assert family_of("12/31/2024") is not None


@pytest.mark.parametrize("token", ["NA", " n.a. ", "#N/A", "-", "***", "\u00a0", "Null"])
def test_placeholders(token: str) -> None:
    assert is_placeholder(token)


@pytest.mark.parametrize("token", ["0", "none given", "North", "#REF!"])
def test_no_placeholders(token: str) -> None:
    assert not is_placeholder(token)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"male": 5, "female": 4, "NA": 2}, ("NA",)),
        # Namibia stands among the other countries.
        ({"DE": 5, "FR": 4, "NA": 2}, ()),
        ({"DEU": 5, "FRA": 4, "NA": 2}, ("NA",)),
        ({"male": 5}, ()),
        ({"NA": 2}, ("NA",)),
    ],
)
def test_placeholders_in_text(counts: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert placeholders_in_text(counts, ["NA"]) == expected


@pytest.mark.parametrize(
    ("filename", "title", "suggested"),
    [
        ("air_quality_2021_2026.csv", "Birds", "Air quality 2021–2026"),
        ("AIR-quality.final.csv", "Birds", "AIR quality"),
        ("空气质量_2021.csv", "Birds", "空气质量 2021"),
        ("air_quality.csv", "The quality of water", ""),
        ("export.csv", "Birds", ""),
        ("2021_04.csv", "Birds", ""),
    ],
)
def test_a_title_is_made_of_the_files_name(filename: str, title: str, suggested: str) -> None:
    assert title_of(filename, title) == suggested
