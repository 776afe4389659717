"""One meaning that a column's values may have, and how it is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ingest.columns.plan import Kind

TEXT: frozenset[Kind] = frozenset({"string"})
CODE: frozenset[Kind] = frozenset({"string", "integer"})
NUMBER: frozenset[Kind] = frozenset({"integer", "number", "decimal"})


@dataclass(frozen=True, slots=True)
class Semantic:
    """``code`` is the word in the schema, ``test`` the whole test of one value, its check digits too.

    ``pattern`` (RE2) or ``values`` are what the other cells are held against; neither for those that are told by
    their check digits alone. ``header`` are the column names by which it goes; without such a name a column needs
    at least ``least`` different values, and never gets it if that is None.
    """

    code: str
    test: Callable[[str], bool]
    kinds: frozenset[Kind] = TEXT
    pattern: str = ""
    values: Callable[[], Collection[str]] | None = None
    header: re.Pattern[str] | None = None
    least: int | None = 1

    def is_named(self, name: str) -> bool:
        return self.header is not None and self.header.search(name) is not None


def named(words: str) -> re.Pattern[str]:
    """A header with one of the words (alternatives of a regular expression), not inside of another word."""
    return re.compile(rf"(?:^|[^a-zà-ÿ])(?:{words})(?:$|[^a-zà-ÿ])", re.IGNORECASE)


def matching(pattern: str) -> Callable[[str], bool]:
    """The test that a pattern is."""
    compiled = re.compile(pattern)
    return lambda value: compiled.match(value) is not None
