"""What a dataset's page says to machines, and how the version on it is cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from catalog.protocols.citation.styles import NAMES, STYLES, Style, cited
from catalog.protocols.signposting.links import Link, header, links_of
from catalog.web.dataset.head import Head


@dataclass(frozen=True, slots=True)
class Citation:
    """The version cited in one style; ``key`` is the style's in the API."""

    key: Style
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Signposts:
    """The typed links of the page and the citations of its version; all empty while nothing is published."""

    links: Sequence[Link] = ()
    citations: Sequence[Citation] = ()

    def put_into(self, response: HttpResponse) -> HttpResponse:
        """The response with the links in its header."""
        patch_vary_headers(response, ["Accept"])
        if self.links:
            response.headers["Link"] = header(self.links)
        return response


def signposts_of(head: Head, *, of_version: bool) -> Signposts:
    """``of_version`` says that the address names the version; else it is the dataset's."""
    entry = head.entry
    if entry is None:
        return Signposts()
    citations = [Citation(style, NAMES[style], cited(entry, style)) for style in STYLES]
    return Signposts(links_of(entry, of_version=of_version), citations)
