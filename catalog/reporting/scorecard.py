"""The score of a version: a list of what is done and what is left to do, each worth its points.

It is no grade of the data's truth. Every point is somebody's to earn, and the formula is shown beside it:
``floor(Σ points × share)`` over the lines, where the points of all lines make 100.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from catalog.models import Dataset, Resource, UpdateFrequency, Version

LONG_ENOUGH = 80
"""Characters of a description that says something."""

DAYS: Mapping[str, float] = {
    UpdateFrequency.HOURLY: 1 / 24,
    UpdateFrequency.DAILY: 1,
    UpdateFrequency.WEEKLY: 7,
    UpdateFrequency.MONTHLY: 31,
    UpdateFrequency.QUARTERLY: 92,
    UpdateFrequency.BIANNUAL: 184,
    UpdateFrequency.ANNUAL: 366,
}
# An update is late when it takes half as long again as was promised.
PATIENCE = 1.5

_NUMBERS = frozenset({"integer", "number"})


class Task(StrEnum):
    """What earns points, in the order in which it is shown."""

    DESCRIPTION = "description"
    KEYWORDS = "keywords"
    CONTACT = "contact"
    LICENSE = "license"
    FREQUENCY = "frequency"
    MEANINGS = "meanings"
    UNITS = "units"
    KEY = "key"
    CHECKS = "checks"
    CELLS = "cells"
    FRESH = "fresh"


POINTS: Mapping[Task, int] = {
    Task.DESCRIPTION: 10,
    Task.KEYWORDS: 5,
    Task.CONTACT: 5,
    Task.LICENSE: 10,
    Task.FREQUENCY: 5,
    Task.MEANINGS: 20,
    Task.UNITS: 10,
    Task.KEY: 5,
    Task.CHECKS: 20,
    Task.CELLS: 5,
    Task.FRESH: 5,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: ``share`` (0 to 1) of its points is earned; ``params`` are the numbers of its sentence."""

    task: Task
    share: float
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> int:
        return POINTS[self.task]

    @property
    def earned(self) -> float:
        return self.points * self.share

    @property
    def is_done(self) -> bool:
        return self.share >= 1


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All lines, and what they come to (0 to 100)."""

    lines: tuple[Line, ...]

    @property
    def score(self) -> int:
        # Shares are quotients: without the rounding, 100 points may add up to a hair less.
        return math.floor(round(sum(line.earned for line in self.lines), 6))

    @property
    def to_do(self) -> tuple[Line, ...]:
        """What is left, what earns most first."""
        left = [line for line in self.lines if not line.is_done]
        return tuple(sorted(left, key=lambda line: -(line.points - line.earned)))

    def to_json(self) -> dict[str, Any]:
        return {
            "score": self.score,
            "formula": "floor(sum(points * share))",
            "lines": [
                {
                    "task": line.task.value,
                    "points": line.points,
                    "share": round(line.share, 4),
                    "params": dict(line.params),
                }
                for line in self.lines
            ],
        }


def scorecard(*, dataset: Dataset, version: Version, tables: Sequence[Resource], now: datetime) -> Scorecard:
    """Count what is described, checked and kept up. ``tables`` come with their reports."""
    return Scorecard(
        (*_of_description(dataset), *_of_columns(tables), *_of_checks(tables), _fresh(dataset, version, now))
    )


def _of_description(dataset: Dataset) -> Iterable[Line]:
    written = len(dataset.description.strip())
    yield Line(Task.DESCRIPTION, min(1.0, written / LONG_ENOUGH), {"characters": written, "enough": LONG_ENOUGH})
    yield Line(Task.KEYWORDS, float(bool(dataset.keywords)))
    yield Line(Task.CONTACT, float(bool(dataset.contact_email)))
    yield Line(Task.LICENSE, float(bool(dataset.license)))
    yield Line(Task.FREQUENCY, float(bool(dataset.update_frequency)))


def _of_columns(tables: Sequence[Resource]) -> Iterable[Line]:
    columns = [(column, key) for key, columns in map(_described, tables) for column in columns]
    explained = sum(bool(column.get("description")) for column, _ in columns)
    yield Line(Task.MEANINGS, _share(explained, len(columns)), {"done": explained, "all": len(columns)})
    measured = [column for column, key in columns if _is_measured(column, key)]
    with_unit = sum(bool(column.get("unit")) for column in measured)
    yield Line(Task.UNITS, _share(with_unit, len(measured)), {"done": with_unit, "all": len(measured)})
    keyed = sum(bool(table.schema.get("primaryKey")) for table in tables)
    yield Line(Task.KEY, _share(keyed, len(tables)), {"done": keyed, "all": len(tables)})


def _described(table: Resource) -> tuple[frozenset[str], list[dict[str, Any]]]:
    key = table.schema.get("primaryKey") or ()
    return frozenset([key] if isinstance(key, str) else key), table.schema.get("fields", [])


def _is_measured(column: Mapping[str, Any], key: frozenset[str]) -> bool:
    """Whether a column is of numbers that could have a unit: codes, keys and coordinates have none."""
    has_other_meaning = bool(column.get("semantic")) or bool((column.get("constraints") or {}).get("enum"))
    return column.get("type") in _NUMBERS and column["name"] not in key and not has_other_meaning


def _of_checks(tables: Sequence[Resource]) -> Iterable[Line]:
    reports = [table.report for table in tables if table.report is not None]
    earned = sum((report.score or 0) / 100 for report in reports)
    share = earned / len(tables) if tables else 0.0
    failing = sum(report.counts.get("failed", 0) + report.counts.get("errored", 0) for report in reports)
    warnings = sum(report.counts.get("warnings", 0) for report in reports)
    yield Line(Task.CHECKS, share, {"failed": failing, "warnings": warnings, "unchecked": len(tables) - len(reports)})
    refused = sum(refused_cells(table) for table in tables)
    cells = sum(table.rows * len(table.schema.get("fields", [])) for table in tables)
    # One refused cell in a hundred costs all points.
    yield Line(Task.CELLS, max(0.0, 1 - 100 * refused / cells) if cells else 1.0, {"refused": refused, "cells": cells})


def refused_cells(table: Resource) -> int:
    """How many cells of the original were not of their column's type."""
    return sum(kind.get("count", 0) for kind in table.findings if kind.get("code") == "cell-not-of-type")


def _fresh(dataset: Dataset, version: Version, now: datetime) -> Line:
    days = DAYS.get(dataset.update_frequency)
    if days is None:
        return Line(Task.FRESH, 0.0, {"promised": False})
    since = version.published_at or version.created
    due = since + timedelta(days=days * PATIENCE)
    return Line(Task.FRESH, float(now <= due), {"promised": True, "since": since.date().isoformat()})


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
