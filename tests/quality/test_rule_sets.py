"""Rule sets: versions that never change, attached to datasets until another one is taken."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.errors import Invalid, NotFound
from catalog.services.publishing.versions import open_draft
from quality.models import RuleSet
from quality.rules.rule import InvalidRule
from quality.selectors.rule_sets import get_rule_set, get_rule_set_version
from quality.services.rule_sets import (
    RuleSetExists,
    RuleSetVersionExists,
    add_version,
    attach_rule_set,
    create_rule_set,
    detach_rule_set,
)
from quality.services.rules import set_rules
from tests.fixtures.datasets import make_dataset
from tests.fixtures.uploading import check_draft, publish, push

pytestmark = pytest.mark.django_db(transaction=True)

AT_MOST_5 = {"type": "between", "column": "n", "max": 5}
AT_MOST_9 = {"type": "between", "column": "n", "max": 9}


@pytest.fixture
def rule_set(cast: Any) -> RuleSet:
    return create_rule_set(
        actor=cast.maintainer, organization=cast.organization, name="series", number="1.0.0", rules=[AT_MOST_5]
    )


def asked(draft: Any) -> list[tuple[str, str, str]]:
    outcomes = draft.resources.get().report.outcomes
    return [(item["rule"]["type"], item["rule"]["origin"], item["status"]) for item in outcomes if wanted(item)]


def wanted(item: Any) -> bool:
    return item["rule"]["origin"] != "schema"


def test_a_dataset_meets_the_version_that_it_has_attached_until_it_takes_another(cast: Any, rule_set: RuleSet) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, "n\n1\n7\n", resource="t")
    assert asked(check_draft(dataset)) == []
    attach_rule_set(actor=cast.contributor, dataset=dataset, version=get_rule_set_version(rule_set, "latest"))
    draft = dataset.versions.open().get()
    assert draft.verdict == "pending"
    assert asked(check_draft(dataset)) == [("between", "set", "failed")]

    newer = add_version(actor=cast.maintainer, rule_set=rule_set, number="1.1.0", rules=[AT_MOST_9])
    assert dataset.versions.open().get().verdict == "failed"
    attach_rule_set(actor=cast.contributor, dataset=dataset, version=newer)
    assert asked(check_draft(dataset)) == [("between", "set", "passed")]

    # What the owner asks as well is asked once.
    set_rules(actor=cast.owner, dataset=dataset, rules=[AT_MOST_9, {"type": "unique", "column": "n"}])
    assert asked(check_draft(dataset)) == [("between", "owner", "passed"), ("unique", "owner", "passed")]
    detach_rule_set(actor=cast.contributor, dataset=dataset, owner="institute", name="series")
    set_rules(actor=cast.owner, dataset=dataset, rules=[])
    assert asked(check_draft(dataset)) == []
    with pytest.raises(NotFound):
        detach_rule_set(actor=cast.contributor, dataset=dataset, owner="institute", name="series")


def test_an_owner_cannot_soften_what_a_set_asks(cast: Any, rule_set: RuleSet) -> None:
    dataset = make_dataset(cast)
    set_rules(actor=cast.owner, dataset=dataset, rules=[{**AT_MOST_5, "level": "info"}])
    push(cast.contributor, dataset, "n\n1\n7\n", resource="t")
    assert check_draft(dataset).verdict == "passed"
    attach_rule_set(actor=cast.contributor, dataset=dataset, version=get_rule_set_version(rule_set, ""))
    draft = check_draft(dataset)
    assert (draft.verdict, asked(draft)) == ("failed", [("between", "set", "failed")])


def test_a_draft_that_starts_from_a_version_is_checked_again_when_a_set_came_since(
    cast: Any, rule_set: RuleSet
) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, "n\n1\n7\n", resource="t")
    publish(cast, dataset)
    dataset.refresh_from_db()
    assert open_draft(actor=cast.contributor, dataset=dataset).verdict == "passed"
    attach_rule_set(actor=cast.contributor, dataset=dataset, version=get_rule_set_version(rule_set, ""))
    assert check_draft(dataset).verdict == "failed"


def test_versions_never_change_and_only_go_up(cast: Any, rule_set: RuleSet) -> None:
    with pytest.raises(RuleSetExists):
        create_rule_set(
            actor=cast.owner, organization=cast.organization, name="series", number="9.0.0", rules=[AT_MOST_5]
        )
    with pytest.raises(RuleSetVersionExists):
        add_version(actor=cast.owner, rule_set=rule_set, number="1.0.0", rules=[])
    with pytest.raises(Invalid):
        add_version(actor=cast.owner, rule_set=rule_set, number="0.9.0", rules=[])
    with pytest.raises(InvalidRule):
        add_version(actor=cast.owner, rule_set=rule_set, number="2.0.0", rules=[{"type": "sql"}])
    assert [version.number for version in rule_set.versions.all()] == ["1.0.0"]
    stored = rule_set.versions.get().rules
    assert [(rule["type"], rule["origin"], rule["max"]) for rule in stored] == [("between", "set", 5)]


def test_a_set_of_members_is_found_by_members_only(cast: Any, rule_set: RuleSet) -> None:
    RuleSet.objects.update(is_shared=False)
    assert get_rule_set(actor=cast.reader, owner="institute", name="series") == rule_set
    with pytest.raises(NotFound):
        get_rule_set(actor=cast.stranger, owner="institute", name="series")
