"""Parquet against rules: one run of Great Expectations over DuckDB.

Two phases, because Great Expectations asks for samples even of what is right: first everything as yes or no,
which it bundles into a few scans; then only what failed, and what tolerates failures, with row numbers.
(10 million rows, 27 expectations: twice the time of hand-written SQL; see bench/validate.py.)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from catalog.table_schema import TableSchema
from quality.checking.asked import CannotCheckError, Circumstances
from quality.checking.expectations import Question, to_expectation
from quality.checking.outcome import RuleOutcome
from quality.checking.reading import outcome_of
from quality.checking.session import Run, Session
from quality.rules.rule import Rule, RuleType
from quality.rules.suite import rules_of
from quality.table import Table, opened
from quality.values import shown

# Called with the rules done and all rules.
Progress = Callable[[int, int], None]

# Great Expectations' own result is kept whole but for texts of this many characters and more.
KEPT_TEXT_LIMIT = 2_000

# What can't be said of no values at all.
_NEED_VALUES = frozenset(
    {
        RuleType.MEAN_BETWEEN,
        RuleType.MEDIAN_BETWEEN,
        RuleType.STDEV_BETWEEN,
        RuleType.SUM_BETWEEN,
        RuleType.FRESH,
        RuleType.DRIFT,
    }
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``expectations_json`` is ``{"suite": …, "runs": […]}``: Great Expectations' suite and its results."""

    outcomes: tuple[RuleOutcome, ...]
    expectations_json: dict[str, Any]
    seconds: float
    engine: dict[str, str]


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


def check(
    *,
    parquet: Sequence[Path],
    schema: TableSchema,
    rules: Sequence[Rule],
    workdir: Path,
    memory_limit: str = "512MB",
    threads: int | None = None,
    progress: Progress = no_progress,
    circumstances: Circumstances | None = None,
) -> CheckResult:
    """Check the parts of one resource against its schema's rules and then the given ones.

    What is asked twice is asked once. ``workdir`` takes the spill files; ``threads`` defaults to the
    cores that the process may use. What can't be checked comes back as an errored outcome; duckdb.Error is
    raised only when the parts themselves can't be read.
    """
    return check_rules(
        parquet=parquet,
        asked=asked_of(schema, rules),
        workdir=workdir,
        memory_limit=memory_limit,
        threads=threads,
        progress=progress,
        circumstances=circumstances,
    )


def asked_of(schema: TableSchema, rules: Sequence[Rule]) -> list[Rule]:
    """All rules that a table has to meet: its schema's, then the given ones. What is asked already is not asked again.

    A schema's rules are errors, so that whoever repeats one does not soften it.
    """
    asked: dict[str, Rule] = {}
    for rule in (*rules_of(schema), *rules):
        asked.setdefault(rule.demand, rule)
    return list(asked.values())


def check_rules(
    *,
    parquet: Sequence[Path],
    asked: Sequence[Rule],
    workdir: Path,
    memory_limit: str = "512MB",
    threads: int | None = None,
    progress: Progress = no_progress,
    circumstances: Circumstances | None = None,
) -> CheckResult:
    """Check exactly these rules; otherwise as ``check``."""
    started = time.perf_counter()
    around = circumstances or Circumstances()
    with opened(
        parquet=parquet, workdir=workdir, memory_limit=memory_limit, threads=threads, others=around.others
    ) as table:
        checking = _Checking(table, asked, progress, around)
        checking.run()
    return CheckResult(
        outcomes=tuple(checking.outcomes[index] for index in range(len(asked))),
        expectations_json=shown(checking.kept(), KEPT_TEXT_LIMIT),
        seconds=round(time.perf_counter() - started, 3),
        engine={name: version(name) for name in ("great_expectations", "duckdb", "sqlalchemy")},
    )


class _Checking:
    """One run: which question stands for which rule, and what became of it."""

    def __init__(self, table: Table, rules: Sequence[Rule], progress: Progress, circumstances: Circumstances) -> None:
        self.circumstances = circumstances
        self.table = table
        self.rules = rules
        self.progress = progress
        self.outcomes: dict[int, RuleOutcome] = {}
        self.runs: list[Run] = []
        self.session: Session | None = None
        self.checked = _checked_values(table, rules)

    def run(self) -> None:
        questions = self._questions()
        with closing(Session(self.table)) as self.session:
            self._run(questions)

    def _run(self, questions: Mapping[int, Question]) -> None:
        tolerant = {index for index, item in questions.items() if item.kind == "map" and item.rule.mostly < 1}
        yes_or_no = self._ask("yes_or_no", questions, {"map"}, without=tolerant)
        again = tolerant | {index for index, result in yes_or_no.items() if not result.passed}
        for index, result in yes_or_no.items():
            if result.passed:
                self._settle(questions[index], index, result)
        for kind in ("shape", "aggregate", "query"):
            for index, result in self._ask(kind, questions, {kind}).items():
                self._settle(questions[index], index, result)
        samples = self._ask("samples", questions, {"map"}, without=set(questions) - again)
        for index, result in samples.items():
            self._settle(questions[index], index, result)

    def kept(self) -> dict[str, Any]:
        """Great Expectations' suite and results as JSON."""
        if self.session is None:
            return {}
        return {"suite": self.session.suite_json(), "runs": [run.to_json() for run in self.runs]}

    def _questions(self) -> dict[int, Question]:
        questions = {}
        for index, rule in enumerate(self.rules):
            try:
                questions[index] = self._question(index, rule)
            except CannotCheckError as error:
                refused = RuleOutcome(rule, "errored", error=error.detail, obstacle=error.obstacle)
                self._finish(index, refused)
        return questions

    def _question(self, index: int, rule: Rule) -> Question:
        if rule.type in _NEED_VALUES and self.checked.get(index) == 0:
            raise CannotCheckError("no-values", rule.columns[0])
        return to_expectation(rule, table=self.table, index=index, circumstances=self.circumstances)

    def _ask(
        self, mode: str, questions: Mapping[int, Question], kinds: set[str], without: Iterable[int] = ()
    ) -> dict[int, Any]:
        left_out = set(without)
        chosen = {i: item for i, item in questions.items() if item.kind in kinds and i not in left_out}
        if not chosen or self.session is None:
            return {}
        run = self.session.ask(mode, chosen)
        self.runs.append(run)
        return run.results

    def _settle(self, question: Question, index: int, result: Any) -> None:
        self._finish(index, outcome_of(question, result, self.table, self.checked.get(index)))

    def _finish(self, index: int, outcome: RuleOutcome) -> None:
        self.outcomes[index] = outcome
        self.progress(len(self.outcomes), len(self.rules))


def _checked_values(table: Table, rules: Sequence[Rule]) -> dict[int, int]:
    """How many values each rule looks at; nulls are looked at by not_null only."""
    wanted = {
        index: () if rule.type is RuleType.NOT_NULL else rule.judged
        for index, rule in enumerate(rules)
        if rule.type is not RuleType.COLUMNS_MATCH
        and rule.columns
        and all(table.column(name) is not None for name in rule.judged)
    }
    return dict(zip(wanted, table.present(wanted.values()), strict=True))
