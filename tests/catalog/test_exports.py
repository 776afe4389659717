"""A table in other formats and a version as one archive: the same rows, the same bytes, and who may have them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pyarrow as pa
import pytest
from openpyxl import load_workbook

from catalog.models import AuditEvent
from catalog.querying.workbook import MAX_ROWS
from catalog.services.delivering.exports import SheetTooLarge, require_export
from tests.fixtures.datasets import add_table, make_dataset, make_published
from tests.fixtures.people import Cast

VERSION = "/api/v1/datasets/institute/birds/versions/1.0.0"
SQL = (
    "SELECT range AS id, CASE range WHEN 2 THEN NULL WHEN 1 THEN '=1+1' ELSE 'a\"b,é' || chr(10) END AS name, "
    "range * 1.5 AS amount FROM range(3)"
)


@pytest.fixture
def birds(cast: Cast):
    return make_published(cast, make_dataset(cast), sql=SQL)


def body(response) -> bytes:
    assert response.status_code in {200, 206}, response.content
    return b"".join(response.streaming_content)


def table(api, extension: str, **asked) -> bytes:
    return body(api().get(f"{VERSION}/resources/birds.{extension}", asked))


def test_a_table_in_every_format(api, birds):
    assert table(api, "csv").decode() == ('id,name,amount\r\n0,"a""b,é\n",0.0\r\n1,\'=1+1,1.5\r\n2,,3.0\r\n')
    assert "\r\n1,=1+1,1.5\r\n" in table(api, "csv", faithful=1).decode()
    records = [
        {"id": 0, "name": 'a"b,é\n', "amount": "0.0"},
        {"id": 1, "name": "=1+1", "amount": "1.5"},
        {"id": 2, "name": None, "amount": "3.0"},
    ]
    assert json.loads(table(api, "json")) == records
    assert [json.loads(line) for line in table(api, "ndjson").decode().splitlines()] == records
    assert pa.ipc.open_stream(table(api, "arrow")).read_all().column("id").to_pylist() == [0, 1, 2]
    sheet = load_workbook(io.BytesIO(table(api, "xlsx")), read_only=True).active
    # A text is a text to Excel, whatever it begins with.
    assert list(sheet.iter_rows(values_only=True))[1:] == [(0, 'a"b,é\n', 0), (1, "=1+1", 1.5), (2, None, 3)]
    event = AuditEvent.objects.filter(action="resource.read").latest("pk")
    assert (event.detail["protocol"], event.detail["rows"], event.detail["format"]) == ("export", 3, "xlsx")


def test_its_head_and_its_etag(api, birds):
    head = api().head(f"{VERSION}/resources/birds.csv")
    assert (head.status_code, head["Row-Count"], head["Content-Type"]) == (200, "3", "text/csv; charset=utf-8")
    again = api().get(f"{VERSION}/resources/birds.csv", headers={"If-None-Match": head["ETag"]})
    assert again.status_code == 304
    assert api().head(f"{VERSION}/resources/birds.csv?faithful=1")["ETag"] != head["ETag"]


def test_an_empty_table(api, cast):
    make_published(cast, make_dataset(cast), sql=f"{SQL} WHERE range < 0")
    assert table(api, "csv") == b"id,name,amount\r\n"
    assert table(api, "ndjson") == b""
    assert json.loads(table(api, "json")) == []


def test_a_sheet_has_its_limits(cast, birds):
    resource = birds.resources.get()
    resource.version = birds
    resource.rows = MAX_ROWS + 1
    with pytest.raises(SheetTooLarge, match="1,048,576 rows"):
        require_export(actor=cast.stranger, resource=resource, form="xlsx")


@pytest.mark.parametrize("path", ["resources/birds.csv", "archive.zip", "resources/birds/rows"])
def test_only_who_may_have_the_bytes(api, cast, path):
    make_published(cast, make_dataset(cast, access="restricted"), sql=SQL)
    assert api(cast.stranger).get(f"{VERSION}/{path}").status_code == 403
    answer = api(cast.reader).get(f"{VERSION}/{path}")
    assert answer.status_code == 200
    list(answer)


# ---------------------------------------------------------------- the archive
def test_an_archive_holds_the_version_and_its_sums(api, birds):
    response = api().get(f"{VERSION}/archive.zip?originals=1")
    data = body(response)
    assert int(response["Content-Length"]) == len(data)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    names = archive.namelist()
    assert names == [
        "birds-1.0.0/README.md",
        "birds-1.0.0/manifest.json",
        "birds-1.0.0/SHA256SUMS",
        "birds-1.0.0/data/birds.parquet",
        "birds-1.0.0/original/birds/birds.csv",
    ]
    sums = dict(reversed(line.split("  ")) for line in archive.read(names[2]).decode().splitlines())
    for name in (names[0], names[1], names[3], names[4]):
        assert sums[name.removeprefix("birds-1.0.0/")] == hashlib.sha256(archive.read(name)).hexdigest()
    assert hashlib.sha256(archive.read(names[1])).hexdigest() == birds.manifest_sha256
    assert "original" not in " ".join(zipfile.ZipFile(io.BytesIO(body(api().get(f"{VERSION}/archive.zip")))).namelist())


def test_any_range_of_an_archive_is_the_same_bytes(api, birds):
    response = api().get(f"{VERSION}/archive.zip")
    data, tag = body(response), response["ETag"]
    size = len(data)
    for start, end in ((0, 0), (10, 700), (size // 2, size - 1), (size - 30, size - 1), (300, 301)):
        part = api().get(f"{VERSION}/archive.zip", headers={"Range": f"bytes={start}-{end}", "If-Range": tag})
        assert (part.status_code, part["Content-Range"]) == (206, f"bytes {start}-{end}/{size}")
        assert body(part) == data[start : end + 1]
    other = api().get(f"{VERSION}/archive.zip", headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (other.status_code, body(other)) == (200, data)
    assert api().get(f"{VERSION}/archive.zip", headers={"Range": f"bytes={size}-"}).status_code == 416
    assert int(api().head(f"{VERSION}/archive.zip")["Content-Length"]) == size


def test_a_draft_has_no_archive(api, cast, birds):
    add_table(cast.contributor, birds.dataset)
    answer = api(cast.contributor).get("/api/v1/datasets/institute/birds/versions/draft/archive.zip")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-published")
