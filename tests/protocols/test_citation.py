"""How a version is cited: in texts, in files of reference managers, by format and by the Accept header."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.protocols.citation.files import bibtex, csl_json, ris
from catalog.protocols.citation.styles import STYLES, cited
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.publishing.versions import withdraw_version
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import make_cast
from tests.protocols.entries import WITHDRAWN, entry

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
PAGE = "institute/birds/v/2.0.0/"
API = "/api/v1/datasets/institute/birds/versions/1.0.0/citation"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (
            "apa",
            "Lake, A., & 王伟. (2026). Birds of the lake (Version 2.0.0) [Data set]. Institute of Lakes. {site}/"
            + PAGE,
        ),
        (
            "chicago",
            "Lake, A., & 王伟. 2026. “Birds of the lake.” Version 2.0.0. Institute of Lakes. Data set, published "
            "March 9, 2026. {site}/" + PAGE + ".",
        ),
        (
            "mla",
            "Lake, A., & 王伟. Birds of the lake. Version 2.0.0, Institute of Lakes, 9 Mar. 2026, {site}/"
            + PAGE
            + ". Data set. Accessed 22 Nov. 2026.",
        ),
        (
            "harvard",
            "Lake, A., & 王伟 (2026) Birds of the lake, version 2.0.0 [Dataset]. Institute of Lakes. Available at: "
            "{site}/" + PAGE + " (Accessed: 22 November 2026).",
        ),
        (
            "gb-t-7714",
            "Lake, A., & 王伟. Birds of the lake: 2.0.0[DS/OL]. Institute of Lakes, 2026(2026-03-09)[2026-11-22]. "
            "{site}/" + PAGE + ".",
        ),
        (
            "datacite",
            "Lake, A., & 王伟 (2026): Birds of the lake. Version 2.0.0. Institute of Lakes. Dataset. {site}/" + PAGE,
        ),
    ],
)
def test_a_text_in_each_style(settings, style, expected):
    assert cited(entry(attribution="Lake, A., & 王伟"), style, today=TODAY) == expected.format(site=settings.BASE_URL)


@pytest.mark.parametrize("style", STYLES)
def test_the_publisher_is_named_once_where_nobody_else_is(style):
    text = cited(entry(publisher="Institute"), style, today=TODAY).replace("institute", "")
    assert text.count("Institute") == (2 if style == "datacite" else 1)
    assert "withdrawn" not in text.lower()


@pytest.mark.parametrize("style", STYLES)
def test_a_withdrawn_version_is_cited_as_such(style):
    assert "[Withdrawn]" in cited(entry(version=WITHDRAWN), style, today=TODAY)


def test_a_bibtex_entry_is_escaped_and_whole(settings):
    found = bibtex(entry(title=r"100% {Birds} & \more_ #1 $x^2~", attribution="王伟, 李娜"))
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", found, re.MULTILINE))
    assert found.startswith("@dataset{institute:birds-2-0-0,\n")
    assert fields == {
        "author": "{王伟, 李娜}",
        "title": r"{100\% \textbraceleft{}Birds\textbraceright{} \& \textbackslash{}more\_ \#1 "
        r"\$x\textasciicircum{}2\textasciitilde{}}",
        "year": "2026",
        "month": "03",
        "date": "2026-03-09",
        "version": "2.0.0",
        "publisher": "{Institute of Lakes}",
        "type": "Data set",
        "url": f"{settings.BASE_URL}/{PAGE}",
        "note": "Licence: CC-BY-4.0",
        "keywords": "birds, 湖",
    }


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_words_break_out_of_a_bibtex_field_or_of_a_ris_line(title, keyword):
    changed = entry(title=title or "t", keywords=(keyword,), attribution=title)
    found = bibtex(changed)
    depth = 0
    for char in found.removesuffix("\n"):
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    assert depth == 0
    assert len(found.removesuffix("\n").split("\n")) == 13
    lines = ris(changed).removesuffix("\r\n").split("\r\n")
    assert [line[:6] for line in lines].count("ER  - ") == 1
    assert lines[-1] == "ER  - "
    assert all(re.match(r"[A-Z][A-Z0-9]  - [^\r\n]*$", line) for line in lines)


def test_a_ris_reference(settings):
    assert ris(entry(version=WITHDRAWN)).split("\r\n") == [
        "TY  - DATA",
        "AU  - Institute of Lakes",
        "TI  - Birds of the lake",
        "PY  - 2026",
        "DA  - 2026/03/09/",
        "ET  - 2.0.0",
        "PB  - Institute of Lakes",
        f"UR  - {settings.BASE_URL}/{PAGE}",
        "AB  - Every bird that was seen.",
        "KW  - birds",
        "KW  - 湖",
        "C1  - Licence: CC-BY-4.0",
        "N1  - Withdrawn: Wrong units.",
        "ER  - ",
        "",
    ]


def test_csl_json_has_what_a_processor_needs(settings):
    [item] = csl_json(entry())
    assert item["type"] == "dataset"
    assert item["author"] == [{"literal": "Institute of Lakes"}]
    assert item["issued"] == {"date-parts": [[2026, 3, 9]]}
    assert item["URL"] == f"{settings.BASE_URL}/{PAGE}"
    assert item["version"] == "2.0.0"
    assert "status" not in item
    assert csl_json(entry(version=WITHDRAWN))[0]["status"] == "withdrawn"


# ---------------------------------------------------------------- over HTTP
@pytest.fixture(scope="module")
def cast(module_db, django_db_blocker):
    with django_db_blocker.unblock():
        return make_cast()


@pytest.fixture(scope="module")
def birds(cast, django_db_blocker):
    with django_db_blocker.unblock():
        return make_published(cast, make_dataset(cast))


@pytest.mark.parametrize(
    ("ask", "media_type", "begins"),
    [
        ({}, "text/plain", "Institute. (2"),
        ({"accept": "text/x-bibliography"}, "text/x-bibliography", "Institute. (2"),
        ({"query": "?style=gb-t-7714"}, "text/plain", "Institute. Birds: 1.0.0[DS/OL]"),
        ({"query": "?format=bibtex"}, "application/x-bibtex", "@dataset{institute:birds-1-0-0"),
        ({"accept": "application/x-bibtex"}, "application/x-bibtex", "@dataset{"),
        ({"accept": "text/html, application/x-bibtex;q=0.4, text/plain;q=0.2"}, "application/x-bibtex", "@dataset{"),
        ({"query": "?format=ris", "accept": "text/html"}, "application/x-research-info-systems", "TY  - DATA"),
        ({"accept": "application/vnd.citationstyles.csl+json"}, "application/vnd.citationstyles.csl+json", "["),
        ({"query": "?format=csl-json"}, "application/vnd.citationstyles.csl+json", "["),
    ],
)
def test_a_citation_by_format_and_by_accept(api, birds, ask, media_type, begins):
    answer = api().get(API + ask.get("query", ""), headers={"Accept": ask.get("accept", "*/*")})
    assert answer.status_code == 200
    assert answer["Content-Type"] == f"{media_type}; charset=utf-8"
    assert answer.content.decode().startswith(begins)


@pytest.mark.parametrize("query", ["?format=endnote", "?style=vancouver"])
def test_what_there_is_not_is_said_with_what_there_is(api, birds, query):
    answer = api().get(API + query)
    assert answer.status_code == 422
    assert "Choose one of" in answer.json()["detail"]


def test_a_citation_keeps_the_words_of_its_publication(api, cast, birds):
    before = api().get(f"{API}?format=csl-json")
    update_dataset(actor=cast.owner, dataset=birds.dataset, description=Description(title="Now another"))
    after = api().get(f"{API}?format=csl-json")
    assert json.loads(after.content)[0]["title"] == "Birds"
    assert after["ETag"] == before["ETag"]
    assert api().get(f"{API}?format=csl-json", headers={"If-None-Match": before["ETag"]}).status_code == 304


def test_a_withdrawn_version_can_be_cited_and_a_draft_cannot(api, cast, birds):
    withdraw_version(actor=cast.owner, version=birds, reason="Wrong units.")
    assert "Withdrawn on" in api().get(f"{API}?format=bibtex").content.decode()
    draft = f"{API.replace('1.0.0', 'draft')}"
    assert api(cast.contributor).get(draft).status_code == 404
