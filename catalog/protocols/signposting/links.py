"""Where a machine goes from a dataset's page: FAIR Signposting (https://signposting.org/FAIR/), levels 1 and 2.

Level 1 are typed links in the header of the page; level 2 is the same as a linkset (RFC 9264), which has every file.
Pure functions of an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.protocols.dcat.writers import OFFERS as RDF
from catalog.protocols.entry import Entry

ITEMS_IN_HEADER = 20
"""Files that a header names; with more the linkset is the place, since servers limit the size of headers."""

_BIB = "application/x-bibtex"
_CSL = "application/vnd.citationstyles.csl+json"
_RIS = "application/x-research-info-systems"
_DATACITE = "application/vnd.datacite.datacite"


@dataclass(frozen=True, slots=True)
class Link:
    """One typed link. ``type`` is the media type of what is there, where it has one."""

    rel: str
    href: str
    type: str = ""
    title: str = ""

    @property
    def is_description(self) -> bool:
        return self.rel == "describedby"


def links_of(entry: Entry, *, of_version: bool) -> list[Link]:
    """The links of the page of the dataset, or of the page of the version that the entry has.

    Both cite the version: it is what stays the same.
    """
    version = entry.version
    page = entry.version_page(version.number)
    found = [
        Link("cite-as", page),
        Link("type", "https://schema.org/Dataset"),
        Link("type", "https://schema.org/AboutPage"),
    ]
    if entry.license is not None:
        found.append(Link("license", entry.license.url))
    found += descriptions(entry, of_version=of_version)
    if not of_version:
        found.append(Link("latest-version", page))
    if version.previous:
        found.append(Link("predecessor-version", entry.version_page(version.previous)))
    if version.newer:
        found.append(Link("successor-version", entry.version_page(version.newer)))
    found.append(Link("version-history", f"{entry.page}versions/", "text/html"))
    found.append(Link("linkset", f"{entry.version_api(version.number)}/linkset.json", "application/linkset+json"))
    # What not everybody may have is not offered to everybody's machine; the page says how to be given access.
    if entry.is_open:
        found += [Link("item", file.url, file.media_type) for file in (*version.files, *version.documents)]
    return found


def descriptions(entry: Entry, *, of_version: bool) -> list[Link]:
    """The page's content in other formats."""
    version = entry.version_api(entry.version.number)
    dcat = f"{version if of_version else entry.api}/dcat"
    return [
        *(Link("describedby", f"{dcat}.{offer.name}", offer.media_type, f"DCAT-AP, {offer.name}") for offer in RDF),
        Link("describedby", f"{version}/datacite.json", f"{_DATACITE}+json", "DataCite JSON"),
        Link("describedby", f"{version}/datacite.xml", f"{_DATACITE}+xml", "DataCite XML"),
        Link("describedby", f"{version}/citation?format=bibtex", _BIB, "BibTeX"),
        Link("describedby", f"{version}/citation?format=ris", _RIS, "RIS"),
        Link("describedby", f"{version}/citation?format=csl-json", _CSL, "CSL-JSON"),
    ]


def header(links: Sequence[Link]) -> str:
    """The value of the header ``Link`` (RFC 8288); of many files the first."""
    items = [link for link in links if link.rel == "item"]
    shown = set(items[:ITEMS_IN_HEADER])
    return ", ".join(_field(link) for link in links if link.rel != "item" or link in shown)


def _field(link: Link) -> str:
    return f'<{link.href}>; rel="{link.rel}"' + (f'; type="{link.type}"' if link.type else "")


def linkset(entry: Entry) -> dict[str, Any]:
    """The links of the version's page, and from each file and description back to it."""
    page = entry.version_page(entry.version.number)
    links = links_of(entry, of_version=True)
    back = [_context(link.href, [Link("collection", page, "text/html")]) for link in links if link.rel == "item"]
    described = [_context(link.href, [Link("describes", page, "text/html")]) for link in links if link.is_description]
    own = [link for link in links if link.rel != "linkset"]
    return {"linkset": [_context(page, own), *back, *described]}


def _context(anchor: str, links: Iterable[Link]) -> Mapping[str, Any]:
    found: dict[str, Any] = {"anchor": anchor}
    for link in links:
        found.setdefault(link.rel, []).append({"href": link.href, **({"type": link.type} if link.type else {})})
    return found
