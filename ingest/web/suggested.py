"""What the files themselves suggest for the description: taken by one click each, and never unasked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.models import Dataset, Resource
from catalog.web.frame.refusals import page_for_users
from ingest.web.draft import Draft, open_draft_of

MOST_KEYWORDS = 6
_WORD = re.compile(r"[^\W\d_]+")
_SEPARATORS = re.compile(r"[_\-\s]+")
_YEARS = re.compile(r"\b((?:19|20)\d\d) ((?:19|20)\d\d)\b")
_NAMES_OF_ANY_FILE = frozenset(
    {"data", "dataset", "download", "export", "final", "report", "table", "test", "untitled"}
)
_SHORTEST = 4
# What columns are called whatever they are about.
_EMPTY_WORDS = frozenset(
    {
        "code",
        "codes",
        "column",
        "comments",
        "count",
        "date",
        "datetime",
        "description",
        "flag",
        "from",
        "ident",
        "index",
        "label",
        "level",
        "mean",
        "name",
        "names",
        "note",
        "notes",
        "number",
        "other",
        "rate",
        "sample",
        "serial",
        "size",
        "status",
        "text",
        "time",
        "timestamp",
        "title",
        "total",
        "type",
        "unit",
        "units",
        "value",
        "values",
        "with",
        "year",
    }
)


@dataclass(frozen=True, slots=True)
class Suggested:
    """``value`` for the field of that id; ``is_added`` where it goes behind what stands there already."""

    field: str
    label: str
    value: str
    is_added: bool = False


@page_for_users
def suggested(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The fragment beside the description; asked for anew when a file is stored."""
    draft = open_draft_of(actor, owner, dataset)
    return render(request, "ingest/parts/suggested.html", {"draft": draft, "suggested": suggestions(draft, actor)})


def suggestions(draft: Draft, actor: Actor) -> list[Suggested]:
    """What is not said yet: a title, keywords of the columns, what the table covers, and whom to ask."""
    dataset = draft.dataset
    found = []
    tables = draft.tables
    # Several tables have no name in common.
    if len(tables) == 1 and (title := title_of(tables[0].original_filename, dataset.title)):
        found.append(Suggested("id_title", _("Title from the file’s name"), title))
    if words := _keywords(draft.tables, dataset):
        found.append(Suggested("id_keywords", _("Keywords from your columns"), ", ".join(words), is_added=True))
    sentences = [sentence for sentence in _coverage(draft.tables) if sentence not in dataset.description]
    label = _("For the description")
    found += [Suggested("id_description", label, sentence, is_added=True) for sentence in sentences]
    if actor.user is not None and draft.tables and not dataset.contact_name and not dataset.contact_email:
        found.append(Suggested("id_contact_name", _("Contact"), actor.user.shown_name))
        found.append(Suggested("id_contact_email", _("Contact’s e-mail"), actor.user.email))
    return found


def title_of(filename: str, title: str) -> str:
    """The file's name in words; empty where ``title`` has one of them already, or they are of any file."""
    words = " ".join(_SEPARATORS.sub(" ", filename.partition(".")[0]).split())
    told = [word.casefold() for word in _WORD.findall(words) if len(word) >= (_SHORTEST if word.isascii() else 2)]
    if not set(told) - _NAMES_OF_ANY_FILE or any(word in title.casefold() for word in told):
        return ""
    words = _YEARS.sub(r"\1–\2", words)
    return words[:1].upper() + words[1:]


def _keywords(tables: list[Resource], dataset: Dataset) -> list[str]:
    """Words of the columns' names as the file has them, in their order; in other scripts a word may be short."""
    known = {word.casefold() for word in dataset.keywords}
    found: dict[str, None] = {}
    fields = (field for table in tables for field in table.schema.get("fields", []))
    for field in fields:
        words = _WORD.findall(field.get("sourceName") or field["name"])
        for word in (item.casefold() for item in words):
            is_long = len(word) >= (_SHORTEST if word.isascii() else 2)
            if is_long and word not in _EMPTY_WORDS and word not in known:
                found[word] = None
    return list(found)[:MOST_KEYWORDS]


def _coverage(tables: list[Resource]) -> Iterator[str]:
    """The time and the place that the checked tables cover."""
    for table in tables:
        columns = {item["name"]: item for item in table.profile.get("columns", [])}
        for item in columns.values():
            first, last = str(item.get("min") or "")[:10], str(item.get("max") or "")[:10]
            if item.get("kind") == "time" and first and last and first != last:
                words = {"column": item["name"], "first": first, "last": last}
                yield _("Covers %(first)s to %(last)s (%(column)s).") % words
                break
        yield from _place(columns)


def _place(columns: dict[str, Any]) -> Iterator[str]:
    named = {name.casefold(): item for name, item in columns.items()}
    latitude = next((named[name] for name in ("latitude", "lat") if name in named), None)
    longitude = next((named[name] for name in ("longitude", "lon", "lng", "long") if name in named), None)
    if latitude is None or longitude is None:
        return
    bounds = [latitude.get("min"), latitude.get("max"), longitude.get("min"), longitude.get("max")]
    if all(isinstance(bound, int | float) for bound in bounds):
        south, north, west, east = (f"{bound:.2f}" for bound in bounds)
        words = {"south": south, "north": north, "west": west, "east": east}
        yield _("Lies between latitudes %(south)s and %(north)s and longitudes %(west)s and %(east)s.") % words
