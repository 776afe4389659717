"""A release as Croissant (https://docs.mlcommons.org/croissant/), which is schema.org's Dataset with its records.

Versions 1.0 and 1.1 of the format. ``contentUrl`` is the file's lasting address and never a presigned one: readers keep
what they have loaded under it. A table of several files has a record set for each, which is what mlcroissant reads.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings

from catalog.models import Access
from catalog.protocols.release import Column, DocumentFile, PartFile, Release, ReleasedTable
from catalog.types import CroissantVersion, croissant_type, list_depth

MAX_RECORD_SETS = 50
"""Files of a table beyond which its record set is of all of them together."""
_PARQUET = "application/x-parquet"
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_CONTEXT_1_1: dict[str, Any] = {
    **_CONTEXT,
    "arrayShape": "cr:arrayShape",
    "containedIn": "cr:containedIn",
    "description": {"@container": "@language"},
    "isArray": "cr:isArray",
    "name": {"@container": "@language"},
}


def croissant(release: Release, *, spec: CroissantVersion, records: bool = True) -> dict[str, Any]:
    """The document; without ``records`` only what is said of the dataset and its files."""
    document: dict[str, Any] = {
        "@context": _CONTEXT if spec == "1.0" else _CONTEXT_1_1,
        "@type": "sc:Dataset",
        "@id": release.page,
        "conformsTo": f"http://mlcommons.org/croissant/{spec}",
        **_words(release),
        "distribution": [
            *(item for table in release.tables for item in _distribution(table)),
            *(_document(document, place) for place, document in enumerate(release.documents)),
        ],
    }
    if records:
        document["recordSet"] = [item for table in release.tables for item in _record_sets(table, spec)]
    return document


def _words(release: Release) -> dict[str, Any]:
    words: dict[str, Any] = {
        "name": release.title,
        "description": release.description or f"{release.title}, version {release.number}.",
        "url": release.page,
        "version": release.number,
        "datePublished": release.published_at.date().isoformat(),
        "citeAs": release.citation,
        "creator": {"@type": "sc:Organization", "name": release.creator},
        "publisher": {
            "@type": "sc:Organization",
            "name": release.publisher,
            "url": f"{settings.BASE_URL}/{release.owner}/",
        },
        "includedInDataCatalog": {"@type": "sc:DataCatalog", "name": "Commonfield", "url": f"{settings.BASE_URL}/"},
        "identifier": f"sha256:{release.manifest_sha256}",
        "isAccessibleForFree": True,
        "isLiveDataset": False,
    }
    if release.license is not None:
        words["license"] = release.license.url
    if release.keywords:
        words["keywords"] = list(release.keywords)
    if release.methods:
        words["rai:dataCollection"] = release.methods
    if release.known_limits:
        words["rai:dataLimitations"] = release.known_limits
    if release.access != Access.PUBLIC:
        words["conditionsOfAccess"] = str(Access(release.access).label)
    return words


def _distribution(table: ReleasedTable) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject",
            "@id": part.name,
            "name": part.name,
            "contentUrl": part.url,
            "encodingFormat": _PARQUET,
            "sha256": part.sha256,
            "contentSize": f"{part.bytes} B",
        }
        for part in table.parts
    ]
    if _is_together(table):
        inside = [{"@id": part.name} for part in table.parts]
        found.append(
            {
                "@type": "cr:FileSet",
                "@id": f"{table.name}-files",
                "name": f"{table.name}-files",
                "containedIn": inside,
                "encodingFormat": _PARQUET,
                "includes": "*.parquet",
            }
        )
    return found


def _document(document: DocumentFile, place: int) -> dict[str, Any]:
    """An identifier may not have spaces (mlcroissant refuses them), which names of files have."""
    found: dict[str, Any] = {
        "@type": "cr:FileObject",
        "@id": f"documents/{place}",
        "name": document.name,
        "contentUrl": document.url,
        "encodingFormat": document.media_type,
        "sha256": document.sha256,
        "contentSize": f"{document.bytes} B",
    }
    said = ". ".join(text.rstrip(".") for text in (document.title, document.description) if text)
    return {**found, "description": said} if said else found


def _is_together(table: ReleasedTable) -> bool:
    return len(table.parts) > MAX_RECORD_SETS


def _record_sets(table: ReleasedTable, spec: CroissantVersion) -> list[dict[str, Any]]:
    if _is_together(table):
        return [_record_set(table, table.name, {"fileSet": {"@id": f"{table.name}-files"}}, spec)]
    return [
        _record_set(table, _set_name(table, part), {"fileObject": {"@id": part.name}}, spec) for part in table.parts
    ]


def _set_name(table: ReleasedTable, part: PartFile) -> str:
    return table.name if len(table.parts) == 1 else f"{table.name}-{part.position}"


def _record_set(table: ReleasedTable, name: str, source: dict[str, Any], spec: CroissantVersion) -> dict[str, Any]:
    fields = [(column, croissant_type(column.type, spec)) for column in table.columns]
    found: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [_field(column, name, kind, source, spec) for column, kind in fields if kind is not None],
    }
    untold = [column.name for column, kind in fields if kind is None]
    told = [table.title] if table.title else []
    if untold:
        told.append(f"Columns that hold objects are in the files, and not in this record set: {', '.join(untold)}.")
    if told:
        found["description"] = " ".join(told)
    key = table.schema.get("primaryKey") or []
    names = [key] if isinstance(key, str) else list(key)
    if names and not set(names) & set(untold):
        found["key"] = [{"@id": _field_id(name, column)} for column in names]
    return found


def _field(column: Column, table: str, kind: str, source: dict[str, Any], spec: CroissantVersion) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": _field_id(table, column.name),
        "name": column.name,
        "dataType": kind,
        "source": {**source, "extract": {"column": column.name}},
    }
    if column.description:
        found["description"] = column.description
    if depth := list_depth(column.type):
        shape = ",".join(["-1"] * depth)
        found |= {"repeated": True} if spec == "1.0" else {"isArray": True, "arrayShape": shape}
    return found


def _field_id(table: str, column: str) -> str:
    """Ids are relative addresses, in which a column's name is not free to have every character."""
    return f"{table}/{quote(column, safe='')}"
