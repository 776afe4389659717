"""What outcomes come to."""

from typing import Any

import pytest

from quality.checking.outcome import RuleOutcome
from quality.checking.verdict import verdict
from quality.rules.rule import Level, Rule, RuleType


def outcome(status: Any, level: Level = "error", share: float | None = None) -> RuleOutcome:
    return RuleOutcome(Rule(RuleType.UNIQUE, ("a",), {}, level), status, failing_share=share)


CASES: list[tuple[list[RuleOutcome], str, dict[str, int], int, int]] = [
    ([], "passed", {}, 0, 100),
    ([outcome("passed")], "passed", {"passed": 1}, 0, 100),
    ([outcome("failed", "info", 0.5)], "passed", {}, 1, 25),
    ([outcome("passed"), outcome("failed", "warning", 1)], "warnings", {"passed": 1, "warnings": 1}, 0, 66),
    ([outcome("passed"), outcome("errored", "info")], "errored", {"passed": 1, "errored": 1}, 0, 80),
    ([outcome("errored"), outcome("failed", "warning")], "errored", {"errored": 1, "warnings": 1}, 0, 0),
    ([outcome("errored"), outcome("failed")], "failed", {"errored": 1, "failed": 1}, 0, 0),
    ([outcome("passed"), outcome("failed", share=1e-9)], "failed", {"passed": 1, "failed": 1}, 0, 74),
    ([outcome("passed")] * 1_000 + [outcome("failed", "info")], "passed", {"passed": 1_000}, 1, 99),
]


@pytest.mark.parametrize(("outcomes", "status", "counts", "notes", "score"), CASES)
def test_a_verdict(outcomes: list[RuleOutcome], status: str, counts: dict[str, int], notes: int, score: int) -> None:
    found = verdict(outcomes)
    assert found.to_json() == {
        "status": status,
        "counts": {"passed": 0, "warnings": 0, "failed": 0, "errored": 0} | counts,
        "notes": notes,
        "score": score,
    }
