"""Identifiers of publications, people, goods, companies and bytes."""

from __future__ import annotations

import re

from catalog.orcid import is_orcid
from ingest.semantics.checks import luhn, mod_11, mod_97, spelled, weights_of_three
from ingest.semantics.semantic import CODE, Semantic, matching, named

_ORCID = re.compile(r"^(?:https?://orcid\.org/)?([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])$")
_DOI = r"^(?:https?://(?:dx\.)?doi\.org/|doi:)?10\.[0-9]{4,9}/[^ ]+$"
_UUID = r"^\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\}?$"
_ISBN = re.compile(r"^(?:ISBN[: ]?)?((?:97[89][- ]?)?[0-9](?:[- ]?[0-9]){8}[- ]?[0-9Xx])$")
_ISSN = re.compile(r"^[0-9]{4}-[0-9]{3}[0-9Xx]$")
_GTIN = re.compile(r"^(?:[0-9]{8}|[0-9]{12,14})$")
_LEI = re.compile(r"^[A-Z0-9]{18}[0-9]{2}$")
_ISIN = re.compile(r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$")


def _is_orcid(value: str) -> bool:
    match = _ORCID.match(value)
    return match is not None and is_orcid(match[1])


def _is_isbn(value: str) -> bool:
    match = _ISBN.match(value)
    if match is None:
        return False
    bare = match[1].replace("-", "").replace(" ", "")
    return mod_11(bare) if len(bare) == 10 else weights_of_three(bare)


def _is_issn(value: str) -> bool:
    return _ISSN.match(value) is not None and mod_11(value.replace("-", ""))


def _is_gtin(value: str) -> bool:
    return _GTIN.match(value) is not None and weights_of_three(value)


def _is_lei(value: str) -> bool:
    return _LEI.match(value) is not None and mod_97(value)


def _is_isin(value: str) -> bool:
    return _ISIN.match(value) is not None and luhn(spelled(value))


IDENTIFIERS: tuple[Semantic, ...] = (
    Semantic("doi", matching(_DOI), pattern=_DOI),
    Semantic("orcid", _is_orcid, pattern=_ORCID.pattern),
    Semantic("uuid", matching(_UUID), pattern=_UUID),
    Semantic("issn", _is_issn, pattern=_ISSN.pattern, header=named("e?issn"), least=3),
    # One number in eleven is an ISBN or GTIN by chance: a dozen of them are none.
    Semantic("isbn", _is_isbn, kinds=CODE, pattern=_ISBN.pattern, header=named("isbn(?:10|13)?"), least=12),
    Semantic("gtin", _is_gtin, kinds=CODE, pattern=_GTIN.pattern, header=named("gtin|ean(?:13|8)?|upc"), least=12),
    Semantic("lei", _is_lei, pattern=_LEI.pattern, header=named("lei"), least=3),
    Semantic("isin", _is_isin, pattern=_ISIN.pattern, header=named("isin"), least=6),
    Semantic("md5", matching("^(?:[0-9a-f]{32}|[0-9A-F]{32})$"), pattern="^(?:[0-9a-f]{32}|[0-9A-F]{32})$", least=2),
    Semantic("sha1", matching("^(?:[0-9a-f]{40}|[0-9A-F]{40})$"), pattern="^(?:[0-9a-f]{40}|[0-9A-F]{40})$", least=2),
    Semantic("sha256", matching("^(?:[0-9a-f]{64}|[0-9A-F]{64})$"), pattern="^(?:[0-9a-f]{64}|[0-9A-F]{64})$", least=2),
)
