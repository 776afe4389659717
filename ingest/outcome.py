"""What the pipeline hands back: stored tables or a rejection, each with its findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.findings import Finding, FindingGroup
from catalog.table_schema import TableSchema

RecipeStep = dict[str, Any]


class RejectionError(Exception):
    """The submitter's file can't become a table. ``findings`` says why; the first one is the reason."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(findings[0].code)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class FindingReport:
    """Groups with samples for people, and every single finding in files for machines.

    ``path`` is a Parquet of (code, severity, row, line, column, value, params), ``csv_path`` the same as
    CSV; both are None when there is nothing to find.
    """

    count: int = 0
    groups: tuple[FindingGroup, ...] = ()
    path: Path | None = None
    csv_path: Path | None = None


@dataclass(frozen=True, slots=True)
class ConvertedPart:
    """One Parquet file of a resource, in row order."""

    path: Path
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ConvertedResource:
    """One table. ``source`` says how it stood in the original: format, encoding, delimiter, header line …

    ``suggestions`` are cleaning steps that were not taken, each with a count and examples; ``questions`` are doubts
    that only the owner can settle (``ingest.columns.questions.Question`` as JSON). ``lines`` are the physical lines of
    its rows (``ingest.text.line_runs``), so that a row that breaks a rule or a key can be told by line; empty where the
    format has none.
    """

    name: str
    title: str
    parts: tuple[ConvertedPart, ...]
    rows: int
    schema: TableSchema
    recipe: tuple[RecipeStep, ...]
    source: Mapping[str, Any]
    findings: FindingReport
    suggestions: tuple[RecipeStep, ...] = ()
    questions: tuple[dict[str, Any], ...] = ()
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """The file became tables. ``findings`` are those of the file itself; each resource has its own."""

    sha256: str
    size: int
    resources: tuple[ConvertedResource, ...]
    findings: FindingReport


@dataclass(frozen=True, slots=True)
class Rejected:
    """The file did not become a table, for the reason in ``findings``."""

    sha256: str
    size: int
    findings: FindingReport


Outcome = Stored | Rejected
