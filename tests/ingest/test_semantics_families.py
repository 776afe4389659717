"""What values mean beside their type: real identifiers and their look-alikes, and columns of them."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.columns.evidence import Sample
from ingest.columns.infer import plan_single
from ingest.columns.plan import ColumnPlan
from ingest.limits import Limits
from ingest.semantics.detect import SEMANTICS
from tests.ingest.memory_table import convert
from tests.ingest.result import Result

# code, header, values that are ones, values that only look alike
CASES: list[tuple[str, str, list[str], list[str]]] = [
    ("email", "x", ["a.b+c@example.org", "x@sub.example.co.uk"], ["a@b", "a b@example.org", "@example.org"]),
    ("url", "x", ["https://example.org/a?b=1", "ftp://example.org"], ["example.org", "https://", "http://[x"]),
    ("ipv4", "x", ["10.0.0.1", "255.255.255.255"], ["10.0.0.256", "10.0.0"]),
    ("ipv6", "x", ["2001:db8::1", "::1"], ["2001:db8::1::2", "12:30"]),
    ("mac", "x", ["00:1A:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E"], ["00:1A:2b:3c:4d", "00:1G:2b:3c:4d:5e"]),
    ("phone", "x", ["+49 30 123456", "+12025550123", "+44 (20) 79460000"], ["+49", "030 123456"]),
    ("phone", "Telefon", ["030 123456", "(0221) 4711-22"], ["extension 5"]),
    ("postcode", "PLZ", ["01067", "D-10115"], ["Berlin", "123456789012"]),
    ("postcode", "postcode", ["SW1A 1AA", "EC1A 1BB"], ["London"]),
    ("doi", "x", ["10.5281/zenodo.3960218", "https://doi.org/10.1000/182"], ["10.12/x y", "11.1000/182"]),
    (
        "orcid",
        "x",
        ["0000-0002-1825-0097", "https://orcid.org/0000-0001-5109-3700", "0000-0002-1694-233X"],
        ["0000-0002-1825-0098"],
    ),
    ("isbn", "ISBN", ["978-3-16-148410-0", "0-306-40615-2", "0306406152", "080442957X"], ["978-3-16-148410-1"]),
    ("issn", "ISSN", ["0378-5955", "2434-561X"], ["0378-5956"]),
    ("gtin", "EAN", ["4006381333931", "73513537"], ["4006381333932"]),
    ("iban", "x", ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19"], ["DE89370400440532013001"]),
    ("lei", "LEI", ["529900T8BM49AURSDO55", "7LTWFZYICNSX8D621K86"], ["529900T8BM49AURSDO56"]),
    ("isin", "ISIN", ["US0378331005", "DE000BAY0017"], ["US0378331006"]),
    ("uuid", "x", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567-e89b-12d3-a456-42661417400"]),
    ("md5", "x", ["d41d8cd98f00b204e9800998ecf8427e", "9e107d9d372bb6826bd81d3542a419d6"], ["d41d8cd98f00b204e980"]),
    ("sha1", "x", ["da39a3ee5e6b4b0d3255bfef95601890afd80709", "a" * 40], ["g" * 40]),
    ("sha256", "x", ["a" * 64, "b" * 64], ["b" * 63]),
    ("country-alpha2", "Country", ["DE", "FR", "NA"], ["XX", "de"]),
    ("country-alpha3", "iso3", ["DEU", "FRA", "NAM"], ["XXX", "ZZZ"]),
    ("country-numeric", "ISO3166-1-numeric", ["004", "276"], ["999"]),
    ("country-numeric", "m49", ["4", "276"], ["999"]),
    (
        "country-name",
        "Land",
        ["Deutschland", "Frankreich", "Côte d’Ivoire", "Cote d'Ivoire", "Korea, Rep.", "日本", "St. Lucia"],
        ["Atlantis", "Europe"],
    ),
    ("currency", "Währung", ["EUR", "USD"], ["XYZ", "eur"]),
    ("language", "lang", ["de", "en", "zh"], ["xx1", "EN"]),
    ("latitude", "lat", ["52.52", "-33.9"], ["91.5"]),
    ("longitude", "Längengrad", ["13.4", "-151.2"], ["181.5"]),
]


def semantic(name: str, values: list[str]) -> str:
    counts = dict.fromkeys(values, 1)
    return plan_single(ColumnPlan(name.lower(), name), Sample(counts, whole=True), Limits()).semantic


@pytest.mark.parametrize(("code", "name", "good", "bad"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_values_and_their_look_alikes(code: str, name: str, good: list[str], bad: list[str]) -> None:
    tests = [item.test for item in SEMANTICS if item.code == code and (item.is_named(name) or item.least is not None)]
    for value in good:
        assert any(test(value) for test in tests), value
    for value in bad:
        assert not any(test(value) for test in tests), value


@pytest.mark.parametrize(("code", "name", "good", "bad"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_a_column_of_them(code: str, name: str, good: list[str], bad: list[str]) -> None:
    many = good * 4
    assert semantic(name, good) == (code if name != "x" or len(good) >= 3 or code != "phone" else "")
    assert semantic(name, [*many, *bad]) != code


@pytest.mark.parametrize(
    ("name", "values"),
    [
        # All of these are ISO codes too.
        ("grade", ["DE", "ES"]),
        ("answer", ["NO", "YES"]),
        ("word", ["de", "la", "en"]),
        ("lat", ["high", "low"]),
        ("reading", ["52.5", "13.4"]),
        ("code", ["4006381333931", "73513537"]),
        ("name", ["Georgia", "Jordan", "Chad"]),
        ("note", ["see https://example.org", "https://example.org"]),
    ],
)
def test_what_might_be_one_is_none(name: str, values: list[str]) -> None:
    assert semantic(name, values) == ""


def test_columns_without_a_telling_name_need_many_values() -> None:
    assert semantic("x", ["DE", "FR", "IT", "ES", "PL", "NL", "BE", "AT"]) == "country-alpha2"
    assert semantic("x", ["EUR", "USD", "GBP"]) == "currency"
    assert semantic("x", ["DEU", "FRA", "ITA", "ESP", "POL"]) == "country-alpha3"


def test_every_code_has_a_case() -> None:
    assert {item.code for item in SEMANTICS} == {case[0] for case in CASES}


@pytest.mark.parametrize(("others", "kept"), [(10, True), (200, False)])
def test_a_meaning_is_held_against_the_whole_column(others: int, kept: bool, tmp_path: Path) -> None:
    countries = list(itertools.islice(itertools.cycle(["DE", "FR", "IT", "ES"]), 5_000))
    cells = {"country": [*countries, *["XX"] * others], "lat": ["52.5"] * 5_000 + ["1000"] * others}
    resource = convert(cells, tmp_path, seen=500)
    expected = ["country-alpha2", "latitude"] if kept else ["", ""]
    assert [field.semantic for field in resource.schema.fields] == expected


def test_a_meaning_changes_no_value(tmp_path: Path) -> None:
    resource = convert({"mail": ["a@example.org", " B@EXAMPLE.ORG", ""] * 50}, tmp_path)
    (field,) = resource.schema.fields
    assert (field.semantic, field.arrow) == ("email", "string")
    assert field.to_descriptor()["semantic"] == "email"
    assert type(field).from_descriptor(field.to_descriptor()) == field


MEANT = {
    "mail": ["a@example.org", "b@example.org", "c.d@example.com", None],
    "home": ["https://example.org/a", None, "https://example.org/b", "https://example.com"],
    "country": ["DE", "FR", "NA", "IT"],
    "latitude": [52.5, -33.25, 0.125, None],
    "longitude": [13.375, 179.5, -0.125, 2.25],
    "note": ["a@example.org", "see above", "none", "x"],
}
CODES = {"mail": "email", "home": "url", "country": "country-alpha2", "latitude": "latitude", "longitude": "longitude"}


def as_xlsx(table: pa.Table) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (table.column_names, *(list(row.values()) for row in table.to_pylist())):
        sheet.append(row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def as_parquet(table: pa.Table, group_rows: int = 7) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=group_rows)
    return sink.getvalue().to_pybytes()


def as_arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {
    "t.parquet": as_parquet,
    "t.arrow": as_arrow,
    "t.xlsx": as_xlsx,
    "t.json": lambda table: json.dumps(table.to_pylist()).encode(),
    "t.ndjson": lambda table: "\n".join(map(json.dumps, table.to_pylist())).encode(),
}


@pytest.mark.parametrize("name", WRITERS)
def test_meanings_whatever_the_file_s_format(ingest: Callable[..., Result], name: str) -> None:
    table = pa.table({column: values * 30 for column, values in MEANT.items()})
    fields = ingest(WRITERS[name](table), name).resource.schema.fields
    assert {field.name: field.semantic for field in fields if field.semantic} == CODES


def test_a_typed_column_s_later_cells_have_a_say(ingest: Callable[..., Result]) -> None:
    """What the sampled rows seemed to mean is held against the cells between them too."""
    mail = [f"a{n}@example.org" for n in range(3_000)]
    mail[600:900] = ["nobody"] * 300
    latitude = [n / 100 for n in range(3_000)]
    latitude[600:900] = [200.5] * 300
    parquet = pa.table({"mail": mail, "latitude": latitude, "other_mail": mail[:600] * 5})
    fields = ingest(as_parquet(parquet, group_rows=3_000), "t.parquet").resource.schema.fields
    assert {field.name: field.semantic for field in fields} == {"mail": "", "latitude": "", "other_mail": "email"}
