"""The metadata formats of a record: Dublin Core, DataCite and DCAT. Pure functions of an entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalog.models import Access
from catalog.protocols.citation.styles import address
from catalog.protocols.datacite.record import datacite_json
from catalog.protocols.datacite.xml import resource_element
from catalog.protocols.dcat.describing import dataset_nodes
from catalog.protocols.dcat.writers import rdf_element
from catalog.protocols.entry import Entry
from catalog.protocols.markup import Markup, element

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_OAI_DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"
_OAI_DATACITE_SCHEMA = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDF_SCHEMA = "http://www.openarchives.org/OAI/2.0/rdf.xsd"
_RIGHTS = {
    Access.PUBLIC: "info:eu-repo/semantics/openAccess",
    Access.REGISTERED: "info:eu-repo/semantics/restrictedAccess",
    Access.RESTRICTED: "info:eu-repo/semantics/restrictedAccess",
    Access.PRIVATE: "info:eu-repo/semantics/closedAccess",
}


@dataclass(frozen=True, slots=True)
class Format:
    """A metadata format, and how an entry is told in it."""

    prefix: str
    schema: str
    namespace: str
    write: Callable[[Entry], Markup]


def _dublin_core(entry: Entry) -> Markup:
    """http://www.openarchives.org/OAI/2.0/oai_dc.xsd; the words of rights and type are OpenAIRE's."""
    rights = _RIGHTS[entry.access]
    if entry.access == Access.PUBLIC and entry.embargo_until is not None:
        rights = "info:eu-repo/semantics/embargoedAccess"
    said = [
        ("title", entry.title),
        ("creator", entry.creator),
        *(("subject", word) for word in entry.keywords),
        *(("description", said) for said in (entry.summary, entry.methods, entry.known_limits) if said),
        ("publisher", entry.publisher),
        ("date", f"{entry.version.published_at:%Y-%m-%d}"),
        *([("date", f"info:eu-repo/date/embargoEnd/{entry.embargo_until:%Y-%m-%d}")] if entry.embargo_until else []),
        ("type", "Dataset"),
        ("type", "info:eu-repo/semantics/other"),
        *(("format", media_type) for media_type in dict.fromkeys(file.media_type for file in entry.version.files)),
        ("identifier", address(entry)),
        ("identifier", entry.page),
        *([("relation", entry.version_page(entry.version.previous))] if entry.version.previous else []),
        *([("rights", entry.license.url)] if entry.license else []),
        ("rights", rights),
    ]
    return element(
        "oai_dc:dc",
        [element(f"dc:{name}", value) for name, value in said],
        xmlns__oai_dc=_OAI_DC,
        xmlns__dc="http://purl.org/dc/elements/1.1/",
        xmlns__xsi=_XSI,
        xsi__schemaLocation=f"{_OAI_DC} {_OAI_DC_SCHEMA}",
    )


def _datacite(entry: Entry) -> Markup:
    """http://schema.datacite.org/oai/oai-1.1/: DataCite's record in an envelope that says which schema it is of."""
    return element(
        "oai_datacite",
        [
            element("schemaVersion", "4.5"),
            element("datacentreSymbol", entry.owner),
            element("payload", [resource_element(datacite_json(entry))]),
        ],
        xmlns=_OAI_DATACITE,
        xmlns__xsi=_XSI,
        xsi__schemaLocation=f"{_OAI_DATACITE} {_OAI_DATACITE_SCHEMA}",
    )


def _dcat(entry: Entry) -> Markup:
    return rdf_element(dataset_nodes(entry))


FORMATS: dict[str, Format] = {
    item.prefix: item
    for item in (
        Format("oai_dc", _OAI_DC_SCHEMA, _OAI_DC, _dublin_core),
        Format("oai_datacite", _OAI_DATACITE_SCHEMA, _OAI_DATACITE, _datacite),
        Format("dcat", _RDF_SCHEMA, _RDF, _dcat),
    )
}
