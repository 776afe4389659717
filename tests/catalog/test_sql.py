"""SQL over tables: whoever may have the bytes gets an answer, in any format, and nobody gets out of the cell."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings as site
from openpyxl import load_workbook

from catalog.models import AuditEvent
from catalog.services.publishing.versions import withdraw_version
from tests.fixtures.datasets import add_table, make_dataset, make_published
from tests.fixtures.people import Cast

BIRDS = '"institute/birds@1.0.0/birds"'


@pytest.fixture
def birds(cast: Cast):
    return make_published(cast, make_dataset(cast))


@pytest.fixture
def ask(api, birds):
    def do(sql: str, actor=None, *, path: str = "/api/v1/sql", **more: Any):
        return api(actor).get(path, {"sql": sql, **more})

    return do


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def rows(response) -> list[list[Any]]:
    assert response.status_code == 200, response.content
    return json.loads(body(response))["rows"]


VALUES = (
    "SELECT 1.50::DECIMAL(5,2), 'nan'::DOUBLE, DATE '2026-11-19', TIMESTAMPTZ '2026-11-19 10:00:00+02', [1, NULL], "
    "'\\x00ab'::BLOB, TRUE, {'a': 'ü\"'}"
)

MISSING = (
    "SELECT NULL::DOUBLE, NULL::INT, NULL::DECIMAL(4, 1), NULL::DATE, NULL::TIMESTAMPTZ, NULL::BLOB, NULL::TEXT, "
    "NULL::INT[], NULL::BOOLEAN, '-inf'::DOUBLE, 0.5::DOUBLE"
)


# ---------------------------------------------------------------- answers
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f"SELECT count(*), sum(id), min(name) FROM {BIRDS}", [[100, 4950, "n0"]]),
        (f"SELECT birds.id FROM {BIRDS} AS birds WHERE amount > 147 ORDER BY id DESC", [[99]]),
        (
            f"WITH b AS (FROM {BIRDS}) SELECT a.id FROM b a JOIN {BIRDS} c USING (id) WHERE id < 2 ORDER BY 1",
            [[0], [1]],
        ),
        ("VALUES (1, 'a'), (2, NULL)", [[1, "a"], [2, None]]),
        (
            VALUES,
            [["1.50", "NaN", "2026-11-19", "2026-11-19T08:00:00Z", [1, None], "AGFi", True, {"a": 'ü"'}]],
        ),
        (MISSING, [[*[None] * 9, "-Infinity", 0.5]]),
        (f"SELECT name FROM {BIRDS} TABLESAMPLE 5 ROWS LIMIT 0", []),
    ],
)
def test_a_select_is_answered(ask, sql, expected):
    assert rows(ask(sql)) == expected


def test_a_version_s_tables_need_only_their_names(ask, cast):
    path = "/api/v1/datasets/institute/birds/versions/1.0.0/sql"
    answer = ask("WITH birds AS (FROM birds WHERE id < 3) SELECT birds.id FROM birds ORDER BY 1", path=path)
    assert rows(answer) == [[0], [1], [2]]
    assert rows(ask('SELECT count(*) FROM "institute/birds/birds"')) == [[100]]


def test_columns_rows_and_whether_there_was_more(ask):
    answer = ask(f"SELECT id, name FROM {BIRDS}", limit=7)
    assert (answer["Row-Count"], answer["Partial"]) == ("7", "true")
    data = json.loads(body(answer))
    assert data["columns"] == [{"name": "id", "type": "BIGINT"}, {"name": "name", "type": "VARCHAR"}]
    assert (data["row_count"], data["partial"], len(data["rows"])) == (7, True, 7)
    exact = ask(f"SELECT id FROM {BIRDS} LIMIT 7", limit=7)
    assert (exact["Row-Count"], exact["Partial"]) == ("7", "false")
    assert int(exact["Content-Length"]) == len(body(exact))


def test_every_format_has_the_same_rows(ask):
    sql = f"SELECT id, name, amount, DATE '2026-11-19' AS day FROM {BIRDS} ORDER BY id LIMIT 3"
    table = pa.table({"id": [0, 1, 2], "name": ["n0", "n1", "n2"]})
    arrow = pa.ipc.open_stream(body(ask(sql, format="arrow"))).read_all()
    parquet = pq.read_table(io.BytesIO(body(ask(sql, format="parquet"))))
    assert arrow.select(["id", "name"]).equals(table)
    assert parquet.equals(arrow)
    assert body(ask(sql, format="csv")).decode() == (
        "id,name,amount,day\r\n0,n0,0.0,2026-11-19\r\n1,n1,1.5,2026-11-19\r\n2,n2,3.0,2026-11-19\r\n"
    )
    lines = body(ask(sql, format="ndjson")).decode().splitlines()
    assert json.loads(lines[2]) == {"id": 2, "name": "n2", "amount": "3.0", "day": "2026-11-19"}
    sheet = load_workbook(io.BytesIO(body(ask(sql, format="xlsx"))), read_only=True).active
    found = list(sheet.iter_rows(values_only=True))
    assert found[0] == ("id", "name", "amount", "day")
    assert (found[2][:3], found[2][3].date().isoformat()) == ((1, "n1", 1.5), "2026-11-19")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/vnd.apache.arrow.stream, */*;q=0.1", "application/vnd.apache.arrow.stream"),
        ("text/html;q=0.9, application/x-ndjson;q=0.5", "application/x-ndjson"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("nonsense;q=x", "application/json"),
    ],
)
def test_the_format_is_negotiated(api, birds, accept, kind):
    assert api().get("/api/v1/sql", {"sql": "SELECT 1"}, headers={"Accept": accept})["Content-Type"] == kind


def test_csv_is_safe_for_a_spreadsheet_unless_it_is_to_be_faithful(ask):
    sql = "SELECT '=1+1' AS \"@sum\", '-5' AS n, 'a\"b' AS q, '' AS e, NULL AS m"
    assert body(ask(sql, format="csv")) == b'\'@sum,n,q,e,m\r\n\'=1+1,-5,"a""b","",\r\n'
    assert body(ask(sql, format="csv", faithful="1")) == b'@sum,n,q,e,m\r\n=1+1,-5,"a""b","",\r\n'


# ---------------------------------------------------------------- the same answer tomorrow
def test_a_query_of_published_versions_has_a_permanent_address(ask, api):
    first = ask(f"select   count(*) as n from {BIRDS}")
    address = first["Query-Url"].removeprefix(site.BASE_URL)
    again = api().get(address)
    assert rows(first) == rows(again) == [[100]]
    assert again["Query-Url"] == first["Query-Url"]
    # Spaces and case of keywords say nothing, and other values do.
    other = ask(f"SELECT count(*) AS n FROM {BIRDS}")
    assert (other["Query-Url"], other["ETag"]) == (first["Query-Url"], first["ETag"])
    assert ask(f"SELECT count(*) AS n FROM {BIRDS} WHERE id > 1")["Query-Url"] != first["Query-Url"]
    assert api().get(address, {"format": "csv"}).getvalue() == b"n\r\n100\r\n"


def test_an_answer_that_is_known_is_not_sent_again(ask, api):
    sql = f"SELECT count(*) FROM {BIRDS}"
    tag = ask(sql)["ETag"]
    again = api().get("/api/v1/sql", {"sql": sql}, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert ask(sql, format="csv")["ETag"] != tag


@pytest.mark.parametrize(
    "sql", ["SELECT random()", "SELECT now()", "SELECT current_date", f"FROM {BIRDS} USING SAMPLE 5"]
)
def test_what_changes_by_itself_has_no_permanent_address(ask, sql):
    answer = ask(sql)
    assert answer.status_code == 200, answer.content
    assert "Query-Url" not in answer
    assert "ETag" not in answer


def test_a_draft_s_query_has_no_permanent_address(ask, cast, birds):
    add_table(cast.contributor, birds.dataset)
    answer = ask('SELECT count(*) FROM "institute/birds@draft/birds"', cast.contributor)
    assert rows(answer) == [[100]]
    assert "Query-Url" not in answer


def test_the_address_outlives_a_withdrawn_version_as_its_refusal(ask, api, cast, birds):
    address = ask(f"SELECT 1 FROM {BIRDS}")["Query-Url"].removeprefix(site.BASE_URL)
    withdraw_version(actor=cast.owner, version=birds, reason="Wrong scale.")
    gone = api().get(address)
    assert (gone.status_code, gone.json()["code"]) == (410, "version-withdrawn")


def test_an_address_of_no_query(api, birds):
    assert api().get(f"/api/v1/queries/{'0' * 64}").status_code == 404


# ---------------------------------------------------------------- who
def test_only_who_may_have_the_bytes(api, cast):
    make_published(cast, make_dataset(cast, access="restricted"))
    sql = {"sql": f"SELECT count(*) FROM {BIRDS}"}
    answers = {name: api(cast.named(name)).get("/api/v1/sql", sql) for name in ("owner", "reader", "stranger")}
    anonymous = api().get("/api/v1/sql", sql)
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "owner": 200,
        "reader": 200,
        "stranger": 403,
    }
    assert anonymous.status_code == 401
    address = answers["owner"]["Query-Url"].removeprefix(site.BASE_URL)
    assert api(cast.stranger).get(address).status_code == 403


def test_reads_are_on_the_trail(ask, cast):
    body(ask(f"SELECT id FROM {BIRDS} LIMIT 3", cast.stranger))
    event = AuditEvent.objects.filter(action="resource.read").latest("pk")
    assert (event.actor, event.detail["protocol"], event.detail["rows"]) == (cast.stranger.user, "sql", 3)
    assert len(event.detail["query"]) == 64


# ---------------------------------------------------------------- slips and escapes
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELEC 1", "syntax error"),
        (f"SELECT nope FROM {BIRDS}", "nope"),
        ("SELECT * FROM birds", "There is no table “birds”"),
        ("SELECT $1", "no value for a parameter"),
        (f"SELECT 'x'::INTEGER FROM {BIRDS}", "Could not convert"),
        ("SELECT " + "1+" * 60_000 + "1", "no more than"),
        ("SELECT '\0'", "Null characters"),
    ],
)
def test_a_slip_is_the_author_s(ask, sql, words):
    answer = ask(sql)
    assert answer.status_code in {400, 422}
    assert words in answer.json()["detail"]
    assert not AuditEvent.objects.filter(action="query.refused").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM 's3://commonfield/datasets/1/parquet/x.parquet'",
        "COPY (SELECT 1) TO 'escaped'",
        "SELECT 1; SET enable_external_access = true",
    ],
)
def test_an_attempt_to_get_out_is_refused_and_written_down(api, sql, cast):
    answer = api(cast.stranger).post("/api/v1/sql", {"sql": sql})
    assert (answer.status_code, answer.json()["code"]) == (400, "query-refused")
    assert str(site.VAR_DIR) not in answer.content.decode()
    event = AuditEvent.objects.filter(action="query.refused").latest("pk")
    assert (event.actor, event.detail["query"]) == (cast.stranger.user, sql)


@pytest.mark.parametrize("name", ["events", "settings", "cast", "table", "birds"])
def test_what_python_holds_is_no_table(ask, name):
    assert ask(f"SELECT * FROM {name}").status_code == 400


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b",
        "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r) SELECT count(*) FROM r",
        "SELECT count(DISTINCT md5(range::VARCHAR)) FROM range(1000000000000)",
        "SELECT list(range) FROM range(1000000000000)",
        "SELECT repeat('x', 1000000000) || repeat('y', 1000000000) || repeat('z', 1000000000)",
        "SELECT * FROM range(1000000000000) ORDER BY hash(range)",
    ],
)
def test_a_bomb_ends_in_time(ask, sql, settings):
    settings.QUERY_SECONDS = 1
    begun = time.monotonic()
    answer = ask(sql)
    assert (answer.status_code, answer.json()["code"]) == (413, "query-too-large")
    assert time.monotonic() - begun < 20


def test_an_endless_answer_is_cut(ask, settings):
    settings.QUERY_BYTES = 100_000
    settings.QUERY_ROWS = 50_000
    answer = ask("SELECT range, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' FROM range(1000000000000)", limit=10**9)
    assert answer["Partial"] == "true"
    assert 0 < int(answer["Content-Length"]) < 2_000_000


def test_no_slot_is_said_with_when_to_come_back(ask, settings):
    settings.QUERY_SLOTS = 0
    settings.QUERY_WAIT_SECONDS = 0
    answer = ask("SELECT 1")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "too-busy", "5")
