"""The first cells that a step changed: what stood there, what stands there now, and in which row.

They are kept while the step is at work, for afterwards nobody could tell: the original may be too large to be read
again for a look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

MOST = 50
"""So many cells of a change are shown."""
FEWEST = 5
MOST_OF_A_TABLE = 2_000
LONGEST = 200
"""Longer texts are cut: a cell may hold a book."""

Place = Callable[[int], tuple[int | None, int | None]]
"""For the number of a row among all of the original, from 0: the row in the table, from 1, and the physical line in the
original; None for a row that is not in the table, and for a line that is not known."""


def most_of_each(changes: int) -> int:
    """How many cells are kept of each change of a table that has so many."""
    return min(MOST, max(FEWEST, MOST_OF_A_TABLE // max(changes, 1)))


class Changed:
    """At most ``most`` cells, in the order of the rows."""

    def __init__(self, most: int = MOST) -> None:
        self._cells: list[tuple[int, str, str | None]] = []
        self._most = most

    @property
    def room(self) -> int:
        """How many more are wanted."""
        return self._most - len(self._cells)

    @property
    def numbers(self) -> list[int]:
        """The cells' rows by their numbers among all of the original."""
        return [number for number, *_ in self._cells]

    def add(self, numbers: Iterable[int], before: Iterable[Any], after: Iterable[Any]) -> None:
        """Cells by the numbers of their rows among all of the original, from 0, with what stood and what stands."""
        for number, old, new in zip(numbers, before, after, strict=True):
            if not self.room:
                return
            self._cells.append((int(number), written(old) or "", written(new)))

    def told(self, place: Place) -> list[list[Any]]:
        """``[row, line, before, after]`` for each cell; ``after`` is None where the cell has no value any more."""
        return [[*place(number), old, new] for number, old, new in self._cells]


def written(value: Any) -> str | None:
    """A value as a person would write it, cut where it is very long; the pieces of a list with bars between them."""
    if value is None:
        return None
    if isinstance(value, list):
        return written(" | ".join(written(item) or "" for item in value))
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if isinstance(value, float):
        text = text.removesuffix(".0")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
