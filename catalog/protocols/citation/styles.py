"""A version cited in a text, in the styles that journals ask for most. Pure functions of an entry.

Who is named is one text (the owner's credit line, else the publisher), so that no name is taken apart by guess. The
patterns: APA 7th edition, section 10.9; Chicago Manual of Style 17, 14.257; MLA 9; Harvard (Cite Them Right 12);
GB/T 7714-2015, 8.1, document type [DS/OL]; DataCite's recommended citation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal, get_args

from django.utils import timezone

from catalog.protocols.entry import Entry

Style = Literal["apa", "chicago", "mla", "harvard", "gb-t-7714", "datacite"]
STYLES: tuple[Style, ...] = get_args(Style)
NAMES: Mapping[Style, str] = {
    "apa": "APA",
    "chicago": "Chicago",
    "mla": "MLA",
    "harvard": "Harvard",
    "gb-t-7714": "GB/T 7714",
    "datacite": "DataCite",
}
_MONTHS = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")


def cited(entry: Entry, style: Style, *, today: date | None = None) -> str:
    """One line. ``today`` is the day on which it is cited, which some styles name."""
    return _STYLES[style](entry, today or timezone.now().date())


def address(entry: Entry) -> str:
    """What is cited: the page of the version, which goes on resolving."""
    return entry.version_page(entry.version.number)


def _closed(text: str) -> str:
    """The text with a full stop, unless it ends a sentence already."""
    return text if text.endswith((".", "?", "!", "。", "？", "！")) else f"{text}."


def _publisher(entry: Entry) -> str:
    """The publisher, where it is not the one who is named first."""
    return "" if entry.publisher == entry.creator else entry.publisher


def _withdrawn(entry: Entry) -> str:
    return "" if entry.version.withdrawn_at is None else " [Withdrawn]"


def apa_line(
    *, creator: str, publisher: str, year: int, title: str, number: str, page: str, withdrawn: bool = False
) -> str:
    """The line that stands wherever one style is enough. The publisher is named where it is not the creator."""
    by = f" {_closed(publisher)}" if publisher != creator else ""
    end = " [Withdrawn]" if withdrawn else ""
    return f"{_closed(creator)} ({year}). {title} (Version {number}) [Data set]{end}.{by} {page}"


def _apa(entry: Entry, _today: date) -> str:
    return apa_line(
        creator=entry.creator,
        publisher=entry.publisher,
        year=entry.version.published_at.year,
        title=entry.title,
        number=entry.version.number,
        page=address(entry),
        withdrawn=entry.version.withdrawn_at is not None,
    )


def _chicago(entry: Entry, _today: date) -> str:
    published = entry.version.published_at
    publisher = f" {_closed(_publisher(entry))}" if _publisher(entry) else ""
    return (
        f"{_closed(entry.creator)} {published.year}. “{_closed(entry.title)}” Version {entry.version.number}."
        f"{publisher} Data set{_withdrawn(entry)}, published {published:%B} {published.day}, {published.year}. "
        f"{address(entry)}."
    )


def _mla(entry: Entry, today: date) -> str:
    published = entry.version.published_at
    publisher = f"{_publisher(entry)}, " if _publisher(entry) else ""
    return (
        f"{_closed(entry.creator)} {entry.title}. Version {entry.version.number}, {publisher}"
        f"{published.day} {_MONTHS[published.month - 1]} {published.year}, {address(entry).removeprefix('https://')}. "
        f"Data set{_withdrawn(entry)}. Accessed {today.day} {_MONTHS[today.month - 1]} {today.year}."
    )


def _harvard(entry: Entry, today: date) -> str:
    publisher = f" {_closed(_publisher(entry))}" if _publisher(entry) else ""
    return (
        f"{entry.creator} ({entry.version.published_at.year}) {entry.title}, version {entry.version.number} "
        f"[Dataset]{_withdrawn(entry)}.{publisher} Available at: {address(entry)} "
        f"(Accessed: {today.day} {today:%B} {today.year})."
    )


def _gb_t_7714(entry: Entry, today: date) -> str:
    version = entry.version
    publisher = f"{_publisher(entry)}, " if _publisher(entry) else ""
    return (
        f"{_closed(entry.creator)} {entry.title}: {version.number}[DS/OL]{_withdrawn(entry)}. "
        f"{publisher}{version.published_at.year}({version.published_at:%Y-%m-%d})[{today:%Y-%m-%d}]. {address(entry)}."
    )


def _datacite(entry: Entry, _today: date) -> str:
    return (
        f"{entry.creator} ({entry.version.published_at.year}): {entry.title}. Version {entry.version.number}. "
        f"{_closed(entry.publisher)} Dataset{_withdrawn(entry)}. {address(entry)}"
    )


_STYLES: Mapping[Style, Callable[[Entry, date], str]] = {
    "apa": _apa,
    "chicago": _chicago,
    "mla": _mla,
    "harvard": _harvard,
    "gb-t-7714": _gb_t_7714,
    "datacite": _datacite,
}
