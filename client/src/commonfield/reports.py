"""What was found in a file, and how a resource did against its rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from commonfield._parse import Json, many, moment, need, number, text
from commonfield.progress import Progress


@dataclass(frozen=True)
class Sample:
    """One place: `row` counts the original's records (its header is 1), `line` its lines; `value` stands there."""

    row: int | None
    line: int | None
    column: str
    value: str
    sentence: str

    @classmethod
    def from_json(cls, data: Json) -> Sample:
        return cls(
            number(data, "row"),
            number(data, "line"),
            text(data, "column"),
            text(data, "value"),
            text(data, "sentence"),
        )


@dataclass(frozen=True)
class Finding:
    """One kind of thing wrong: how often, where for example, and what to do."""

    code: str
    severity: str
    title: str
    sentence: str
    remedy: str
    column: str
    count: int
    samples: tuple[Sample, ...]
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Finding:
        return cls(
            code=str(need(data, "code")),
            severity=text(data, "severity"),
            title=text(data, "title"),
            sentence=text(data, "sentence"),
            remedy=text(data, "remedy"),
            column=text(data, "column"),
            count=number(data, "count") or 0,
            samples=many(Sample.from_json, data.get("samples")),
            raw=data,
        )

    def __str__(self) -> str:
        if self.sentence:
            return self.sentence
        place = f" in {self.column}" if self.column else ""
        often = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.title or self.code}{place}{often}"


@dataclass(frozen=True)
class Outcome:
    """One expectation and how it did; `failing_share` is between 0 and 1."""

    id: str
    level: str
    status: str
    type: str
    column: str
    sentence: str
    expected: Any
    observed: Any
    failing_count: int | None
    failing_share: float | None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Outcome:
        share = data.get("failing_share")
        return cls(
            id=text(data, "id"),
            level=text(data, "level"),
            status=str(need(data, "status")),
            type=text(data, "type"),
            column=text(data, "column"),
            sentence=text(data, "sentence"),
            expected=data.get("expected"),
            observed=data.get("observed"),
            failing_count=number(data, "failing_count"),
            failing_share=float(share) if isinstance(share, int | float) else None,
            raw=data,
        )


@dataclass(frozen=True)
class Report:
    """The quality report of one resource; `profile` describes each column."""

    resource: str
    verdict: str
    counts: Mapping[str, int]
    outcomes: tuple[Outcome, ...]
    profile: Mapping[str, Any]
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json, *, resource: str) -> Report:
        return cls(
            resource=resource,
            verdict=str(need(data, "verdict")),
            counts=dict(data.get("counts") or {}),
            outcomes=many(Outcome.from_json, data.get("outcomes")),
            profile=dict(data.get("profile") or {}),
            raw=data,
        )

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status != "passed")


@dataclass(frozen=True)
class Upload:
    """A file on its way into a draft: a table, or a document (`kind`), which makes no resources."""

    id: str
    dataset: str
    filename: str
    size: int
    state: str
    attempts: int
    part_size: int | None
    progress: Progress
    findings: tuple[Finding, ...]
    resources: tuple[str, ...]
    error: Mapping[str, str]
    mode: str = "replace"
    counts: Mapping[str, int] = field(default_factory=dict)
    """What became of the rows of a file that was added to a table: inserted, updated, unchanged, deleted, unknown."""
    created: Any = None
    sha256: str = ""
    """The whole file's, once the registry has it."""
    kind: str = "table"
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Upload:
        progress = data.get("progress") or {}
        return cls(
            id=str(need(data, "id")),
            dataset=text(data, "dataset"),
            filename=text(data, "filename"),
            size=number(data, "size") or 0,
            state=str(need(data, "state")),
            attempts=number(data, "attempts") or 0,
            part_size=number(data, "part_size"),
            progress=Progress(
                stage=text(progress, "stage") or "queued",
                done=number(progress, "bytes") or 0,
                # Nobody knows the size of what is being fetched from an address that does not say it.
                total=number(progress, "total_bytes") or None,
                rows=number(progress, "rows"),
            ),
            kind=text(data, "kind") or "table",
            findings=many(Finding.from_json, data.get("findings")),
            resources=tuple(str(name) for name in data.get("resources") or ()),
            error=dict(data.get("error") or {}),
            mode=text(data, "mode") or "replace",
            counts=dict(data.get("counts") or {}),
            created=moment(data, "created"),
            sha256=text(data, "sha256"),
            raw=data,
        )
