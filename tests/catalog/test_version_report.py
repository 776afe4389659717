"""The report of a whole version: record, DQV, page and badge; and the score that is a to-do list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import rdflib
from django.test import Client

from catalog.models import Resource, Version
from catalog.reporting.badge import Badge
from catalog.reporting.scorecard import POINTS, Scorecard, Task, scorecard
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.publishing.versions import withdraw_version
from tests.catalog.test_page_reading import SECRET, publish_with_values, signed_in
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db
DQV = rdflib.Namespace("http://www.w3.org/ns/dqv#")
OPEN = "/api/v1/datasets/institute/open/versions/1.0.0"


def card(version: Version, now: datetime | None = None) -> Scorecard:
    version.refresh_from_db()
    tables = list(Resource.objects.filter(version=version).select_related("report"))
    version.dataset.refresh_from_db()
    return scorecard(dataset=version.dataset, version=version, tables=tables, now=now or datetime.now(UTC))


def shares(found: Scorecard) -> dict[str, float]:
    return {line.task.value: line.share for line in found.lines}


# ---------------------------------------------------------------- the score
def test_all_points_make_100() -> None:
    assert sum(POINTS.values()) == 100
    assert set(POINTS) == set(Task)


def test_every_task_earns_its_points(cast: Cast) -> None:
    schema = {
        "fields": [
            {"name": "id", "type": "integer", "description": "Number of the ring."},
            {"name": "mass", "type": "number", "unit": "g", "description": "Mass, weighed alive."},
            {"name": "code", "type": "integer", "constraints": {"enum": [1, 2]}, "description": "1 hen, 2 cock."},
            {"name": "name", "type": "string", "description": "Species."},
        ],
        "primaryKey": ["id"],
    }
    dataset = make_dataset(cast, keywords=["birds"], description="Long " * 20, contact_email="a@example.org")
    version = make_published(cast, dataset, schema=schema)
    update_dataset(actor=cast.owner, dataset=dataset, description=Description(update_frequency="P1M"))
    found = card(version)
    assert shares(found) == dict.fromkeys(shares(found), 1.0)
    assert (found.score, found.to_do) == (100, ())


def test_what_is_missing_is_left_to_do_what_earns_most_first(cast: Cast) -> None:
    version = make_published(cast, make_dataset(cast, description="", keywords=[], contact_email=""))
    found = card(version)
    expected = {"meanings": pytest.approx(1 / 3), "keywords": 0.0, "license": 1.0, "checks": 1.0, "cells": 1.0}
    assert {task: shares(found)[task] for task in expected} == expected
    left = [line.points - line.earned for line in found.to_do]
    assert left == sorted(left, reverse=True)
    assert found.score == int(sum(line.earned for line in found.lines) + 1e-6)
    assert found.to_do[0].task == Task.MEANINGS


def test_an_update_that_is_late_costs_its_points_and_is_not_late_at_once(cast: Cast) -> None:
    dataset = make_dataset(cast)
    version = make_published(cast, dataset)
    update_dataset(actor=cast.owner, dataset=dataset, description=Description(update_frequency="P1W"))
    now = datetime.now(UTC)
    assert shares(card(version, now + timedelta(days=10)))["fresh"] == 1.0
    assert shares(card(version, now + timedelta(days=11)))["fresh"] == 0.0


def test_refused_cells_and_warnings_cost_points_in_proportion(cast: Cast) -> None:
    dataset = publish_with_values(cast, "open", "public")
    version = dataset.versions.get()
    table = version.resources.select_related("report").get()
    table.findings = [{"code": "cell-not-of-type", "count": 1}, {"code": "row-too-long", "count": 9}]
    found = shares(scorecard(dataset=dataset, version=version, tables=[table], now=datetime.now(UTC)))
    columns = len(table.schema["fields"])
    assert found["checks"] == 0.5
    assert found["cells"] == pytest.approx(1 - 100 * 1 / (100 * columns))


# ---------------------------------------------------------------- the record
def test_one_record_binds_bytes_schema_checks_and_decision(cast: Cast, client: Client) -> None:
    publish_with_values(cast, "open", "public")
    told = client.get(f"{OPEN}/report").json()
    (table,) = told["tables"]
    version = Version.objects.get(dataset__slug="open")
    assert told["manifest_sha256"] == version.manifest_sha256
    assert table["parts"][0]["sha256"] == version.resources.get().parts.get().sha256
    assert table["schema"]["fields"]
    assert table["outcomes"][0]["samples"] == [{"row": 7, "value": SECRET}]
    assert (told["decision"]["policy"], told["decision"]["by"]) == ("review", "steward")
    assert told["scorecard"]["score"] == card(version).score
    assert told["scorecard"]["formula"] == "floor(sum(points * share))"


def test_the_record_looks_back_at_the_versions_before(cast: Cast, client: Client) -> None:
    dataset = make_dataset(cast)
    for name in ("birds", "birds"):
        make_published(cast, dataset, name=name)
    record = client.get("/api/v1/datasets/institute/birds/versions/1.0.0/report").json()
    assert [item["version"] for item in record["history"]] == ["1.0.0"]
    latest = client.get("/api/v1/datasets/institute/birds/versions/latest/report").json()
    numbers = [item["version"] for item in latest["history"]]
    assert (len(numbers), numbers[0]) == (2, "1.0.0")
    assert latest["history"][-1]["counts"] == latest["tables"][0]["counts"]
    assert latest["history"][-1]["score"] == latest["tables"][0]["score"]


def test_the_record_tells_strangers_no_value(cast: Cast) -> None:
    publish_with_values(cast, "closed", "restricted")
    address = "/api/v1/datasets/institute/closed/versions/1.0.0/report"
    for path in (address, f"{address}.dqv.jsonld", "/institute/closed/report/"):
        answer = signed_in(cast, "stranger").get(path)
        assert answer.status_code == 200, path
        assert SECRET not in answer.content.decode(), path
    assert SECRET in signed_in(cast, "reader").get(address).content.decode()


def test_of_a_withdrawn_version_no_value_is_told(cast: Cast) -> None:
    dataset = publish_with_values(cast, "open", "public")
    withdraw_version(actor=cast.owner, version=dataset.versions.get(), reason="Wrong site.")
    told = signed_in(cast, "reader").get(f"{OPEN}/report").json()
    assert told["values_hidden"] is True
    assert SECRET not in str(told)


# ---------------------------------------------------------------- DQV
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
def test_the_measurements_are_read_by_an_rdf_library(cast: Cast, client: Client) -> None:
    publish_with_values(cast, "open", "public")
    answer = client.get(f"{OPEN}/report.dqv.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    graph = rdflib.Graph().parse(data=answer.content, format="json-ld")
    values: dict[str, Any] = {}
    for node in graph.subjects(rdflib.RDF.type, DQV.QualityMeasurement):
        metric = graph.value(node, DQV.isMeasurementOf)
        assert (metric, rdflib.RDF.type, DQV.Metric) in graph
        assert graph.value(metric, DQV.inDimension)
        assert graph.value(node, DQV.computedOn)
        values[str(metric).rpartition(":")[2]] = graph.value(node, DQV.value).toPython()  # type: ignore[union-attr]
    assert values["completeness"] == pytest.approx(275 / 300)
    assert values["repeated-rows"] == 0
    assert values["checks-passed"] == 0
    assert values["check-score"] == 50
    assert values["score"] == card(Version.objects.get(dataset__slug="open")).score
    (certificate,) = graph.subjects(rdflib.RDF.type, DQV.QualityCertificate)
    assert str(graph.value(certificate, rdflib.PROV.wasAttributedTo)) == "steward"


# ---------------------------------------------------------------- page and badge
def test_the_page_has_decision_score_checks_and_profile_of_each_table(cast: Cast, client: Client) -> None:
    publish_with_values(cast, "open", "public")
    html = client.get("/institute/open/report/").content.decode()
    for words in ("Report: ", "Approved", "Left to do", "What each column means", "Every value of amount", SECRET):
        assert words in html, words
    assert "/institute/open/edit/" not in html
    ids = [part.split('"', 1)[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    owned = signed_in(cast, "owner").get("/institute/open/report/").content.decode()
    assert "/institute/open/edit/" in owned


@pytest.mark.parametrize(
    ("query", "words"), [("", "checks: 0 / 1"), ("?show=version", "version: 1.0.0"), ("?show=score", "score: ")]
)
def test_a_badge_is_a_picture_with_the_words_in_it(cast: Cast, client: Client, query: str, words: str) -> None:
    publish_with_values(cast, "open", "public")
    answer = client.get(f"/institute/open/badge.svg{query}")
    assert answer["Content-Type"] == "image/svg+xml"
    root = ET.fromstring(answer.content)  # noqa: S314 -- it is our own.
    assert root.attrib["aria-label"].startswith(words)
    again = client.get(f"/institute/open/badge.svg{query}", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_there_is_no_badge_of_what_one_may_not_see(cast: Cast, client: Client) -> None:
    publish_with_values(cast, "secret", "private")
    assert client.get("/institute/secret/badge.svg").status_code == 404
    assert signed_in(cast, "reader").get("/institute/secret/badge.svg").status_code == 200


def test_words_of_a_badge_are_only_words() -> None:
    svg = Badge('a"<b>', "質量 & more", "bad").to_svg()
    root = ET.fromstring(svg)  # noqa: S314 -- it is our own.
    assert root.attrib["aria-label"] == 'a"<b>: 質量 & more'
    assert float(root.attrib["width"]) > float(ET.fromstring(Badge("a", "b", "ok").to_svg()).attrib["width"])  # noqa: S314
