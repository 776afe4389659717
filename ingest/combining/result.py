"""What combining a file with a table gives: which of the table's parts stay, which are written anew, which are new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ingest.limits import Limits
from ingest.outcome import ConvertedPart

NewColumns = Literal["refuse", "add"]


def no_pulse() -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """Where and within which bounds the work is done.

    ``memory_limit`` is DuckDB's, such as ``512MB``; what exceeds it is spilled under ``folder``. ``pulse`` is called
    every few batches and may raise to stop the work.
    """

    folder: Path
    limits: Limits
    memory_limit: str = "512MB"
    threads: int = 1
    pulse: Callable[[], None] = no_pulse


@dataclass(frozen=True, slots=True)
class Combined:
    """``old`` has for each part of the table its place (it stays as it is) or what it became; one that lost its last
    row is missing. ``new`` are the parts behind them. ``added`` are columns that the table did not have.
    """

    old: tuple[int | ConvertedPart, ...]
    new: tuple[ConvertedPart, ...]
    counts: dict[str, int]
    added: tuple[str, ...] = ()
    schema: Any = field(default=None, compare=False)
