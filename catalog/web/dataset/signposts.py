"""What a dataset's page says to machines, and how the version on it is cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from catalog.errors import Unavailable
from catalog.models import Version
from catalog.models.version import PUBLIC_STATES
from catalog.protocols.citation.styles import NAMES, STYLES, Style, cited
from catalog.protocols.entries import Words, entry_from, frozen_words, words_of
from catalog.protocols.entry import Entry
from catalog.protocols.signposting.links import Link, header, links_of
from catalog.storage import ObjectMissing
from catalog.web.dataset.head import Head

_PUBLICATION = timedelta(minutes=1)
"""Longer than publishing takes, which itself changes the dataset's row."""


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
    entry = _entry(head)
    if entry is None:
        return Signposts()
    citations = [Citation(style, NAMES[style], cited(entry, style)) for style in STYLES]
    return Signposts(links_of(entry, of_version=of_version), citations)


def _entry(head: Head) -> Entry | None:
    version = head.version
    if version is None or version.state not in PUBLIC_STATES:
        return None
    # Newest first on the page; the newest that was never published is a draft.
    versions = [item for item in reversed(head.versions) if item.state in PUBLIC_STATES]
    return entry_from(head.dataset, version, versions, head.resources, _words(head, version))


def _words(head: Head, version: Version) -> Words:
    """The words that the version was published with; those of now where nobody has changed them since.

    The manifest is asked for only if they may differ: a page is shown also while the store does not answer.
    """
    now = words_of(head.dataset)
    published = version.published_at
    if published is None or (head.is_latest and head.dataset.modified <= published + _PUBLICATION):
        return now
    try:
        return frozen_words(head.dataset.pk, version.number or "", version.manifest_sha256)
    except (ObjectMissing, Unavailable):
        return now
