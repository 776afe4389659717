"""My work: every group, and of each row the one thing to do."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from catalog.models import Resource, VerdictStatus, Version
from catalog.services.granting.access_requests import ask_access
from catalog.services.granting.grants import grant_access
from catalog.services.notifying.following import follow_dataset
from catalog.services.publishing.versions import open_draft
from catalog.services.reviewing.reviews import decide_review
from catalog.web.dataset.drafts import row_of_draft
from ingest.services.uploads import initiate_upload
from tests.fixtures.datasets import add_table, make_checked_draft, make_dataset, make_published, make_submitted

SHARE = "/share/institute/birds/"


def page_of(actor) -> str:
    client = Client()
    client.force_login(actor.user)
    return client.get("/work/").content.decode()


def group(page: str, title: str) -> str:
    """The section under this heading; empty where there is none."""
    found = re.search(rf"<section[^>]*><h2>{title}</h2>(.*?)</section>", page, flags=re.DOTALL)
    return found.group(1) if found else ""


@pytest.fixture
def birds(cast):
    return make_dataset(cast, slug="birds", title="Birds")


def test_who_has_nothing_is_told_what_makes_something(cast) -> None:
    page = page_of(cast.stranger)
    assert "You belong to no organization" in group(page, "Drafts")
    assert "You follow nothing" in group(page, "Following")
    assert "Nothing waits" in group(page, "Sent for review")
    for title in ("Unfinished uploads", "Requests I made", "Requests for data of mine", "Data that I was given"):
        assert group(page, title) == ""


def test_a_dataset_without_a_table_wants_one(cast, birds) -> None:
    row = group(page_of(cast.contributor), "Drafts")
    assert f'<a href="{SHARE}">Upload a table' in row
    open_draft(actor=cast.contributor, dataset=birds)
    row = group(page_of(cast.contributor), "Drafts")
    assert row.count("Upload a table") == 1
    assert "Birds" not in group(page_of(cast.reader), "Drafts")


@pytest.mark.parametrize(
    ("change", "label", "verb", "path"),
    [
        ({}, "Checked", "Submit it", "submit/"),
        ({"questions": [{"column": "id"}]}, "Questions are open", "Answer", "tables/birds/clean/"),
        ({"verdict": VerdictStatus.PENDING}, "Being checked", "See the check", "check/"),
    ],
)
def test_a_draft_says_how_far_it_has_come(cast, birds, change, label, verb, path) -> None:
    draft = make_checked_draft(cast, birds)
    Resource.objects.filter(version=draft).update(**change)
    row = group(page_of(cast.contributor), "Drafts")
    assert label in row
    assert f'<a href="{SHARE}{path}">{verb}' in row


def test_a_draft_that_failed_leads_to_its_check(cast, birds) -> None:
    draft = make_checked_draft(cast, birds)
    Version.objects.filter(pk=draft.pk).update(verdict=VerdictStatus.FAILED)
    row = group(page_of(cast.contributor), "Drafts")
    assert 'class="chip bad"' in row
    assert f'<a href="{SHARE}check/">See the check' in row


def test_what_came_back_says_why(cast, birds) -> None:
    review = make_submitted(cast, birds).reviews.get()
    decide_review(actor=cast.steward, review=review, decision="request_changes", reason="Name the <scale>.")
    row = group(page_of(cast.contributor), "Drafts")
    assert "Name the &lt;scale&gt;." in row
    assert f'<a href="{SHARE}">Change it' in row


def test_a_table_that_came_later_is_when_it_was_saved(cast, birds) -> None:
    draft = open_draft(actor=cast.contributor, dataset=birds)
    later = add_table(cast.contributor, birds).created
    assert row_of_draft(Version.objects.get(pk=draft.pk)).saved >= later


def test_unfinished_uploads_are_one_s_own(cast, birds) -> None:
    initiate_upload(actor=cast.contributor, dataset=birds, filename="<counts>.csv", size=1_500_000)
    row = group(page_of(cast.contributor), "Unfinished uploads")
    assert "&lt;counts&gt;.csv" in row
    assert "1.5 MB" in row
    assert f'<a href="{SHARE}">Continue' in row
    assert group(page_of(cast.maintainer), "Unfinished uploads") == ""


def test_what_was_sent_leads_to_its_review(cast, birds) -> None:
    review = make_submitted(cast, birds).reviews.get()
    row = group(page_of(cast.contributor), "Sent for review")
    assert f'<a href="/review/{review.pk}/">See the review' in row


def test_requests_grants_and_follows(cast) -> None:
    closed = make_published(cast, make_dataset(cast, slug="closed", title="Nests", access="restricted")).dataset
    asked = ask_access(actor=cast.stranger, dataset=closed, purpose="To count.")
    grant_access(actor=cast.owner, dataset=closed, username="grantee")
    follow_dataset(actor=cast.stranger, dataset=closed)
    mine = page_of(cast.stranger)
    assert f'<a href="/work/requests/{asked.pk}/">See it' in group(mine, "Requests I made")
    assert group(mine, "Requests for data of mine") == ""
    follows = group(mine, "Following")
    assert "1.0.0" in follows
    assert 'action="/institute/closed/follow/"' in follows
    decider = group(page_of(cast.maintainer), "Requests for data of mine")
    assert f'<a href="/work/requests/{asked.pk}/">Decide' in decider
    held = group(page_of(cast.grantee), "Data that I was given")
    assert '<a href="/institute/closed/use/">Use it' in held
