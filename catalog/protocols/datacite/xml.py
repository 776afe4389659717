"""DataCite's JSON value as its XML (https://schema.datacite.org/meta/kernel-4.5/metadata.xsd)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.protocols.markup import Markup, document, element

KERNEL = "http://datacite.org/schema/kernel-4"
SCHEMA = "http://schema.datacite.org/meta/kernel-4.5/metadata.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def datacite_xml(record: Mapping[str, Any]) -> str:
    """The whole document of what ``datacite_json`` made."""
    return document(resource_element(record))


def resource_element(record: Mapping[str, Any]) -> Markup:
    """The record as one element ``resource``, which can stand in another document.

    The schema asks for an identifier: with no DOI it is the address, and says so by its type.
    """
    creators = [_named("creator", "creatorName", item) for item in record["creators"]]
    contributors = [_named("contributor", "contributorName", item) for item in record.get("contributors", [])]
    types = record["types"]
    content = [
        element("identifier", record["url"], identifierType="URL"),
        element("creators", creators),
        element("titles", [element("title", item["title"]) for item in record["titles"]]),
        element("publisher", record["publisher"]["name"]),
        element("publicationYear", record["publicationYear"]),
        element("resourceType", types["resourceType"], resourceTypeGeneral=types["resourceTypeGeneral"]),
        *_list("subjects", [element("subject", item["subject"]) for item in record.get("subjects", [])]),
        *_list("contributors", contributors),
        *_list("dates", _said("date", "date", record["dates"])),
        *_list(
            "alternateIdentifiers",
            _said("alternateIdentifier", "alternateIdentifier", record["alternateIdentifiers"]),
        ),
        *_list("relatedIdentifiers", _said("relatedIdentifier", "relatedIdentifier", record["relatedIdentifiers"])),
        *_list("sizes", [element("size", item) for item in record.get("sizes", [])]),
        *_list("formats", [element("format", item) for item in record.get("formats", [])]),
        element("version", record["version"]),
        *_list("rightsList", _rights(record["rightsList"])),
        *_list("descriptions", _said("description", "description", record["descriptions"])),
    ]
    return element(
        "resource",
        content,
        xmlns=KERNEL,
        xmlns__xsi=_XSI,
        xsi__schemaLocation=f"{KERNEL} {SCHEMA}",
    )


def _named(name: str, inner: str, item: Mapping[str, str]) -> Markup:
    named = element(inner, item["name"], nameType=item.get("nameType"))
    return element(name, [named], contributorType=item.get("contributorType"))


def _list(name: str, content: Iterable[Markup]) -> list[Markup]:
    inner = list(content)
    return [element(name, inner)] if inner else []


def _said(name: str, key: str, items: Iterable[Mapping[str, str]]) -> Iterable[Markup]:
    """Elements whose text is one property of the item and whose attributes are the others."""
    for item in items:
        yield element(name, item[key], **{other: value for other, value in item.items() if other != key})


def _rights(items: Iterable[Mapping[str, str]]) -> Iterable[Markup]:
    """In XML two properties are spelled another way: rightsURI, schemeURI."""
    spelled = {"rightsUri": "rightsURI", "schemeUri": "schemeURI"}
    for item in items:
        others = {spelled.get(key, key): value for key, value in item.items() if key != "rights"}
        yield element("rights", item["rights"], **others)
