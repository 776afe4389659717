"""The documents of ``docs/`` as pages of the site: the ``type`` of every problem leads here (``/docs/errors#code``).

The text is ours, so it keeps what a description of a stranger may not have: anchors of headings, and links within
the site. Images are for the repository's front page and are not shown here.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.web.frame.refusals import page

FOLDER = Path(__file__).resolve().parents[3] / "docs"
PAGES = (
    "index",
    "owners",
    "stewards",
    "researchers",
    "operators",
    "api",
    "errors",
    "findings",
    "formats",
    "fingerprint",
    "harvesting",
    "performance",
)
"""In the order of the menu. Only these are served: a name from the address never becomes a path."""


@dataclass(frozen=True, slots=True)
class Document:
    """``title`` is the text of the first heading; ``html`` begins with it."""

    name: str
    title: str
    html: SafeString


@page
def docs(request: HttpRequest, _actor: Actor, name: str = "index") -> HttpResponse:
    """One document, with the menu of all. Raises NotFound where there is none of that name."""
    if name not in PAGES:
        raise NotFound(
            gettext("There is no document of this name."), remedy=gettext("The list of documents is at /docs/.")
        )
    menu = [read_document(item) for item in PAGES]
    return render(request, "catalog/docs.html", {"nav": "docs", "document": read_document(name), "menu": menu})


@functools.cache
def read_document(name: str) -> Document:
    """The document as HTML; read once, for it comes with the code. Raises NotFound where this copy has no documents."""
    try:
        text = (FOLDER / f"{name}.md").read_text("utf-8")
    except FileNotFoundError:
        raise NotFound(gettext("This copy of the software came without its documents.")) from None
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table"])
    tokens = parser.parse(text)
    titles = _anchor_headings(tokens)
    for token in tokens:
        _rewrite_links(token.children or ())
    html = parser.renderer.render(tokens, parser.options, {})
    return Document(name, titles[0] if titles else name, mark_safe(html))  # noqa: S308 -- our own text, no HTML in it.


def anchor_of(heading: str) -> str:
    """The anchor that code hosts give a heading, so that one link serves both: small letters, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _anchor_headings(tokens: Sequence[Token]) -> list[str]:
    """Give each heading its ``id``; returns their texts."""
    titles = []
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            title = "".join(child.content for child in inline.children or ())
            opening.attrSet("id", anchor_of(title))
            titles.append(title)
    return titles


def _rewrite_links(children: Sequence[Token]) -> None:
    """``owners.md#rules`` becomes the address of that page here."""
    for token in children:
        target = str(token.attrGet("href") or "")
        file, _, anchor = target.partition("#")
        if token.type == "link_open" and file.endswith(".md") and "/" not in file:
            url = address_of(file.removesuffix(".md"))
            token.attrSet("href", f"{url}#{anchor}" if anchor else url)


def address_of(name: str) -> str:
    return reverse("catalog:docs") if name == "index" else reverse("catalog:docs_page", kwargs={"name": name})
