"""``manage.py backfill``: tables checked by an older release are checked again; what is published stays published."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.models import QualityReport, Resource, Version
from ingest.pipeline import PIPELINE_VERSION
from quality.models import CheckRun
from quality.services.checks import run_check
from quality.version import LOOKS
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published
from tests.fixtures.people import Cast

# The lease is held by a thread of its own, which sees what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def backfill() -> list[str]:
    out = io.StringIO()
    call_command("backfill", stdout=out)
    return out.getvalue().splitlines()


def as_before(version: Version) -> Resource:
    """Its report as an older release would have made it: without a search for personal data, and not numbered."""
    table = version.resources.get()
    QualityReport.objects.filter(pk=table.report_id).update(personal={}, engine={"duckdb": "1.0"})
    # The check that the upload asked for is done.
    CheckRun.objects.all().delete()
    return Resource.objects.get(pk=table.pk)


def test_a_published_table_is_looked_at_again_and_its_report_stays(cast: Cast, client: Client) -> None:
    dataset = make_dataset(cast)
    make_published(cast, dataset)
    dataset.refresh_from_db()
    table = as_before(dataset.latest)
    address = "/institute/birds/quality/"
    assert "Looked at again" not in client.get(address).content.decode()
    assert backfill()[-2:] == [
        "institute/birds birds 1.0.0: is checked again",
        f"1 tables are checked again by checks {LOOKS}.",
    ]
    run_check(run_id=CheckRun.objects.get().pk)
    assert CheckRun.objects.get().state == "done"
    now = Resource.objects.get(pk=table.pk)
    assert (now.report_id, now.profile) == (table.report_id, table.profile)
    later = now.reports.first()
    assert (later.pk == table.report_id, later.personal["status"], later.engine["checks"]) == (False, "done", LOOKS)
    assert {"completeness", "correlations", "fingerprint"} <= later.profile.keys()
    shown = client.get(address).content.decode()
    assert "Looked at again" in shown
    assert "Not searched for personal data" not in shown
    # What was looked at is not looked at again.
    assert backfill()[-1].startswith("0 tables are checked again")


def test_that_nobody_could_look_again_changes_nothing_of_what_is_published(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_dataset(cast)
    make_published(cast, dataset)
    dataset.refresh_from_db()
    table = as_before(dataset.latest)
    backfill()

    def broken(*_args: Any, **_options: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("quality.profiling.profile.profile", broken)
    for _ in range(3):
        run_check(run_id=CheckRun.objects.get().pk)
    assert (CheckRun.objects.get().state, CheckRun.objects.get().failures) == ("errored", 3)
    assert Resource.objects.get(pk=table.pk).report_id == table.report_id
    assert QualityReport.objects.count() == 1


def test_a_draft_is_checked_again_unless_it_is_read_again_anyway(cast: Cast) -> None:
    drafts = [make_checked_draft(cast, make_dataset(cast, slug=slug)) for slug in ("one", "two")]
    old, present = [as_before(draft) for draft in drafts]
    Resource.objects.filter(pk=old.pk).update(pipeline_version="0")
    Resource.objects.filter(pk=present.pk).update(pipeline_version=PIPELINE_VERSION)
    assert backfill()[-1] == f"1 tables are checked again by checks {LOOKS}."
    run = CheckRun.objects.get()
    assert run.resource_id == present.pk
    run_check(run_id=run.pk)
    assert Resource.objects.get(pk=present.pk).report.engine["checks"] == LOOKS
    assert backfill()[-1].startswith("0 tables are checked again")
