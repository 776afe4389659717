"""The search over whole tables: planted values, look-alikes, real files, and that nothing raw is ever kept."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.personal.kinds import PersonalKind
from catalog.personal.sentences import SENTENCES
from catalog.table_schema import TableSchema
from ingest.outcome import Stored
from ingest.pipeline import ingest_file
from quality.personal import forms
from quality.personal.masking import masked, masked_number
from quality.personal.names import given_names, surnames
from quality.personal.result import Hit, PersonalScan
from quality.personal.scan import scan
from tests.quality.conftest import DATA, schema_of, write_parts

ROWS = 20_000
Scan = Callable[..., PersonalScan]


@pytest.fixture
def run_scan(tmp_path: Path) -> Scan:
    def run(
        table: pa.Table | Mapping[str, Any], *, parts: int = 1, schema: Mapping[str, Any] | None = None
    ) -> PersonalScan:
        table = table if isinstance(table, pa.Table) else pa.table(dict(table))
        return scan(
            parquet=write_parts(tmp_path / "parts", table, parts),
            schema=TableSchema.from_descriptor(schema) if schema else schema_of(table),
            workdir=tmp_path,
            threads=1,
        )

    return run


def kinds(found: PersonalScan) -> set[tuple[str, str | None]]:
    return {(hit.kind.value, hit.column) for hit in found.hits}


def the_hit(found: PersonalScan, kind: str) -> Hit:
    [hit] = [hit for hit in found.hits if hit.kind == kind]
    return hit


def luhn_digit(body: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(body)):
        number = int(sign) * (2 - place % 2)
        total += number - 9 if number > 9 else number
    return body + str(-total % 10)


# ---------------------------------------------------------------- planted in two of twenty thousand rows
PLANTED = {
    "email": ("please write to ada.lovelace@maths.example.org today", "Ada@engine.example.net"),
    "phone": ("ring +41 44 668 18 00 after five", "call +1 415-555-2671"),
    "iban": ("paid from GB82 WEST 1234 5698 7654 32", "DE89370400440532013000 is the account"),
    "card": ("card 4111 1111 1111 1111 was refused", "5500-0000-0000-0004 expired", "used 378282246310005"),
    "national-id": ("身份证 11010519491231002X 已核对", "id 440524198001010013 seen"),
    "ip-address": ("request from 93.184.216.34 failed", "blocked 185.199.108.153"),
    "mac-address": ("phone 00:1B:44:11:3A:B7 joined", "left: 3c-22-fb-aa-bb-01"),
    "person-name": ("spoke with Mr Smith about it", "Frau Schmidt did not answer"),
    "plate": ("停放 粤B12345 三天", "车辆 京A88888 离开"),
}
WORDS = ("road closed", "sample taken in 2024", "ok", "checked at 12:30", "see page 4", "n/a", "rain, 3.5 mm")


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("parts", [1, 3])
def test_a_few_rows_in_very_many_are_found_with_their_numbers(run_scan: Scan, kind: str, parts: int) -> None:
    texts = [WORDS[number % len(WORDS)] for number in range(ROWS)]
    rows = [7_777 + 4_321 * place for place in range(len(PLANTED[kind]))]
    for row, text in zip(rows, PLANTED[kind], strict=True):
        texts[row] = text
    found = run_scan({"id": list(range(ROWS)), "comment": texts}, parts=parts)
    assert kinds(found) == {(kind, "comment")}
    hit = the_hit(found, kind)
    assert (hit.matched, hit.is_estimate, hit.inside_text) == (len(rows), False, True)
    assert [example.row for example in hit.examples] == [row + 1 for row in rows]
    assert "few" in {item.code for item in hit.evidence_against}


def test_an_identity_number_among_other_numbers_is_found(run_scan: Scan) -> None:
    numbers = [number % 5_000 for number in range(ROWS)]
    numbers[12_345] = 110105194912310038  # Rightly made: the check digit is 8.
    numbers[12_346] = 110105194912310039
    found = run_scan({"n": numbers})
    hit = the_hit(found, "national-id")
    assert (hit.matched, hit.valid, hit.checked) == (1, 1, 2)
    assert [example.row for example in hit.examples] == [12_346]
    assert hit.schemes == ("cn-resident-id",)


def test_many_unlike_values_are_sampled_and_the_sample_is_said(run_scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.personal.unlike.EXAMINED", 50)
    numbers = random.Random(4)
    texts = [" ".join(str(numbers.randint(0, 10**9)) for _ in range(numbers.randint(2, 9))) for _ in range(3_000)]
    texts[1_234] += " ada@maths.example.org"
    found = run_scan({"log": texts})
    told = found.sampling.to_json()
    assert told["unlike"]["log"] > 1_000
    assert told["examined"]["log"] < 200
    assert ("email", "log") in kinds(found)


# ---------------------------------------------------------------- whole columns
def random_ids(count: int = 400) -> list[str]:
    numbers = random.Random(1)
    made = []
    while len(made) < count:
        day = f"{numbers.randint(1940, 2015)}{numbers.randint(1, 12):02d}{numbers.randint(1, 28):02d}"
        body = f"{numbers.choice(['11', '31', '44'])}0105{day}{numbers.randint(0, 999):03d}"
        total = 0
        for sign in body:
            total = (total + int(sign)) * 2
        made.append(body + "0123456789X"[(12 - total % 11) % 11])
    return made


def column(kind: str) -> list[Any]:
    numbers = random.Random(2)
    given = sorted(name.title() for name in given_names() if name.isascii())[:400]
    family = sorted(name.title() for name in surnames() if name.isascii())[:400]
    made: dict[str, Callable[[], Any]] = {
        "email": lambda: f"{numbers.choice(given).lower()}.{numbers.randint(1, 999)}@example.org",
        "phone": lambda: f"+49 30 {numbers.randint(20_000_000, 39_999_999)}",
        "card": lambda: luhn_digit(f"4{numbers.randint(0, 10**14 - 1):014d}"),
        "iban": lambda: _iban(f"{numbers.randint(0, 10**18 - 1):018d}"),
        "ip-address": lambda: f"{numbers.randint(150, 190)}.{numbers.randint(0, 255)}.7.{numbers.randint(1, 254)}",
        "person-name": lambda: f"{numbers.choice(given)} {numbers.choice(family)}",
        "street-address": lambda: f"{numbers.randint(1, 99)} {numbers.choice(family)} Street",
    }
    return random_ids() if kind == "national-id" else [made[kind]() for _ in range(400)]


def _iban(account: str) -> str:
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


COLUMNS = ["email", "phone", "card", "iban", "ip-address", "national-id", "person-name", "street-address"]


@pytest.mark.parametrize("kind", COLUMNS)
def test_whole_columns_are_told_without_a_telling_name(run_scan: Scan, kind: str) -> None:
    found = run_scan({"c1": column(kind), "n": list(range(400))})
    assert kinds(found) == {(kind, "c1")}
    hit = the_hit(found, kind)
    assert 390 <= hit.matched <= 400
    assert "not-named" in {item.code for item in hit.evidence_against}
    assert len(hit.examples) == 5


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("email", "E-Mail"),
        ("phone", "Telefon"),
        ("card", "credit_card"),
        ("national-id", "身份证号"),
        ("person-name", "fullName"),
    ],
)
def test_a_telling_name_makes_it_surer(run_scan: Scan, kind: str, name: str) -> None:
    unnamed = the_hit(run_scan({"c1": column(kind)}), kind)
    called = the_hit(run_scan({name: column(kind)}), kind)
    assert called.confidence > unnamed.confidence
    assert "named" in {item.code for item in called.evidence_for}


def test_whole_numbers_that_lost_their_zeros_are_told(run_scan: Scan) -> None:
    # Polish numbers of people born from 1990 to 2009: half begin with zeros, which a spreadsheet drops.
    numbers, made = random.Random(3), []
    while len(made) < 300:
        year, month = numbers.randint(1980, 2009), numbers.randint(1, 12)
        day, order = numbers.randint(1, 28), numbers.randint(0, 9999)
        body = f"{year % 100:02d}{month + (20 if year >= 2000 else 0):02d}{day:02d}{order:04d}"
        total = sum(int(sign) * weight for sign, weight in zip(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3), strict=True))
        made.append(int(f"{body}{-total % 10}"))
    hit = the_hit(run_scan({"pesel": made}), "national-id")
    assert (hit.schemes, hit.matched) == (("pl-pesel",), 300)


def test_offices_addresses_are_told_as_such(run_scan: Scan) -> None:
    hit = the_hit(run_scan({"contact": [f"info@station{n}.example.org" for n in range(30)]}), "email")
    assert "role-addresses" in {item.code for item in hit.evidence_against}


def test_what_lists_and_structs_hold_is_searched(run_scan: Scan) -> None:
    table = pa.table({"people": pa.array([["nobody"], ["ada@maths.example.org"], None] * 20)})
    assert kinds(run_scan(table)) == {("email", "people")}


@pytest.mark.parametrize("every", [1, 2, 20])
def test_addresses_within_comments_of_one_form_are_counted(run_scan: Scan, every: int) -> None:
    """The form of the comments is the column's own, and there is an address in it all the same."""
    comments = [f"ask anna.berg{100 + n}@example.org" if n % every == 0 else f"seen {n % 13}" for n in range(400)]
    found = run_scan({"comment": comments})
    assert kinds(found) == {("email", "comment")}
    hit = the_hit(found, "email")
    assert (hit.matched, hit.is_estimate) == (400 // every, False)
    assert "anna" not in json.dumps(found.to_json())


def test_dates_of_birth_by_type_and_text(run_scan: Scan) -> None:
    days = pa.array([f"19{n:02d}-05-17" for n in range(40, 99)]).cast(pa.date32())
    found = run_scan({"geburtsdatum": days, "DOB": [f"17.05.19{n}" for n in range(40, 99)], "founded": days})
    assert kinds(found) == {("birth-date", "geburtsdatum"), ("birth-date", "DOB")}


# ---------------------------------------------------------------- coordinates
def places(count: int, distinct: int, decimals: int) -> dict[str, list[float]]:
    numbers = random.Random(5)
    made = [
        (round(numbers.uniform(45, 55), decimals), round(numbers.uniform(5, 15), decimals)) for _ in range(distinct)
    ]
    chosen = [made[n % distinct] for n in range(count)]
    return {"lat": [north for north, _ in chosen], "lon": [east for _, east in chosen]}


def test_fine_scattered_coordinates_are_homes_and_weigh_more_beside_persons(run_scan: Scan) -> None:
    alone = the_hit(run_scan(places(300, 300, 5)), "location")
    assert "alone" in {item.code for item in alone.evidence_against}
    beside = the_hit(run_scan({**places(300, 300, 5), "email": column("email")[:300]}), "location")
    assert beside.confidence > alone.confidence
    assert "•" in alone.examples[0].masked


@pytest.mark.parametrize(("distinct", "decimals", "why"), [(300, 2, "coarse"), (12, 5, "repeated")])
def test_coarse_or_repeated_coordinates_are_dismissed_with_the_reason(
    run_scan: Scan, distinct: int, decimals: int, why: str
) -> None:
    found = run_scan(places(300, distinct, decimals))
    assert not found.hits
    assert [(item.kind, item.why[0].code) for item in found.considered] == [(PersonalKind.LOCATION, why)]


def test_coordinates_in_one_text_are_told(run_scan: Scan) -> None:
    pairs = places(100, 100, 5)
    texts = [f"{north}, {east}" for north, east in zip(pairs["lat"], pairs["lon"], strict=True)]
    assert ("location", "where") in kinds(run_scan({"where": texts}))


# ---------------------------------------------------------------- look-alikes
def _look_alikes() -> dict[str, list[Any]]:
    numbers = random.Random(9)
    count = 3_000
    return {
        "order_16": [f"{numbers.randint(10**15, 10**16 - 1)}" for _ in range(count)],
        "order_of_cards_range": [f"4{numbers.randint(0, 10**15 - 1):015d}" for _ in range(count)],
        "order_9": [numbers.randint(10**8, 10**9 - 1) for _ in range(count)],
        "order_10": [numbers.randint(10**9, 10**10 - 1) for _ in range(count)],
        "order_11": [numbers.randint(10**10, 10**11 - 1) for _ in range(count)],
        "order_12": [numbers.randint(10**11, 10**12 - 1) for _ in range(count)],
        "order_13": [numbers.randint(10**12, 10**13 - 1) for _ in range(count)],
        "order_18": [f"{numbers.randint(10**17, 10**18 - 1)}" for _ in range(count)],
        "seconds": [1_700_000_000 + 37 * n for n in range(count)],
        "milliseconds": [1_700_000_000_000 + 37_123 * n for n in range(count)],
        "moment": [f"2024-0{1 + n % 9}-1{n % 9} 1{n % 9}:3{n % 9}:4{n % 9}" for n in range(count)],
        "compact_day": [f"2024{1 + n % 12:02d}{1 + n % 28:02d}" for n in range(count)],
        "release": [f"{n % 12}.{n % 30}.{n % 7}.{n % 99}" for n in range(count)],
        "uuid": [f"{numbers.getrandbits(32):08x}-0000-4000-8000-{numbers.getrandbits(48):012x}" for _ in range(count)],
        "sha1": [f"{numbers.getrandbits(160):040x}" for _ in range(count)],
        "code": [f"AB{numbers.randint(0, 10**6 - 1):06d}" for _ in range(count)],
        "gene": [f"{numbers.choice('ABCDEFG')}{numbers.choice('XYZ')}{n}" for n in range(count)],
        "name": [f"{('Carroll', 'Lewis', 'Craig', 'Norton')[n % 4]} County, Virginia" for n in range(count)],
        "species": [("Adelie Penguin", "Gentoo Penguin", "Chinstrap Penguin")[n % 3] for n in range(count)],
        "share": [numbers.random() for _ in range(count)],
        "isbn13": [_isbn13(f"978{numbers.randint(0, 10**9 - 1):09d}") for _ in range(count)],
        "isbn10": [_isbn10(f"{numbers.randint(0, 10**9 - 1):09d}") for _ in range(count)],
    }


def _isbn13(body: str) -> str:
    return body + str(-sum(int(sign) * (1 + 2 * (place % 2)) for place, sign in enumerate(body)) % 10)


def _isbn10(body: str) -> str:
    return body + "0123456789X"[-sum(int(sign) * (10 - place) for place, sign in enumerate(body)) % 11]


@pytest.mark.parametrize("name", list(_look_alikes()))
def test_look_alikes_are_not_told(run_scan: Scan, name: str) -> None:
    assert run_scan({name: _look_alikes()[name]}).hits == ()


# ---------------------------------------------------------------- the real files of these tests
# Whatever else is told in any of them is a false alarm. Each is judged by eye:
# - biopics: directors, actors and the persons that the films are about, by name; their sex and origin.
# - bachelorette: contestants' names ("01_BRYAN_A") have another form and stay untold.
RIGHT: dict[str, set[tuple[str, str | None]]] = {
    "biopics.csv": {
        ("person-name", "director"),
        ("person-name", "lead_actor_actress"),
        ("person-name", "subject"),
        ("uniqueness", None),
    },
}


def _real_files() -> list[Path]:
    folders = (DATA / "accept", DATA / "workbooks", DATA)
    return sorted(
        path for folder in folders for path in folder.iterdir() if path.is_file() and path.name != "README.md"
    )


@pytest.mark.parametrize("path", _real_files(), ids=lambda path: path.name)
def test_in_real_files_only_what_is_there_is_told(tmp_path: Path, path: Path) -> None:
    outcome = ingest_file(path, filename=path.name, workdir=tmp_path / "work")
    assert isinstance(outcome, Stored)
    told: set[tuple[str, str | None]] = set()
    for table in outcome.resources:
        parts = [part.path for part in table.parts]
        found = scan(parquet=parts, schema=table.schema, workdir=tmp_path, threads=1)
        assert found.rows == table.rows
        told |= kinds(found)
    assert told == RIGHT.get(path.name, set())


# ---------------------------------------------------------------- what is kept
SECRETS = st.from_regex(r"[A-Za-z0-9._+-]{1,20}@[a-z0-9]{1,12}\.[a-z]{2,6}", fullmatch=True) | st.text(
    min_size=1, max_size=60
)


@given(SECRETS)
def test_a_masked_value_never_holds_the_value(value: str) -> None:
    assume(any(sign.isalnum() for sign in value.rpartition("@")[0] or value))
    assert value not in masked(value)
    assert value not in masked_number(value)
    for run in "".join(sign if sign.isalnum() else " " for sign in value.rpartition("@")[0]).split():
        if len(run) > 1:
            assert run not in masked(value).rpartition("@")[0]


def test_nothing_that_is_stored_holds_a_raw_value(run_scan: Scan) -> None:
    table = {kind: column(kind) for kind in COLUMNS} | places(400, 400, 5)
    found = run_scan(table)
    stored = json.dumps(found.to_json(), ensure_ascii=False)
    assert {hit.kind.value for hit in found.hits} >= {*COLUMNS, "location"}
    for values in table.values():
        for value in values:
            assert str(value) not in stored


def test_every_piece_of_evidence_has_its_sentence(run_scan: Scan) -> None:
    table = (
        {kind: column(kind) for kind in COLUMNS}
        | places(400, 400, 5)
        | {"sex": ["f", "m"] * 200, "age": list(range(400))}
    )
    for found in (run_scan(table), run_scan(places(300, 12, 5)), run_scan({"ssn": ["x1", "y2"] * 30})):
        stored = found.to_json()
        evidence = [item for hit in stored["hits"] for item in (*hit["for"], *hit["against"])]
        evidence += [item for entry in stored["considered"] for item in entry["against"]]
        for item in evidence:
            assert str(SENTENCES[item["code"]]) % item["params"]


def test_empty_tables_and_columns_of_nothing_are_searched_too(run_scan: Scan) -> None:
    assert run_scan({"a": pa.array([], pa.string())}).hits == ()
    assert run_scan({"email": pa.array([None, None], pa.string()), "b": pa.array([None, None], pa.null())}).hits == ()


def test_binary_and_geometry_are_said_to_be_left_out(run_scan: Scan) -> None:
    table = pa.table({"raw": pa.array([b"x"]), "shape": ['{"type": "Point"}'], "odd.name": ["a"]})
    schema = {"fields": [{"name": "raw"}, {"name": "shape", "type": "geojson"}, {"name": "odd.name"}]}
    assert run_scan(table, schema=schema).skipped == (("raw", "binary"), ("shape", "geometry"))


@given(st.text(max_size=40))
def test_a_form_fits_its_own_value(value: str) -> None:
    import re

    assert re.fullmatch(forms.form_of(value), value) is not None


def test_examples_name_the_rows_of_the_whole_table_also_in_later_parts(run_scan: Scan) -> None:
    # The first letter, which masking leaves, tells the row: the nulls make it differ from the place among values.
    mails = [f"{'abcdefghijk'[n % 11] * 5}.x{n}@example.org" if n % 3 else None for n in range(9_000)]
    hit = the_hit(run_scan({"mail": mails}, parts=3), "email")
    assert hit.matched == 6_000
    assert len(hit.examples) == 5
    for example in hit.examples:
        assert example.row is not None
        assert (mails[example.row - 1] or "-")[0] == example.masked[0]
