"""The editor of a rule set: rules are written, tried on any table that one may read, and made a version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from catalog.errors import Forbidden
from catalog.models import Version
from quality.models import RuleSet
from quality.rules.changes import changes_between
from quality.rules.rule import rules_from_json
from quality.services.rule_sets import add_version, attach_rule_set, create_rule_set
from quality.services.rules import set_rules
from quality.web.any_table import offered_tables, try_on_any
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published
from tests.fixtures.people import Cast

SETS = "/organizations/institute/rule-sets/"
EDITOR = f"{SETS}series/new-version/"
NEW = "/organizations/institute/new-rule-set/"
UNIQUE = {"type": "unique", "column": "id"}
SHORT = {"type": "length_between", "column": "name", "max": 0, "level": "warning"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(cast: Cast) -> Callable[[str], Client]:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(cast.named(name).user)
        return client

    return sign_in


@pytest.fixture
def draft(cast: Cast) -> Version:
    return make_checked_draft(cast, make_dataset(cast))


@pytest.fixture
def series(cast: Cast) -> RuleSet:
    made = {"organization": cast.organization, "name": "series", "title": "Series", "number": "1.0.0"}
    return create_rule_set(actor=cast.maintainer, rules=[UNIQUE, SHORT], **made)


def page(response: HttpResponse) -> str:
    return response.content.decode()


def short(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in rule.items() if key not in ("id", "origin")} for rule in rules]


def stored(*rules: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule.to_json() for rule in rules_from_json(list(rules), origin="set")]


def test_a_set_begins_with_a_dataset_s_rules_or_with_none(cast: Cast, visitor: Any, draft: Version) -> None:
    client = visitor("maintainer")
    set_rules(actor=cast.owner, dataset=draft.dataset, rules=[UNIQUE])
    sent = {"title": "Series", "name": "series", "dataset": "birds", "number": "1.0.0", "description": "For *all*."}
    for change, said in [
        ({"name": "Not Good"}, "Use small letters"),
        ({"number": "one"}, "is no version number"),
        ({"dataset": "none"}, "Select a valid choice."),
        ({"title": ""}, "Give it a title."),
    ]:
        response = client.post(NEW, {**sent, **change})
        assert (response.status_code, said in page(response)) == (400, True), change
        assert response.context["form"]["description"].value() == "For *all*."
    assert client.post(NEW, sent, follow=True).redirect_chain == [(f"{SETS}series/", 302)]
    found = RuleSet.objects.get()
    assert (found.is_shared, short(found.versions.get().rules)) == (False, [{**UNIQUE, "level": "error"}])
    assert "exists" in page(client.post(NEW, sent))
    empty = client.post(NEW, {**sent, "name": "empty", "dataset": ""}, follow=True)
    assert empty.redirect_chain == [(f"{SETS}empty/new-version/", 302)]
    assert "It has no rules yet: write them" in page(empty)
    assert client.post(f"{SETS}series/edit/", {"title": "All", "is_shared": "on"}).status_code == 302
    found.refresh_from_db()
    assert (found.title, found.is_shared) == ("All", True)


def test_rules_are_added_changed_and_removed_and_made_a_version(
    cast: Cast, visitor: Any, draft: Version, series: RuleSet
) -> None:
    client = visitor("maintainer")
    assert "The same rules as in 1.0.0." in page(client.get(EDITOR))
    first, second = series.versions.get().rules
    added = {"column": "id", "min": "0", "level": "error", "do": "save"}
    assert client.post(f"{EDITOR}add/between/", added, follow=True).redirect_chain == [(EDITOR, 302)]
    again = client.post(f"{EDITOR}add/between/", added)
    assert (again.status_code, "asks this already" in page(again)) == (400, True)
    changed = {"column": "name", "max": "5", "level": "error", "do": "save"}
    assert client.post(f"{EDITOR}{second['id']}/edit/", changed).status_code == 302
    assert client.post(f"{EDITOR}{first['id']}/remove/").status_code == 302
    assert client.post(f"{EDITOR}{first['id']}/remove/").status_code == 404
    shown = client.get(EDITOR)
    changes = shown.context["changes"]
    assert [rule.type for rule in changes.added] == ["between"]
    assert [rule.type for rule in changes.removed] == ["unique"]
    assert [(old.level, new.level) for old, new in changes.changed] == [("warning", "error")]
    # Nobody else sees it, and nothing is stored before it is a version.
    assert "The same rules as in 1.0.0." in page(visitor("owner").get(EDITOR))
    assert series.versions.count() == 1

    assert shown.context["version_form"]["number"].value() == "1.1.0"
    low = client.post(EDITOR, {"number": "0.9.0", "note": "Kept?", "do": "make"})
    assert (low.status_code, "give it a higher number" in page(low)) == (400, True)
    assert low.context["version_form"]["note"].value() == "Kept?"
    assert client.post(EDITOR, {"number": "1.1.0", "note": "Names.", "do": "make"}).status_code == 302
    assert short(series.versions.get(number="1.1.0").rules) == [
        {"type": "length_between", "column": "name", "max": 5, "level": "error"},
        {"type": "between", "column": "id", "min": 0, "level": "error"},
    ]
    told = page(client.get(f"{SETS}series/"))
    assert "Different from 1.0.0" in told
    assert "No value of id stands twice." in told  # It is said to be removed.
    assert "Different from" not in page(client.get(f"{SETS}series/?version=1.0.0"))
    assert client.get(f"{SETS}series/?version=7.0.0").status_code == 404
    assert "The same rules as in 1.1.0." in page(client.get(EDITOR))


def test_changes_are_forgotten_when_that_is_said_and_a_version_of_somebody_else_is_told(
    cast: Cast, visitor: Any, draft: Version, series: RuleSet
) -> None:
    client = visitor("maintainer")
    set_rules(actor=cast.owner, dataset=draft.dataset, rules=[UNIQUE, {"type": "not_null", "column": "kind"}])
    taken = page(client.post(f"{EDITOR}take/", {"dataset": "birds"}, follow=True))
    assert "1 rule is added." in taken
    assert "Choose a dataset that has rules." in page(client.post(f"{EDITOR}take/", {"dataset": "x"}, follow=True))
    add_version(actor=cast.owner, rule_set=series, number="1.1.0", rules=[UNIQUE])
    behind = client.get(EDITOR)
    assert "Version 1.1.0 was made while you were at this." in page(behind)
    assert [rule.type for rule in behind.context["changes"].added] == ["length_between", "not_null"]
    assert "What you had changed is forgotten." in page(client.post(f"{EDITOR}discard/", follow=True))
    assert "The same rules as in 1.1.0." in page(client.get(EDITOR))


def test_rules_are_tried_on_any_table_that_one_may_read_and_on_no_other(
    cast: Cast, visitor: Any, series: RuleSet
) -> None:
    for slug, access in (("open", "public"), ("secret", "private")):
        dataset = make_dataset(cast, slug=slug, access=access)
        make_published(cast, dataset)
    attach_rule_set(actor=cast.owner, dataset=dataset, version=series.versions.get())
    client = visitor("maintainer")
    offered = page(client.get(EDITOR))
    assert 'value="institute/open/1.0.0/birds"' in offered
    assert "/institute/secret/rules/" in offered  # It uses the set.
    for sent in ({"on": "institute/open/1.0.0/birds"}, {"other": "institute/open"}, {"other": "institute/open/1.0.0/"}):
        tried = client.post(EDITOR, {"do": "try", **sent})
        assert tried.status_code == 200, sent
        marks = sorted(outcome.mark for outcome in tried.context["trial"].outcomes)
        assert marks == ["passed", "warning"], sent
    for sent, said in [
        ({}, "Choose a table."),
        ({"other": "institute"}, "is no table"),
        ({"other": "institute/none"}, "There is no dataset institute/none"),
        ({"other": "institute/open/9.0.0"}, "has no version"),
        ({"other": "a/b/c/d/e"}, "is no table"),
    ]:
        refused = client.post(EDITOR, {"do": "try", **sent})
        assert (refused.status_code, said in page(refused)) == (400, True), sent
    # One rule alone is tried too, with the columns of the table at hand.
    one = {"column": "name", "max": "9", "level": "error", "do": "try", "on": "institute/open/1.0.0/birds"}
    tried = client.post(f"{EDITOR}add/length_between/", one)
    assert [outcome.mark for outcome in tried.context["trial"].outcomes] == ["passed"]
    assert "The table at hand has id, name" in page(client.get(f"{EDITOR}add/unique/"))
    # Values are typed as the table at hand has them, and columns that it lacks may be named all the same.
    values = {"column": "id", "values": "1\n2", "level": "error", "do": "save"}
    assert client.post(f"{EDITOR}add/in_set/", values).status_code == 302
    assert client.post(f"{EDITOR}add/unique/", {"column": "elsewhere", "level": "info"}).status_code == 302
    kept = client.get(EDITOR).context["draft"].rules
    assert short(kept)[2:] == [
        {"type": "in_set", "column": "id", "values": [1, 2], "level": "error"},
        {"type": "unique", "column": "elsewhere", "level": "info"},
    ]


def test_tables_that_one_may_not_read_are_neither_offered_nor_tried(cast: Cast, visitor: Any, series: RuleSet) -> None:
    other = make_dataset(cast, slug="restricted", access="restricted")
    make_published(cast, other)
    client = visitor("stranger")
    assert client.get(EDITOR).status_code == 403
    theirs = create_rule_set(
        actor=cast.maintainer, organization=cast.organization, name="theirs", number="1.0.0", rules=[UNIQUE]
    )
    # The page is for maintainers; what is beneath it holds also without.
    assert offered_tables(actor=cast.stranger, rule_set=theirs) == []
    with pytest.raises(Forbidden):
        try_on_any(actor=cast.stranger, address="institute/restricted", rules=[])


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([UNIQUE], [UNIQUE], (0, 0, 0, 1)),
        ([], [UNIQUE, SHORT], (2, 0, 0, 0)),
        ([UNIQUE, SHORT], [SHORT], (0, 1, 0, 1)),
        ([UNIQUE], [{**UNIQUE, "level": "info"}], (0, 0, 1, 0)),
        ([SHORT], [{**SHORT, "max": 4}], (0, 0, 1, 0)),
        ([SHORT], [{**SHORT, "column": "kind"}], (1, 1, 0, 0)),
        # Of two of one type and column it can't be told which became which.
        ([SHORT], [{**SHORT, "max": 4}, {**SHORT, "max": 5}], (2, 1, 0, 0)),
        ([SHORT, {**SHORT, "max": 9}], [{**SHORT, "level": "error"}, {**SHORT, "max": 5}], (0, 0, 2, 0)),
    ],
)
def test_changes_between_two_lists_of_rules(before: Any, after: Any, found: tuple[int, ...]) -> None:
    changes = changes_between(stored(*before), stored(*after))
    assert (len(changes.added), len(changes.removed), len(changes.changed), changes.same) == found
    assert changes.is_empty is (found[:3] == (0, 0, 0))
