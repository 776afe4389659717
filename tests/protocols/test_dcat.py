"""DCAT-AP of datasets, versions and the catalog. The official terms are held by SHACL in tests/clients."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from rdflib import DCAT, DCTERMS, RDF, XSD, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from catalog.models import Access, Dataset
from catalog.protocols.dcat import views
from catalog.protocols.dcat.describing import chain_nodes, dataset_nodes, version_nodes
from catalog.protocols.dcat.graph import iri, node, text
from catalog.protocols.dcat.writers import written
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.publishing.versions import withdraw_version
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published
from tests.fixtures.effort import examples
from tests.fixtures.people import make_cast
from tests.protocols.entries import WITHDRAWN, entry

pytestmark = [
    pytest.mark.django_db,
    # rdflib's own reader of JSON-LD says so of itself.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
]
FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}
ADMS, SPDX = "http://www.w3.org/ns/adms#", "http://spdx.org/rdf/terms#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
API = "/api/v1/datasets/institute"


def parsed(data, extension):
    return Graph().parse(data=data, format=FORMATS[extension])


def read(client, path, extension="ttl", **headers):
    answer = client.get(path, **headers)
    assert answer.status_code == 200, answer.content
    return parsed(answer.content.decode(), extension)


def one(graph, subject, predicate):
    [found] = graph.objects(subject, predicate)
    return found


@pytest.mark.parametrize("make", [dataset_nodes, version_nodes])
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"access": Access.RESTRICTED, "conforms_to": "https://data.example/s"},
        {"version": WITHDRAWN, "license": None, "contact_name": "", "contact_email": "", "description": ""},
        {"embargo_until": datetime(2030, 1, 1, tzinfo=UTC), "is_deprecated": True, "successor": "https://x.example/y/"},
    ],
)
def test_the_three_formats_say_the_same(make, changed):
    nodes = make(entry(**changed))
    turtle, *others = [parsed(written(nodes, extension), extension) for extension in FORMATS]
    assert len(turtle) > 20
    assert all(isomorphic(turtle, other) for other in others)


@effort(max_examples=examples(15))
@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_words_break_a_format(title, note, contact):
    """Characters that XML can't hold are in none of the three."""
    said = [("dct:title", text(title)), ("adms:versionNotes", text(note)), ("vcard:hasEmail", iri(f"mailto:{contact}"))]
    nodes = [node(iri("https://data.example/a"), ["dcat:Dataset"], said)]
    turtle, *others = [parsed(written(nodes, extension), extension) for extension in FORMATS]
    assert set(turtle) == set(others[0]) == set(others[1])


def test_a_file_is_a_distribution_with_size_hash_and_types(settings):
    graph = parsed(written(version_nodes(entry()), "ttl"), "ttl")
    version = URIRef(f"{settings.BASE_URL}/institute/birds/v/2.0.0/#dataset")
    assert len(list(graph.objects(version, DCAT.distribution))) == 2
    [parquet] = graph.subjects(DCAT.downloadURL, URIRef("https://data.example/p"))
    assert one(graph, parquet, DCAT.accessURL) == URIRef("https://data.example/p")
    assert one(graph, parquet, DCAT.byteSize) == Literal(1200, datatype=XSD.nonNegativeInteger)
    media_type = "https://www.iana.org/assignments/media-types/application/vnd.apache.parquet"
    assert one(graph, parquet, DCAT.mediaType) == URIRef(media_type)
    assert str(one(graph, parquet, DCTERMS.format)).endswith("/file-type/PARQUET")
    assert one(graph, parquet, DCTERMS.license) == URIRef("https://spdx.org/licenses/CC-BY-4.0.html")
    checksum = one(graph, parquet, URIRef(f"{SPDX}checksum"))
    assert one(graph, checksum, URIRef(f"{SPDX}checksumValue")) == Literal("a" * 64, datatype=XSD.hexBinary)
    assert one(graph, checksum, URIRef(f"{SPDX}algorithm")) == URIRef(f"{SPDX}checksumAlgorithm_sha256")


def test_versions_are_a_chain(settings):
    graph = parsed(written(version_nodes(entry()), "ttl"), "ttl")
    page = f"{settings.BASE_URL}/institute/birds/"
    version = URIRef(f"{page}v/2.0.0/#dataset")
    assert one(graph, version, URIRef(f"{DCAT}previousVersion")) == URIRef(f"{page}v/1.0.0/#dataset")
    assert one(graph, version, URIRef(f"{DCAT}isVersionOf")) == URIRef(f"{page}#dataset")
    assert one(graph, version, URIRef(f"{DCAT}version")) == Literal("2.0.0")
    assert one(graph, version, URIRef(f"{ADMS}versionNotes")) == Literal("More birds.")
    whole = parsed(written([*dataset_nodes(entry()), *chain_nodes(entry())], "ttl"), "ttl")
    dataset = URIRef(f"{page}#dataset")
    chain = set(whole.objects(dataset, URIRef(f"{DCAT}hasVersion")))
    assert len(chain) == 3
    assert set(whole.subjects(RDF.type, DCAT.Dataset)) == {dataset, *chain}
    assert str(one(whole, version, DCTERMS.title)) == "Birds of the lake, version 2.0.0"
    assert one(whole, dataset, DCTERMS.identifier) == Literal(page)


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({"access": Access.REGISTERED}, "RESTRICTED"),
        ({"access": Access.RESTRICTED}, "RESTRICTED"),
        ({"access": Access.PRIVATE}, "NON_PUBLIC"),
        ({"embargo_until": datetime(2030, 1, 1, tzinfo=UTC)}, "RESTRICTED"),
    ],
)
def test_what_not_everybody_may_have_is_told_without_where_its_bytes_are(settings, changed, right):
    graph = parsed(written(dataset_nodes(entry(**changed)), "ttl"), "ttl")
    page = f"{settings.BASE_URL}/institute/birds/"
    assert str(one(graph, URIRef(f"{page}#dataset"), DCTERMS.accessRights)).endswith(f"/access-right/{right}")
    assert list(graph.objects(None, DCAT.downloadURL)) == []
    assert set(graph.objects(None, DCAT.accessURL)) == {URIRef(page)}


# ---------------------------------------------------------------- over HTTP
@pytest.fixture(scope="module")
def shelf(module_db, django_db_blocker):
    """Three datasets that anybody may see, one for members alone, and one that is not published."""
    with django_db_blocker.unblock():
        cast = make_cast()
        for slug in ("a", "b"):
            make_published(cast, make_dataset(cast, slug=slug))
        make_published(cast, make_dataset(cast, slug="closed", access="restricted"))
        make_published(cast, make_dataset(cast, slug="secret", access="private"))
        make_checked_draft(cast, make_dataset(cast, slug="drafted"))
    return cast


def datasets_in(graph):
    [catalog] = graph.subjects(RDF.type, DCAT.Catalog)
    return {str(found).split("/")[-2] for found in graph.objects(catalog, DCAT.dataset)}


def test_the_catalog_has_what_the_reader_may_see(api, shelf):
    assert datasets_in(read(api(), "/catalog.ttl")) == {"a", "b", "closed"}
    assert datasets_in(read(api(shelf.stranger), "/catalog.jsonld", "jsonld")) == {"a", "b", "closed"}
    assert datasets_in(read(api(shelf.reader), "/catalog.rdf", "rdf")) == {"a", "b", "closed", "secret"}


def test_the_catalog_is_read_a_page_at_a_time(api, shelf, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    client, seen, path = api(), [], "/catalog.ttl"
    while path:
        graph = read(client, path)
        seen += sorted(datasets_in(graph))
        assert [int(found) for found in graph.objects(None, URIRef(f"{HYDRA}totalItems"))] == [3]
        path = next((str(found) for found in graph.objects(None, URIRef(f"{HYDRA}next"))), "").partition("8000")[2]
        assert len(seen) <= 3
    assert seen == ["a", "b", "closed"]
    assert client.get("/catalog.ttl?page=3").status_code == 404
    assert client.get("/catalog.ttl?page=x").status_code == 400
    assert 'rel="next"' in client.get("/catalog.ttl")["Link"]


def test_a_catalog_takes_the_same_queries_however_long(api, shelf, django_assert_num_queries):
    client = api()
    client.get("/catalog.ttl")
    with django_assert_num_queries(8):
        client.get("/catalog.ttl")
    Dataset.objects.filter(slug="a").update(latest=None)
    with django_assert_num_queries(8):
        client.get("/catalog.ttl")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json;q=0.5, text/turtle;q=0.4", "application/ld+json"),
        ("*/*", "text/turtle"),
    ],
)
def test_the_catalog_without_an_end_is_in_the_format_that_is_asked_for(api, shelf, accept, media_type):
    answer = api().get("/catalog", headers={"Accept": accept})
    assert answer["Content-Type"] == f"{media_type}; charset=utf-8"


@pytest.mark.parametrize("path", ["a/dcat.ttl", "a/versions/1.0.0/dcat.ttl"])
def test_what_a_client_has_is_not_sent_again(api, shelf, path):
    client = api()
    first = client.get(f"{API}/{path}")
    assert client.get(f"{API}/{path}", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(f"{API}/{path}", headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    older = "Mon, 01 Jan 2024 00:00:00 GMT"
    assert client.get(f"{API}/{path}", headers={"If-Modified-Since": older}).status_code == 200


def test_the_dataset_has_its_words_of_now_and_the_version_those_of_then(api, shelf):
    dataset = Dataset.objects.get(slug="a")
    update_dataset(actor=shelf.owner, dataset=dataset, description=Description(title="Now another"))
    now, then = read(api(), f"{API}/a/dcat.ttl"), read(api(), f"{API}/a/versions/1.0.0/dcat.ttl")
    assert set(now.objects(None, DCTERMS.title)) >= {Literal("Now another")}
    assert Literal("Now another") not in set(then.objects(None, DCTERMS.title))
    assert Literal("A") in set(then.objects(None, DCTERMS.title))


def test_a_withdrawn_version_goes_on_being_told_without_files(api, shelf):
    version = Dataset.objects.get(slug="a").latest
    withdraw_version(actor=shelf.owner, version=version, reason="Wrong units.")
    graph = read(api(), f"{API}/a/versions/1.0.0/dcat.ttl")
    assert list(graph.objects(None, DCAT.distribution)) == []
    assert "Wrong units." in graph.serialize()
    assert "a" not in datasets_in(read(api(), "/catalog.ttl"))
