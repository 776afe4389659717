"""The way from a page to its documents and files: typed links, content negotiation, sitemap and robots.txt."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from catalog.models import Access, Dataset
from catalog.protocols.signposting import views
from catalog.protocols.signposting.links import ITEMS_IN_HEADER, header, links_of, linkset
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published
from tests.fixtures.people import make_cast
from tests.protocols.entries import PART, TABLE, entry
from tests.protocols.markup import xml_of

pytestmark = pytest.mark.django_db
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def by_rel(text):
    found: dict[str, list[str]] = {}
    for href, rel in re.findall(r'<([^>]+)>; rel="([^"]+)"', text):
        found.setdefault(rel, []).append(href)
    return found


def test_the_links_of_a_dataset_and_of_a_version(settings):
    page = f"{settings.BASE_URL}/institute/birds/"
    dataset, version = (by_rel(header(links_of(entry(), of_version=flag))) for flag in (False, True))
    for found in (dataset, version):
        assert found["cite-as"] == [f"{page}v/2.0.0/"]
        assert found["license"] == ["https://spdx.org/licenses/CC-BY-4.0.html"]
        assert found["type"] == ["https://schema.org/Dataset", "https://schema.org/AboutPage"]
        assert found["item"] == ["https://data.example/p", "https://data.example/o"]
        assert found["predecessor-version"] == [f"{page}v/1.0.0/"]
    assert dataset["latest-version"] == [f"{page}v/2.0.0/"]
    assert any(href.endswith("/datasets/institute/birds/dcat.ttl") for href in dataset["describedby"])
    assert any(href.endswith("/versions/2.0.0/dcat.ttl") for href in version["describedby"])


def test_a_header_names_some_files_and_the_linkset_all():
    parts = tuple(replace(PART, name=f"{n}.parquet", url=f"https://data.example/{n}") for n in range(50))
    many = entry(version={"tables": (replace(TABLE, files=parts),)})
    assert len(by_rel(header(links_of(many, of_version=True)))["item"]) == ITEMS_IN_HEADER
    own, *others = linkset(many)["linkset"]
    assert len(own["item"]) == 50
    assert own["item"][0] == {"href": "https://data.example/0", "type": "application/vnd.apache.parquet"}
    assert {"anchor": "https://data.example/49", "collection": [{"href": own["anchor"], "type": "text/html"}]} in others


@pytest.mark.parametrize("access", [Access.REGISTERED, Access.RESTRICTED, Access.PRIVATE])
def test_files_that_not_everybody_may_have_are_not_offered(access):
    assert "item" not in by_rel(header(links_of(entry(access=access), of_version=True)))


# ---------------------------------------------------------------- over HTTP
@pytest.fixture(scope="module")
def cast(module_db, django_db_blocker):
    with django_db_blocker.unblock():
        return make_cast()


@pytest.fixture(scope="module")
def birds(cast, django_db_blocker):
    with django_db_blocker.unblock():
        return make_published(cast, make_dataset(cast))


@pytest.mark.parametrize("path", ["/institute/birds/", "/institute/birds/v/1.0.0/", "/api/v1/datasets/institute/birds"])
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json; charset=utf-8"),
        ("application/x-bibtex", "application/x-bibtex; charset=utf-8"),
        ("text/x-bibliography", "text/x-bibliography; charset=utf-8"),
        ("application/vnd.datacite.datacite+json", "application/vnd.datacite.datacite+json"),
        ("application/linkset+json", "application/linkset+json"),
        ("application/rdf+xml, text/html;q=0.5", "application/rdf+xml; charset=utf-8"),
    ],
)
def test_an_address_leads_to_the_format_that_is_asked_for(api, birds, path, accept, media_type):
    answer = api().get(path, headers={"Accept": accept})
    assert answer.status_code == 303
    assert "Accept" in answer["Vary"]
    document = api().get(answer["Location"].partition("8000")[2], headers={"Accept": accept})
    assert (document.status_code, document["Content-Type"]) == (200, media_type)


@pytest.mark.parametrize(
    "accept",
    ["*/*", "", "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/turtle;q=0"],
)
def test_a_browser_has_the_page(api, birds, accept):
    answer = api().get("/institute/birds/", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")


def test_the_api_answers_with_json_where_json_is_wanted_as_much(api, birds):
    answer = api().get("/api/v1/datasets/institute/birds", headers={"Accept": "application/json, text/turtle;q=0.9"})
    assert answer.status_code == 200
    links = by_rel(answer["Link"])
    assert links["alternate"][0].endswith("/institute/birds/")
    assert len(links["describedby"]) == 10


def test_the_way_to_a_document_tells_nothing_of_what_is_there(api, cast):
    make_published(cast, make_dataset(cast, slug="secret", access="private"))
    answers = [api().get(f"/institute/{slug}/", headers={"Accept": "text/turtle"}) for slug in ("secret", "none")]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert [api().get(a["Location"].partition("8000")[2]).status_code for a in answers] == [404, 404]


@pytest.mark.parametrize("path", ["/institute/birds/", "/institute/birds/v/1.0.0/"])
def test_a_page_has_its_links_in_the_header_and_in_the_head(api, birds, settings, path):
    answer = api().get(path)
    links = by_rel(answer["Link"])
    assert links["cite-as"] == [f"{settings.BASE_URL}/institute/birds/v/1.0.0/"]
    assert len(links["item"]) == 2
    text = answer.content.decode()
    for href in [*links["describedby"], *links["cite-as"], *links["linkset"]]:
        assert f'href="{href.replace("&", "&amp;")}"' in text
    assert all(api().get(href.partition("8000")[2]).status_code == 200 for href in links["describedby"])


def test_a_draft_and_an_empty_dataset_have_no_links(api, cast, birds):
    make_checked_draft(cast, make_dataset(cast, slug="drafted"))
    make_dataset(cast, slug="empty")
    for path in ("/institute/drafted/", "/institute/empty/"):
        answer = api(cast.contributor).get(path)
        assert answer.status_code == 200
        assert "Link" not in answer.headers


def test_the_sitemap_has_the_datasets_that_anybody_may_see(api, cast, settings, monkeypatch):
    monkeypatch.setattr(views, "SITEMAP_SIZE", 2)
    for slug, access in (("a", "public"), ("b", "restricted"), ("c", "public"), ("secret", "private")):
        make_published(cast, make_dataset(cast, slug=slug, access=access))
    client, found = api(cast.owner), []
    index = xml_of(client.get("/sitemap.xml").content)
    for place in index.iter(f"{MAP}loc"):
        pages = xml_of(client.get(place.text.removeprefix(settings.BASE_URL)).content)
        found += [page.text.removeprefix(settings.BASE_URL) for page in pages.iter(f"{MAP}loc")]
    assert [path for path in found if "birds" not in path] == ["/institute/a/", "/institute/b/", "/institute/c/"]
    assert client.get("/sitemap-9.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404
    Dataset.objects.update(latest=None)
    assert client.get("/sitemap-1.xml").status_code == 200


def test_robots_are_led_to_the_sitemap(api, settings):
    text = api().get("/robots.txt").content.decode()
    assert f"Sitemap: {settings.BASE_URL}/sitemap.xml" in text
    assert "Disallow: /api/\n" in text
