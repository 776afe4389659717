"""A draft's recipe over the API and the page, with the worker's work done in this process on the real servers."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command

from catalog.models import Dataset, Resource
from ingest.models import Upload, UploadState
from ingest.pipeline import PIPELINE_VERSION
from ingest.services.processing import process
from tests.fixtures.datasets import make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import publish, push, send

# Committed for real: the lease is held by a thread with a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)

BIRDS = "id,species,mass,seen\n" + "".join(
    f"{n:03},{('Adelie', 'adelie ', 'Gentoo')[n % 3]},{3000 + n},0{1 + n % 9}/0{1 + n % 8}/2024\n" for n in range(90)
)
TABLE = "/api/v1/datasets/institute/birds/versions/draft/resources/birds"
PAGE = "/share/institute/birds/tables/birds/clean/"


@pytest.fixture
def dataset(cast: Cast) -> Dataset:
    dataset = make_dataset(cast)
    upload = push(cast.contributor, dataset, BIRDS)
    assert upload.state == UploadState.STORED, upload.error
    return dataset


def table_of(dataset: Dataset) -> Resource:
    return Resource.objects.get(version__dataset=dataset, version__state="draft")


def types_of(dataset: Dataset) -> dict[str, str]:
    return {field["name"]: field["type"] for field in table_of(dataset).schema["fields"]}


def read_again(answer: Any) -> Upload:
    assert answer.status_code == 202, answer.content
    upload = Upload.objects.get(pk=answer.json()["id"])
    assert upload.state == UploadState.RECEIVED
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    return upload


def test_a_question_is_answered_and_the_table_is_read_again(cast: Cast, api: Any, dataset: Dataset) -> None:
    client = api(cast.contributor)
    before = table_of(dataset)
    part = before.parts.get().sha256
    recipe = client.get(f"{TABLE}/recipe").json()
    [question] = recipe["questions"]
    assert (question["column"], question["code"]) == ("seen", "date-order-doubtful")
    sentences = [option["sentence"] for option in question["options"]]
    assert len(set(sentences)) == len(sentences) == 3
    upload = read_again(client.post(f"{TABLE}/answers", {"column": "seen", "option": "day-first"}))
    assert upload.state == UploadState.STORED, upload.findings
    assert types_of(dataset)["seen"] == "date"
    after = table_of(dataset)
    assert (after.questions, after.original_sha256) == ([], before.original_sha256)
    assert after.parts.get().sha256 != part
    assert after.sources.count() == 1


def test_steps_are_added_undone_and_the_same_bytes_come_back(cast: Cast, api: Any, dataset: Dataset) -> None:
    client = api(cast.contributor)
    first = table_of(dataset).parts.get().sha256
    recipe = client.get(f"{TABLE}/recipe").json()
    spell = next(item for item in recipe["suggestions"] if item["step"] == "spell")
    read_again(client.put(f"{TABLE}/recipe", {"steps": [*recipe["steps"], spell]}))
    steps = client.get(f"{TABLE}/recipe").json()["steps"]
    [taken] = [step for step in steps if step["step"] == "spell"]
    assert (taken["count"], taken["examples"]) == (30, [["adelie ", "Adelie"]])
    read_again(client.put(f"{TABLE}/recipe", {"steps": [step for step in steps if step["step"] != "spell"]}))
    assert table_of(dataset).parts.get().sha256 == first


def test_the_next_upload_is_read_by_the_last_recipe(cast: Cast, api: Any, dataset: Dataset) -> None:
    client = api(cast.contributor)
    read_again(client.post(f"{TABLE}/answers", {"column": "seen", "option": "month-first"}))
    steps = [{"step": "cast", "column": "mass", "type": "string", "by": "owner"}]
    recipe = client.get(f"{TABLE}/recipe").json()["steps"]
    read_again(client.put(f"{TABLE}/recipe", {"steps": [*recipe, *steps]}))
    publish(cast, dataset)
    dataset.refresh_from_db()
    assert push(cast.contributor, dataset, BIRDS.replace("3000", "4000")).state == UploadState.STORED
    assert types_of(dataset) == {"id": "string", "species": "string", "mass": "string", "seen": "date"}
    assert table_of(dataset).questions == []


def test_what_can_t_be_done_is_refused_with_a_code(cast: Cast, api: Any, dataset: Dataset) -> None:
    client = api(cast.contributor)
    steps = client.get(f"{TABLE}/recipe").json()["steps"]

    def code(answer: Any) -> tuple[int, str]:
        return answer.status_code, answer.json()["code"]

    assert code(client.put(f"{TABLE}/recipe", {"steps": [*steps, {"step": "burn"}]})) == (422, "recipe-invalid")
    assert code(client.put(f"{TABLE}/recipe", {"steps": [*steps, {"step": "split", "column": "id"}]})) == (
        422,
        "recipe-invalid",
    )
    assert code(client.put(f"{TABLE}/recipe", {"steps": "all"})) == (422, "invalid")
    assert code(client.post(f"{TABLE}/answers", {"column": "id", "option": "day-first"})) == (404, "not-found")
    answer = client.post(f"{TABLE}/answers", {"column": "seen", "option": "day-first"})
    assert answer.status_code == 202
    assert code(client.post(f"{TABLE}/answers", {"column": "seen", "option": "day-first"})) == (409, "being-read")
    process(upload_id=answer.json()["id"])
    publish(cast, dataset)
    published = TABLE.replace("draft", "1.0.0")
    assert code(client.put(f"{published}/recipe", {"steps": []})) == (409, "version-not-draft")


@pytest.mark.parametrize(
    ("filename", "options", "words"),
    [
        ("other.csv", {}, "other.csv is being read just now and may hold birds."),
        ("other.csv", {"mode": "append"}, "other.csv is being read just now and may hold birds."),
        ("birds.csv", {"resource": "birds"}, "birds is being read just now."),
    ],
)
def test_a_table_that_a_file_on_its_way_may_write_is_not_changed_meanwhile(
    cast: Cast, api: Any, dataset: Dataset, filename: str, options: dict[str, str], words: str
) -> None:
    client = api(cast.contributor)
    upload = send(cast.contributor, dataset, BIRDS.replace("3000", "4000"), filename, **options)
    refused = client.post(f"{TABLE}/answers", {"column": "seen", "option": "day-first"})
    assert (refused.status_code, refused.json()["code"], refused.json()["detail"]) == (409, "being-read", words)
    process(upload_id=upload.pk)
    assert refused.json()["remedy"]
    assert not Upload.objects.exclude(reads_original="").exists()


def test_a_file_for_another_table_is_not_waited_for(cast: Cast, api: Any, dataset: Dataset) -> None:
    send(cast.contributor, dataset, BIRDS, "other.csv", resource="other")
    answer = api(cast.contributor).post(f"{TABLE}/answers", {"column": "seen", "option": "day-first"})
    assert answer.status_code == 202


@pytest.mark.parametrize(("mode", "rows"), [("replace", 1), ("append", 91)])
def test_a_newer_file_that_was_quicker_is_not_lost_for_the_older_one(
    cast: Cast, api: Any, dataset: Dataset, mode: str, rows: int
) -> None:
    """The original waits to be read again while another file lands; what it would give is of yesterday then."""
    client = api(cast.contributor)
    waiting = client.post(f"{TABLE}/answers", {"column": "seen", "option": "day-first"}).json()["id"]
    newer = push(cast.contributor, dataset, "id,species,mass,seen\n900,Emu,9,01/02/2024\n", mode=mode)
    assert newer.state == UploadState.STORED, (newer.findings, newer.error)
    assert table_of(dataset).rows == rows
    process(upload_id=waiting)
    upload = client.get(f"/api/v1/uploads/{waiting}").json()
    assert (upload["state"], upload["error"]["code"]) == ("rejected", "original-replaced")
    assert upload["error"]["sentence"].startswith("birds is not the table any more")
    assert table_of(dataset).rows == rows


def test_a_table_that_was_taken_out_does_not_come_back(cast: Cast, api: Any, dataset: Dataset) -> None:
    client = api(cast.contributor)
    waiting = client.post(f"{TABLE}/answers", {"column": "seen", "option": "day-first"}).json()["id"]
    assert client.delete(TABLE).status_code == 204
    process(upload_id=waiting)
    assert client.get(f"/api/v1/uploads/{waiting}").json()["error"]["code"] == "original-replaced"
    assert not Resource.objects.filter(version__dataset=dataset).exists()


def test_a_recipe_that_only_the_worker_sees_through_rejects_and_keeps_the_table(
    cast: Cast, api: Any, dataset: Dataset
) -> None:
    client = api(cast.contributor)
    before = table_of(dataset)
    step = {"step": "read-written-dates", "column": "seen", "formats": ["%Q"]}
    steps = client.get(f"{TABLE}/recipe").json()["steps"]
    upload = read_again(client.put(f"{TABLE}/recipe", {"steps": [*steps, step]}))
    assert upload.state == UploadState.REJECTED
    assert [group["code"] for group in upload.findings] == ["recipe-invalid"]
    assert table_of(dataset).pk == before.pk


def test_a_table_of_several_files_is_not_read_again(cast: Cast, api: Any, dataset: Dataset) -> None:
    upload = push(cast.contributor, dataset, BIRDS.replace("3000", "4000"), mode="append")
    assert upload.state == UploadState.STORED, (upload.findings, upload.error)
    answer = api(cast.contributor).post(f"{TABLE}/answers", {"column": "seen", "option": "day-first"})
    assert (answer.status_code, answer.json()["code"]) == (409, "made-of-several-files")


def test_a_table_of_a_workbook_is_read_again_alone(cast: Cast, api: Any) -> None:
    from tests.ingest.conftest import DATA

    dataset = make_dataset(cast)
    book = (DATA / "accept/multi_sheet_report.xlsx").read_bytes()
    assert push(cast.contributor, dataset, book, "report.xlsx").state == UploadState.STORED
    tables = {table.name: table for table in Resource.objects.filter(version__dataset=dataset)}
    name = min(tables)
    column = tables[name].schema["fields"][0]["name"]
    client = api(cast.contributor)
    url = f"/api/v1/datasets/institute/birds/versions/draft/resources/{name}/recipe"
    steps = client.get(url).json()["steps"]
    rename = {"step": "rename-columns", "columns": [[column, "first"]]}
    assert read_again(client.put(url, {"steps": [*steps, rename]})).state == UploadState.STORED
    after = {table.name: table for table in Resource.objects.filter(version__dataset=dataset)}
    assert set(after) == set(tables)
    assert after[name].schema["fields"][0]["name"] == "first"
    assert {key: table.pk for key, table in after.items() if key != name} == {
        key: table.pk for key, table in tables.items() if key != name
    }


def test_values_stay_with_those_who_may_have_the_bytes(cast: Cast, api: Any, dataset: Dataset) -> None:
    client = api(cast.contributor)
    steps = client.get(f"{TABLE}/recipe").json()["steps"]
    spell = {"step": "spell", "column": "species", "values": {"adelie ": "Secretly"}}
    read_again(client.put(f"{TABLE}/recipe", {"steps": [*steps, spell]}))
    version = publish(cast, dataset)
    Dataset.objects.filter(pk=dataset.pk).update(access="restricted")
    published = TABLE.replace("draft", version.number)
    stranger = api(None)
    manifest = f"{published.partition('/resources')[0]}/manifest"
    for url in (f"{published}/recipe", published, manifest, TABLE.partition("/versions")[0]):
        answer = stranger.get(url)
        assert answer.status_code == 200
        assert "Secretly" not in answer.content.decode()
    assert stranger.get(f"{published}/recipe").json()["values_hidden"] is True
    assert "Secretly" in client.get(f"{published}/recipe").content.decode()


# ---------------------------------------------------------------------------------------------- the page


def test_the_page_asks_proposes_and_undoes(cast: Cast, client: Any, dataset: Dataset) -> None:
    client.force_login(cast.contributor.user)
    text = client.get(PAGE).content.decode()
    for words in ("Only you can say", "Could be cleaned", "The day comes first", "Undo", "adelie "):
        assert words in text, words
    assert client.post(PAGE, {"column": "seen", "option": "day-first"}).status_code == 302
    upload = Upload.objects.exclude(reads_original="").get()
    assert "Working" in client.get(PAGE).content.decode()
    process(upload_id=upload.pk)
    assert "Only you can say" not in client.get(PAGE).content.decode()
    table = table_of(dataset)
    place = next(n for n, step in enumerate(table.recipe) if step["step"] == "read-written-dates")
    assert client.post(PAGE, {"undo": str(place)}).status_code == 302
    process(upload_id=Upload.objects.filter(state=UploadState.RECEIVED).get().pk)
    assert types_of(dataset)["seen"] == "string"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"undo": "0"}, "can’t be undone|can't be undone|can&#x27;t be undone"),
        ({"undo": "x"}, "undone"),
        ({"take": "99"}, "read again meanwhile"),
        ({"column": "wings", "change": "integer"}, "needs correcting"),
    ],
)
def test_the_page_says_what_is_wrong_and_changes_nothing(
    cast: Cast, client: Any, dataset: Dataset, sent: dict[str, str], words: str
) -> None:
    client.force_login(cast.contributor.user)
    answer = client.post(PAGE, sent)
    assert answer.status_code == 400
    assert any(word in answer.content.decode() for word in words.split("|"))
    assert not Upload.objects.exclude(reads_original="").exists()


def test_drafts_of_an_older_pipeline_are_read_again_and_nothing_else(cast: Cast, dataset: Dataset) -> None:
    publish(cast, dataset)
    dataset.refresh_from_db()
    push(cast.contributor, dataset, BIRDS.replace("3000", "4000"), mode="append")
    other = make_dataset(cast, slug="other")
    push(cast.contributor, other, BIRDS)
    old = Resource.objects.get(version__dataset=other)
    Resource.objects.filter(version__state="draft").update(pipeline_version="0")
    Upload.objects.all().delete()
    out = io.StringIO()
    call_command("backfill", stdout=out)
    [several, single, sum_, checks] = out.getvalue().splitlines()
    assert several.startswith("institute/birds birds: birds was made from 2 files")
    assert single.startswith("institute/other birds: is read again")
    assert sum_.startswith("1 tables are read again by pipeline ")
    assert checks.startswith("0 tables are checked again")
    process(upload_id=Upload.objects.get().pk)
    new = Resource.objects.get(version__dataset=other)
    assert (new.pipeline_version, new.recipe) == (PIPELINE_VERSION, old.recipe)
    call_command("backfill", stdout=out)
    assert out.getvalue().splitlines()[-1].startswith("0 tables")
