"""Accepted corrections through the whole pipeline: the next version has them, exactly them, and says whose they are."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from catalog import keys, storage
from catalog.actor import Actor
from catalog.models import Annotation, Dataset, Resource, Version
from catalog.services.annotating.annotated_rows import Fit, fits_of
from catalog.services.annotating.annotations import (
    RowMeant,
    decide_annotation,
    propose_correction,
    withdraw_annotation,
)
from catalog.services.publishing.resources import edit_resource, remove_resource
from catalog.services.publishing.versions import restart_draft
from catalog.web.report.recipe import steps_of
from ingest.models import Upload
from ingest.services import processing
from ingest.services.correcting import NothingToApply, RowsWithoutKey, apply_corrections
from ingest.services.corrections_file import rows_at
from ingest.services.processing import process
from ingest.services.recipes import BeingRead
from tests.fixtures.datasets import make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import publish, push

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = pa.table(
    {
        "site": pa.array(["a", "a", "b", "b"]),
        "day": pa.array([date(2024, 1, 1), date(2024, 1, 2)] * 2),
        "count": pa.array([3, 4, None, 6], pa.int16()),
        "share": pa.array([0.1, 0.2, 0.30000000000000004, 1e23]),
        "price": pa.array([Decimal("1.10"), Decimal("2.00"), None, Decimal("99999999999999.99")], pa.decimal128(16, 2)),
        "seen": pa.array([datetime(2024, 1, 1, 12, 30, 0, 5, tzinfo=UTC), None] * 2, pa.timestamp("us", "UTC")),
        "local": pa.array([datetime.fromisoformat("2024-01-01T12:30"), None] * 2, pa.timestamp("us")),
        "at": pa.array([time(10, 42), time(10, 43, 1)] * 2, pa.time64("us")),
        "ok": pa.array([True, False, None, True]),
        "remark": pa.array(["=1+1", "NA", "", "x" * 900]),
    }
)


def parquet(table: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=3)
    return buffer.getvalue()


def resource_of(dataset: Dataset, version: str = "1.0.0") -> Resource:
    found = dataset.versions.open().get() if version == "draft" else dataset.versions.get(number=version)
    return found.resources.get(name="sightings")


def read(resource: Resource) -> Any:
    dataset_id = resource.version.dataset_id
    parts = [io.BytesIO(storage.read_bytes(keys.parquet(dataset_id, part.sha256))) for part in resource.parts.all()]
    return pa.concat_tables([pq.read_table(part) for part in parts])


def make(cast: Cast, table: Any = ROWS, key: tuple[str, ...] = ("site", "day")) -> Dataset:
    dataset = make_dataset(cast)
    upload = push(cast.contributor, dataset, parquet(table), "sightings.parquet", resource="sightings")
    assert upload.state == "stored", (upload.findings, upload.error)
    resource = resource_of(dataset, "draft")
    if key:
        edit_resource(actor=cast.contributor, resource=resource, schema={**resource.schema, "primaryKey": list(key)})
    publish(cast, dataset)
    dataset.refresh_from_db()
    return dataset


def accepted(cast: Cast, dataset: Dataset, who: Actor, place: int, column: str, value: Any, **more: Any) -> Annotation:
    """A correction of the row at ``place`` (from 1), proposed by one and accepted by another."""
    found = propose_correction(
        actor=who,
        resource=resource_of(dataset, more.get("version", "1.0.0")),
        meant=RowMeant(row=place),
        column=column,
        value=value,
        reason="The field book says so.",
    )
    return decide_annotation(actor=cast.steward, annotation=found, decision="accept")


def worked(upload: Upload) -> Upload:
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    return upload


def apply(cast: Cast, dataset: Dataset) -> Upload:
    return worked(apply_corrections(actor=cast.contributor, dataset=dataset, table="sightings"))


CORRECTIONS = [
    (1, "count", 30, 30),
    (2, "count", None, None),
    (3, "share", "0.1", 0.1),
    (4, "share", "2e22", 2e22),
    (4, "price", "-7.5", Decimal("-7.50")),
    (2, "seen", "2024-06-01T12:00:00.25+02:00", datetime(2024, 6, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
    (2, "local", "2024-06-01T12:00", datetime.fromisoformat("2024-06-01T12:00")),
    (3, "at", "23:59", "23:59"),
    (3, "ok", "false", False),
    (1, "remark", "007", "007"),
]


def test_the_next_version_has_the_corrections_and_every_other_cell_as_it_was(cast: Cast) -> None:
    dataset = make(cast)
    people = [cast.stranger, cast.reader, cast.contributor, cast.owner]
    made = [
        accepted(cast, dataset, people[place % 4], row, column, value)
        for place, (row, column, value, _) in enumerate(CORRECTIONS)
    ]
    upload = apply(cast, dataset)
    assert (upload.state, upload.counts) == ("stored", {"inserted": 0, "updated": 4, "unchanged": 0}), upload.findings
    old, draft = read(resource_of(dataset)), resource_of(dataset, "draft")
    new = read(draft)
    assert new.schema.types == old.schema.types
    expected = old.to_pydict()
    for row, column, _, value in CORRECTIONS:
        expected[column][row - 1] = value
    assert new.to_pydict() == expected
    step = draft.recipe[-1]
    assert (step["step"], step["corrections"], step["people"]) == ("upsert-rows", 10, 4)
    assert "corrections 10, people 4" in steps_of(draft.recipe, with_values=True)[-1].sentence
    source = draft.sources.get(upload_id=upload.pk)
    assert (source.mode, source.key, source.filename) == ("upsert", ["site", "day"], "corrections.parquet")
    for annotation in made:
        annotation.refresh_from_db()
        assert (annotation.state, annotation.applied_in, annotation.applied_by) == (
            "applied",
            draft.version,
            upload.pk,
        )
    version = publish(cast, dataset)
    assert version.number == "1.1.0"
    with pytest.raises(NothingToApply):
        apply_corrections(actor=cast.contributor, dataset=dataset, table="sightings")


def test_what_does_not_fit_any_more_is_left_and_told(cast: Cast) -> None:
    dataset = make(cast, ROWS.select(["site", "day", "count", "share"]))
    good = accepted(cast, dataset, cast.stranger, 1, "count", 30)
    stale = accepted(cast, dataset, cast.stranger, 2, "count", 40)
    gone = accepted(cast, dataset, cast.stranger, 3, "share", 0.5)
    done = accepted(cast, dataset, cast.stranger, 4, "count", 60)
    fixes = "site,day,count\na,2024-01-02,44\nb,2024-01-02,60\n"
    assert push(cast.contributor, dataset, fixes, "fixes.csv", resource="sightings", mode="upsert").state == "stored"
    lost = push(cast.contributor, dataset, "site,day\nb,2024-01-01\n", "gone.csv", resource="sightings", mode="delete")
    assert lost.state == "stored"
    resource = resource_of(dataset, "draft")
    fits = fits_of(resource, [good, stale, gone, done])
    assert [fits[item.pk][0] for item in (good, stale, gone, done)] == [Fit.FITS, Fit.DIFFERS, Fit.GONE, Fit.DONE]
    upload = apply(cast, dataset)
    assert (upload.state, upload.counts["updated"]) == ("stored", 1)
    [left] = [group for group in upload.findings if group["code"] == "corrections-left"]
    assert left["params"]["number"] == 3
    assert read(resource_of(dataset, "draft"))["count"].to_pylist() == [30, 44, 60]
    states = Annotation.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["applied", "accepted", "accepted", "accepted"]
    again = apply(cast, dataset)
    assert (again.state, [group["code"] for group in again.findings]) == ("rejected", ["corrections-do-not-fit"])


@pytest.mark.parametrize("step", ["find_target", "ingest_apart"])
def test_a_cell_that_changes_while_the_file_is_read_is_not_overwritten(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whether before the table is looked at to be combined with, or after."""
    dataset = make(cast, ROWS.select(["site", "day", "count"]))
    accepted(cast, dataset, cast.stranger, 1, "count", 30)
    upload = apply_corrections(actor=cast.contributor, dataset=dataset, table="sightings")
    with pytest.raises(BeingRead):
        apply_corrections(actor=cast.contributor, dataset=dataset, table="sightings")
    real, pushed = getattr(processing, step), []

    def slow(given: Any, **options: Any) -> Any:
        if not pushed and given.filename == "corrections.parquet":
            pushed.append(True)
            text = "site,day,count\na,2024-01-01,99\n"
            other = push(cast.contributor, dataset, text, "quick.csv", resource="sightings", mode="upsert")
            assert other.state == "stored"
        return real(given, **options)

    monkeypatch.setattr(processing, step, slow)
    worked(upload)
    assert upload.state == "failed"
    assert read(resource_of(dataset, "draft"))["count"].to_pylist() == [99, 4, None, 6]
    Upload.objects.filter(pk=upload.pk).update(state="received")
    worked(upload)
    assert (upload.state, [group["code"] for group in upload.findings]) == ("rejected", ["corrections-do-not-fit"])
    assert read(resource_of(dataset, "draft"))["count"].to_pylist() == [99, 4, None, 6]
    assert Annotation.objects.get().state == "accepted"


def test_a_correction_withdrawn_while_it_is_applied_is_not_applied(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = make(cast, ROWS.select(["site", "day", "count"]))
    found = accepted(cast, dataset, cast.stranger, 1, "count", 30)
    upload = apply_corrections(actor=cast.contributor, dataset=dataset, table="sightings")
    real = processing.ingest_apart

    def slow(request: Any, **options: Any) -> Any:
        withdraw_annotation(actor=cast.stranger, annotation=found)
        return real(request, **options)

    monkeypatch.setattr(processing, "ingest_apart", slow)
    worked(upload)
    assert (upload.state, (upload.error or {})["code"]) == ("rejected", "move-refused")
    assert not dataset.versions.open().exists()


@pytest.mark.parametrize("how", ["removed", "restarted", "replaced"])
def test_a_draft_that_loses_the_table_gives_the_corrections_back(cast: Cast, how: str) -> None:
    dataset = make(cast, ROWS.select(["site", "day", "count"]))
    found = accepted(cast, dataset, cast.stranger, 1, "count", 30)
    apply(cast, dataset)
    draft = resource_of(dataset, "draft")
    found.refresh_from_db()
    assert found.state == "applied"
    if how == "removed":
        remove_resource(actor=cast.contributor, resource=draft)
    elif how == "restarted":
        restart_draft(actor=cast.contributor, version=draft.version, start_from="latest")
    else:
        table = ROWS.select(["site", "day", "count"])
        push(cast.contributor, dataset, parquet(table), "sightings.parquet", resource="sightings")
    found.refresh_from_db()
    assert (found.state, found.applied_in, found.applied_by) == ("accepted", None, None)


def test_rows_without_a_key_can_be_corrected_beside_the_data_only(cast: Cast) -> None:
    dataset = make(cast, ROWS.select(["site", "count"]), key=())
    found = accepted(cast, dataset, cast.stranger, 2, "count", 40)
    assert (found.row_key, found.row_number, found.before) == (None, 2, 4)
    assert Annotation.objects.of_table(Version.objects.get(), "sightings").count() == 1
    with pytest.raises(RowsWithoutKey):
        apply_corrections(actor=cast.contributor, dataset=dataset, table="sightings")
    push(cast.contributor, dataset, "site,count\nz,1\n", "more.csv", resource="sightings", mode="append")
    draft = resource_of(dataset, "draft")
    assert not Annotation.objects.of_table(draft.version, "sightings").exists()
    assert fits_of(draft, [found])[found.pk] == (Fit.GONE, None)


def test_a_table_of_several_parts_and_row_groups_is_corrected_in_all_of_them(cast: Cast) -> None:
    numbers = pa.table({"id": pa.array(range(1_000)), "value": pc.multiply(pa.array(range(1_000)), 2)})
    dataset = make(cast, numbers, key=("id",))
    more = "id,value\n" + "".join(f"{number},{number * 2}\n" for number in range(1_000, 1_500))
    push(cast.contributor, dataset, more, "more.csv", resource="sightings", mode="append")
    for place in (1, 500, 1_000, 1_001, 1_500):
        accepted(cast, dataset, cast.contributor, place, "value", -place, version="draft")
    upload = apply(cast, dataset)
    assert (upload.state, upload.counts["updated"]) == ("stored", 5)
    expected = [number * 2 for number in range(1_500)]
    for place in (1, 500, 1_000, 1_001, 1_500):
        expected[place - 1] = -place
    assert read(resource_of(dataset, "draft"))["value"].to_pylist() == expected


def test_rows_are_taken_out_of_every_row_group(tmp_path: Path) -> None:
    path = tmp_path / "groups.parquet"
    pq.write_table(pa.table({"a": range(10), "b": [f"b{number}" for number in range(10)]}), path, row_group_size=3)
    found = rows_at(pq.ParquetFile(path), [0, 2, 3, 8, 9], [1, 0])
    assert found.to_pydict() == {"b": ["b0", "b2", "b3", "b8", "b9"], "a": [0, 2, 3, 8, 9]}
