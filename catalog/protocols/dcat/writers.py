"""A graph as Turtle, JSON-LD or RDF/XML: three spellings of the same triples."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from catalog.protocols.accepting import Offer
from catalog.protocols.dcat.graph import PREFIXES, TYPE, Iri, Literal, Node, Object, merged
from catalog.protocols.markup import Markup, document, element

OFFERS: tuple[Offer, ...] = (
    Offer("ttl", "text/turtle", ("application/x-turtle",)),
    Offer("jsonld", "application/ld+json"),
    Offer("rdf", "application/rdf+xml"),
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SPECIAL = re.compile(r'[\\"\n\r\t\x00-\x1f\x7f]')


def written(nodes: Iterable[Node], extension: str) -> str:
    """The graph in the format of a file's extension: ttl, jsonld, rdf."""
    return _WRITERS[extension](list(merged(nodes)))


# ---------------------------------------------------------------- Turtle (https://www.w3.org/TR/turtle/)
def _turtle(nodes: list[Node]) -> str:
    head = "".join(f"@prefix {prefix}: <{address}> .\n" for prefix, address in PREFIXES.items())
    return head + "".join(f"\n{_block(item)}\n" for item in nodes)


def _block(item: Node) -> str:
    lines = [
        f"a {_prefixed(found.value)}" if name == TYPE else f"{name} {_term(found)}" for name, found in item.statements
    ]
    return f"<{item.iri.value}>\n    " + " ;\n    ".join(lines) + " ."


def _term(found: Object) -> str:
    if isinstance(found, Iri):
        return f"<{found.value}>"
    quoted = '"' + _SPECIAL.sub(lambda hit: _ESCAPES.get(hit[0], f"\\u{ord(hit[0]):04X}"), found.value) + '"'
    return f"{quoted}^^{found.datatype}" if found.datatype else quoted


# ---------------------------------------------------------------- JSON-LD (https://www.w3.org/TR/json-ld11/)
def _jsonld(nodes: list[Node]) -> str:
    graph = {"@context": dict(PREFIXES), "@graph": [_object(item) for item in nodes]}
    return json.dumps(graph, ensure_ascii=False, indent=1) + "\n"


def _object(item: Node) -> dict[str, Any]:
    said: dict[str, Any] = {"@id": item.iri.value}
    for name, found in item.statements:
        if name == TYPE:
            said.setdefault("@type", []).append(_prefixed(found.value))
        else:
            said.setdefault(name, []).append(_value(found))
    return {
        name: values[0] if isinstance(values, list) and len(values) == 1 else values for name, values in said.items()
    }


def _value(found: Object) -> Any:
    if isinstance(found, Iri):
        return {"@id": found.value}
    return {"@value": found.value, "@type": found.datatype} if found.datatype else found.value


def _prefixed(address: str) -> str:
    """The prefixed name of one of our vocabularies' words, as types are."""
    for prefix, start in PREFIXES.items():
        if address.startswith(start):
            return f"{prefix}:{address.removeprefix(start)}"
    return address


# ---------------------------------------------------------------- RDF/XML (https://www.w3.org/TR/rdf-syntax-grammar/)
def _rdfxml(nodes: list[Node]) -> str:
    return document(rdf_element(nodes))


def rdf_element(nodes: Iterable[Node]) -> Markup:
    """The graph as one element ``rdf:RDF``, which can stand in another document."""
    spaces = {f"xmlns__{prefix}": address for prefix, address in PREFIXES.items()}
    return element("rdf:RDF", [_described(item) for item in merged(nodes)], **spaces)


def _described(item: Node) -> Markup:
    return element("rdf:Description", [_said(*pair) for pair in item.statements], rdf__about=item.iri.value)


def _said(name: str, found: Object) -> Markup:
    if isinstance(found, Iri):
        return element(name, rdf__resource=found.value)
    prefix, _, local = found.datatype.partition(":")
    return element(name, found.value, rdf__datatype=PREFIXES[prefix] + local if local else None)


_WRITERS: Mapping[str, Callable[[list[Node]], str]] = {"ttl": _turtle, "jsonld": _jsonld, "rdf": _rdfxml}

__all__ = ["OFFERS", "Literal", "rdf_element", "written"]
