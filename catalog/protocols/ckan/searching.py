"""``package_search``'s words for us: the terms of ``fq`` and ``sort`` that harvesters send.

Solr's language is not copied. A filter that is not known is left out, and the log says so: a harvester would otherwise
fail over a term that only narrows what it gets.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from catalog.models import Dataset
from catalog.protocols.ckan.ids import Kind, key_of

logger = logging.getLogger(__name__)
_TERM = re.compile(
    r"""(?P<sign>[+-])?(?P<field>[a-z_]+):
        (?:\[(?P<low>[^\]]*?)\s+TO\s+(?P<high>[^\]]*?)\]
          |\((?P<many>[^)]*)\)
          |"(?P<quoted>(?:[^"\\]|\\.)*)"
          |(?P<plain>[^\s()\[\]]+))""",
    re.VERBOSE,
)
_JOINS = {"AND", "OR", "NOT", ""}
_SORTS: Mapping[str, str] = {
    "id": "pk",
    "metadata_modified": "changed",
    "metadata_created": "created",
    "title": "title",
    "title_string": "title",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A filter: any of ``values``, or what lies between two ends; ``is_not`` turns it around."""

    field: str
    values: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    is_not: bool = False


def read_filters(text: str) -> list[Term]:
    """The terms of a filter; what is none is named in the log."""
    found: list[Term] = []
    rest = text
    for hit in _TERM.finditer(text):
        rest = rest.replace(hit[0], " ", 1)
        is_not = hit["sign"] == "-" or text[: hit.start()].rstrip().endswith("NOT")
        if hit["low"] is not None:
            found.append(Term(hit["field"], low=hit["low"].strip(), high=hit["high"].strip(), is_not=is_not))
            continue
        found.append(Term(hit["field"], values=_values(hit), is_not=is_not))
    if unread := [word for word in rest.split() if word not in _JOINS]:
        logger.warning("a filter of package_search was left out: %s", " ".join(unread)[:200])
    return found


def _values(hit: re.Match[str]) -> tuple[str, ...]:
    if hit["many"] is not None:
        words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', hit["many"])
        return tuple(quoted or plain for quoted, plain in words if plain not in _JOINS or quoted)
    if hit["quoted"] is not None:
        return (re.sub(r"\\(.)", r"\1", hit["quoted"]),)
    return (hit["plain"],)


def filtered(datasets: QuerySet[Dataset], terms: Sequence[Term]) -> QuerySet[Dataset]:
    """The datasets, annotated with ``changed``, that every known term leaves."""
    for term in terms:
        condition = _condition(term)
        if condition is None:
            logger.warning("a filter of package_search was left out: %s", term.field)
            continue
        datasets = datasets.filter(~condition if term.is_not else condition)
    return datasets


def _condition(term: Term) -> Q | None:
    make = _CONDITIONS.get(term.field)
    if make is None or any("\0" in text for text in (*term.values, term.low, term.high)):
        return None
    return make(term)


def _times(column: str) -> Callable[[Term], Q | None]:
    def make(term: Term) -> Q | None:
        condition = Q()
        for text, lookup in ((term.low, "gte"), (term.high, "lte")):
            if text in {"*", ""}:
                continue
            found = _moment(text)
            if found is None:
                return None
            condition &= Q(**{f"{column}__{lookup}": found})
        return condition

    return make


def _moment(text: str) -> datetime | None:
    if text.upper() == "NOW":
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _any(column: str) -> Callable[[Term], Q | None]:
    def make(term: Term) -> Q:
        return Q() if term.values == ("*",) else Q(**{f"{column}__in": term.values})

    return make


def _names(term: Term) -> Q:
    condition = Q(pk__in=[])
    for value in term.values:
        owner, _, slug = value.partition("_")
        condition |= Q(organization__slug=owner, slug=slug)
    return condition


def _ids(kind: Kind, column: str) -> Callable[[Term], Q | None]:
    def make(term: Term) -> Q:
        keys = [key for value in term.values if (key := key_of(kind, value)) is not None]
        return Q(**{f"{column}__in": keys})

    return make


_CONDITIONS: Mapping[str, Callable[[Term], Q | None]] = {
    "metadata_modified": _times("changed"),
    "metadata_created": _times("created"),
    "organization": _any("organization__slug"),
    "owner_org": _ids(Kind.ORGANIZATION, "organization"),
    "name": _names,
    "id": _ids(Kind.DATASET, "pk"),
    "license_id": _any("license"),
    "tags": lambda term: Q(keywords__overlap=list(term.values)),
    "title": lambda term: Q(title__in=term.values),
    # There is one type, one state, and nothing in groups.
    "type": lambda term: Q() if "dataset" in term.values else Q(pk__in=[]),
    "dataset_type": lambda term: Q() if "dataset" in term.values else Q(pk__in=[]),
    "state": lambda term: Q() if "active" in term.values else Q(pk__in=[]),
    "groups": lambda _term: Q(pk__in=[]),
}


def read_sort(text: str) -> list[OrderBy]:
    """The order of ``sort``; always ended by the number of the dataset, so that no page repeats another."""
    found: list[OrderBy] = []
    for item in text.split(","):
        field, _, direction = item.strip().partition(" ")
        columns = ("organization__slug", "slug") if field == "name" else (_SORTS.get(field, ""),)
        is_down = direction.strip().lower() == "desc"
        found += [F(column).desc() if is_down else F(column).asc() for column in columns if column]
    return [*found, F("pk").asc()]
