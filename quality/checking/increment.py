"""Rows that were added to a table that is judged already: what is said of single rows is asked of the new ones only.

A rule that looks at one row at a time holds for a table as it holds for its halves, so that its earlier outcome and
the one on the new parts give the outcome on all. What looks at the whole (unique keys, order, counts, averages, sets
of values) is asked of all parts anew, and so is what tolerates a share of failures: Great Expectations does not always
count those that it tolerates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog.models import QualityReport
from catalog.table_schema import TableSchema
from quality.checking.asked import Circumstances
from quality.checking.engine import CheckResult, asked_of, check, check_rules
from quality.checking.outcome import SAMPLE_LIMIT, RuleOutcome
from quality.rules.rule import Rule, RuleType

ROW_BY_ROW = frozenset(
    {
        RuleType.NOT_NULL,
        RuleType.IN_SET,
        RuleType.BETWEEN,
        RuleType.MATCHES,
        RuleType.LENGTH_BETWEEN,
        RuleType.COLUMN_PAIR,
    }
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What an earlier report says of the first ``parts`` parts, which have ``rows`` rows."""

    report: int
    parts: int
    rows: int
    outcomes: Mapping[str, RuleOutcome]


def judged_before(report: QualityReport | None, parts: Sequence[tuple[str, int]]) -> Judged | None:
    """The report as far as it still holds, for a table of these parts (sha256, rows); None when it does not.

    It holds for its own parts where they stand first and others were only added behind them.
    """
    known = list(report.parts) if report is not None else []
    if (
        report is None
        or not known
        or len(known) >= len(parts)
        or known != [sha256 for sha256, _ in parts[: len(known)]]
    ):
        return None
    outcomes = [RuleOutcome.from_json(item) for item in report.outcomes]
    return Judged(
        report=report.pk,
        parts=len(known),
        rows=sum(rows for _, rows in parts[: len(known)]),
        outcomes={outcome.rule.id: outcome for outcome in outcomes if _can_be_joined(outcome)},
    )


def check_added(
    *,
    parquet: Sequence[Path],
    judged: Judged | None,
    schema: TableSchema,
    rules: Sequence[Rule],
    workdir: Path,
    memory_limit: str = "512MB",
    threads: int | None = None,
    circumstances: Circumstances | None = None,
) -> CheckResult:
    """Check a table of which the first parts may be judged already. The same outcomes as ``check`` of all of it."""
    options: dict[str, Any] = {
        "workdir": workdir,
        "memory_limit": memory_limit,
        "threads": threads,
        "circumstances": circumstances,
    }
    asked = asked_of(schema, rules)
    known = set(judged.outcomes) if judged is not None else set[str]()
    by_row = [rule for rule in asked if rule.id in known]
    if judged is None or not by_row:
        return check(parquet=parquet, schema=schema, rules=rules, **options)
    whole = check_rules(parquet=parquet, asked=[rule for rule in asked if rule.id not in known], **options)
    added = check_rules(parquet=parquet[judged.parts :], asked=by_row, **options)
    found = {outcome.rule.id: outcome for outcome in whole.outcomes}
    for outcome in added.outcomes:
        found[outcome.rule.id] = joined(judged.outcomes[outcome.rule.id], outcome, judged.rows)
    return CheckResult(
        outcomes=tuple(found[rule.id] for rule in asked),
        expectations_json={
            **whole.expectations_json,
            "added_rows": {**added.expectations_json, "after_row": judged.rows, "earlier_report": judged.report},
        },
        seconds=round(whole.seconds + added.seconds, 3),
        engine={**whole.engine, "row_checks_begun_in_report": str(judged.report)},
    )


def _can_be_joined(outcome: RuleOutcome) -> bool:
    is_counted = outcome.failing_count is not None and outcome.checked is not None
    return outcome.rule.type in ROW_BY_ROW and outcome.rule.mostly >= 1 and outcome.status != "errored" and is_counted


def joined(earlier: RuleOutcome, later: RuleOutcome, rows_before: int) -> RuleOutcome:
    """The outcome on all rows, out of that on the first ``rows_before`` and that on those behind them."""
    if later.status == "errored":
        return later
    failing = (earlier.failing_count or 0) + (later.failing_count or 0)
    checked = (earlier.checked or 0) + (later.checked or 0)
    moved = [{**sample, "row": sample["row"] + rows_before} for sample in later.samples]
    return replace(
        later,
        status="failed" if failing else "passed",
        observed=_frequent(earlier.observed, later.observed),
        failing_count=failing,
        failing_share=failing / checked if checked else 0.0,
        checked=checked,
        samples=(*earlier.samples, *moved)[:SAMPLE_LIMIT],
    )


def _frequent(earlier: Any, later: Any) -> Any:
    """Failing values with how often they stand among the samples, the most frequent first."""
    if not isinstance(earlier, list) or not isinstance(later, list):
        return earlier or later
    counts: Counter[str] = Counter()
    values: dict[str, Any] = {}
    for item in (*earlier, *later):
        values.setdefault(repr(item["value"]), item["value"])
        counts[repr(item["value"])] += item["count"]
    return [{"value": values[name], "count": count} for name, count in counts.most_common(SAMPLE_LIMIT)]
