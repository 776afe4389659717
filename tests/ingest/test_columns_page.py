"""The table of the columns in step 2: what it shows, what it changes in one reading, and what it refuses."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from catalog.models import Dataset, Resource, VerdictStatus
from catalog.services.cataloguing.schemas import create_schema
from ingest.models import Upload, UploadState
from ingest.selectors import columns as selector
from ingest.services.processing import process
from ingest.web import clean
from tests.catalog.test_forms_without_scripts import Forms
from tests.fixtures.datasets import make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import check_draft, push

# The lease of a job is held by a thread of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

CLEAN = "/share/institute/birds/tables/birds/clean/"
SCHEMA = "/institute/birds/v/draft/schema/"
ROWS = [
    f"{n:03},{(' Adelie', 'Gentoo')[n % 2]},{3000 + n if n != 7 else 'much'},0{1 + n % 9}/0{1 + n % 8}/2024"
    for n in range(90)
]
BIRDS = "\n".join(["Bird id,Species,Body mass,seen", *ROWS, ""])


@pytest.fixture
def dataset(cast: Cast) -> Dataset:
    dataset = make_dataset(cast)
    upload = push(cast.contributor, dataset, BIRDS)
    assert upload.state == UploadState.STORED, upload.error
    return dataset


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.contributor.user)
    return client


def table_of(dataset: Dataset) -> Resource:
    return Resource.objects.get(version__dataset=dataset, version__state="draft", name="birds")


def fields_of(dataset: Dataset) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in table_of(dataset).schema["fields"]}


def types_of(dataset: Dataset) -> dict[str, str]:
    return {name: field["type"] for name, field in fields_of(dataset).items()}


def page(client: Client, address: str = CLEAN) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return shown(answer)


def shown(answer: Any) -> str:
    return unescape(" ".join(answer.content.decode().split()))


def row_of(text: str, column: str) -> str:
    """The words of the row of the column that is called so in the table."""
    rows = re.findall(r"<tr.*?</tr>", text)
    row = next(row for row in rows if f'-column" value="{column}"' in row)
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<select.*?</select>", "", row)).split())


def filled(text: str) -> dict[str, str]:
    """What a browser sends of the table of columns when nobody has touched it."""
    form = next(form for form in Forms(text).found if ("columns", "1") in form.sent)
    return dict(form.sent)


def send(client: Client, changes: dict[str, str], address: str = CLEAN) -> Any:
    return client.post(address, filled(page(client, address)) | changes)


def done(answer: Any, dataset: Dataset) -> None:
    """The answer leads back to the page, and the worker has read the table once."""
    assert answer.status_code == 302, shown(answer)
    upload = Upload.objects.get(dataset=dataset, state=UploadState.RECEIVED)
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    assert upload.state == UploadState.STORED, upload.findings


def said(answer: Any) -> list[str]:
    """The problems in the summary on top."""
    assert answer.status_code == 400
    found = re.search(r'<section class="errors".*?</section>', shown(answer))
    assert found, "no summary"
    return [re.sub(r"<[^>]+>", "", item).strip() for item in re.findall(r"<li>(.*?)</li>", found[0])]


# ---------------------------------------------------------------------------------------------- what it shows
def test_each_column_has_its_name_in_the_file_first_values_and_state(dataset: Dataset, client: Client) -> None:
    text = page(client)
    # As they are written, white space included.
    assert '<code class="value wrap-any"> Adelie</code>' in text
    assert row_of(text, "bird_id").startswith("Bird id 000 001 002 ")
    assert row_of(text, "seen").endswith("– Question above")
    assert row_of(text, "body_mass").endswith("– 1 cell refused")
    assert row_of(text, "species").endswith("Nothing open")
    check_draft(dataset)
    assert "1.1 %" in row_of(page(client), "body_mass")


def test_a_workbook_shows_what_the_profile_kept(cast: Cast, client: Client) -> None:
    from tests.ingest.conftest import DATA

    dataset = make_dataset(cast)
    book = (DATA / "accept/multi_sheet_report.xlsx").read_bytes()
    push(cast.contributor, dataset, book, "report.xlsx")
    name = min(table.name for table in Resource.objects.filter(version__dataset=dataset))
    address = CLEAN.replace("tables/birds", f"tables/{name}")
    assert "often:" not in page(client, address)
    check_draft(dataset)
    assert re.search("often:|from, to:", page(client, address))


def test_an_original_that_can_not_be_read_leaves_the_page_as_it_is(dataset: Dataset, client: Client) -> None:
    check_draft(dataset)
    Resource.objects.filter(version__dataset=dataset).update(original_sha256="0" * 64)
    assert "often: Adelie Gentoo" in row_of(page(client), "species")


# ---------------------------------------------------------------------------------------------- what it changes
def test_all_changes_are_one_reading(dataset: Dataset, client: Client) -> None:
    answer = send(
        client,
        {
            "c0-name": "Ring",
            "c1-name": "Kind of bird",
            "c1-trim": "on",
            "c1-missing": "Gentoo",
            "c2-type": "string",
            "c2-unit": "g",
            "c3-is_left_out": "on",
        },
    )
    done(answer, dataset)
    assert types_of(dataset) == {"ring": "string", "kind_of_bird": "string", "body_mass": "string"}
    assert fields_of(dataset)["body_mass"]["unit"] == "g"
    assert Upload.objects.filter(dataset=dataset).exclude(reads_original="").count() == 1
    steps = [step["step"] for step in table_of(dataset).recipe]
    assert [step for step in steps if step in {"trim-text", "clear", "drop-columns", "rename-columns"}] == [
        "trim-text",
        "clear",
        "drop-columns",
        "rename-columns",
        "rename-columns",
    ]
    cast = next(step for step in table_of(dataset).recipe if step["step"] == "cast")
    assert (cast["column"], cast["type"], cast["by"]) == ("body_mass", "string", "owner")
    # What was left out is listed, and comes back.
    text = page(client)
    left_out = text.partition("<h3>Left out</h3>")[2].partition("</ul>")[0]
    assert ">seen</span>" in left_out
    place = re.findall(r'name="undo" value="(\d+)"', left_out)
    done(client.post(CLEAN, {"undo": place[0]}), dataset)
    assert list(types_of(dataset)) == ["ring", "kind_of_bird", "body_mass", "seen"]


def test_nothing_changed_is_said_and_nothing_is_read(dataset: Dataset, client: Client) -> None:
    answer = client.post(CLEAN, filled(page(client)), follow=True)
    assert "Nothing was changed: every column is as it was." in shown(answer)
    assert not Upload.objects.exclude(reads_original="").exists()


def test_a_unit_alone_needs_no_reading_and_is_the_schema_s(dataset: Dataset, client: Client) -> None:
    answer = client.post(CLEAN, filled(page(client)) | {"c2-unit": " kg "}, follow=True)
    assert "The units are saved." in shown(answer)
    assert not Upload.objects.exclude(reads_original="").exists()
    assert fields_of(dataset)["body_mass"]["unit"] == "kg"
    assert "<td>kg</td>" in page(client, SCHEMA)
    assert 'name="c2-unit" value="kg"' in page(client)


def test_a_unit_survives_that_its_column_is_called_otherwise(dataset: Dataset, client: Client) -> None:
    send(client, {"c2-unit": "kg", "c1-unit": "kind"})
    # Two columns change names, so that neither may get what is said of the other.
    done(send(client, {"c1-name": "body_mass", "c2-name": "species"}), dataset)
    assert {name: field.get("unit") for name, field in fields_of(dataset).items()} == {
        "bird_id": None,
        "body_mass": "kind",
        "species": "kg",
        "seen": None,
    }
    assert row_of(page(client), "species").startswith("Body mass 3000 3001 3002")
    # The renaming is undone, and the units go back with the names.
    place = next(n for n, step in enumerate(table_of(dataset).recipe) if step["step"] == "rename-columns")
    done(client.post(CLEAN, {"undo": str(place)}), dataset)
    units = {name: field.get("unit") for name, field in fields_of(dataset).items()}
    assert (units["body_mass"], units["species"]) == ("kg", "kind")


def test_a_unit_that_is_typed_counts_for_more_than_that_of_the_cells(cast: Cast, client: Client) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, "id,mass\n" + "".join(f"{n},{n} kg\n" for n in range(1, 40)))
    assert fields_of(dataset)["mass"]["unit"] == "kg"
    send(client, {"c1-unit": "kilogram"})
    done(send(client, {"c0-name": "number"}), dataset)
    assert fields_of(dataset)["mass"]["unit"] == "kilogram"


# ---------------------------------------------------------------------------------------------- what it refuses
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"c1-name": " "}, "Name of “species”: Give the column a name, or leave it out."),
        ({"c1-name": "体重"}, "Name of “species”: “体重” can’t be the name of a column: use Latin letters and digits."),
        ({"c1-name": "Body mass"}, "Name of “species”: Another column is called “body_mass” already."),
        ({"c2-type": "magic"}, "Type of “body_mass”: Choose one of the types."),
        ({"c2-unit": "g" * 61}, "Unit of “body_mass”: Ensure this value has at most 60 characters (it has 61)."),
        (
            {f"c{place}-is_left_out": "on" for place in range(4)},
            "Leave at least one column in the table.",
        ),
        ({"c1-column": "wings"}, "The table was read again meanwhile; look at the page anew."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    dataset: Dataset, client: Client, changes: dict[str, str], problem: str
) -> None:
    answer = send(client, {"c0-name": "ring", "c3-missing": "never", **changes})
    assert said(answer) == [problem]
    text = shown(answer)
    assert 'name="c0-name" value="ring"' in text
    assert 'value="never"' in text
    if problem.startswith(("Name", "Type", "Unit")):
        field = next(iter(changes))
        assert re.search(rf'<p class="msg" id="id_{field}_error">', text)
        assert f'href="#id_{field}"' in text
    assert not Upload.objects.exclude(reads_original="").exists()


def test_two_rows_that_want_one_name_are_both_told(dataset: Dataset, client: Client) -> None:
    problems = said(send(client, {"c0-name": "bird", "c1-name": "Bird"}))
    assert [problem.partition(":")[0] for problem in problems] == ["Name of “bird_id”", "Name of “species”"]
    # A name that goes with its column is free again.
    done(send(client, {"c0-is_left_out": "on", "c1-name": "bird_id"}), dataset)
    assert list(types_of(dataset)) == ["bird_id", "body_mass", "seen"]


def test_while_it_is_read_nothing_is_changed_and_nothing_is_lost(dataset: Dataset, client: Client) -> None:
    assert send(client, {"c0-name": "ring"}).status_code == 302
    answer = send(client, {"c1-name": "kind", "c2-unit": "kg"})
    assert said(answer) == ["birds is being read just now. Wait until it is done, then change it."]
    assert 'value="kind"' in shown(answer)
    assert "unit" not in fields_of(dataset)["body_mass"], "all is done or nothing"


def test_a_table_of_several_files_takes_units_alone(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, BIRDS.replace("3000", "4000"), mode="append")
    text = page(client)
    assert "Save the units" in text
    sent = filled(text)
    assert {name for name in sent if name.startswith("c0-")} == {"c0-column", "c0-unit"}
    client.post(CLEAN, sent | {"c2-unit": "g", "c2-name": "weight"})
    assert fields_of(dataset)["body_mass"]["unit"] == "g"
    assert "weight" not in fields_of(dataset)


def test_columns_that_come_with_a_type_keep_it(cast: Cast, client: Client, tmp_path: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "birds.parquet"
    pq.write_table(pa.table({"id": [1, 2, 3], "kind": ["a ", "b", "c"]}), path)
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, path.read_bytes(), "birds.parquet")
    sent = filled(page(client))
    assert not {"c0-type", "c1-type", "c0-missing"} & set(sent)
    assert "whole numbers" in row_of(page(client), "id")
    done(client.post(CLEAN, sent | {"c1-missing": "b", "c0-name": "ring"}), dataset)
    assert list(types_of(dataset)) == ["ring", "kind"]


# ---------------------------------------------------------------------------------------------- a standard schema
@pytest.fixture
def standard(cast: Cast) -> Dataset:
    """A dataset whose files are read by a schema; its organization's have "Body mass" for one column."""
    fields = [
        {"name": "bird_id", "type": "string"},
        {"name": "mass", "type": "number", "unit": "g", "aliases": ["Body mass"]},
        {"name": "kind", "type": "string"},
    ]
    schema = create_schema(
        actor=cast.owner,
        organization=cast.organization,
        name="weights",
        title="Weights",
        version="1.0.0",
        descriptor={"fields": fields},
    )
    dataset = make_dataset(cast)
    Dataset.objects.update(conforms_to=schema)
    dataset.refresh_from_db()
    upload = push(cast.contributor, dataset, BIRDS)
    assert upload.state == UploadState.STORED, upload.error
    return dataset


def test_columns_are_matched_and_a_new_one_is_given_a_name_of_the_schema(standard: Dataset, client: Client) -> None:
    text = page(client)
    assert row_of(text, "bird_id").endswith("Matched by name")
    assert "by the schema" in row_of(text, "mass")
    assert row_of(text, "mass").endswith("1 cell refused Matched by another name")
    assert row_of(text, "kind").startswith("not in your file")
    assert row_of(text, "species").endswith("New column")
    assert '<option value="kind"></option>' in text
    sent = filled(text)
    assert not {"c1-type", "c1-unit", "c2-name", "c2-is_left_out"} & set(sent)
    # The name of a column that the file lacks is free; "mass" is not.
    assert said(client.post(CLEAN, sent | {"c3-name": "mass"})) == [
        "Name of “species”: Another column is called “mass” already."
    ]
    done(client.post(CLEAN, sent | {"c3-name": "kind", "c1-missing": "much"}), standard)
    text = page(client)
    assert row_of(text, "kind").endswith("Matched by another name")
    assert row_of(text, "mass").endswith("g by the schema – Matched by another name")


def test_a_column_that_was_matched_wrongly_gets_another_name_or_goes(standard: Dataset, client: Client) -> None:
    """Cleaning knows it by the name that it had before the schema named it; the header says no more what it is."""
    done(send(client, {"c1-name": "weight", "c0-is_left_out": "on"}), standard)
    fields = fields_of(standard)
    assert set(fields) == {"bird_id", "mass", "kind", "weight", "species", "seen"}
    assert fields["weight"]["sourceName"] == "Body mass"
    assert "sourceName" not in fields["bird_id"]


# ---------------------------------------------------------------------------------------------- wide tables
def test_a_wide_table_has_pages_and_a_search(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = make_dataset(cast)
    names = [f"gene {n}" for n in range(250)]
    push(cast.contributor, dataset, ",".join(names) + "\n" + ",".join(map(str, range(250))) + "\n")
    first = filled(page(client))
    assert len([name for name in first if name.endswith("-column")]) == clean.COLUMNS
    second = f"{CLEAN}?page=2"
    sent = filled(page(client, second))
    assert sent["c100-column"] == "gene_100"
    assert "c99-column" not in sent
    # A name of another page is taken too, and what was typed comes back on this page.
    answer = client.post(second, sent | {"c100-name": "gene_7", "c101-unit": "mg"})
    assert said(answer) == ["Name of “gene_100”: Another column is called “gene_7” already."]
    assert 'name="c101-unit" value="mg"' in shown(answer)
    # Nor do all steps, and all names of one of them, stand on one page.
    text = page(client)
    assert "and 150 more" in text
    assert "1 to 100 of 254" in text
    assert "201 to 254 of 254" in page(client, f"{CLEAN}?steps=3")
    answer = client.post(second, sent | {"c100-name": "marker"})
    assert answer["Location"] == second
    # When the worker is done, the page comes back with the same columns.
    assert f'hx-get="{second}" hx-trigger="cf:tables from:body"' in page(client, second)
    done(answer, dataset)
    found = f"{CLEAN}?find=MARK"
    assert [name for name in filled(page(client, found)) if name.endswith("-column")] == ["c100-column"]
    done(client.post(found, filled(page(client, found)) | {"c100-is_left_out": "on"}), dataset)
    assert len(fields_of(dataset)) == 249
    assert "No column is called “zebra”." in page(client, f"{CLEAN}?find=zebra")


def test_columns_of_other_pages_are_not_looked_up(
    dataset: Dataset, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Counted(selector.ReadColumns):
        def at(self, places: Any) -> list[selector.ReadColumn]:
            asked.extend(places)
            return super().at(places)

    monkeypatch.setattr(clean, "ReadColumns", Counted)
    monkeypatch.setattr(clean, "COLUMNS", 2)
    page(client, f"{CLEAN}?page=2")
    assert asked == [2, 3]


def test_a_check_that_broke_is_sent_for_again(dataset: Dataset, client: Client) -> None:
    """The form of parts/checks.html, as a browser without scripts sends it."""
    check_draft(dataset)
    Resource.objects.filter(version__dataset=dataset).update(verdict=VerdictStatus.ERRORED)
    address = "/share/institute/birds/check/"
    [form] = [form for form in Forms(page(client, address)).found if form.action == address]
    assert form.method == "post"
    answer = client.post(form.action, dict(form.sent))
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert table_of(dataset).verdict == VerdictStatus.PENDING
    check_draft(dataset)
    assert table_of(dataset).verdict not in {VerdictStatus.PENDING, VerdictStatus.ERRORED}
