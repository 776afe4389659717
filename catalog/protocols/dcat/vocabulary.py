"""The words of the EU's controlled vocabularies that DCAT-AP 3 asks for, and IANA's media types."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.models import Access, UpdateFrequency
from catalog.protocols.dcat.graph import Iri, Node, iri, node, text
from catalog.protocols.entry import PARQUET, Entry

_AUTHORITY = "http://publications.europa.eu/resource/authority"
STABLE = Iri(f"{_AUTHORITY}/planned-availability/STABLE")
"""How long a distribution is meant to be there."""
COMPLETED = Iri(f"{_AUTHORITY}/distribution-status/COMPLETED")
DEPRECATED = Iri(f"{_AUTHORITY}/distribution-status/DEPRECATED")
_LABELS: Mapping[Iri, str] = {STABLE: "stable", COMPLETED: "completed", DEPRECATED: "deprecated"}
_RIGHTS: Mapping[Access, str] = {
    Access.PUBLIC: "PUBLIC",
    Access.REGISTERED: "RESTRICTED",
    Access.RESTRICTED: "RESTRICTED",
    Access.PRIVATE: "NON_PUBLIC",
}
_FREQUENCIES: Mapping[str, str] = {
    UpdateFrequency.HOURLY: "HOURLY",
    UpdateFrequency.DAILY: "DAILY",
    UpdateFrequency.WEEKLY: "WEEKLY",
    UpdateFrequency.MONTHLY: "MONTHLY",
    UpdateFrequency.QUARTERLY: "QUARTERLY",
    UpdateFrequency.BIANNUAL: "ANNUAL_2",
    UpdateFrequency.ANNUAL: "ANNUAL",
}
_FILE_TYPES: Mapping[str, str] = {
    PARQUET: "PARQUET",
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
    "text/plain": "TXT",
    "application/json": "JSON",
    "application/x-ndjson": "JSON",
    "application/geo+json": "GEOJSON",
    "application/xml": "XML",
    "text/xml": "XML",
    "text/html": "HTML",
    "application/zip": "ZIP",
    "application/gzip": "GZIP",
    "application/vnd.ms-excel": "XLS",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "application/pdf": "PDF",
    "application/msword": "DOC",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/rtf": "RTF",
    "application/epub+zip": "EPUB",
    "application/xhtml+xml": "XHTML",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "image/svg+xml": "SVG",
}


def access_right(entry: Entry) -> Iri:
    """Who may have the bytes now; an embargo is a restriction while it lasts."""
    embargoed = entry.access == Access.PUBLIC and entry.embargo_until is not None
    return Iri(f"{_AUTHORITY}/access-right/{'RESTRICTED' if embargoed else _RIGHTS[entry.access]}")


def frequency(entry: Entry) -> Iri | None:
    word = _FREQUENCIES.get(entry.frequency)
    return Iri(f"{_AUTHORITY}/frequency/{word}") if word else None


def file_type(media_type: str) -> Iri | None:
    """None for what the EU's list does not have."""
    word = _FILE_TYPES.get(media_type)
    return Iri(f"{_AUTHORITY}/file-type/{word}") if word else None


def media_type_iri(media_type: str) -> Iri | None:
    """IANA's address of a media type; None where it is none."""
    kind, _, subtype = media_type.partition(";")[0].strip().partition("/")
    return iri(f"https://www.iana.org/assignments/media-types/{kind}/{subtype}") if kind and subtype else None


def typed(found: Iri | None, kind: str) -> list[Node]:
    """The vocabulary's word as a thing of its class: who reads the graph alone need not fetch the vocabulary."""
    return [] if found is None else [node(found, [kind], [])]


def concepts(*found: Iri) -> list[Node]:
    """Concepts with their labels, without which DCAT-AP has none."""
    return [node(item, ["skos:Concept"], [("skos:prefLabel", text(_LABELS[item]))]) for item in found]
