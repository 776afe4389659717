"""What a search found, as it is stored (``QualityReport.personal``). No field of it can hold a raw value of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.personal.kinds import PersonalKind

# The stored words of catalog/personal/reading.py.
DONE = "done"
ERRORED = "errored"
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence: its code and parameters, worded in catalog/personal/sentences.py."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Example:
    """A masked value and the 1-based number of its row (None where it is of no single row)."""

    row: int | None
    masked: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One kind of personal data in one column (None: in the table as a whole).

    ``matched`` counts all rows with the form, ``checked`` the different values that were held against check digits or
    lists, ``valid`` those of them that passed. ``confidence`` is 0.5 to 1.
    """

    kind: PersonalKind
    column: str | None
    confidence: float
    matched: int
    checked: int
    valid: int
    evidence_for: tuple[Evidence, ...]
    evidence_against: tuple[Evidence, ...] = ()
    examples: tuple[Example, ...] = ()
    schemes: tuple[str, ...] = ()
    is_estimate: bool = False
    inside_text: bool = False
    pattern: str = ""
    """RE2 of the form, where all rows are yet to be counted by it."""

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "column": self.column,
            "confidence": round(self.confidence, 2),
            "matched": self.matched,
            "matched_is_estimate": self.is_estimate,
            "checked": self.checked,
            "valid": self.valid,
            "inside_text": self.inside_text,
            "schemes": list(self.schemes),
            "for": [item.to_json() for item in self.evidence_for],
            "against": [item.to_json() for item in self.evidence_against],
            "examples": [{"row": item.row, "masked": item.masked} for item in self.examples[:EXAMPLES]],
        }

    def counted(self, matched: int) -> Hit:
        """The same with the complete count."""
        return replace(self, matched=matched, is_estimate=False)

    def surer(self, by: float, why: Evidence) -> Hit:
        """The same with more evidence for it."""
        return replace(self, confidence=min(0.99, self.confidence + by), evidence_for=(*self.evidence_for, why))

    def against(self, why: Evidence) -> Hit:
        """The same with more that speaks against it."""
        return replace(self, evidence_against=(*self.evidence_against, why))


@dataclass(frozen=True, slots=True)
class Dismissed:
    """What looked like a hit and was none, with the reason: so that somebody can see that it was thought of."""

    kind: PersonalKind
    column: str | None
    why: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "column": self.column, "against": [item.to_json() for item in self.why]}


@dataclass(frozen=True, slots=True)
class Sampling:
    """How much was looked at: ``sampled`` of ``rows`` rows in each column by all detectors.

    ``examined`` are the further values whose form is unlike the column's others, of ``unlike`` such rows, by column.
    """

    rows: int
    sampled: int
    examined: Mapping[str, int]
    unlike: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "sampled": self.sampled,
            "examined": dict(self.examined),
            "unlike": dict(self.unlike),
        }


@dataclass(frozen=True, slots=True)
class PersonalScan:
    """A whole search. ``uniqueness`` is None where no columns single persons out."""

    rows: int
    hits: tuple[Hit, ...]
    considered: tuple[Dismissed, ...]
    uniqueness: Mapping[str, Any] | None
    skipped: tuple[tuple[str, str], ...]
    sampling: Sampling
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "status": DONE,
            "rows": self.rows,
            "hits": [hit.to_json() for hit in self.hits],
            "considered": [item.to_json() for item in self.considered],
            "uniqueness": None if self.uniqueness is None else dict(self.uniqueness),
            "skipped": [{"column": column, "reason": reason} for column, reason in self.skipped],
            "sampling": self.sampling.to_json(),
            "seconds": self.seconds,
        }


def errored(reason: str) -> dict[str, Any]:
    """What is stored when the search broke off: it holds the version like a hit does."""
    return {"status": ERRORED, "error": reason, "hits": []}
