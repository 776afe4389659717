"""Reading pages: what a list, a dataset and a report show, to whom, at what cost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from catalog.actor import system
from catalog.models import Dataset, VerdictStatus
from catalog.selectors.datasets import get_version
from catalog.services.publishing.versions import submit_version
from catalog.services.reviewing.reports import CheckedTable, record_verdict
from catalog.services.reviewing.reviews import decide_review
from tests.fixtures.datasets import (
    NOTHING_PERSONAL,
    add_table,
    make_checked_draft,
    make_dataset,
    make_published,
    make_submitted,
    record_check,
)
from tests.fixtures.people import Cast

SECRET = "n42-secret"
EVIL = '<script>alert("1")</script>'


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.named(name).user)
    return client


def publish_with_values(cast: Cast, slug: str, access: str) -> Dataset:
    """A published table whose report holds a value of a cell in every place that can hold one."""
    dataset = make_dataset(cast, slug=slug, access=access)
    resource = add_table(cast.owner, dataset, name="birds")
    rule = {"id": "1", "type": "between", "column": "amount", "min": 0, "max": 5, "level": "warning"}
    outcome = {
        "rule": rule,
        "status": "failed",
        "observed": [{"value": SECRET, "count": 1}],
        "failing_count": 1,
        "failing_share": 0.01,
        "checked": 100,
        "samples": [{"row": 7, "value": SECRET}],
        "error": "",
        "obstacle": "",
    }
    top = [{"value": SECRET, "count": 50}, {"value": EVIL, "count": 50}]
    texts = {"name": "name", "type": "string", "kind": "cat", "distinct": 2, "min": SECRET, "max": SECRET, "top": top}
    numbers = {"name": "id", "type": "integer", "kind": "num", "distinct": 100, "min": 0, "max": 99}
    histogram = {"edges": [0, 50, 99], "counts": [50, 50]}
    profile = {
        "rows": 100,
        "columns": [
            {**numbers, "count": 100, "nulls": 0, "histogram": histogram},
            {**texts, "count": 100, "nulls": 0},
            {"name": "amount", "type": "number", "kind": "num", "count": 75, "nulls": 25, "distinct": 75},
        ],
        "duplicate_rows": 0,
        "sample_rows": 60,
        "completeness": {
            "columns": ["amount"],
            "blocks": [[0.5], [0.0]],
            "together": [{"missing": [], "rows": 45}, {"missing": ["amount"], "rows": 15}],
            "rows": 60,
            "sampled": True,
        },
        "correlations": [{"columns": ["id", "amount"], "r": -0.8125, "rows": 75}],
        "groups": [
            {
                "column": "name",
                "groups": [
                    {"value": SECRET, "rows": 90, "share": 0.9, "missing": {"amount": 25}},
                    {"value": EVIL, "rows": 10, "share": 0.1, "missing": {}},
                ],
                "others": {"groups": 2, "rows": 7},
                "uneven": [
                    {"column": "amount", "least": {"value": EVIL, "share": 0}, "most": {"value": SECRET, "share": 0.3}}
                ],
            }
        ],
    }
    counts = {"passed": 0, "warnings": 1, "failed": 0, "errored": 0}
    result = CheckedTable(
        VerdictStatus.WARNINGS,
        50.0,
        counts,
        [outcome],
        profile,
        "",
        {"duckdb": "1.5.5"},
        1.25,
        personal=NOTHING_PERSONAL,
    )
    record_verdict(actor=system(), resource=resource, result=result, is_stale=False)
    draft = get_version(actor=cast.owner, dataset=dataset, version="draft")
    submitted = submit_version(actor=cast.owner, version=draft, note="First.")
    decide_review(actor=cast.steward, review=submitted.reviews.get(), decision="approve")
    return dataset


@pytest.mark.parametrize("tab", ["", "schema/", "quality/", "versions/", "use/"])
def test_a_restricted_dataset_tells_no_value_to_a_stranger(cast: Cast, tab: str) -> None:
    publish_with_values(cast, "closed", "restricted")
    html = page(signed_in(cast, "stranger"), f"/institute/closed/{tab}")
    assert SECRET not in html
    assert "The data are given on request" in html
    # The citation is for everybody; of the data nothing is to be had.
    offered = re.findall(r'<a [^>]*href="([^"]+)"[^>]* download', html)
    assert [link for link in offered if "/citation?" not in link] == []


@pytest.mark.parametrize("tab", ["schema/", "quality/"])
def test_a_reader_of_the_organisation_sees_the_values(cast: Cast, tab: str) -> None:
    publish_with_values(cast, "closed", "restricted")
    html = page(signed_in(cast, "reader"), f"/institute/closed/{tab}")
    assert SECRET in html
    assert "<script>alert" not in html


def test_the_report_tells_sentence_expected_observed_and_rows(cast: Cast) -> None:
    publish_with_values(cast, "open", "public")
    html = page(Client(), "/institute/open/quality/")
    for words in (
        "Every value of amount is at least 0 and at most 5.",
        "at least 0 and at most 5",
        "1 of 100 values fail (1 %)",
        "Passed, 1 warning",
        "Show 1 of the failing rows",
        "8.3 %",  # 25 of 300 cells are missing.
    ):
        assert words in html, words


def test_the_report_tells_what_is_missing_where_and_what_goes_together(cast: Cast) -> None:
    publish_with_values(cast, "open", "public")
    html = page(Client(), "/institute/open/quality/")
    for words in (
        "From the first row to the last, by 60 rows evenly spread.",
        "none of these",
        "Pearson’s r, by 60 rows evenly spread.",
        "Groups of name",
        f"amount is missing in 30 % of {SECRET}",
        "2 smaller groups with 7 rows.",
    ):
        assert words in html, words
    assert re.search(r"-0.81", html)
    assert "<script>alert" not in html


def test_what_is_missing_is_told_to_all_and_what_holds_values_is_not(cast: Cast) -> None:
    publish_with_values(cast, "closed", "restricted")
    html = page(signed_in(cast, "stranger"), "/institute/closed/quality/")
    assert "Where values are missing" in html
    assert "Pearson" not in html
    assert "Groups of name" not in html


def test_hostile_titles_notes_and_values_stay_text(cast: Cast) -> None:
    dataset = make_dataset(cast, title=EVIL, description=f"{EVIL}\n\n[x](javascript:alert(1))", keywords=[EVIL])
    make_published(cast, dataset)
    for tab in ("", "schema/", "quality/", "versions/", "use/"):
        html = page(Client(), f"/institute/birds/{tab}")
        assert "<script>alert" not in html
        assert 'href="javascript:' not in html
    assert "<script>alert" not in page(Client(), "/")


def test_an_old_version_says_that_there_is_a_newer_one(cast: Cast) -> None:
    dataset = make_dataset(cast)
    make_published(cast, dataset)
    make_published(cast, dataset, sql="SELECT range AS id, 'n' || range AS name, range * 2.5 AS amount FROM range(50)")
    html = page(Client(), "/institute/birds/v/1.0.0/")
    assert "1.1.0 is newer" in html
    assert "1.1.0 is newer" not in page(Client(), "/institute/birds/")


def test_a_dataset_with_several_tables_shows_the_chosen_one(cast: Cast) -> None:
    dataset = make_dataset(cast)
    other = "SELECT 1 AS id, 'x' AS name, 2.0 AS amount"
    record_check(add_table(cast.contributor, dataset, name="other", sql=other))
    make_published(cast, dataset)
    # The first one needs no naming.
    html = page(Client(), "/institute/birds/schema/")
    assert '<a href="?table=other" aria-current="page">' in html
    assert 'href="/institute/birds/quality/"' in html
    html = page(Client(), "/institute/birds/schema/?table=birds")
    assert '<a href="?table=birds" aria-current="page">' in html
    assert 'href="/institute/birds/quality/?table=birds"' in html
    assert "resource=&quot;birds&quot;" in page(Client(), "/institute/birds/use/?table=birds")


def test_search_finds_filters_and_offers_a_way_out(cast: Cast) -> None:
    make_published(cast, make_dataset(cast, slug="birds", title="Sea birds", keywords=["ice"]))
    make_published(cast, make_dataset(cast, slug="fish", title="Fish", access="restricted"))
    found = page(Client(), "/?q=sea+birds")
    assert "Sea birds" in found
    assert ">Fish<" not in found
    html = page(Client(), "/?access=restricted")
    assert ">Fish<" in html
    assert "Sea birds" not in html
    assert 'aria-label="Remove the filter On request"' in html
    html = page(Client(), "/?q=fish&access=public")
    assert "Nothing matches “fish”" in html
    assert "1 dataset matches without the filters." in html


def test_the_first_run_invites(db: None) -> None:
    assert "No data yet" in page(Client(), "/")


def test_htmx_gets_the_results_alone(cast: Cast) -> None:
    make_published(cast, make_dataset(cast))
    html = Client().get("/", headers={"HX-Request": "true", "HX-Target": "results"}).content.decode()
    assert "<html" not in html
    assert "Birds" in html


def test_pages_are_bounded_and_numbered(cast: Cast) -> None:
    for number in range(21):
        make_published(cast, make_dataset(cast, slug=f"d{number}"))
    first, second = page(Client(), "/"), page(Client(), "/?page=2")
    assert first.count('<article class="result">') == 20
    assert second.count('<article class="result">') == 1
    assert 'aria-current="page">2</a>' in second
    assert 'aria-current="page">2</a>' in page(Client(), "/?page=99")


def test_a_longer_list_costs_no_more_queries(
    cast: Cast, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    make_published(cast, make_dataset(cast, slug="d0"))
    with django_assert_max_num_queries(20) as few:
        page(Client(), "/")
    for number in range(1, 6):
        make_published(cast, make_dataset(cast, slug=f"d{number}"))
    with django_assert_num_queries(len(few)):
        page(Client(), "/")


def test_only_stewards_see_the_queue_in_the_frame(cast: Cast) -> None:
    make_submitted(cast, make_dataset(cast))
    assert '<span class="chip plain">1</span>' in page(signed_in(cast, "steward"), "/")
    assert "/review/" not in page(signed_in(cast, "contributor"), "/")


def test_the_language_switch_stays_on_the_page_and_lasts(cast: Cast) -> None:
    client = Client()
    response = client.post("/i18n/setlang", {"language": "zh-hans", "next": "/organizations/"}, follow=True)
    html = response.content.decode()
    assert '<html lang="zh-Hans"' in html
    assert response.redirect_chain == [("/organizations/", 302)]


def test_the_theme_comes_from_the_cookie_and_from_nothing_else(db: None) -> None:
    client = Client()
    client.cookies["theme"] = "dark"
    assert '<html lang="en" data-theme="dark">' in page(client, "/")
    client.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in page(client, "/")


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/institute/"])
def test_pages_need_no_inline_script_style_or_other_site(cast: Cast, address: str) -> None:
    response = Client().get(address)
    html = response.content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_draft_of_a_new_dataset_is_shown_to_those_who_work_on_it(cast: Cast) -> None:
    make_checked_draft(cast, make_dataset(cast))
    html = page(signed_in(cast, "contributor"), "/institute/birds/")
    assert "Only contributors and stewards of the organization see this." in html
    assert "version=&quot;draft&quot;" in html
