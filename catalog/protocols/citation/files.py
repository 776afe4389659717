"""A version's citation as files of reference managers: BibTeX, RIS, CSL-JSON. Pure functions of an entry.

A file holds no day of today, so that it is the same tomorrow.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from catalog.protocols.citation.styles import address
from catalog.protocols.entry import Entry

# BibTeX counts braces even behind a backslash, so that \{ alone would end the file early.
_TEX: Mapping[str, str] = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_LINES = re.compile(r"\s+")


def one_line(text: str) -> str:
    """The text in one line without control characters: these formats are read line by line."""
    return _LINES.sub(" ", "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)).strip()


def tex(text: str) -> str:
    """The text with what TeX would act upon escaped; other scripts stay as they are (UTF-8, biber and BibTeX)."""
    return "".join(_TEX.get(char, char) for char in one_line(text))


def bibtex(entry: Entry) -> str:
    """One entry ``@dataset``, which BibLaTeX knows and BibTeX reads as ``@misc``.

    Author and title stand in double braces: names are not taken apart, capitals stay.
    """
    version = entry.version
    fields: dict[str, str] = {
        "author": f"{{{tex(entry.creator)}}}",
        "title": f"{{{tex(entry.title)}}}",
        "year": str(version.published_at.year),
        "month": f"{version.published_at:%m}",
        "date": f"{version.published_at:%Y-%m-%d}",
        "version": version.number,
        "publisher": f"{{{tex(entry.publisher)}}}",
        "type": "Data set",
        # A URL is not text: \url and hyperref want it as it is, and our addresses hold no brace.
        "url": address(entry),
    }
    if entry.license is not None:
        fields["note"] = tex(f"Licence: {entry.license.id}")
    if entry.keywords:
        fields["keywords"] = tex(", ".join(entry.keywords))
    if version.withdrawn_at is not None:
        fields["addendum"] = tex(f"Withdrawn on {version.withdrawn_at:%Y-%m-%d}: {version.withdrawn_reason}")
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@dataset{{{_key(entry)},\n{lines}\n}}\n"


def _key(entry: Entry) -> str:
    """A key that is the same for the same version, of letters, digits, hyphens and a colon."""
    return f"{entry.owner}:{entry.slug}-{entry.version.number.replace('.', '-')}"


def ris(entry: Entry) -> str:
    """One reference of the type DATA; lines end with CR LF, as the format asks."""
    version = entry.version
    lines = [
        ("TY", "DATA"),
        ("AU", entry.creator),
        ("TI", entry.title),
        ("PY", str(version.published_at.year)),
        ("DA", f"{version.published_at:%Y/%m/%d/}"),
        ("ET", version.number),
        ("PB", entry.publisher),
        ("UR", address(entry)),
        ("AB", entry.summary),
        *(("KW", word) for word in entry.keywords),
        *([("C1", f"Licence: {entry.license.id}")] if entry.license else []),
        *([("N1", f"Withdrawn: {version.withdrawn_reason}")] if version.withdrawn_at else []),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {one_line(value)}\r\n" for tag, value in lines)


def csl_json(entry: Entry) -> list[dict[str, Any]]:
    """CSL-JSON 1.0.2, from which a CSL processor writes any of its styles; names are literal."""
    version = entry.version
    day = version.published_at
    item: dict[str, Any] = {
        "id": f"{entry.id}@{version.number}",
        "type": "dataset",
        "title": one_line(entry.title),
        "author": [{"literal": one_line(entry.creator)}],
        "publisher": one_line(entry.publisher),
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "version": version.number,
        "URL": address(entry),
        "abstract": entry.summary,
    }
    if entry.keywords:
        item["keyword"] = ", ".join(one_line(word) for word in entry.keywords)
    if entry.license is not None:
        item["license"] = entry.license.url
    if version.withdrawn_at is not None:
        item["status"] = "withdrawn"
        item["note"] = one_line(f"Withdrawn on {version.withdrawn_at:%Y-%m-%d}: {version.withdrawn_reason}")
    return [item]
