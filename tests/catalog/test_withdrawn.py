"""After a version was withdrawn nothing is served that was made of its cells, to nobody; what cites it resolves."""

from __future__ import annotations

import pytest

from catalog.models import QualityReport, Resource
from catalog.selectors.datasets import get_dataset, get_version
from catalog.services.publishing.versions import submit_version, withdraw_version
from catalog.services.reviewing.reviews import decide_review
from tests.fixtures.datasets import SQL, make_checked_draft, make_dataset, make_published

OPEN = "/api/v1/datasets/institute/open"
TABLE = f"{OPEN}/versions/1.0.0/resources/birds"
RULE = "0123456789abcdef"
REFUSED = [
    f"{TABLE}.parquet",
    f"{TABLE}/parts/0.parquet",
    f"{TABLE}/original",
    f"{TABLE}/originals/0",
    f"{TABLE}/rows",
    f"{TABLE}/findings.csv",
    f"{TABLE}/findings.parquet",
    f"{TABLE}/report/expectations",
    f"{TABLE}/report/failing/{RULE}.csv",
    f"{TABLE}/report/failing/{RULE}.parquet",
    f"{OPEN}/versions/1.0.0/files.json?links=1",
    f"{OPEN}/versions/1.0.0/difference?to=1.1.0",
    f"{OPEN}/versions/1.0.0/difference/birds.parquet?to=1.1.0",
]
SECRET = "n42-secret"
SAMPLE = {
    "code": "cell-not-of-type",
    "row": 1,
    "line": 2,
    "column": "amount",
    "value": SECRET,
    "params": {"type": "number"},
}
FINDING = {
    "code": "cell-not-of-type",
    "column": "amount",
    "params": {"type": "number"},
    "count": 1,
    "samples": [SAMPLE],
}
TOP = {"name": "name", "type": "string", "kind": "cat", "count": 100, "nulls": 0, "distinct": 1, "min": SECRET}


@pytest.fixture
def published(cast):
    """A version with a value of a cell in its findings, its recipe and its profile; and a later one."""
    dataset = make_dataset(cast, slug="open")
    draft = make_checked_draft(cast, dataset)
    table = draft.resources.get()
    Resource.objects.filter(pk=table.pk).update(
        findings=[FINDING],
        findings_count=1,
        recipe=[{"step": "replace_values", "column": "name", "values": {SECRET: "x"}}],
    )
    QualityReport.objects.filter(resource=table).update(profile={"rows": 100, "columns": [TOP]})
    submitted = submit_version(actor=cast.contributor, version=draft, note="First.")
    decide_review(actor=cast.steward, review=submitted.reviews.get(), decision="approve")
    make_published(cast, dataset, sql=f"{SQL} LIMIT 50")
    return get_version(
        actor=cast.owner, dataset=get_dataset(actor=cast.owner, owner="institute", slug="open"), version="1.0.0"
    )


@pytest.fixture
def withdrawn(cast, published):
    return withdraw_version(actor=cast.owner, version=published, reason="A consent was missing.")


TELLING = [f"{TABLE}/findings", f"{TABLE}/report", f"{TABLE}/recipe"]


def test_values_are_told_while_it_is_published(published, api):
    assert [path for path in TELLING if SECRET not in api().get(path).content.decode()] == []


@pytest.mark.parametrize("who", ["anonymous", "owner", "steward"])
def test_what_is_made_of_cells_is_gone(cast, withdrawn, api, who):
    client = api(None if who == "anonymous" else cast.named(who))
    answers = {path: client.get(path) for path in REFUSED}
    statuses = {path: (answer.status_code, answer.json()["code"]) for path, answer in answers.items()}
    assert statuses == dict.fromkeys(REFUSED, (410, "version-withdrawn"))
    assert [path for path in TELLING if SECRET in client.get(path).content.decode()] == []
    assert client.get(f"{OPEN}/versions/1.0.0/report").json()["values_hidden"]
    for tab in ("", "data/", "schema/", "quality/", "report/"):
        assert SECRET not in client.get(f"/institute/open/v/1.0.0/{tab}").content.decode()


def test_its_description_and_citation_stay(withdrawn, api):
    client = api()
    version = client.get(f"{OPEN}/versions/1.0.0").json()
    assert (version["state"], version["withdrawn_reason"]) == ("withdrawn", "A consent was missing.")
    assert client.get(f"{OPEN}/versions/1.0.0/manifest").status_code == 200
    for tab in ("", "schema/", "quality/", "report/", "use/"):
        page = client.get(f"/institute/open/v/1.0.0/{tab}")
        assert page.status_code == 200
        assert "A consent was missing." in page.content.decode()
    assert client.get("/institute/open/v/1.0.0/data/").status_code == 410
    assert "n99" not in client.get("/institute/open/v/1.0.0/data/").content.decode()
