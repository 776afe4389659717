"""Time passes over a draft: how old its newest value may be is judged again when it is handed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.models import AuditEvent, VerdictStatus
from catalog.services.publishing.versions import submit_version
from quality.checking.freshness import judged_again
from quality.checking.outcome import RuleOutcome
from quality.rules.rule import Rule
from quality.services.freshness import judge
from tests.fixtures.datasets import make_checked_draft, make_dataset

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).replace(tzinfo=None)


def outcome(observed: Any, *, status: Any = "passed", **rule: Any) -> RuleOutcome:
    return RuleOutcome(Rule.from_json({"type": "fresh", "column": "at", **rule}), status, observed=observed)


@pytest.mark.parametrize(
    ("observed", "within", "promised", "status", "obstacle"),
    [
        ("2026-11-22T11:00:00", "PT2H", "", "passed", ""),
        ("2026-11-22T10:00:00", "PT2H", "", "passed", ""),
        ("2026-11-22T09:59:59", "PT2H", "", "failed", ""),
        ("2026-11-22T12:59:00+02:00", "PT2H", "", "passed", ""),
        ("2026-11-22T09:59:59Z", "PT2H", "", "failed", ""),
        # A day is compared as a day.
        ("2026-11-21", "P1D", "", "passed", ""),
        ("2026-11-20", "P1D", "", "failed", ""),
        ("2026-11-20", None, "P7D", "passed", ""),
        ("2026-11-20", None, "", "errored", "no-promise"),
    ],
)
def test_the_newest_value_is_held_against_the_clock(
    observed: str, within: str | None, promised: str, status: str, obstacle: str
) -> None:
    given = outcome(
        observed, status="failed" if status == "passed" else "passed", **({"within": within} if within else {})
    )
    (found,) = judged_again([given], promised=promised, now=NOW)
    assert (found.status, found.obstacle, found.judged_at) == (status, obstacle, "2026-11-22T12:00:00Z")


@pytest.mark.parametrize("observed", [None, "soon"])
def test_without_a_newest_value_nothing_is_judged(observed: Any) -> None:
    given = outcome(observed, status="errored", within="P1D")
    assert judged_again([given], promised="P1D", now=NOW) == [given]


def test_reports_without_such_a_rule_are_not_judged_again() -> None:
    other = RuleOutcome(Rule.from_json({"type": "not_null", "column": "at"}), "passed").to_json()
    assert judge([other], "P1D", NOW.replace(tzinfo=UTC)) is None
    assert judge([other, outcome("2020-01-01").to_json()], "P1D", NOW.replace(tzinfo=UTC)).counts == {
        "passed": 1,
        "warnings": 0,
        "failed": 1,
        "errored": 0,
    }


@pytest.mark.django_db
def test_a_draft_that_has_grown_old_is_handed_in_as_what_it_is_now(cast: Any, client: Client) -> None:
    dataset = make_dataset(cast, update_frequency="P1D")
    draft = make_checked_draft(cast, dataset)
    table = draft.resources.get()
    week_ago = datetime.now(UTC) - timedelta(days=7)
    report = table.report
    report.outcomes = [outcome(f"{week_ago:%Y-%m-%d}").to_json()]
    report.save()
    submitted = submit_version(actor=cast.contributor, version=draft, note="Last week's.")
    assert submitted.verdict == VerdictStatus.FAILED
    table.refresh_from_db()
    assert (table.verdict, table.report.counts["failed"], table.report_id == report.pk) == ("failed", 1, False)
    # What was found when the table was checked stays on record.
    report.refresh_from_db()
    assert report.verdict == VerdictStatus.PASSED
    assert AuditEvent.objects.filter(action="report.judged_again").count() == 1
    client.force_login(cast.owner.user)
    shown = client.get(f"/institute/birds/v/{submitted.address}/quality/").content.decode()
    assert "judged " in shown
