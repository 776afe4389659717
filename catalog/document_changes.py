"""What became of a version's documents on the way to another version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from catalog.models import Document
from catalog.numbering import document_changes


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What became of a document between two versions; ``before`` and ``after`` are None where there was none."""

    change: Literal["added", "changed", "removed"]
    name: str
    before: Document | None
    after: Document | None


def changed_documents(old: Iterable[Document], new: Iterable[Document]) -> list[DocumentChange]:
    """Documents that were added, changed (by their bytes) or removed."""
    before, after = ({item.name: item for item in items} for items in (old, new))
    hashes = ({name: item.sha256 for name, item in items.items()} for items in (before, after))
    words: Mapping[str, Literal["added", "changed", "removed"]] = {
        "document-added": "added",
        "document-changed": "changed",
        "document-removed": "removed",
    }
    return [
        DocumentChange(words[code], name, before.get(name), after.get(name)) for code, name in document_changes(*hashes)
    ]
