"""The answers of OAI-PMH 2.0 as XML: pure functions of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings

from catalog.protocols.entry import Entry
from catalog.protocols.markup import Markup, document, element
from catalog.protocols.oai_pmh.formats import FORMATS, Format
from catalog.protocols.oai_pmh.records import Header, host, identifier_of
from catalog.protocols.oai_pmh.requests import Code, written

_OAI = "http://www.openarchives.org/OAI/2.0/"
_OAI_SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
_IDENTIFIER_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai-identifier.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def base_url() -> str:
    return f"{settings.BASE_URL}/oai"


def envelope(arguments: Mapping[str, str], now: datetime, body: Markup) -> str:
    """The document around an answer. After badVerb and badArgument the arguments are not repeated."""
    request = element("request", base_url(), **{f"{name}_": value for name, value in arguments.items()})
    return document(
        element(
            "OAI-PMH",
            [element("responseDate", written(now)), request, body],
            xmlns=_OAI,
            xmlns__xsi=_XSI,
            xsi__schemaLocation=f"{_OAI} {_OAI_SCHEMA}",
        )
    )


def error(code: Code, sentence: str) -> Markup:
    return element("error", sentence, code=code)


def identify(*, earliest: datetime, mail: str) -> Markup:
    described = element(
        "oai-identifier",
        [
            element("scheme", "oai"),
            element("repositoryIdentifier", host()),
            element("delimiter", ":"),
            element("sampleIdentifier", identifier_of(1)),
        ],
        xmlns=_IDENTIFIER,
        xmlns__xsi=_XSI,
        xsi__schemaLocation=f"{_IDENTIFIER} {_IDENTIFIER_SCHEMA}",
    )
    return element(
        "Identify",
        [
            element("repositoryName", f"Commonfield ({host()})"),
            element("baseURL", base_url()),
            element("protocolVersion", "2.0"),
            element("adminEmail", mail),
            element("earliestDatestamp", written(earliest)),
            element("deletedRecord", "persistent"),
            element("granularity", "YYYY-MM-DDThh:mm:ssZ"),
            element("description", [described]),
        ],
    )


def metadata_formats(formats: Iterable[Format]) -> Markup:
    return element("ListMetadataFormats", [_format(item) for item in formats])


def _format(item: Format) -> Markup:
    told = (("metadataPrefix", item.prefix), ("schema", item.schema), ("metadataNamespace", item.namespace))
    return element("metadataFormat", [element(name, value) for name, value in told])


def list_sets(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Pairs of a set's name and its title."""
    return element(
        "ListSets", [element("set", [element("setSpec", spec), element("setName", name)]) for spec, name in pairs]
    )


def header(item: Header) -> Markup:
    told = [
        element("identifier", item.identifier),
        element("datestamp", written(item.datestamp)),
        element("setSpec", item.owner),
    ]
    return element("header", told, status="deleted" if item.is_deleted else None)


def record(item: Header, entry: Entry | None, prefix: str) -> Markup:
    """A record; of a deleted one the header alone."""
    metadata = [] if entry is None else [element("metadata", [FORMATS[prefix].write(entry)])]
    return element("record", [header(item), *metadata])


def resumption(token: str, *, cursor: int, total: int) -> Markup:
    """How the list goes on; an empty one ends a list that was sent in pieces."""
    return element("resumptionToken", token, cursor=str(cursor), completeListSize=str(total))
