"""The pages of rules: each form does its work, keeps what was typed, and shows names of the data as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from catalog.models import QualityReport, Version
from quality.models import CheckRun, RuleSet, RuleSetUse
from quality.rules.rule import RuleType
from quality.services.rule_sets import add_version, attach_rule_set, create_rule_set
from quality.services.rules import set_rules
from tests.fixtures.datasets import SCHEMA, make_checked_draft, make_dataset, make_published
from tests.fixtures.people import Cast

RULES = "/institute/birds/rules/"
SETS = "/organizations/institute/rule-sets/"
BETWEEN = {"column": "id", "max": "89", "level": "warning"}
HOSTILE = "<script>alert(1)</script>"

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(cast: Cast) -> Callable[..., Client]:
    def sign_in(name: str, **options: Any) -> Client:
        client = Client(**options)
        client.force_login(cast.named(name).user)
        return client

    return sign_in


@pytest.fixture
def draft(cast: Cast) -> Version:
    return make_checked_draft(cast, make_dataset(cast))


def page(response: HttpResponse) -> str:
    return response.content.decode()


def rules_of(draft: Version) -> list[dict[str, Any]]:
    draft.dataset.refresh_from_db()
    return draft.dataset.rules


def short(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in rule.items() if key not in ("id", "origin")} for rule in rules]


# ---------------------------------------------------------------- one rule
@pytest.mark.parametrize(
    ("kind", "typed", "field", "said"),
    [
        ("between", {"column": "id"}, "min", "Give the lowest, the highest or both."),
        ("between", {"column": "id", "min": "5", "max": "1"}, "min", "The lowest is above the highest."),
        ("between", {"column": "id", "min": "many"}, "min", "“many” is no number."),
        ("between", {"column": "gone", "min": "1"}, "column", "Select a valid choice."),
        ("between", {"min": "1"}, "column", "Choose a column."),
        ("between", {"column": "id", "min": "1e999"}, "min", "is no number."),
        ("not_null", {"column": "id", "mostly": "150"}, "mostly", "A share is above 0 and up to 100 %."),
        ("in_set", {"column": "id", "values": "1\nx"}, "values", "“x” is no number."),
        ("matches", {"column": "name", "pattern": "("}, "pattern", "pattern is no regular expression"),
        ("column_pair", {"first": "id", "second": "id"}, "second", "Choose different columns."),
        ("increasing_together", {"columns": "id\nnone"}, "columns", "No table has a column “none”."),
        ("unique_together", {"columns": ["id"]}, "columns", "Choose 2 to 32 columns."),
        ("no_gaps", {"column": "id", "step": "Pfff"}, "step", "step must be a number above 0"),
        (
            "within_area",
            {"first": "id", "second": "amount", "west": "0", "south": "9", "east": "1", "north": "1"},
            "south",
            "south not above north",
        ),
        ("foreign_key", {"columns": "id", "resource": "birds", "fields": "id\nname"}, "fields", "as above."),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    visitor: Any, draft: Version, kind: str, typed: dict[str, Any], field: str, said: str
) -> None:
    response = visitor("contributor").post(f"{RULES}add/{kind}/", {"level": "info", "do": "save", **typed})
    assert response.status_code == 400
    assert any(said in problem for problem in response.context["form"].errors[field]), response.context["form"].errors
    for name, value in typed.items():
        assert response.context["form"][name].value() == value
    assert rules_of(draft) == []


def test_a_rule_is_added_edited_and_removed(visitor: Any, draft: Version) -> None:
    client = visitor("contributor")
    chooser = page(client.get(f"{RULES}add/"))
    assert all(f'href="{RULES}add/{kind}/"' in chooser for kind in RuleType)
    response = client.post(f"{RULES}add/between/", {**BETWEEN, "do": "save"}, follow=True)
    assert response.redirect_chain == [(RULES, 302)]
    assert "Every value of id is at most 89." in page(response)
    assert short(rules_of(draft)) == [{"type": "between", "column": "id", "max": 89, "level": "warning"}]
    assert draft.resources.get().verdict == "pending"

    again = client.post(f"{RULES}add/between/", {**BETWEEN, "do": "save"})
    assert (again.status_code, "asks this already" in page(again)) == (400, True)

    [rule] = rules_of(draft)
    edit = f"{RULES}{rule['id']}/edit/"
    form = client.get(edit).context["form"]
    assert (form["column"].value(), form["max"].value(), form["level"].value()) == ("id", 89, "warning")
    assert client.post(edit, {**BETWEEN, "max": "95", "level": "error", "do": "save"}).status_code == 302
    assert short(rules_of(draft)) == [{"type": "between", "column": "id", "max": 95, "level": "error"}]
    assert client.get(edit).status_code == 404

    [rule] = rules_of(draft)
    assert client.post(f"{RULES}{rule['id']}/remove/").status_code == 302
    assert rules_of(draft) == []
    assert client.post(f"{RULES}{rule['id']}/remove/").status_code == 404
    assert client.get(f"{RULES}add/sql/").status_code == 404


def test_editing_keeps_the_place_and_does_not_double_another_rule(cast: Cast, visitor: Any, draft: Version) -> None:
    given = [{"type": "unique", "column": "id"}, {"type": "unique", "column": "name"}]
    set_rules(actor=cast.owner, dataset=draft.dataset, rules=given)
    client = visitor("contributor")
    first = rules_of(draft)[0]["id"]
    twice = client.post(f"{RULES}{first}/edit/", {"column": "name", "level": "error", "do": "save"})
    assert (twice.status_code, "asks this already" in page(twice)) == (400, True)
    assert client.post(f"{RULES}{first}/edit/", {"column": "amount", "level": "info", "do": "save"}).status_code == 302
    assert [(rule["column"], rule["level"]) for rule in rules_of(draft)] == [("amount", "info"), ("name", "error")]


def test_a_rule_of_a_column_that_is_gone_can_still_be_edited(cast: Cast, visitor: Any, draft: Version) -> None:
    set_rules(actor=cast.owner, dataset=draft.dataset, rules=[{"type": "unique", "column": "gone"}])
    edit = f"{RULES}{rules_of(draft)[0]['id']}/edit/"
    client = visitor("contributor")
    assert client.get(edit).context["form"]["column"].value() == "gone"
    assert client.post(edit, {"column": "gone", "level": "info", "do": "save"}).status_code == 302
    assert rules_of(draft)[0]["level"] == "info"


def test_before_the_first_table_columns_are_written(cast: Cast, visitor: Any) -> None:
    dataset = make_dataset(cast, slug="empty")
    url = "/institute/empty/rules/"
    client = visitor("contributor")
    assert "What would fail" not in page(client.get(f"{url}add/unique_together/"))
    sent = {"columns": "a\nb", "level": "error", "do": "save"}
    assert client.post(f"{url}add/unique_together/", sent).status_code == 302
    dataset.refresh_from_db()
    assert dataset.rules[0]["columns"] == ["a", "b"]
    assert client.get(f"{url}proposals/").status_code == 200


# ---------------------------------------------------------------- what would fail
def test_the_preview_tells_counts_and_rows_and_stores_nothing(visitor: Any, draft: Version) -> None:
    before = (QualityReport.objects.count(), CheckRun.objects.count(), draft.resources.get().verdict)
    client = visitor("contributor")
    response = client.post(f"{RULES}add/between/", {**BETWEEN, "on": "draft/birds", "do": "try"})
    assert response.status_code == 200
    shown = page(response)
    assert "Tried on birds of draft, 100 rows." in shown
    assert "10 of 100 values fail (10 %)" in shown
    assert '<td class="n">91</td><td><span class="bad-value">90</span></td>' in shown
    assert response.context["form"]["max"].value() == "89"
    assert rules_of(draft) == []
    assert (QualityReport.objects.count(), CheckRun.objects.count(), draft.resources.get().verdict) == before

    wrong = client.post(f"{RULES}add/between/", {**BETWEEN, "on": "9.9.9/birds", "do": "try"})
    assert (wrong.status_code, "Choose a table of the list." in page(wrong)) == (400, True)
    assert wrong.context["form"]["max"].value() == "89"


def test_all_rules_are_tried_on_any_version_by_those_who_may_have_the_values(cast: Cast, visitor: Any) -> None:
    dataset = make_dataset(cast, access="restricted")
    make_published(cast, dataset)
    set_rules(actor=cast.owner, dataset=dataset, rules=[{"type": "between", "column": "id", "max": 89}])
    sent = {"on": "1.0.0/birds"}
    shown = page(visitor("reader").post(RULES, sent))
    assert "10 of 100 values fail (10 %)" in shown
    stranger = visitor("stranger")
    assert "Every value of id is at most 89." in page(stranger.get(RULES))
    assert "Try the rules on a version" not in page(stranger.get(RULES))
    assert stranger.post(RULES, sent).status_code == 403
    assert Client().post(RULES, sent)["Location"].startswith("/accounts/login/")
    assert visitor("reader").post(RULES, {"on": "draft/none"}).status_code == 400


# ---------------------------------------------------------------- proposals
def profiled(draft: Version) -> None:
    columns = [
        {"name": "id", "kind": "num", "count": 100, "nulls": 0, "distinct": 100, "distinct_approximate": False}
        | {"min": 0, "max": 99},
        {"name": "name", "kind": "text", "count": 90, "nulls": 10, "distinct": 90, "distinct_approximate": False},
    ]
    draft.resources.update(profile={"rows": 100, "columns": columns})


def test_proposals_are_ticked_and_the_others_stay_unasked(visitor: Any, draft: Version) -> None:
    profiled(draft)
    client = visitor("contributor")
    response = client.get(f"{RULES}proposals/")
    found = [rule for rule, _ in response.context["proposals"]]
    assert [rule.type for rule in found] == ["not_null", "unique"]
    assert "It has a value in each of the 100 rows." in page(response)
    assert rules_of(draft) == []

    none = client.post(f"{RULES}proposals/", {"level": "error"})
    assert (none.status_code, "Tick the rules" in page(none)) == (400, True)
    wrong = client.post(f"{RULES}proposals/", {"rule": [found[0].id], "level": "fatal"})
    assert wrong.status_code == 400
    assert f'value="{found[0].id}" id="rule-{found[0].id}" checked' in page(wrong)

    taken = client.post(f"{RULES}proposals/", {"rule": [found[0].id, "made up"], "level": "error"}, follow=True)
    assert "1 rule is added." in page(taken)
    assert short(rules_of(draft)) == [{"type": "not_null", "column": "id", "level": "error"}]
    again = [rule.type for rule, _ in client.get(f"{RULES}proposals/").context["proposals"]]
    assert again == ["unique"]


# ---------------------------------------------------------------- suites
SUITE = {
    "expectations": [
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "name"}, "severity": "warning"},
        {"type": "expect_the_impossible", "kwargs": {}},
    ]
}


@pytest.mark.parametrize("by", ["text", "file"])
def test_a_suite_is_shown_before_it_is_applied(cast: Cast, visitor: Any, draft: Version, by: str) -> None:
    set_rules(actor=cast.owner, dataset=draft.dataset, rules=[{"type": "unique", "column": "id"}])
    client = visitor("contributor")
    text = json.dumps(SUITE)
    given = text if by == "text" else SimpleUploadedFile("suite.json", text.encode())
    read = client.post(f"{RULES}suite/", {by: given, "do": "read"})
    shown = page(read)
    assert "name has a value in every row." in shown
    assert "No value of id stands twice." not in shown
    assert "1 is asked already." in shown
    assert "there is no type of rule for it" in shown
    assert len(rules_of(draft)) == 1
    applied = client.post(f"{RULES}suite/", {"text": read.context["given"], "do": "apply"}, follow=True)
    assert applied.redirect_chain == [(RULES, 302)]
    assert [rule["type"] for rule in rules_of(draft)] == ["unique", "not_null"]

    exported = client.get(f"{RULES}suite.json")
    assert exported["Content-Disposition"] == 'attachment; filename="institute-birds-suite.json"'
    kinds = [item["type"] for item in json.loads(exported.content)["expectations"]]
    assert kinds == [item["type"] for item in SUITE["expectations"][:2]]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a file, or paste its text."),
        ({"text": "{"}, "This is no JSON"),
        ({"text": "[" * 100_000}, "This is no JSON"),
        ({"text": '{"expectations": [NaN]}'}, "This is no JSON"),
        ({"text": "7"}, "a suite is an object with a list of expectations"),
        ({"file": b"\xff\xfe\x00"}, "The file is no text in UTF-8."),
        ({"file": b" " * 1_000_001}, "larger than 1 MB"),
    ],
)
def test_what_is_no_suite_is_told(visitor: Any, draft: Version, sent: dict[str, Any], said: str) -> None:
    files = {key: SimpleUploadedFile("s.json", value) for key, value in sent.items() if isinstance(value, bytes)}
    response = visitor("contributor").post(f"{RULES}suite/", {**sent, **files, "do": "apply"})
    assert (response.status_code, said in page(response)) == (400, True), page(response)
    assert rules_of(draft) == []


# ---------------------------------------------------------------- rule sets
@pytest.fixture
def rule_set(cast: Cast) -> RuleSet:
    return create_rule_set(
        actor=cast.maintainer,
        organization=cast.organization,
        name="series",
        title="Series",
        number="1.0.0",
        rules=[{"type": "between", "column": "id", "max": 5}],
    )


def test_a_set_is_attached_moved_to_its_newest_version_and_detached(
    cast: Cast, visitor: Any, draft: Version, rule_set: RuleSet
) -> None:
    client = visitor("contributor")
    assert '<option value="institute/series@1.0.0">' in page(client.get(RULES))
    shown = page(client.post(f"{RULES}attach/", {"rule_set": "institute/series@1.0.0"}, follow=True))
    assert "Series 1.0.0 is attached." in shown
    assert "Every value of id is at most 5." in shown
    assert "Take version" not in shown
    newer = [{"type": "between", "column": "id", "max": 9}]
    add_version(actor=cast.maintainer, rule_set=rule_set, number="1.1.0", rules=newer)
    assert "Take version 1.1.0" in page(client.get(RULES))
    client.post(f"{RULES}attach/", {"rule_set": "institute/series@1.1.0"})
    assert RuleSetUse.objects.get().version.number == "1.1.0"
    shown = page(client.post(f"{RULES}detach/", {"rule_set": "institute/series"}, follow=True))
    assert "The rule set is detached." in shown
    assert not RuleSetUse.objects.exists()
    for sent in ("institute/none@1.0.0", "institute/series@9.0.0", "", "\0"):
        response = client.post(f"{RULES}attach/", {"rule_set": sent}, follow=True)
        assert 'class="note error"' in page(response), sent
    assert not RuleSetUse.objects.exists()


def test_sets_and_the_datasets_that_use_them_are_shown_to_those_who_may_see_them(
    cast: Cast, visitor: Any, rule_set: RuleSet
) -> None:
    for slug, access in (("open", "public"), ("secret", "private")):
        dataset = make_dataset(cast, slug=slug, access=access)
        make_published(cast, dataset)
        attach_rule_set(actor=cast.owner, dataset=dataset, version=rule_set.versions.get())
    seen = page(visitor("stranger").get(f"{SETS}series/"))
    assert ("/institute/open/rules/" in seen, "/institute/secret/rules/" in seen) == (True, False)
    assert "/institute/secret/rules/" in page(visitor("reader").get(f"{SETS}series/"))
    rule_set.is_shared = False
    rule_set.save()
    assert "series" in page(visitor("reader").get(SETS))
    assert f"{SETS}series/" not in page(visitor("stranger").get(SETS))
    assert visitor("stranger").get(f"{SETS}series/").status_code == 404
    assert visitor("stranger").get(f"{SETS}series/edit/").status_code == 404


# ---------------------------------------------------------------- everywhere
def test_names_of_the_data_are_text(cast: Cast, visitor: Any) -> None:
    fields = [{**SCHEMA["fields"][0], "name": HOSTILE}]
    sql = f'SELECT range AS "{HOSTILE}" FROM range(20)'
    dataset = make_dataset(cast, title=HOSTILE)
    draft = make_checked_draft(cast, dataset, sql=sql, schema={"fields": fields})
    client = visitor("maintainer")
    tried = client.post(
        f"{RULES}add/between/", {"column": HOSTILE, "max": "5", "level": "error", "do": "try", "on": "draft/birds"}
    )
    assert tried.status_code == 200
    set_rules(
        actor=cast.owner,
        dataset=draft.dataset,
        rules=[{"type": "in_set", "column": HOSTILE, "values": [HOSTILE]}],
    )
    column = {"name": HOSTILE, "kind": "num", "count": 20, "nulls": 0, "distinct": 20, "distinct_approximate": False}
    draft.resources.update(profile={"rows": 20, "columns": [column]})
    made = create_rule_set(
        actor=cast.maintainer,
        organization=cast.organization,
        name="hostile",
        title=HOSTILE,
        number="1.0.0",
        rules=[{"type": "unique", "column": HOSTILE}],
        description=HOSTILE,
    )
    attach_rule_set(actor=cast.owner, dataset=dataset, version=made.versions.get())
    rule = rules_of(draft)[0]["id"]
    suite = {"expectations": [{"type": HOSTILE, "kwargs": {"column": HOSTILE}}]}
    answers = [tried, client.post(f"{RULES}suite/", {"text": json.dumps(suite)})]
    answers += [client.get(f"{RULES}{path}") for path in ("", "add/", "proposals/", "suite/", f"{rule}/edit/")]
    answers += [client.get(f"{SETS}{path}") for path in ("", "hostile/", "hostile/edit/", "hostile/new-version/")]
    answers += [client.get("/organizations/institute/new-rule-set/")]
    for answer in answers:
        assert answer.status_code == 200
        assert HOSTILE not in page(answer)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(tried)


@pytest.mark.parametrize(
    "path",
    ["", "add/unique/", "proposals/", "suite/", "attach/", "detach/"],
)
def test_forms_without_their_token_are_refused(visitor: Any, draft: Version, path: str) -> None:
    client = visitor("contributor", enforce_csrf_checks=True)
    sent = {"column": "id", "level": "error", "do": "save", "rule_set": "institute/series@1.0.0"}
    assert client.post(f"{RULES}{path}", sent).status_code == 403
    assert rules_of(draft) == []


def test_the_pages_lead_to_the_rules(visitor: Any, draft: Version) -> None:
    client = visitor("contributor")
    assert f'href="{RULES}"' in page(client.get("/institute/birds/v/draft/quality/"))
    assert f'href="{RULES}"' in page(client.get("/institute/birds/v/draft/schema/edit/"))
    assert f'href="{SETS}"' in page(client.get("/institute/"))
