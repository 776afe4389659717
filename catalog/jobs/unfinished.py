"""Uploads that wait for the rest of their bytes, as the core's page of one's work shows them. ``ingest`` keeps them.

The arrow points down (architecture, "Layers"): ``ingest`` hands its finder over when the site starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalog.actor import Actor
from catalog.models import Dataset


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """``size`` in bytes, of the whole file; ``ends`` is when what arrived is thrown away."""

    filename: str
    dataset: Dataset
    size: int
    begun: datetime
    ends: datetime | None


Finder = Callable[[Actor], list[UnfinishedUpload]]
_finders: list[Finder] = []


def register_finder(finder: Finder) -> None:
    """Take what finds an actor's unfinished uploads, newest first."""
    _finders[:] = [finder]


def unfinished_uploads(actor: Actor) -> list[UnfinishedUpload]:
    """The actor's own; none on a site that takes no uploads."""
    return _finders[0](actor) if _finders else []
