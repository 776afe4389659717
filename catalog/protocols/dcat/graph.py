"""RDF as plain values: nodes with statements, each node named by an IRI, so that the same facts are the same text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from catalog.protocols.markup import legible

PREFIXES: Mapping[str, str] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_IN_IRIS = "!#$%&'()*+,-./:;=?@[]_~"
TYPE = "rdf:type"


@dataclass(frozen=True, slots=True, order=True)
class Iri:
    """The name of a thing."""

    value: str


@dataclass(frozen=True, slots=True, order=True)
class Literal:
    """A text; ``datatype`` is a prefixed name, "" for a plain string."""

    value: str
    datatype: str = ""


Object = Iri | Literal
Statement = tuple[str, Object]
Possible = tuple[str, Object | None]
"""A statement that is left out where nothing is known."""


@dataclass(frozen=True, slots=True)
class Node:
    """What is said of a thing: pairs of a prefixed name and an object, in the order in which they are written."""

    iri: Iri
    statements: tuple[Statement, ...]


def iri(text: str) -> Iri:
    """The address as an IRI: what may not stand in one is percent-encoded (RFC 3987)."""
    return Iri(quote(legible(text), safe=_IN_IRIS))


def named(prefixed: str) -> Iri:
    """The IRI of a prefixed name such as ``dcat:Dataset``."""
    prefix, _, local = prefixed.partition(":")
    return Iri(PREFIXES[prefix] + local)


def text(value: str) -> Literal:
    """A text in whatever language its author wrote it."""
    return Literal(legible(value))


def number(value: int) -> Literal:
    """A count, as DCAT-AP wants sizes."""
    return Literal(str(value), "xsd:nonNegativeInteger")


def moment(value: datetime | date) -> Literal:
    """A time with its zone, or a day."""
    return Literal(value.isoformat(), "xsd:dateTime" if isinstance(value, datetime) else "xsd:date")


def node(name: Iri, kinds: Iterable[str], statements: Sequence[Possible]) -> Node:
    """A node of these types; statements without an object, or with an empty text, are left out."""
    said: list[Statement] = [(TYPE, named(kind)) for kind in kinds]
    said += [(predicate, found) for predicate, found in statements if found is not None and found.value]
    return Node(name, tuple(dict.fromkeys(said)))


def merged(nodes: Iterable[Node]) -> Iterator[Node]:
    """Each thing once, with all that is said of it, in the order of first mention."""
    found: dict[Iri, dict[Statement, None]] = {}
    for item in nodes:
        found.setdefault(item.iri, {}).update(dict.fromkeys(item.statements))
    return (Node(name, tuple(statements)) for name, statements in found.items())
