"""Forms of the pages: what was typed stays, every problem is named and linked, and a good one does its work."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from catalog import storage
from catalog.models import AccessGrant, Organization, Token, VerdictStatus, VersionState
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published, make_submitted
from tests.fixtures.people import Cast

Visitor = Callable[[str], Client]


@pytest.fixture
def visitor(cast: Cast) -> Visitor:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(cast.named(name).user)
        return client

    return sign_in


def page(response: HttpResponse) -> str:
    return response.content.decode()


def first(pattern: str, text: str) -> str:
    """What the pattern's group holds."""
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found[1]


# ---------------------------------------------------------------- organisations
def test_an_organisation_is_made_and_its_maker_owns_it(visitor: Visitor) -> None:
    data = {"title": "Palmer Station", "slug": "palmer", "description": "We *measure*.", "review_policy": "always"}
    response = visitor("stranger").post("/organizations/new/", data, follow=True)
    assert response.redirect_chain == [("/palmer/", 302)]
    assert "You are its owner." in page(response)
    assert "We <em>measure</em>." in page(response)
    assert Organization.objects.get(slug="palmer").memberships.get().role == "owner"


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("institute", "belongs to another organization"),
        ("admin", "some names of pages are reserved"),
        ("Not Good", "Use small letters"),
        ("", "Give it a short name"),
    ],
)
def test_a_bad_short_name_is_said_and_what_was_typed_stays(visitor: Visitor, slug: str, said: str) -> None:
    data = {"title": "T <b>", "slug": slug, "description": "Typed", "review_policy": "direct_when_passed"}
    response = visitor("stranger").post("/organizations/new/", data)
    assert response.status_code == 400
    html = page(response)
    assert said in html
    assert "There is 1 problem" in html
    assert 'value="T &lt;b&gt;"' in html
    assert ">\nTyped</textarea>" in html


def test_every_problem_in_the_summary_leads_to_its_field(visitor: Visitor) -> None:
    html = page(visitor("stranger").post("/organizations/new/", {"slug": "x"}))
    assert "There are 2 problems" in html
    for target in re.findall(r'<li><a href="#([^"]+)"', html):
        assert f'id="{target}"' in html
    assert 'aria-invalid="true"' in html


def test_the_last_owner_stays(visitor: Visitor, cast: Cast) -> None:
    response = visitor("owner").post("/organizations/institute/people/remove/", {"username": "owner"}, follow=True)
    assert "Make somebody else an owner first." in page(response)
    assert cast.organization.memberships.filter(user=cast.owner.user).exists()


def test_an_unknown_person_is_said_in_the_form(visitor: Visitor) -> None:
    data = {"username": "nobody", "role": "reader"}
    response = visitor("owner").post("/organizations/institute/people/", data)
    assert response.status_code == 400
    assert "Nobody here is called “nobody”." in page(response)


# ---------------------------------------------------------------- datasets
def test_a_description_is_changed(visitor: Visitor, cast: Cast) -> None:
    dataset = make_dataset(cast)
    form = {
        "title": "New title",
        "description": "# About",
        "license": "CC0-1.0",
        "keywords": "ice, birds, ice",
        "access": "public",
        "contact_email": "a@example.org",
    }
    response = visitor("contributor").post("/institute/birds/edit/", form)
    assert response.status_code == 302
    dataset.refresh_from_db()
    assert (dataset.title, dataset.license, dataset.keywords) == ("New title", "CC0-1.0", ["ice", "birds"])


def test_a_wrong_description_keeps_what_was_typed_and_changes_nothing(visitor: Visitor, cast: Cast) -> None:
    dataset = make_dataset(cast)
    form = {"title": "Other", "license": "MINE", "access": "public", "conforms_to": "none@1.0.0"}
    html = page(visitor("contributor").post("/institute/birds/edit/", form))
    assert "There is no standard schema “none@1.0.0”." in html
    assert 'value="Other"' in html
    form["conforms_to"] = ""
    html = page(visitor("contributor").post("/institute/birds/edit/", form))
    assert "“MINE” is no SPDX licence identifier" in html
    dataset.refresh_from_db()
    assert dataset.title == "Birds"


def test_a_column_gets_its_meaning_and_rules_and_is_checked_again(visitor: Visitor, cast: Cast) -> None:
    draft = make_checked_draft(cast, make_dataset(cast))
    form = {
        "c0-meaning": "Number of the bird",
        "c0-required": "on",
        "c0-is_key": "on",
        "c0-minimum": "0",
        "c0-maximum": "99",
        "c1-meaning": "What it is called",
        "c1-enum": "n0\nn1\n\nn1",
        "c2-unit": "kg",
        "c2-minimum": "0.5",
    }
    response = visitor("contributor").post("/institute/birds/v/draft/schema/edit/", form)
    assert response.status_code == 302
    resource = draft.resources.get()
    fields = {item["name"]: item for item in resource.schema["fields"]}
    assert fields["id"]["description"] == "Number of the bird"
    assert fields["id"]["constraints"] == {"required": True, "minimum": 0, "maximum": 99}
    assert fields["name"]["constraints"] == {"enum": ["n0", "n1"]}
    assert fields["amount"]["unit"] == "kg"
    assert fields["amount"]["constraints"] == {"minimum": 0.5}
    assert resource.schema["primaryKey"] == ["id"]
    assert resource.verdict == VerdictStatus.PENDING


def test_a_bound_that_is_no_number_is_said_for_its_column_and_nothing_is_lost(visitor: Visitor, cast: Cast) -> None:
    make_checked_draft(cast, make_dataset(cast))
    form = {"c0-minimum": "few", "c0-meaning": "Typed <i>", "c1-pattern": "("}
    response = visitor("contributor").post("/institute/birds/v/draft/schema/edit/", form)
    assert response.status_code == 400
    html = page(response)
    assert "id, Lowest: “few” is no number." in html
    assert "Typed &lt;i&gt;" in html
    form = {"c0-minimum": "1", "c1-pattern": "("}
    html = page(visitor("contributor").post("/institute/birds/v/draft/schema/edit/", form))
    assert "pattern is no regular expression" in html


def test_withdrawing_needs_a_reason_which_then_stays_on_the_page(visitor: Visitor, cast: Cast) -> None:
    make_published(cast, make_dataset(cast))
    address = "/institute/birds/v/1.0.0/withdraw/"
    response = visitor("maintainer").post(address, {"reason": "  "})
    assert response.status_code == 400
    assert "Say why" in page(response)
    visitor("maintainer").post(address, {"reason": "Counted twice <3"})
    html = page(Client().get("/institute/birds/v/1.0.0/"))
    assert "Counted twice &lt;3" in html
    assert "was withdrawn on" in html
    assert '.parquet" download' not in html
    assert visitor("maintainer").get(address).status_code == 409


def test_a_grant_lasts_through_its_last_day(visitor: Visitor, cast: Cast) -> None:
    make_published(cast, make_dataset(cast, access="restricted"))
    form = {"username": "grantee", "expires_on": "2099-06-30"}
    assert visitor("maintainer").post("/institute/birds/access/", form).status_code == 302
    assert AccessGrant.objects.get().expires_at.isoformat() == "2099-07-01T00:00:00+00:00"
    form = {"username": "grantee", "expires_on": "2001-01-01"}
    html = page(visitor("maintainer").post("/institute/birds/access/", form))
    assert "Until the end of: This time is over already." in html


# ---------------------------------------------------------------- review
def test_a_steward_publishes_and_the_queue_says_so(visitor: Visitor, cast: Cast) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    html = page(visitor("steward").get(f"/review/{review.pk}/"))
    assert "Publish 1.0.0" in html
    response = visitor("steward").post(f"/review/{review.pk}/", {"decision": "approve"}, follow=True)
    assert "Published: Birds 1.0.0." in page(response)
    review.version.refresh_from_db()
    assert review.version.state == VersionState.PUBLISHED


def test_asking_for_changes_needs_a_message(visitor: Visitor, cast: Cast) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    response = visitor("steward").post(f"/review/{review.pk}/", {"decision": "request_changes", "reason": " "})
    assert response.status_code == 400
    assert "Say what the owner should change." in page(response)
    visitor("steward").post(f"/review/{review.pk}/", {"decision": "request_changes", "reason": "Name the unit."})
    html = page(visitor("contributor").get("/work/"))
    assert "Changes asked for" in html
    assert "Name the unit." in html


def test_nobody_approves_their_own_submission(visitor: Visitor, cast: Cast) -> None:
    cast.organization.memberships.filter(user=cast.contributor.user).update(is_steward=True)
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    client = visitor("contributor")
    html = page(client.get(f"/review/{review.pk}/"))
    assert "Nobody approves their own submission." in html
    assert 'name="decision"' not in html
    response = client.post(f"/review/{review.pk}/", {"decision": "approve"})
    assert response.status_code == 400
    review.refresh_from_db()
    assert review.state == "open"


def test_a_decision_that_somebody_took_before_is_said(visitor: Visitor, cast: Cast) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    visitor("steward").post(f"/review/{review.pk}/", {"decision": "approve"})
    response = visitor("steward").post(f"/review/{review.pk}/", {"decision": "approve"})
    assert response.status_code == 400
    html = page(visitor("steward").get(f"/review/{review.pk}/"))
    assert "Approved: Steward" in html
    assert 'name="decision"' not in html


# ---------------------------------------------------------------- tokens
def test_a_token_is_shown_once(visitor: Visitor, cast: Cast) -> None:
    client = visitor("stranger")
    form = {"name": "laptop", "scopes": ["read", "upload"], "days": "30"}
    response = client.post("/tokens/", form)
    secret = first(r'id="secret">(cfd_[^<]+)<', page(response))
    assert "no-store" in response["Cache-Control"]
    html = page(client.get("/tokens/"))
    assert secret not in html
    assert f"cfd_…{secret[-4:]}" in html
    client.post(f"/tokens/{Token.objects.get().pk}/revoke/")
    assert f"cfd_…{secret[-4:]}" not in page(client.get("/tokens/"))


def test_a_token_without_scope_or_with_too_many_days_is_refused_with_words(visitor: Visitor) -> None:
    html = page(visitor("stranger").post("/tokens/", {"name": "", "days": "400"}))
    assert "There are 3 problems" in html
    assert Token.objects.count() == 0


# ---------------------------------------------------------------- errors
def test_a_stale_form_is_explained(cast: Cast, settings: Any) -> None:
    settings.CSRF_FAILURE_VIEW = "catalog.web.frame.errors.csrf_failed"
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    response = client.post("/tokens/", {"name": "x"})
    assert response.status_code == 403
    assert "This form is out of date" in page(response)


def test_pages_that_say_no_have_our_look_and_a_way_on(db: None) -> None:
    html = page(Client().get("/institute/nothing/"))
    assert "There is nothing at this address" in html
    assert 'role="search"' in html
    assert "/accounts/login/?next=/institute/nothing/" in html


def test_a_crash_gives_a_reference_and_no_trace(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("catalog.web.search.home.search", broken)
    response = Client(raise_request_exception=False).get("/")
    html = page(response)
    assert response.status_code == 500
    reference = first(r"<code>([0-9a-f]{8})</code>", html)
    assert reference in caplog.text
    assert "secret detail" not in html


def test_a_store_that_does_not_answer_is_said_and_nothing_is_decided(
    visitor: Visitor, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()

    def broken(*_: object, **__: object) -> None:
        raise storage.StorageUnavailable("The object store does not answer.")

    monkeypatch.setattr("catalog.services.publishing.versions.storage.replace_bytes", broken)
    response = visitor("steward").post(f"/review/{review.pk}/", {"decision": "approve"})
    assert "The object store does not answer." in page(response)
    review.refresh_from_db()
    assert review.state == "open"
