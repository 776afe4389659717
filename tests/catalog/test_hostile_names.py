"""Whatever people call things, it stays text: on every page, in every answer of the API, in documents, mails, exports.

The pages and addresses are those of the matrices of permissions, which name them all.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import rdflib
from django.core import mail
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from rest_framework.test import APIClient

from catalog.services.membership.invitations import send_invitations
from catalog.services.notifying.notices import send_due
from tests.catalog import test_page_access, test_permission_matrix
from tests.fixtures.hostile import hostile, make_hostile
from tests.fixtures.people import Cast, make_cast

pytestmark = pytest.mark.django_db
World = tuple[Cast, dict[str, object]]
MARK = "&lt;script&gt;alert(1)"


@pytest.fixture(scope="module")
def world(module_db, django_db_blocker) -> World:
    with django_db_blocker.unblock():
        cast = make_cast()
        return cast, make_hostile(cast)


class Markup(HTMLParser):
    """What a browser would run of a page, or would ask of another site."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        for name, value in attrs:
            bad = (value or "").strip().lower().startswith("javascript:") and name in {"href", "src", "action"}
            if name.startswith("on") or bad or (tag in {"img", "svg"} and (name, value) == ("src", "x")):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, _tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        # A script of data (JSON-LD) may hold the words, and ends where the page says.
        if self._in_script and "alert(" in data and not data.lstrip().startswith("{"):
            self.found.append(data[:100])


def complaint(response: HttpResponseBase) -> str:
    """What is wrong with an answer, whatever its kind; "" when nothing is."""
    if response.status_code >= 500 and response.status_code != 503:
        return str(response.status_code)
    kind = response.get("Content-Type", "").partition(";")[0]
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    if response.get("X-Content-Type-Options") != "nosniff" and response.status_code != 302:
        return "a browser may guess its type"
    if "\n" in response.get("Content-Disposition", ""):
        return "a header of two lines"
    return _unreadable(kind, body)


def _unreadable(kind: str, body: bytes) -> str:
    try:
        if kind == "text/html":
            return "; ".join(Markup(body.decode()).found)
        if kind.endswith(("json", "ld+json")):
            json.loads(body)
        elif kind in {"text/turtle", "application/rdf+xml", "application/n-triples"}:
            rdflib.Graph().parse(data=body, format=kind)
        elif kind.endswith("xml"):
            ET.fromstring(body)  # noqa: S314 -- our own answer
        elif kind == "text/csv":
            lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
            return "" if len({len(line) for line in lines}) <= 1 else "lines of different lengths"
    except (ValueError, SyntaxError) as error:
        return f"{kind}: {error!r}"
    return ""


def client_of(cast: Cast, person: str, kind: type[Client] = Client) -> Client:
    client = kind(raise_request_exception=False)
    if person != "anonymous":
        client.force_login(cast.named(person).user)
    return client


def kept(ask: Any, *arguments: Any, **options: Any) -> HttpResponseBase:
    """The answer; what the request wrote is taken back."""
    with transaction.atomic():
        response = ask(*arguments, **options)
        if response.streaming:
            response.streaming_content = list(response.streaming_content)
        transaction.set_rollback(True)
    return response


def pages(names: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Who looks at which page: the owner at every one, others at what is theirs or looks different for them.

    The tabs of a dataset also for 400 columns without a row, and for nothing but missing values.
    """
    paths = [row.path.format(**names) for row in test_page_access.ROWS if row.body is None]
    for path in dict.fromkeys(paths):
        yield ("steward" if path.startswith("/review/") else "owner"), path
        if path.startswith(("/institute/open/v/1.0.0/", "/institute/closed/access/")) or path == "/":
            yield "anonymous", path
    for tab in ("", *(f"{tab}/" for tab in ("data", "data/sql", "schema", "quality", "report", "use", "versions"))):
        yield "owner", f"/institute/wide/{tab}"
        yield "owner", f"/institute/nulls/{tab}"


def test_every_page_shows_hostile_names_as_text(world: World) -> None:
    cast, names = world
    clients = {person: client_of(cast, person) for person in ("owner", "steward", "anonymous")}
    off, told = {}, 0
    for person, path in pages(names):
        response = kept(clients[person].get, path)
        if wrong := complaint(response):
            off[f"{person} {path}"] = wrong
        told += MARK.encode() in getattr(response, "content", b"")
    assert off == {}
    assert told > 100, "the pages show the names"


def test_every_form_is_shown_again_with_hostile_words_as_text(world: World) -> None:
    cast, names = world
    clients = {person: client_of(cast, person) for person in ("owner", "steward")}
    off = {}
    for row in test_page_access.ROWS:
        client = clients["steward" if row.path.startswith("/review/") else "owner"]
        for body in (dict.fromkeys(row.body or (), hostile()), {**(row.body or {}), **_worst(row.body or {})}):
            if row.body and (wrong := complaint(kept(client.post, row.path.format(**names), body))):
                off[f"{row.path} {body}"] = wrong
    assert off == {}


def _worst(body: dict[str, str]) -> dict[str, str]:
    """The words of a form, as long as nobody would write them; what chooses stays, so that the form is understood."""
    words = {"title", "text", "reason", "name", "value", "purpose", "description", "username", "q", "url", "note"}
    return {name: hostile(300) for name in body.keys() & words}


def test_every_answer_of_the_api_can_be_read(world: World) -> None:
    cast, names = world
    client, off = client_of(cast, "owner", APIClient), {}
    for row in test_permission_matrix.ROWS:
        path = row.path.format(**names)
        others = [path.replace("/open", f"/{other}") for other in ("wide", "nulls") if "/open/v" in path]
        for address in [path, *others] if row.method == "get" else ():
            if wrong := complaint(kept(client.get, address)):
                off[address] = wrong
    assert off == {}


def test_no_hostile_body_breaks_the_api(world: World) -> None:
    cast, names = world
    client, off = client_of(cast, "owner", APIClient), {}
    for row in test_permission_matrix.ROWS:
        if row.method != "get" and row.body:
            body = {name: hostile(300) for name in row.body}
            response = kept(getattr(client, row.method), row.path.format(**names), body, format="json")
            if wrong := complaint(response):
                off[f"{row.method} {row.path}"] = wrong
    assert off == {}


def test_mails_hold_hostile_names_as_text(world: World) -> None:
    """In one line of the subject, without markup in the HTML; nobody is added to the addressees."""
    assert send_due() > 5
    assert send_invitations() == 1
    wrong = {}
    for letter in mail.outbox:
        [(html, _)] = letter.alternatives
        sent = letter.message()
        if found := Markup(html).found or "\n" in letter.subject or letter.recipients() != [sent["To"]]:
            wrong[letter.subject] = found
    assert wrong == {}
    assert any(MARK in letter.alternatives[0][0] for letter in mail.outbox)
