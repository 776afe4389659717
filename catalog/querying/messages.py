"""What web and cell say to each other: JSON frames (catalog/sandbox/frames.py), and pieces of an answer behind them.

A piece is announced by ``{"piece": bytes}`` and follows as it is. The web asks ``{"read": text}``, ``{"write": names}``
and ``{"answer": Question}``; the cell says ``read``, ``written``, ``head``, pieces and ``end``, or what was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Format = Literal["json", "ndjson", "csv", "arrow", "parquet", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)
Shape = Literal["rows", "records"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table of the question: the name that the SQL calls it by, and its files, in the cell's folder.

    With ``starts``, the numbers of the files' first rows, it is a relation of ``r``, ``c0`` … (catalog/rows/source.py).
    """

    name: str
    files: tuple[str, ...]
    starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One SELECT over relations, with what it may give at most.

    ``names`` are the columns' names in the answer, where the engine's own are not meant. ``shape`` is of JSON: *rows*
    is an object with columns and arrays of values, *records* a list of objects.
    """

    sql: str
    format: Format
    relations: tuple[Relation, ...] = ()
    names: tuple[str, ...] = ()
    max_rows: int | None = None
    max_bytes: int | None = None
    faithful: bool = False
    shape: Shape = "rows"
    cpu_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer: its name and the engine's word for its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class End:
    """``partial``: there was more than the limits let through. ``stays``: the cell would answer another question."""

    rows: int
    partial: bool
    columns: tuple[Column, ...]
    stays: bool = False


Code = Literal["invalid", "memory", "disk", "broken"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why there is no answer: *invalid* is the question's fault (the engine's message is for its author)."""

    code: Code
    sentence: str
    remedy: str = ""
    is_escape: bool = False


def gettext_noop(text: str) -> str:
    """The text, for the catalogue to find it: Django's own asks for settings, which a cell does not have.

    Who asked the cell translates it (catalog/querying/asking.py).
    """
    return text
