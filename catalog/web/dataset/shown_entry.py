"""The version on a page as other systems are told of it, and as it is cited (catalog/protocols)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from catalog.errors import Unavailable
from catalog.models import Dataset, Document, Resource, Version
from catalog.models.version import PUBLIC_STATES
from catalog.protocols.entries import Words, entry_from, frozen_words, words_of
from catalog.protocols.entry import Entry
from catalog.storage import ObjectMissing

_PUBLICATION = timedelta(minutes=1)
"""Longer than publishing takes, which itself changes the dataset's row."""


def shown_entry(
    dataset: Dataset,
    version: Version | None,
    versions: Sequence[Version],
    resources: Sequence[Resource],
    documents: Sequence[Document],
) -> Entry | None:
    """None for what was never published. ``versions`` are those that the reader sees, newest first."""
    if version is None or version.state not in PUBLIC_STATES:
        return None
    # The newest that was never published is a draft.
    published = [item for item in reversed(versions) if item.state in PUBLIC_STATES]
    return entry_from(dataset, version, published, list(resources), documents, _words(dataset, version))


def _words(dataset: Dataset, version: Version) -> Words:
    """The words that the version was published with; those of now where nobody has changed them since.

    The manifest is asked for only if they may differ: a page is shown also while the store does not answer.
    """
    now = words_of(dataset)
    published = version.published_at
    is_latest = version.pk == dataset.latest_id
    if published is None or (is_latest and dataset.modified <= published + _PUBLICATION):
        return now
    try:
        return frozen_words(dataset.pk, version.number or "", version.manifest_sha256)
    except (ObjectMissing, Unavailable):
        return now
