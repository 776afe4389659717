"""The documents of ``docs/`` as pages of the site: the ``type`` of every problem leads here (``/docs/errors#code``).

A document that was translated (``docs/zh-hans/owners.md``) is shown to whoever reads that language, under the same
address. It has the same parts as the English one, so that its headings have the same anchors.

The text is ours, so it keeps what a description of a stranger may not have: anchors of headings, and links within
the site. Images are for the repository's front page and are not shown here.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
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
ENGLISH = "en"
TRANSLATED: Mapping[str, tuple[str, ...]] = {
    "zh-hans": ("index", "owners", "stewards", "researchers", "errors", "findings", "formats"),
}
"""What people look up while they work; those who run a site or write programs read English."""


@dataclass(frozen=True, slots=True)
class Document:
    """``title`` is the text of the first heading; ``html`` begins with it; ``language`` is that of both."""

    name: str
    language: str
    title: str
    html: SafeString


@page
def docs(request: HttpRequest, _actor: Actor, name: str = "index") -> HttpResponse:
    """One document, with the menu of all. Raises NotFound where there is none of that name."""
    if name not in PAGES:
        raise NotFound(
            gettext("There is no document of this name."), remedy=gettext("The list of documents is at /docs/.")
        )
    language = get_language() or ENGLISH
    menu = [read_document(item, language) for item in PAGES]
    return render(
        request, "catalog/docs.html", {"nav": "docs", "document": read_document(name, language), "menu": menu}
    )


@functools.cache
def read_document(name: str, language: str = ENGLISH) -> Document:
    """The document as HTML, in English where nobody has translated it; read once, for it comes with the code.

    Raises NotFound where this copy has no documents.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table"])
    tokens = parser.parse(_text_of(f"{name}.md"))
    anchors = [anchor_of(heading) for heading in _headings(tokens)]
    if name in TRANSLATED.get(language, ()):
        tokens = parser.parse(_text_of(f"{language}/{name}.md"))
    else:
        language = ENGLISH
    titles = _headings(tokens)
    openings = (token for token in tokens if token.type == "heading_open")
    for opening, anchor in zip(openings, anchors, strict=True):
        opening.attrSet("id", anchor)
    for token in tokens:
        _rewrite_links(token.children or ())
    html = parser.renderer.render(tokens, parser.options, {})
    title = titles[0] if titles else name
    return Document(name, language, title, mark_safe(html))  # noqa: S308 -- our own text, no HTML in it.


def _text_of(file: str) -> str:
    try:
        return (FOLDER / file).read_text("utf-8")
    except FileNotFoundError:
        raise NotFound(gettext("This copy of the software came without its documents.")) from None


def anchor_of(heading: str) -> str:
    """The anchor that code hosts give a heading, so that one link serves both: small letters, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _headings(tokens: Iterable[Token]) -> list[str]:
    """The headings' texts, in order."""
    return [
        "".join(child.content for child in inline.children or ())
        for opening, inline in itertools.pairwise(tokens)
        if opening.type == "heading_open"
    ]


def _rewrite_links(children: Sequence[Token]) -> None:
    """``owners.md#rules``, or ``../owners.md#rules`` in a translation, becomes the address of that page here."""
    for token in children:
        target = str(token.attrGet("href") or "").removeprefix("../")
        file, _, anchor = target.partition("#")
        name = file.removesuffix(".md")
        if token.type == "link_open" and file.endswith(".md") and name in PAGES:
            url = address_of(name)
            token.attrSet("href", f"{url}#{anchor}" if anchor else url)


def address_of(name: str) -> str:
    return reverse("catalog:docs") if name == "index" else reverse("catalog:docs_page", kwargs={"name": name})
