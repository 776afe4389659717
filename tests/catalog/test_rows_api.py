"""Rows by cursor, filter, search, sort and group, in any format: what the table has, whichever way it is asked."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.models import AuditEvent
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast

PATH = "/api/v1/datasets/institute/birds/versions/1.0.0/resources/birds/rows"
SQL = (
    "SELECT range AS id, CASE WHEN range % 10 = 3 THEN NULL ELSE range % 7 END AS kind, 'Müller ' || range AS name, "
    "range * 1.5 AS amount, DATE '2026-01-01' + range::INTEGER AS day FROM range(100)"
)
SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "kind", "type": "integer"},
        {"name": "name", "type": "string"},
        {"name": "amount", "type": "number"},
        {"name": "day", "type": "date"},
    ]
}
ROWS = [(number, None if number % 10 == 3 else number % 7, f"Müller {number}", number * 1.5) for number in range(100)]


@pytest.fixture
def ask(api, cast: Cast):
    make_published(cast, make_dataset(cast), sql=SQL, schema=SCHEMA)

    def do(**asked):
        return api().get(PATH, asked)

    return do


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def all_ids(ask, **asked) -> list[int]:
    """Through all pages by their cursors."""
    found, after = [], ""
    for _ in range(100):
        page = ask(columns="id", limit=7, **asked, **({"after": after} if after else {})).json()
        found += [row[0] for row in page["rows"]]
        after = page["next"]
        if not after:
            return found
    raise AssertionError("no end")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, list(range(100))),
        ({"min:id": "50"}, list(range(50, 100))),
        ({"q": "MÜLLER 9"}, [9, *range(90, 100)]),
        ({"sort": "-id"}, list(range(99, -1, -1))),
        ({"sort": "kind"}, sorted(range(100), key=lambda n: (ROWS[n][1] is None, ROWS[n][1] or 0, n))),
        ({"sort": "-kind"}, sorted(range(100), key=lambda n: (ROWS[n][1] is None, -(ROWS[n][1] or 0), n))),
        ({"sort": "-amount", "max:amount": "30"}, list(range(20, -1, -1))),
        (
            {"sort": "name", "is:kind": "2"},
            sorted((n for n in range(100) if ROWS[n][1] == 2), key=lambda n: ROWS[n][2]),
        ),
        ({"sort": "kind", "missing:kind": "only"}, [n for n in range(100) if ROWS[n][1] is None]),
        ({"sort": "day", "min:day": "2026-04-01"}, list(range(90, 100))),
    ],
)
def test_pages_by_cursor_are_all_rows_once_and_in_order(ask, asked, expected):
    assert all_ids(ask, **asked) == expected


def test_a_cursor_is_of_its_question_and_carries_the_count(ask):
    first = ask(q="müller", limit=10, sort="-id").json()
    assert (first["total"], len(first["rows"])) == (100, 10)
    second = ask(q="müller", limit=10, sort="-id", after=first["next"]).json()
    assert (second["total"], second["rows"][0][0]) == (100, 89)
    for asked in ({"after": first["next"]}, {"after": "nonsense"}, {"after": first["next"][:-4], "q": "müller"}):
        refused = ask(**asked)
        assert (refused.status_code, refused.json()["code"]) == (400, "query-invalid")


LARGEST_KINDS = sorted(
    ([kind, sum(row[1] == kind for row in ROWS)] for kind in range(7)), key=lambda row: (-row[1], row[0])
)


@pytest.mark.parametrize(
    ("asked", "rows", "total"),
    [
        ({"measures": "count"}, [[100]], 1),
        ({"group": "kind", "measures": "count", "sort": "-count", "min:kind": "0"}, LARGEST_KINDS, 7),
        ({"group": "kind", "measures": "sum:id", "limit": "1"}, [[0, sum(row[0] for row in ROWS if row[1] == 0)]], 8),
        ({"group": "kind", "measures": "count", "offset": "7"}, [[None, 10]], 8),
        (
            {"measures": "missing:kind,distinct:kind,min:name,max:amount,mean:id", "max:id": "9"},
            [[1, 6, "Müller 0", "13.5", 5.0 - 0.5]],
            1,
        ),
        ({"group": "kind,day", "max:id": "1"}, [[0, "2026-01-01", 1], [1, "2026-01-02", 1]], 2),
        ({"group": "kind", "q": "nobody"}, [], 0),
    ],
)
def test_groups(ask, asked, rows, total):
    found = ask(**asked).json()
    names = [*asked.get("group", "").split(","), *asked.get("measures", "count").split(",")]
    assert found["columns"] == [name for name in names if name]
    assert (found["rows"], found["total"]) == (rows, total)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"columns": "nope"}, "nope"),
        ({"sort": "nope"}, "nope"),
        ({"is:nope": "1"}, "nope"),
        ({"is:id": "x"}, "“x”"),
        ({"has:id": "1"}, "id"),
        ({"group": "nope"}, "nope"),
        ({"measures": "sum:name"}, "name"),
        ({"measures": "median:id"}, "median:id"),
        ({"measures": "sum"}, "sum"),
        ({"group": "kind", "sort": "amount"}, "amount"),
        ({"format": "pdf"}, "pdf"),
    ],
)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_bad_question_names_what_is_wrong(ask, asked, words, form):
    refused = ask(**{"format": form, **asked})
    assert refused.status_code == 400
    assert words in refused.json()["detail"]


def test_every_format_has_the_same_rows(ask):
    asked = {"columns": "id,name,amount", "q": "müller 9", "sort": "-id", "limit": "3"}
    expected = [[99, "Müller 99", "148.5"], [98, "Müller 98", "147.0"], [97, "Müller 97", "145.5"]]
    assert ask(**asked).json()["rows"] == expected
    csv = ask(format="csv", **asked)
    assert (csv["Row-Count"], csv["Partial"]) == ("3", "true")
    assert body(csv).decode() == "id,name,amount\r\n99,Müller 99,148.5\r\n98,Müller 98,147.0\r\n97,Müller 97,145.5\r\n"
    arrow = pa.ipc.open_stream(body(ask(format="arrow", **asked))).read_all()
    assert arrow.column("id").to_pylist() == [99, 98, 97]
    parquet = pq.read_table(io.BytesIO(body(ask(format="parquet", offset=1, **{"min:day": "2026-04-10"}))))
    assert parquet.schema.names == ["id", "kind", "name", "amount", "day"]
    assert parquet.num_rows == 0
    grouped = body(ask(format="ndjson", group="kind", measures="count", limit=1)).decode()
    assert json.loads(grouped) == {"kind": 0, "count": 14}


def test_what_is_known_is_not_sent_again_and_reads_are_on_the_trail(ask, api, cast):
    first = ask(columns="id", limit=3, q="müller")
    known = api().get(PATH, {"columns": "id", "limit": 3, "q": "müller"}, headers={"If-None-Match": first["ETag"]})
    assert known.status_code == 304
    event = AuditEvent.objects.filter(action="resource.read").latest("pk")
    assert (event.detail["protocol"], event.detail["columns"], event.detail["rows"]) == ("rows", ["id"], 3)
    assert len(event.detail["filters"]) == 64
    assert "müller" not in json.dumps(event.detail)
