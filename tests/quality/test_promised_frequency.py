"""Another update frequency has what is held to it checked again."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.services.cataloguing.datasets import Description, update_dataset
from quality.models import CheckRun
from quality.services.rules import set_rules
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_submitted, record_check

pytestmark = pytest.mark.django_db

PROMISED = {"type": "fresh", "column": "day"}
SCHEMA = {"fields": [{"name": "day", "type": "date"}]}
SQL = "SELECT DATE '2026-01-01' AS day"
OFTEN = {"update_frequency": "P1D"}


@pytest.fixture
def judged(cast: Any, django_capture_on_commit_callbacks: Any) -> Any:
    """The draft's verdict, and how many checks wait, after the dataset was changed, which had been checked before."""

    def run(rule: dict[str, Any], **change: Any) -> tuple[str, int]:
        dataset = make_dataset(cast, update_frequency="P1W")
        draft = make_checked_draft(cast, dataset, sql=SQL, schema=SCHEMA)
        set_rules(actor=cast.owner, dataset=dataset, rules=[rule])
        dataset.refresh_from_db()
        draft.dataset = dataset
        resource = draft.resources.get()
        resource.version = draft
        record_check(resource)
        CheckRun.objects.all().delete()
        with django_capture_on_commit_callbacks(execute=True):
            update_dataset(actor=cast.owner, dataset=dataset, description=Description(**change))
        draft.refresh_from_db()
        assert draft.resources.get().verdict == draft.verdict
        return draft.verdict, CheckRun.objects.filter(state="queued").count()

    return run


@pytest.mark.parametrize(
    ("rule", "change", "expected"),
    [
        (PROMISED, OFTEN, ("pending", 1)),
        (PROMISED, {"update_frequency": ""}, ("pending", 1)),
        (PROMISED, {"update_frequency": "P1W"}, ("passed", 0)),
        (PROMISED, {"title": "Another"}, ("passed", 0)),
        ({**PROMISED, "within": "P7D"}, OFTEN, ("passed", 0)),
        ({**PROMISED, "column": "elsewhere"}, OFTEN, ("passed", 0)),
        ({"type": "not_null", "column": "day"}, OFTEN, ("passed", 0)),
    ],
)
def test_what_is_held_to_the_promise_is_checked_again_and_nothing_else(
    judged: Any, rule: dict[str, Any], change: dict[str, Any], expected: tuple[str, int]
) -> None:
    assert judged(rule, **change) == expected


def test_a_version_in_review_keeps_the_result_that_it_was_submitted_with(
    cast: Any, django_capture_on_commit_callbacks: Any
) -> None:
    dataset = make_dataset(cast)
    version = make_submitted(cast, dataset, sql=SQL, schema=SCHEMA)
    set_rules(actor=cast.owner, dataset=dataset, rules=[PROMISED])
    dataset.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        update_dataset(actor=cast.owner, dataset=dataset, description=Description(**OFTEN))
    assert version.resources.get().verdict == "passed"
    assert not CheckRun.objects.filter(state="queued").exists()
