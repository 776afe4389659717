"""Check outcomes as people read them. The core keeps outcomes as JSON and does not know how rules are worded.

``quality`` stores them and owns the words, so it hands its wording over when the site starts (architecture,
section 2: the arrow points down). Everything is worded when it is shown, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Status = Literal["passed", "failed", "errored"]
Level = Literal["error", "warning", "info"]
Mark = Literal["passed", "note", "warning", "failed", "errored"]
_FAILED_AS: Mapping[Level, Mark] = {"error": "failed", "warning": "warning", "info": "note"}


@dataclass(frozen=True, slots=True)
class Wording:
    """``sentence`` says what is asked, ``expected`` and ``observed`` the two sides in a few words."""

    sentence: str
    expected: str
    observed: str


@dataclass(frozen=True, slots=True)
class ShownOutcome:
    """One check of a report. ``samples`` are ``{"row": n, "value": v}``; none where values are withheld.

    ``has_failing_rows`` says that there is a file of all failing rows that the reader may have. ``judged_at`` is there
    where time changes the verdict.
    """

    id: str
    type: str
    level: Level
    origin: str
    status: Status
    columns: tuple[str, ...]
    sentence: str
    expected: str
    observed: str
    failing_count: int | None
    failing_share: float | None
    samples: tuple[Mapping[str, Any], ...]
    has_failing_rows: bool = False
    judged_at: datetime | None = None

    @property
    def column(self) -> str | None:
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def mark(self) -> Mark:
        """How it counts: only a failed error fails the table; what could not be checked never passes."""
        return _FAILED_AS[self.level] if self.status == "failed" else self.status

    def failing_rows(self, report_url: str) -> dict[str, Any] | None:
        """Where the files of all failing rows are, by the address of the report; None where there are none.

        ``rows`` is None where the check counts values, of which several rows may have each.
        """
        if not self.has_failing_rows:
            return None
        url = f"{report_url}/failing/{self.id}"
        rows = None if self.type == "distinct_in_set" else self.failing_count
        return {"rows": rows, "parquet": f"{url}.parquet", "csv": f"{url}.csv"}

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "level": self.level,
            "status": self.status,
            "type": self.type,
            "column": self.column,
            "columns": list(self.columns),
            "sentence": self.sentence,
            "expected": self.expected,
            "observed": self.observed,
            "failing_count": self.failing_count,
            "failing_share": self.failing_share,
            "samples": [dict(sample) for sample in self.samples],
            "judged_at": self.judged_at.isoformat() if self.judged_at else None,
        }


# As in catalog/manifest.py, which everybody may read: names and counts, never values.
OPEN_STATISTICS = ("name", "type", "kind", "count", "nulls", "distinct", "distinct_approximate")

_OPEN_OF_TABLE = ("rows", "duplicate_rows", "approximate", "sampled", "sample_rows", "completeness", "seconds")

Words = Callable[[Mapping[str, Any]], Wording]
_words: list[Words] = []
_ORDER: Mapping[str, int] = {"failed": 0, "errored": 1, "warning": 2, "note": 3, "passed": 4}


def register_sentences(words: Words) -> None:
    """Take the function that words a stored outcome (an entry of ``QualityReport.outcomes``)."""
    _words[:] = [words]


def shown_outcomes(
    outcomes: Sequence[Mapping[str, Any]], *, with_values: bool, report_url: str = ""
) -> list[dict[str, Any]]:
    """Stored outcomes in words as JSON values, for the API; else as ``read_outcomes``.

    ``report_url`` is the address of the report, below which the files of failing rows are.
    """
    shown = read_outcomes(outcomes, with_values=with_values)
    return [{**outcome.to_json(), "failing_rows": outcome.failing_rows(report_url)} for outcome in shown]


def without_values(profile: Mapping[str, Any]) -> dict[str, Any]:
    """A profile with its counts alone: what anybody may know of a table whose values they may not have."""
    columns = [{key: column[key] for key in OPEN_STATISTICS if key in column} for column in profile.get("columns", [])]
    return {**{key: profile[key] for key in _OPEN_OF_TABLE if key in profile}, "columns": columns}


def read_outcomes(outcomes: Sequence[Mapping[str, Any]], *, with_values: bool) -> tuple[ShownOutcome, ...]:
    """Stored outcomes in words, problems first. ``with_values`` only for those who may have the bytes."""
    shown = [_show(outcome, with_values=with_values) for outcome in outcomes]
    return tuple(sorted(shown, key=lambda outcome: _ORDER[outcome.mark]))


def _show(outcome: Mapping[str, Any], *, with_values: bool) -> ShownOutcome:
    rule = outcome["rule"]
    wording = _words[0](outcome) if _words else Wording(rule["type"], "", "")
    columns = (rule["column"],) if "column" in rule else tuple(rule.get("columns", ()))
    samples = tuple(outcome.get("samples") or ()) if with_values else ()
    return ShownOutcome(
        id=rule.get("id", ""),
        type=rule["type"],
        level=rule.get("level", "error"),
        origin=rule.get("origin", "owner"),
        status=outcome["status"],
        columns=columns,
        sentence=wording.sentence,
        expected=wording.expected,
        # What was observed may be a value of the table itself (a sum, a pattern's counterexample).
        observed=wording.observed if with_values or outcome.get("failing_count") is not None else "",
        failing_count=outcome.get("failing_count"),
        failing_share=outcome.get("failing_share"),
        samples=samples,
        has_failing_rows=with_values and bool(outcome.get("failing_sha256")),
        judged_at=datetime.fromisoformat(outcome["judged_at"]) if outcome.get("judged_at") else None,
    )
