"""Sickle, ckanapi, pyshacl with the EU's shapes, and DataCite's package and XML Schema on a catalog of two pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.clients.environment import drive
from tests.clients.harbour import Harbour
from tests.fixtures.site import Site

pytestmark = [pytest.mark.clients, pytest.mark.slow]
MANY = 150
FIRST = 5_000_000
"""The numbers of the rows that are copied in begin here."""

OPEN = {"institute_maps", "institute_tides", "institute_zoo"}
CLOSED = {f"institute_tides-{name}" for name in ("registered", "restricted", "granted", "ended")}
# Each fault alone, as text in the Turtle of a dataset: what stands there and what is put in its place.
FAULTS = {
    "no title": ('    dct:title "Tides" ;\n', ""),
    "no access": ("    dcat:accessURL ", "    dcat:endpointURL "),
    "size in another type": ("xsd:nonNegativeInteger", "xsd:string"),
    "no hash": ("    spdx:checksumValue ", "    spdx:other "),
    "publisher without a name": ("    foaf:name ", "    foaf:nick "),
    "rights that are none": ("a dct:RightsStatement", "a dct:Standard"),
    "two days of issue": ("    dct:modified ", "    dct:issued "),
}


@pytest.fixture(scope="module")
def many(site: Site, harbour: Harbour) -> Iterator[None]:
    """150 more datasets, each with a version: copies of a row, for publishing so many would take minutes."""
    copy = """
        INSERT INTO {table} SELECT (jsonb_populate_record(row, {changes})).*
        FROM {table} AS row, generate_series(1, {many}) AS n WHERE {which}
    """
    maps = "(SELECT id FROM catalog_dataset WHERE slug = 'maps')"
    of_dataset = f"jsonb_build_object('id', {FIRST} + n, 'slug', 'copy-' || n, 'latest_id', {FIRST} + n)"
    of_version = f"jsonb_build_object('id', {FIRST} + n, 'dataset_id', {FIRST} + n)"
    tables = ("catalog_dataset", "catalog_version")
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as database:
        # A published row can be neither written nor taken away but by publishing; what sees to it rests here.
        for table in tables:
            database.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        with database.transaction():
            dataset, version = "row.slug = 'maps'", f"row.dataset_id = {maps} AND row.state = 'published'"
            for table, changes, which in zip(tables, (of_dataset, of_version), (dataset, version), strict=True):
                database.execute(copy.format(table=table, changes=changes, many=MANY, which=which))
        yield
        with database.transaction():
            for table in tables:
                database.execute(f"DELETE FROM {table} WHERE id > {FIRST}")
        for table in tables:
            database.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture(scope="module")
def answers(harbour: Harbour, many: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    told = {**harbour.given, "faults": FAULTS}
    found: dict[str, Any] = drive("harvesters_client", told, home=tmp_path_factory.mktemp("harvesters"))
    return found


def value(answers: dict[str, Any], name: str) -> Any:
    assert "value" in answers[name], answers[name]["words"]
    return answers[name]["value"]


# ---------------------------------------------------------------- OAI-PMH
def test_sickle_harvests_every_record_once_in_each_format(answers: dict[str, Any]) -> None:
    found = value(answers, "oai")
    assert found["formats"] == ["oai_dc", "oai_datacite", "dcat"]
    for prefix in found["formats"]:
        ids = [item["id"] for item in found[prefix]]
        assert len(ids) == len(set(ids)) >= MANY + len(OPEN | CLOSED)
        assert set(ids) == set(found["identifiers"]) == set(found["posted"])
        assert not any(item["deleted"] for item in found[prefix])


def test_sickle_reads_what_the_site_says_of_itself(answers: dict[str, Any], site: Site) -> None:
    found = value(answers, "oai")
    assert found["identify"]["baseURL"] == [f"{site.url}/oai"]
    assert found["identify"]["deletedRecord"] == ["persistent"]
    assert "institute" in found["sets"]
    assert found["record"]["type"][0] == "Dataset"
    assert found["refusals"] == {
        "format": "CannotDisseminateFormat",
        "set": "NoRecordsMatch",
        "from": "BadArgument",
    }


# ---------------------------------------------------------------- CKAN
def test_ckanapi_reads_datasets_and_their_versions(answers: dict[str, Any], harbour: Harbour) -> None:
    found = value(answers, "ckan")
    assert set(found["names"]) >= OPEN | CLOSED
    assert "institute_tides-private" not in found["names"]
    assert (found["tides"]["version"], found["old"]) == (harbour.numbers[3], harbour.numbers[1])
    assert {item["format"] for item in found["tides"]["resources"]} == {"PARQUET", "JSON", "PDF"}
    # The site is shared with other tests, which have datasets of their own.
    assert found["organization"]["package_count"] >= MANY + len(OPEN | CLOSED)
    assert found["resource"] is True


def test_ckanapi_reads_rows(answers: dict[str, Any], harbour: Harbour) -> None:
    rows = value(answers, "ckan")["rows"]
    expected = [number for number in range(279, -1, -1) if number % 3 == 2][1:4]
    assert [(record["id"], record["station"]) for record in rows["records"]] == [(n, "東京") for n in expected]
    assert rows["total"] == sum(number % 3 == 2 for number in range(280))
    [event] = [event for event in harbour.reads("tides") if event["detail"].get("protocol") == "ckan"]
    assert (event["detail"]["columns"], event["detail"]["rows"]) == (["id", "station"], 3)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("nobody", ["NotAuthorized", "NotAuthorized", "NotAuthorized", "NotFound"]),
        ("stranger", ["NotAuthorized", 20, "NotAuthorized", "NotFound"]),
        ("owner", [20, 20, 20, 20]),
    ],
)
def test_ckanapi_has_the_rows_or_ckans_refusal(answers: dict[str, Any], who: str, expected: list[object]) -> None:
    found = value(answers, "ckan")["tables"][who]
    got = [found[name].get("value") or found[name]["error"] for name in ("restricted", "granted", "ended", "private")]
    assert got == expected


def test_ckanapi_raises_its_own_errors(answers: dict[str, Any]) -> None:
    found = value(answers, "ckan")
    errors = {name: found[name]["error"] for name in ("missing", "invalid", "unknown")}
    assert errors == {"missing": "NotFound", "invalid": "ValidationError", "unknown": "CKANAPIError"}


def test_a_portal_harvests_every_package_once(answers: dict[str, Any]) -> None:
    ids = value(answers, "ckan")["harvested"]
    assert len(ids) == len(set(ids)) >= MANY + len(OPEN | CLOSED)


# ---------------------------------------------------------------- DCAT-AP
def test_every_document_conforms_to_the_shapes(answers: dict[str, Any]) -> None:
    found = value(answers, "dcat")["shapes"]
    assert len(found) == 8
    assert {path: text for path, text in found.items() if text} == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_shapes_find_each_fault(answers: dict[str, Any], fault: str) -> None:
    assert "Constraint Violation" in value(answers, "dcat")["broken"][fault]


def test_the_catalog_is_the_same_in_each_format_and_paged_to_its_end(answers: dict[str, Any]) -> None:
    found = value(answers, "dcat")
    assert found["same"] == 1
    assert len(found["paged"]) == len(set(found["paged"])) >= MANY + len(OPEN | CLOSED)


# ---------------------------------------------------------------- DataCite, content negotiation
@pytest.mark.parametrize("name", ["latest", "withdrawn", "restricted"])
def test_datacites_package_accepts_the_record_and_writes_our_xml(answers: dict[str, Any], name: str) -> None:
    found = value(answers, "datacite")[name]
    assert (found["more"], found["less"]) == ([], [])


@pytest.mark.parametrize("name", ["latest", "withdrawn", "restricted"])
def test_the_xml_is_valid_by_datacites_schema(answers: dict[str, Any], name: str) -> None:
    assert value(answers, "datacite")[name]["invalid"] == []


def test_each_harvested_record_is_valid_by_datacites_schema(answers: dict[str, Any]) -> None:
    found = value(answers, "oai")["invalid"]
    assert found["records"] >= MANY + len(OPEN | CLOSED)
    assert found["first"] == []


def test_datacites_schema_finds_a_fault(answers: dict[str, Any]) -> None:
    [fault] = value(answers, "datacite")["broken_xml"]
    assert "creators" in fault


def test_datacites_package_would_refuse_another(answers: dict[str, Any]) -> None:
    assert value(answers, "datacite")["broken"]["error"] == "ValidationError"


def test_the_page_leads_to_the_format_that_is_asked_for(answers: dict[str, Any]) -> None:
    for accept, got in value(answers, "negotiated").items():
        assert got.startswith(accept)
