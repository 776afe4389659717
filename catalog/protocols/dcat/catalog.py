"""The whole catalog, a page at a time: dcat:Catalog with Hydra's paging, which harvesters of CKAN portals follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from catalog.protocols.dcat.describing import dataset_iri, dataset_nodes
from catalog.protocols.dcat.graph import Iri, Literal, Node, Possible, iri, moment, node, text
from catalog.protocols.entry import Entry

TITLE = "Commonfield"
DESCRIPTION = "Versioned, checked and access-controlled tables."
STANDARD = iri("http://data.europa.eu/r5r/")


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """One page. ``extension`` is that of the format that is read; ``modified`` is of the newest dataset of all."""

    entries: Sequence[Entry]
    number: int
    pages: int
    total: int
    extension: str
    modified: datetime | None


def catalog_nodes(page: CatalogPage) -> list[Node]:
    """The catalog, the services that it is read by, where its other pages are, and the datasets of this one."""
    catalog = iri(f"{settings.BASE_URL}/#catalog")
    home = iri(f"{settings.BASE_URL}/")
    services = _services()
    said: list[Possible] = [
        ("dct:title", text(TITLE)),
        ("dct:description", text(DESCRIPTION)),
        ("dct:publisher", iri(f"{settings.BASE_URL}/#operator")),
        ("foaf:homepage", home),
        ("dct:conformsTo", STANDARD),
        ("dct:modified", moment(page.modified) if page.modified else None),
        *(("dcat:service", service.iri) for service in services),
        *(("dcat:dataset", dataset_iri(entry)) for entry in page.entries),
    ]
    operator: list[Possible] = [
        ("foaf:name", text(urlsplit(settings.BASE_URL).hostname or TITLE)),
        ("foaf:homepage", home),
    ]
    return [
        node(catalog, ["dcat:Catalog"], said),
        node(iri(f"{settings.BASE_URL}/#operator"), ["foaf:Agent"], operator),
        node(home, ["foaf:Document"], []),
        node(STANDARD, ["dct:Standard"], []),
        *_paging(page),
        *services,
        *(item for entry in page.entries for item in dataset_nodes(entry)),
    ]


def page_address(extension: str, number: int) -> str:
    """Where a page of the catalog is."""
    return f"{settings.BASE_URL}/catalog.{extension}?page={number}"


def _paging(page: CatalogPage) -> list[Node]:
    """https://www.hydra-cg.com/spec/latest/core/#collections; the collection is the document of all pages."""
    whole = iri(f"{settings.BASE_URL}/catalog.{page.extension}")
    view = iri(page_address(page.extension, page.number))

    def link(number: int) -> Iri | None:
        return iri(page_address(page.extension, number)) if 1 <= number <= page.pages else None

    return [
        node(whole, ["hydra:Collection"], [("hydra:totalItems", _integer(page.total)), ("hydra:view", view)]),
        node(
            view,
            ["hydra:PartialCollectionView"],
            [
                ("hydra:first", link(1)),
                ("hydra:previous", link(page.number - 1)),
                ("hydra:next", link(page.number + 1)),
                ("hydra:last", link(page.pages)),
            ],
        ),
    ]


def _integer(value: int) -> Literal:
    return Literal(str(value), "xsd:integer")


def _services() -> list[Node]:
    """The protocols by which the catalog and its tables are read (dcat:DataService)."""
    base = settings.BASE_URL
    told = (
        ("api", "REST API", f"{base}/api/v1/", f"{base}/api/v1/openapi.json"),
        ("oai", "OAI-PMH 2.0", f"{base}/oai", f"{base}/oai?verb=Identify"),
        ("ckan", "CKAN Action API", f"{base}/api/3/action/", f"{base}/api/3/action/status_show"),
        ("delta-sharing", "Delta Sharing", f"{base}/delta-sharing/", ""),
    )
    return [
        node(
            iri(f"{base}/#{key}"),
            ["dcat:DataService"],
            [
                ("dct:title", text(title)),
                ("dcat:endpointURL", iri(endpoint)),
                ("dcat:endpointDescription", iri(description) if description else None),
            ],
        )
        for key, title, endpoint, description in told
    ]
