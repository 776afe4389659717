"""A cleaning step at work: begun on a table's columns, once a pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property, singledispatch
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from catalog.findings import Finding
from ingest.recipes.changed import MOST, Changed
from ingest.recipes.cleaning.column import Column, Rows
from ingest.recipes.vocabulary import Step

EXAMPLES = 5


class DoesNotFitError(Exception):
    """The step names a column that the table does not have, or can't be taken to it: ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Run(ABC):
    """A step at work. ``columns`` are those after it; ``count`` what it has changed so far.

    ``changed`` are the first ``most`` cells of it, of a step that changes cells or takes out rows.
    """

    columns: tuple[Column, ...]
    count: int = 0
    most: int = MOST

    @cached_property
    def changed(self) -> Changed:
        return Changed(self.most)

    @abstractmethod
    def apply(self, rows: Rows) -> Rows:
        """The batch after the step."""

    def told(self) -> dict[str, Any]:
        """What is written beside the step in the recipe of the table that it made."""
        return {"count": self.count}

    def finish(self) -> tuple[Finding, ...]:
        """Findings that only the end of the table shows."""
        return ()


@singledispatch
def begin(step: Step, columns: tuple[Column, ...]) -> Run:
    """A run of the step over the batches of one pass. Raises DoesNotFitError.

    The modules beside this one register how each kind of step is done.
    """
    raise NotImplementedError(type(step).__name__)


def place_of(name: str, columns: Sequence[Column]) -> int:
    """Where the column stands. Raises DoesNotFitError."""
    for place, column in enumerate(columns):
        if column.name.name == name:
            return place
    raise DoesNotFitError(f"there is no column {name}")


def text_place(name: str, columns: Sequence[Column]) -> int:
    """Where the column stands, if it is one of text. Raises DoesNotFitError."""
    place = place_of(name, columns)
    if not columns[place].is_text:
        raise DoesNotFitError(f"the column {name} is no text")
    return place


def as_text(cells: Any) -> Any:
    """A column's cells as strings, as a person would write them."""
    return cells if pa.types.is_string(cells.type) else pc.cast(cells, pa.string())
