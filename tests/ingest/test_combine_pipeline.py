"""Files added to a table, through the whole job on real servers: appended, updated by key, deleted by key."""

from __future__ import annotations

import io
import json
import threading
import zipfile

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction

from catalog import keys, storage
from catalog.errors import Invalid
from catalog.models import AuditEvent, ResourceSource
from catalog.services.publishing.resources import VersionNotDraft, edit_resource
from catalog.services.publishing.versions import open_draft, propose_number, submit_version, take_back
from catalog.web.report.differences import Difference, compare_rows
from ingest.models import UploadState
from ingest.services import processing
from ingest.services.processing import process
from ingest.services.purposes import Purpose
from ingest.services.uploads import initiate_upload
from tests.fixtures.datasets import make_dataset
from tests.fixtures.uploading import check_draft, publish, push, send

pytestmark = pytest.mark.django_db(transaction=True)

JANUARY = "id,name,seen\n1,wren,2024-01-05\n2,robin,2024-01-09\n3,finch,\n"
FEBRUARY = "id,name,seen\n4,owl,2024-02-01\n5,kite,2024-02-11\n"
MARCH = "id,name,seen\n6,jay,2024-03-03\n"


@pytest.fixture
def dataset(cast):
    """A dataset whose version 1.0.0 is published, with one table."""
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, JANUARY, "january.csv", resource="sightings")
    publish(cast, dataset)
    dataset.refresh_from_db()
    return dataset


def table(dataset, version="draft", name="sightings"):
    found = dataset.versions.open().get() if version == "draft" else dataset.versions.get(number=version)
    return found.resources.get(name=name)


def frame(resource):
    """The table as readers get it: its parts, one after the other."""
    dataset_id = resource.version.dataset_id
    parts = [io.BytesIO(storage.read_bytes(keys.parquet(dataset_id, part.sha256))) for part in resource.parts.all()]
    return pd.concat([pd.read_parquet(part, dtype_backend="pyarrow") for part in parts], ignore_index=True)


def objects(dataset, kind="parquet"):
    return set(storage.list_keys(f"datasets/{dataset.pk}/{kind}/"))


def read(text):
    return pd.read_csv(io.StringIO(text), dtype_backend="pyarrow", parse_dates=False)


def codes(upload):
    return [group["code"] for group in upload.findings]


# ---------------------------------------------------------------- append
def test_appended_twice_and_published_is_the_concatenation_and_stores_only_what_is_new(cast, dataset):
    first = table(dataset, "1.0.0")
    before, old_parts = objects(dataset), [(part.sha256, part.bytes) for part in first.parts.all()]
    for number, (text, name) in enumerate([(FEBRUARY, "february.csv"), (MARCH, "march.csv")], start=1):
        upload = push(cast.contributor, dataset, text, name, mode="append")
        assert (upload.state, upload.error, upload.counts) == ("stored", None, {"inserted": len(read(text))})
        assert len(objects(dataset) - before) == number
    version = publish(cast, dataset)
    assert (version.number, version.verdict) == ("1.1.0", "passed")
    got = frame(table(dataset, "1.1.0"))
    expected = pd.concat([read(JANUARY), read(FEBRUARY), read(MARCH)], ignore_index=True)
    assert got.astype(str).replace("None", "<NA>").equals(expected.astype(str))
    assert [(part.sha256, part.bytes) for part in first.parts.all()] == old_parts
    assert next(part.sha256 for part in table(dataset, "1.1.0").parts.all()) == old_parts[0][0]
    assert len(frame(first)) == 3


def test_the_chain_of_originals_is_kept_listed_and_in_the_manifest(cast, dataset, api):
    push(cast.contributor, dataset, FEBRUARY, "february.csv", mode="append")
    version = publish(cast, dataset)
    resource = table(dataset, "1.1.0")
    assert [(s.position, s.mode, s.filename, s.rows, s.inherited) for s in resource.sources.all()] == [
        (0, "replace", "january.csv", 3, True),
        (1, "append", "february.csv", 2, False),
    ]
    manifest = json.loads(storage.read_bytes(keys.manifest(dataset.pk, "1.1.0")))
    sources = manifest["resources"][0]["sources"]
    assert [source["filename"] for source in sources] == ["january.csv", "february.csv"]
    assert sources[1]["read_by"]["fields"][0]["arrow"] == "int64"
    client = api(cast.stranger)
    files = client.get(f"/api/v1/datasets/institute/birds/versions/{version.number}/files.json").json()["files"]
    originals = [file for file in files if file["kind"] == "original"]
    assert [file["path"] for file in originals] == ["january.csv", "february.csv"]
    base = f"/api/v1/datasets/institute/birds/versions/{version.number}/resources/sightings"
    refused = client.get(f"{base}/original")
    assert (refused.status_code, refused.json()["code"]) == (409, "several-originals")
    got = b"".join(client.get(f"{base}/originals/1?stream=1").streaming_content)
    assert got == FEBRUARY.encode()
    assert client.get(f"{base}/originals/2").status_code == 404
    described = client.get(base).json()["sources"]
    assert [(item["mode"], item["counts"]) for item in described] == [("replace", {}), ("append", {"inserted": 2})]


def test_two_originals_of_one_name_are_listed_under_two(cast, dataset, api):
    push(cast.contributor, dataset, FEBRUARY, "january.csv", mode="append")
    files = api(cast.contributor).get("/api/v1/datasets/institute/birds/versions/draft/files.json").json()["files"]
    assert [file["path"] for file in files if file["kind"] == "original"] == ["000-january.csv", "001-january.csv"]


def test_a_message_that_comes_twice_appends_once(cast, dataset):
    upload = push(cast.contributor, dataset, FEBRUARY, "february.csv", mode="append")
    process(upload_id=upload.pk)
    assert table(dataset).rows == 5
    assert table(dataset).sources.count() == 2


def test_a_worker_that_lost_its_lease_appends_nothing(cast, dataset, monkeypatch):
    """Another worker took the job over while this one combined: what the first wrote is refused, the second's stays."""
    upload = send(cast.contributor, dataset, FEBRUARY, "february.csv", mode="append")
    calls = []

    def slow(addition, target, attempt, _combine=processing.combine):
        done = _combine(addition, target, attempt)
        if not calls:
            calls.append(attempt)
            type(upload).objects.filter(pk=upload.pk).update(lease_until="2000-01-01T00:00Z")
            process(upload_id=upload.pk)
        return done

    monkeypatch.setattr(processing, "combine", slow)
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == (UploadState.STORED, 2)
    assert table(dataset).rows == 5
    assert [source.filename for source in table(dataset).sources.all()] == ["january.csv", "february.csv"]


def test_the_same_file_is_not_appended_again(cast, dataset):
    again = push(cast.contributor, dataset, JANUARY, "january-again.csv", mode="append")
    assert (again.state, codes(again)) == (UploadState.REJECTED, ["file-already-added"])
    assert dataset.versions.open().count() == 0


def test_appends_that_race_all_land_once_and_in_the_order_of_their_arrival(cast, dataset):
    texts = [f"id,name,seen\n{n},bird{n},2024-04-{n % 28 + 1:02}\n" for n in range(10, 16)]
    uploads = [send(cast.contributor, dataset, text, f"part{n}.csv", mode="append") for n, text in enumerate(texts)]

    def work(upload):
        process(upload_id=upload.pk)
        connection.close()

    # Begun the other way round, so that the order of landing is not that of arrival.
    threads = [threading.Thread(target=work, args=(upload,)) for upload in reversed(uploads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for upload in uploads:
        upload.refresh_from_db()
        assert (upload.state, upload.error) == (UploadState.STORED, None)
    assert frame(table(dataset))["id"].to_list() == [1, 2, 3, *range(10, 16)]
    assert [source.filename for source in table(dataset).sources.all()] == [
        "january.csv",
        *(f"part{n}.csv" for n in range(6)),
    ]
    steps = [step["file"] for step in table(dataset).recipe if step["step"] == "append-rows"]
    assert steps == [f"part{n}.csv" for n in range(6)]


def test_a_later_file_that_is_quicker_goes_behind_the_earlier_one(cast, dataset):
    earlier = send(cast.contributor, dataset, FEBRUARY, "february.csv", mode="append")
    push(cast.contributor, dataset, MARCH, "march.csv", mode="append")
    process(upload_id=earlier.pk)
    assert frame(table(dataset))["id"].to_list() == [1, 2, 3, 4, 5, 6]


def test_what_was_submitted_meanwhile_takes_no_more_rows(cast, dataset):
    push(cast.contributor, dataset, FEBRUARY, "february.csv", mode="append")
    late = send(cast.contributor, dataset, MARCH, "march.csv", mode="append")
    draft = check_draft(dataset)
    submit_version(actor=cast.contributor, version=draft, note="Without March.")
    process(upload_id=late.pk)
    late.refresh_from_db()
    assert (late.state, late.error["code"]) == (UploadState.REJECTED, "version-not-draft")
    assert "Take it back" in late.error["remedy"]
    assert table(dataset).rows == 5
    with pytest.raises(VersionNotDraft):
        initiate_upload(
            actor=cast.contributor, dataset=dataset, filename="a.csv", size=9, purpose=Purpose(mode="append")
        )
    take_back(actor=cast.contributor, version=draft)
    assert push(cast.contributor, dataset, MARCH, "march.csv", mode="append").state == UploadState.STORED


# ---------------------------------------------------------------- columns that drift
@pytest.mark.parametrize(
    ("text", "state", "found"),
    [
        ("seen,id,name\n2024-02-01,4,owl\n", "stored", []),
        ("ID,Name,Seen\n4,owl,2024-02-01\n", "stored", []),
        ("id,name\n4,owl\n", "stored", ["column-absent"]),
        ("id,name,seen\nx4,owl,2024-02-01\n5,jay,\n", "stored", ["cell-not-of-type"]),
        ("id,name,seen,mass\n4,owl,2024-02-01,200\n", "rejected", ["columns-not-in-table"]),
    ],
    ids=["another order", "another case", "a column less", "another type", "a column more"],
)
def test_a_file_is_read_by_the_tables_schema(cast, dataset, text, state, found):
    upload = push(cast.contributor, dataset, text, "next.csv", mode="append")
    assert upload.state == state
    assert [code for code in codes(upload) if not code.startswith("header")] == found
    if state == "stored":
        resource = table(dataset)
        assert list(frame(resource).columns) == ["id", "name", "seen"]
        assert [group["params"].get("file") for group in resource.findings] == ["next.csv"] * len(resource.findings)
        assert publish(cast, dataset).number == "1.1.0"


def test_a_column_that_is_required_is_not_left_out(cast, dataset):
    open_draft(actor=cast.contributor, dataset=dataset)
    schema = table(dataset).schema
    schema["fields"][1]["constraints"] = {"required": True}
    edit_resource(actor=cast.contributor, resource=table(dataset), schema=schema)
    upload = push(cast.contributor, dataset, "id,seen\n4,2024-02-01\n", "next.csv", mode="append")
    assert (upload.state, codes(upload)) == (UploadState.REJECTED, ["schema-not-met"])


def test_new_columns_are_added_when_they_are_wanted(cast, dataset):
    text = "id,name,seen,mass\n4,owl,2024-02-01,200\n"
    upload = push(cast.contributor, dataset, text, "next.csv", mode="append", new_columns="add")
    assert (upload.state, upload.counts) == ("stored", {"inserted": 1})
    resource = table(dataset)
    got = frame(resource)
    assert got["mass"].to_list() == [pd.NA, pd.NA, pd.NA, 200]
    assert got["id"].to_list() == [1, 2, 3, 4]
    assert (resource.columns, [field["name"] for field in resource.schema["fields"]][-1]) == (4, "mass")
    draft = dataset.versions.open().get()
    reasons = propose_number(draft).reasons
    assert ("column-added", "sightings.mass") in reasons
    assert publish(cast, dataset).number == "1.1.0"


def test_a_workbook_of_several_tables_is_not_added_to_one(cast, dataset):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", FEBRUARY)
        archive.writestr("b.csv", MARCH)
    upload = push(cast.contributor, dataset, buffer.getvalue(), "both.zip", mode="append")
    assert (upload.state, codes(upload)) == (UploadState.REJECTED, ["several-tables"])


# ---------------------------------------------------------------- by key
UPDATE = "id,name,seen\n2,European robin,2024-01-09\n3,finch,\n9,heron,2024-02-02\n"


def test_rows_are_updated_in_their_places_and_new_ones_come_behind(cast, dataset):
    upload = push(cast.contributor, dataset, UPDATE, "fixes.csv", mode="upsert", key=("id",))
    assert (upload.state, upload.counts) == ("stored", {"inserted": 1, "updated": 1, "unchanged": 1})
    resource = table(dataset)
    assert frame(resource)["name"].to_list() == ["wren", "European robin", "finch", "heron"]
    last = resource.recipe[-1]
    assert (last["step"], last["key"], last["updated"], last["file"]) == ("upsert-rows", ["id"], 1, "fixes.csv")
    version = publish(cast, dataset)
    assert version.number == "1.1.0"
    assert frame(table(dataset, "1.0.0"))["name"].to_list() == ["wren", "robin", "finch"]
    told = compare_rows([table(dataset, "1.0.0")], [table(dataset, "1.1.0")])
    assert told == [
        Difference("rows", "sightings", before="3", after="4 (+1)"),
        Difference("file", "sightings", "fixes.csv", after="1 added, 1 updated, 1 the same already"),
    ]


@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_a_table_that_moved_meanwhile_is_combined_anew(cast, dataset, monkeypatch, mode):
    """While this file is combined, another one lands: neither its rows nor its findings are lost."""
    key = ("id",) if mode == "upsert" else ()
    slow = send(cast.contributor, dataset, "id,name,seen\n7,jay,soon\n", "slow.csv", mode=mode, key=key)
    quick = send(cast.contributor, dataset, "id,name,seen\n1,Wren,never\n", "quick.csv", mode="upsert", key=("id",))
    attempts = []

    def overtaken(addition, target, attempt, _combine=processing.combine):
        done = _combine(addition, target, attempt)
        attempts.append((addition.upload.filename, attempt))
        if len(attempts) == 1:
            process(upload_id=quick.pk)
        return done

    monkeypatch.setattr(processing, "combine", overtaken)
    process(upload_id=slow.pk)
    assert attempts == [("slow.csv", 1), ("quick.csv", 1), ("slow.csv", 2)]
    slow.refresh_from_db()
    assert (slow.state, slow.attempts) == (UploadState.STORED, 1)
    resource = table(dataset)
    assert frame(resource)["name"].to_list() == ["Wren", "robin", "finch", "jay"]
    assert sorted(group["params"]["file"] for group in resource.findings) == ["quick.csv", "slow.csv"]
    found = pq.read_table(io.BytesIO(storage.read_bytes(keys.findings(dataset.pk, resource.findings_sha256))))
    assert sorted(found["file"].to_pylist()) == ["quick.csv", "slow.csv"]


def test_parts_in_which_nothing_changes_are_the_same_objects(cast, dataset):
    push(cast.contributor, dataset, FEBRUARY, "february.csv", mode="append")
    before = [part.sha256 for part in table(dataset).parts.all()]
    push(cast.contributor, dataset, "id,name,seen\n5,red kite,2024-02-11\n", "fix.csv", mode="upsert", key=("id",))
    after = [part.sha256 for part in table(dataset).parts.all()]
    assert (len(after), after[0]) == (2, before[0])
    assert after[1] != before[1]


def test_an_update_may_lack_columns_which_then_keep_their_values(cast, dataset):
    upload = push(
        cast.contributor, dataset, "id,name\n2,European robin\n9,heron\n", "names.csv", mode="upsert", key=("id",)
    )
    assert (upload.state, codes(upload)) == ("stored", ["column-kept"])
    seen = [None if value is None or value is pd.NA else str(value) for value in frame(table(dataset))["seen"]]
    assert seen == ["2024-01-05", "2024-01-09", None, None]


def test_the_schemas_primary_key_is_the_key_if_none_is_given(cast, dataset):
    with pytest.raises(Invalid, match=r"(?i)valid|declares no primary key") as refusal:
        initiate_upload(
            actor=cast.contributor, dataset=dataset, filename="a.csv", size=9, purpose=Purpose(mode="upsert")
        )
    assert "key" in refusal.value.extra["errors"]
    open_draft(actor=cast.contributor, dataset=dataset)
    resource = table(dataset)
    edit_resource(actor=cast.contributor, resource=resource, schema={**resource.schema, "primaryKey": ["id"]})
    upload = push(cast.contributor, dataset, UPDATE, "fixes.csv", mode="upsert")
    assert upload.counts == {"inserted": 1, "updated": 1, "unchanged": 1}


@pytest.mark.parametrize(
    ("text", "key", "found", "rows"),
    [
        ("id,name,seen\n1,a,\n7,b,\n1,c,\n", ("id",), "key-repeated", [2, 4]),
        ("id,name,seen\n1,a,\n,b,\n", ("id",), "key-missing", [3]),
        ("name,seen\na,\n", ("id",), "schema-not-met", [None]),
    ],
)
def test_keys_that_mean_no_row_or_two_are_refused_with_their_rows(cast, dataset, text, key, found, rows):
    upload = push(cast.contributor, dataset, text, "fixes.csv", mode="upsert", key=key)
    assert (upload.state, codes(upload)) == (UploadState.REJECTED, [found])
    samples = upload.findings[0]["samples"]
    assert [sample.get("row") for sample in samples] == rows
    assert dataset.versions.open().count() == 0


@pytest.mark.parametrize(
    ("filename", "text", "places"),
    [
        ("a.csv", "id,name,seen\n1,a,\n7,b,\n1,c,\n", [(2, 2), (4, 4)]),
        # A title above, a name of two lines, a blank line: rows and lines go apart.
        (
            "b.csv",
            'Fixes of May\n\nid,name,seen\n7,"a\nb",2024-05-01\n1,c,2024-05-01\n\n1,d,2024-05-01\n8,e,2024-05-01\n',
            [(3, 6), (4, 8)],
        ),
        ("c.csv", "id,name,seen\r\n1,a,\r\n# by hand\r\n7,b,2024-05-01\r\n1,c,2024-05-01\r\n", [(2, 2), (4, 5)]),
        ("d.ndjson", '{"id":1,"name":"a"}\n\n{"id":7,"name":"b"}\n{"id":1,"name":"c"}\n', [(1, 1), (3, 4)]),
        ("e.json", '[{"id":1,"name":"a"},\n{"id":7,"name":"b"},\n{"id":1,"name":"c"}]', [(1, None), (3, None)]),
        ("f.csv", "id,name,seen\n1,ä,\n1,c,\n".encode("utf-16"), [(2, 2), (3, 3)]),
    ],
    ids=["plain", "apart", "comment", "ndjson", "json", "utf-16"],
)
def test_rows_that_share_a_key_are_told_by_number_and_by_line(cast, dataset, filename, text, places):
    upload = push(cast.contributor, dataset, text, filename, mode="upsert", key=("id",))
    assert (upload.state, codes(upload)) == (UploadState.REJECTED, ["key-repeated"])
    assert places_of(upload) == places


@pytest.mark.parametrize(
    ("filename", "text", "places"),
    [
        ("a.csv", 'id,name\n7,"a\nb"\n,c\n\n,d\n', [(3, 4), (4, 6)]),
        ("b.ndjson", '{"id":7}\n\n{"name":"x"}\n', [(2, 3)]),
    ],
)
@pytest.mark.parametrize("mode", ["upsert", "delete"])
def test_rows_without_a_key_are_told_by_number_and_by_line(cast, dataset, filename, text, places, mode):
    upload = push(cast.contributor, dataset, text, filename, mode=mode, key=("id",))
    assert (upload.state, codes(upload)) == (UploadState.REJECTED, ["key-missing"])
    assert places_of(upload) == places


def places_of(upload):
    return [(sample.get("row"), sample.get("line")) for sample in upload.findings[0]["samples"]]


def test_a_key_that_the_table_itself_repeats_is_refused(cast, dataset):
    push(cast.contributor, dataset, "id,name,seen\n1,wren,2024-05-05\n", "again.csv", mode="append")
    upload = push(cast.contributor, dataset, "id,name,seen\n1,a,\n", "fixes.csv", mode="upsert", key=("id",))
    assert (upload.state, codes(upload)) == (UploadState.REJECTED, ["key-not-unique"])
    [sample] = upload.findings[0]["samples"]
    assert (sample["row"], sample["line"], sample["value"]) == (2, 2, "1")


def test_rows_are_deleted_by_key_and_unknown_keys_are_said(cast, dataset):
    upload = push(cast.contributor, dataset, "id,why\n2,double\n77,gone\n", "gone.csv", mode="delete", key=("id",))
    assert (upload.state, upload.counts) == ("stored", {"deleted": 1, "unknown": 1})
    assert codes(upload) == ["keys-unknown"]
    assert frame(table(dataset))["id"].to_list() == [1, 3]
    everything = push(cast.contributor, dataset, "id\n1\n3\n", "all.csv", mode="delete", key=("id",))
    assert (everything.state, codes(everything)) == (UploadState.REJECTED, ["no-row-left"])


# ---------------------------------------------------------------- the first file, the wrong table
@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_the_first_file_of_a_dataset_becomes_its_table(cast, mode):
    empty = make_dataset(cast, slug="empty")
    key = ("id",) if mode == "upsert" else ()
    upload = push(cast.contributor, empty, JANUARY, "sightings.csv", mode=mode, key=key)
    assert (upload.state, upload.resource_names) == (UploadState.STORED, ["sightings"])
    if mode == "upsert":
        other = make_dataset(cast, slug="other")
        bad = push(cast.contributor, other, "id\n1\n1\n", "sightings.csv", mode=mode, key=key)
        assert (bad.state, codes(bad)) == (UploadState.REJECTED, ["key-repeated"])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"mode": "append", "resource": "none"}, "resource"),
        ({"mode": "upsert", "key": ["none"]}, "key"),
        ({"mode": "sideways"}, "mode"),
        ({"mode": "append", "new_columns": "maybe"}, "new_columns"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_a_byte_travels(cast, dataset, api, options, field):
    body = {"dataset": "institute/birds", "filename": "a.csv", "size": 9, **options}
    answer = api(cast.contributor).post("/api/v1/uploads", body, format="json")
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["errors"]


def test_with_several_tables_the_file_says_which(cast, dataset):
    push(cast.contributor, dataset, "code,country\nde,Germany\n", "countries.csv", resource="countries")
    with pytest.raises(Invalid) as refusal:
        initiate_upload(
            actor=cast.contributor, dataset=dataset, filename="x.csv", size=9, purpose=Purpose(mode="append")
        )
    assert "countries" in refusal.value.extra["errors"]["resource"][0]
    by_name = push(cast.contributor, dataset, "code,country\nfr,France\n", "countries.csv", mode="append")
    assert by_name.resource_names == ["countries"]
    named = push(cast.contributor, dataset, FEBRUARY, "x.csv", mode="append", resource="sightings")
    assert named.resource_names == ["sightings"]


# ---------------------------------------------------------------- again from the originals
def test_the_version_is_made_again_from_originals_and_recipes(cast, dataset):
    """A second dataset, given the same originals in the same modes, has the same bytes."""
    chain = [
        (FEBRUARY, "february.csv", {"mode": "append"}),
        (UPDATE, "fixes.csv", {"mode": "upsert", "key": ("id",)}),
        ("id\n1\n", "gone.csv", {"mode": "delete", "key": ("id",)}),
        ("id,name,seen,mass\n30,owl,2024-02-01,200\n", "more.csv", {"mode": "append", "new_columns": "add"}),
    ]
    for text, name, options in chain:
        assert push(cast.contributor, dataset, text, name, **options).state == UploadState.STORED
    twin = make_dataset(cast, slug="twin")
    for source in table(dataset).sources.all():
        data = storage.read_bytes(keys.original(dataset.pk, source.sha256))
        added = any(step["step"] == "add-columns" for step in source.recipe)
        push(
            cast.contributor,
            twin,
            data,
            source.filename,
            resource="sightings",
            mode=source.mode,
            key=tuple(source.key),
            new_columns="add" if added else "refuse",
        )
    again = [part.sha256 for part in table(twin).parts.all()]
    assert again == [part.sha256 for part in table(dataset).parts.all()]


def test_findings_of_all_files_are_one_list_that_names_the_file(cast, dataset, api):
    bad = "id,name,seen\n4,owl,2024-02-01\nfive,kite,soon\n"
    push(cast.contributor, dataset, bad, "february.csv", mode="append")
    push(cast.contributor, dataset, "id,name,seen\nsix,jay,2024-03-03\n", "march.csv", mode="append")
    resource = table(dataset)
    assert resource.findings_count == 3
    data = storage.read_bytes(keys.findings(dataset.pk, resource.findings_sha256))
    rows = duckdb.from_arrow(pq.read_table(io.BytesIO(data)))
    assert rows.filter("code = 'cell-not-of-type'").project("file, row, value").fetchall() == [
        ("february.csv", 3, "five"),
        ("february.csv", 3, "soon"),
        ("march.csv", 2, "six"),
    ]
    answer = api(cast.contributor).get("/api/v1/datasets/institute/birds/versions/draft/resources/sightings/findings")
    assert {group["file"] for group in answer.json()["groups"]} == {"february.csv", "march.csv"}


# ---------------------------------------------------------------- what the database refuses
def test_sources_of_a_published_version_never_change(cast, dataset):
    resource = table(dataset, "1.0.0")
    for attempt in (
        lambda: resource.sources.update(filename="other.csv"),
        lambda: resource.sources.all().delete(),
        lambda: ResourceSource.objects.create(
            resource=resource, position=9, rows=1, filename="x", sha256="0" * 64, bytes=1, media_type="text/csv"
        ),
    ):
        with pytest.raises(Exception, match="never change"), transaction.atomic():
            attempt()


def test_adding_is_on_the_audit_trail(cast, dataset):
    push(cast.contributor, dataset, UPDATE, "fixes.csv", mode="upsert", key=("id",))
    event = AuditEvent.objects.get(action="resource.upsert")
    assert event.detail["counts"] == {"inserted": 1, "updated": 1, "unchanged": 1}
