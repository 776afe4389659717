"""One finding, and all of one kind in one column, as they are stored: in JSON, without words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.findings.catalogue import severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: ``row`` counts records (the header is 1), ``line`` the lines of the original."""

    code: str
    row: int | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        pairs = {"row": self.row, "line": self.line, "column": self.column, "value": self.value}
        return {
            "code": self.code,
            **{key: value for key, value in pairs.items() if value is not None},
            **({"params": dict(self.params)} if self.params else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        return cls(
            data["code"],
            data.get("row"),
            data.get("line"),
            data.get("column"),
            data.get("value"),
            data.get("params", {}),
        )


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one code in one column: how many, and the first few as samples."""

    code: str
    count: int
    column: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    samples: Sequence[Finding] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": severity(self.code),
            "count": self.count,
            "column": self.column,
            "params": dict(self.params),
            "samples": [sample.to_json() for sample in self.samples],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FindingGroup:
        samples = tuple(Finding.from_json(sample) for sample in data.get("samples", ()))
        return cls(data["code"], data["count"], data.get("column"), data.get("params", {}), samples)
