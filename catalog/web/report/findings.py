"""What was found while a file was read, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog import findings
from catalog.findings import Finding, FindingGroup, Severity

_ORDER: Mapping[Severity, int] = {"reject": 0, "error": 1, "warning": 2, "info": 3}


@dataclass(frozen=True, slots=True)
class ShownSample:
    """One finding: where, the value, and what happened."""

    row: int | None
    line: int | None
    column: str | None
    value: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """All findings of one kind in one column."""

    code: str
    severity: Severity
    title: str
    sentence: str
    remedy: str
    column: str | None
    count: int
    samples: tuple[ShownSample, ...]


@dataclass(frozen=True, slots=True)
class ShownKind:
    """All groups of one code: what is the same for every column is told once."""

    code: str
    severity: Severity
    title: str
    remedy: str
    groups: tuple[ShownGroup, ...]

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)


def shown_kinds(groups: Sequence[Mapping[str, Any]], *, with_values: bool) -> tuple[ShownKind, ...]:
    """Stored groups by their code; else as ``shown_groups``."""
    kinds: dict[str, list[ShownGroup]] = {}
    for group in shown_groups(groups, with_values=with_values):
        kinds.setdefault(group.code, []).append(group)
    return tuple(
        ShownKind(code, found[0].severity, found[0].title, found[0].remedy, tuple(found))
        for code, found in kinds.items()
    )


def shown_groups(groups: Sequence[Mapping[str, Any]], *, with_values: bool) -> tuple[ShownGroup, ...]:
    """Stored groups in words, the worst first. ``with_values`` only for those who may have the bytes."""
    read = [_shown(FindingGroup.from_json(data), with_values=with_values) for data in groups]
    return tuple(sorted(read, key=lambda group: _ORDER[group.severity]))


def _shown(group: FindingGroup, *, with_values: bool) -> ShownGroup:
    return ShownGroup(
        code=group.code,
        severity=findings.severity(group.code),
        title=findings.title(group.code),
        sentence=findings.sentence(group) if with_values else "",
        remedy=findings.remedy(group.code),
        column=group.column,
        count=group.count,
        samples=tuple(_sample(sample) for sample in group.samples) if with_values else (),
    )


def _sample(sample: Finding) -> ShownSample:
    return ShownSample(sample.row, sample.line, sample.column, sample.value, findings.sentence(sample))
