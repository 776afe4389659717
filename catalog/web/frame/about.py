"""What this site is, and the licences of the software and fonts that it sends to browsers."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Bundled:
    name: str
    license: str
    url: str


BUNDLED = (
    Bundled("htmx 2.0.11", "0BSD", "https://htmx.org"),
    Bundled("@noble/hashes 2.4.0", "MIT", "https://paulmillr.com/noble/"),
    Bundled("hyparquet 1.31.5", "MIT", "https://github.com/hyparam/hyparquet"),
    Bundled("squirreling 0.12.11", "MIT", "https://github.com/hyparam/squirreling"),
    Bundled("fzstd 0.1.1", "MIT", "https://github.com/101arrowz/fzstd"),
    Bundled("Source Serif 4", "OFL-1.1", "https://github.com/adobe-fonts/source-serif"),
    Bundled("IBM Plex Sans, IBM Plex Mono", "OFL-1.1", "https://github.com/IBM/plex"),
)


def about(request: HttpRequest) -> HttpResponse:
    """A page of words."""
    return render(request, "catalog/about.html", {"bundled": BUNDLED})
