"""The words about a dataset that changed: title, description, licence, keywords, and the others of the manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

Piece = Literal["same", "removed", "added"]

NAMES = (
    "title",
    "description",
    "methods",
    "known_limits",
    "license",
    "attribution",
    "keywords",
    "contact",
    "publisher",
    "access",
    "note",
)
# A comparison of words takes their product in the worst case; beyond, the two texts stand as a whole.
WORDS_LIMIT = 1_500
# Chinese, Japanese and Korean have no spaces: there each sign is a word.
_WORD = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|\s+|[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+")


@dataclass(frozen=True, slots=True)
class WordChange:
    """``pieces`` are (same | removed | added, text): put together, the newer text without the removed ones.

    Lists (keywords) and objects (contact) have no pieces.
    """

    name: str
    before: Any
    after: Any
    pieces: tuple[tuple[Piece, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "pieces": [list(piece) for piece in self.pieces],
        }


def compare_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[WordChange, ...]:
    """What two descriptions (the manifests', or such as a manifest would have) say differently."""
    return tuple(
        WordChange(name, before.get(name), after.get(name), _pieces(before.get(name), after.get(name)))
        for name in NAMES
        if (before.get(name) or None) != (after.get(name) or None)
    )


def _pieces(before: Any, after: Any) -> tuple[tuple[Piece, str], ...]:
    if not isinstance(before, str) or not isinstance(after, str):
        return ()
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) > WORDS_LIMIT or len(new) > WORDS_LIMIT:
        return _joined([("removed", before), ("added", after)])
    found: list[tuple[Piece, str]] = []
    for change, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            found.append(("same", "".join(new[j1:j2])))
        else:
            found += [("removed", "".join(old[i1:i2])), ("added", "".join(new[j1:j2]))]
    return _joined(found)


def _joined(pieces: Sequence[tuple[Piece, str]]) -> tuple[tuple[Piece, str], ...]:
    return tuple((kind, text) for kind, text in pieces if text)
