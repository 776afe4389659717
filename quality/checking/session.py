"""One Great Expectations context over one open table: asks questions, gives back its own results."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.pool import StaticPool

from quality.checking.dialect import SCHEME
from quality.checking.execution import TableEngine
from quality.checking.expectations import Question
from quality.checking.outcome import SAMPLE_LIMIT, first_line
from quality.table import CHECKED, PLAIN, Table

with warnings.catch_warnings():
    # Great Expectations 1.24 imports the standard library's sre_constants, which 3.11 calls deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource

# Great Expectations' own place for it, of which a type checker knows no type; an engine that was not told of a table
# is as its own.
_sources: Any = SQLDatasource
_sources.execution_engine_override = TableEngine

logger = logging.getLogger(__name__)

# As many rules are asked of one view.
GROUP_SIZE = 100

# It warns of every type that it compares for a dialect that it does not know, and compares rightly.
logging.getLogger("great_expectations.expectations.type_comparison").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Result:
    """Great Expectations' answer to one question; ``error`` is the first line of what went wrong in it."""

    passed: bool
    error: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class Run:
    """The answers to the questions asked in one mode, by the index of the rule."""

    mode: str
    results: dict[int, Result] = field(default_factory=dict)
    raw: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {"mode": self.mode, "validations": self.raw}


class Session:
    """A context that lives in memory, with both views of the table as batches."""

    def __init__(self, table: Table) -> None:
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
        # With each batch, Great Expectations writes its whole configuration as YAML into memory that nobody reads: a
        # third of a small check's time.
        variables: Any = self._context.variables
        variables.save = _keep_nothing
        # The signature that a type checker sees leaves SQLAlchemy's own arguments ("kwargs") out.
        sources: Any = self._context.data_sources
        self._source = sources.add_sql(
            "parquet",
            connection_string=f"{SCHEME}:///{table.database}",
            kwargs={"poolclass": StaticPool},
        )
        self._source.get_execution_engine().look_at(table)
        self._table = table
        self._views = 0
        self._samples = {
            "result_format": "SUMMARY",
            "partial_unexpected_count": SAMPLE_LIMIT,
            "unexpected_index_column_names": [table.row_column],
            "include_unexpected_rows": False,
            "return_unexpected_index_query": False,
        }
        self._names = {column.alias: column.name for column in table.columns if column.alias != column.name}
        self._asked: dict[int, Any] = {}

    def ask(self, mode: str, questions: Mapping[int, Question]) -> Run:
        """Ask all questions. ``mode``: yes_or_no and samples (of rows), shape, aggregate or query.

        One query that crashes takes those bundled with it down. They are asked again in halves, so that only
        the culprit is left without an answer.
        """
        run = Run(mode)
        indexes = list(questions)
        for start in range(0, len(indexes), GROUP_SIZE):
            group = {index: questions[index] for index in indexes[start : start + GROUP_SIZE]}
            self._ask(run, self._batch(mode, group), group)
        return run

    def close(self) -> None:
        """Leave the database; whoever opened it closes it."""
        self._source.get_engine().dispose()
        self._source.get_execution_engine().engine.dispose()

    def suite_json(self) -> dict[str, Any]:
        """All that was asked, as a suite that Great Expectations can load."""
        suite = gx.ExpectationSuite(name="rules", expectations=[self._asked[i] for i in sorted(self._asked)])
        json: dict[str, Any] = _renamed(suite.to_json_dict(), self._names)
        return json

    def _batch(self, mode: str, questions: Mapping[int, Question]) -> Any:
        """The batch that a group is asked of: as narrow as can be, as each rule costs time per column."""
        view = PLAIN
        if mode != "shape":
            self._views += 1
            view = f"{CHECKED}_{self._views}"
            wanted = {name for question in questions.values() for name in question.rule.reads}
            self._table.make_view(view, [column for column in self._table.columns if column.name in wanted])
        asset = self._source.add_table_asset(f"{mode}_{view}_{len(self._source.assets)}", table_name=view)
        return asset.add_batch_definition_whole_table("all").get_batch()

    def _ask(self, run: Run, batch: Any, questions: Mapping[int, Question]) -> None:
        try:
            answer = self._validate(run.mode, batch, questions)
        except Exception as error:
            logger.exception("validation %s: broke off with %s rules", run.mode, len(questions))
            self._ask_halves(run, batch, questions, first_line(error))
            return
        results = {item.expectation_config.meta["index"]: _result(item) for item in answer.results}
        crashed = [index for index, result in results.items() if result.error]
        if not crashed or len(questions) == 1:
            run.results.update(results)
            run.raw.append(_renamed(_without_tracebacks(answer.to_json_dict()), self._names))
            return
        fine = {index: item for index, item in questions.items() if not results[index].error}
        if fine:
            self._ask(run, batch, fine)
            self._ask(run, batch, {index: questions[index] for index in crashed})
        else:
            self._ask_halves(run, batch, questions, "")

    def _ask_halves(self, run: Run, batch: Any, questions: Mapping[int, Question], error: str) -> None:
        """Ask again in two halves; a single question that broke off is answered with its error."""
        indexes = list(questions)
        if len(indexes) == 1:
            run.results[indexes[0]] = Result(False, error, {})
            return
        half = len(indexes) // 2
        for group in (indexes[:half], indexes[half:]):
            self._ask(run, batch, {index: questions[index] for index in group})

    def _validate(self, mode: str, batch: Any, questions: Mapping[int, Question]) -> Any:
        formats: dict[str, Any] = {
            "yes_or_no": {"result_format": "BOOLEAN_ONLY"},
            "samples": self._samples,
            "shape": {"result_format": "SUMMARY"},
            "aggregate": {"result_format": "SUMMARY", "partial_unexpected_count": SAMPLE_LIMIT},
            "query": {"result_format": "COMPLETE"},
        }
        expectations = [item.expectation for item in questions.values()]
        for index, item in questions.items():
            # An expectation belongs to one suite at a time, which it knows by an id.
            item.expectation.id = None
            self._asked[index] = item.expectation
        suite = gx.ExpectationSuite(name=mode, expectations=expectations)
        return batch.validate(suite, result_format=formats[mode])


def _keep_nothing() -> None:
    """The context ends with its session."""


def _result(item: Any) -> Result:
    return Result(bool(item.success), _error(item.exception_info or {}), item.result or {})


def _without_tracebacks(answer: dict[str, Any]) -> dict[str, Any]:
    """The machine's paths are nobody's business; the first line of each message stays."""
    for item in answer["results"]:
        info = item.get("exception_info") or {}
        for one in [info] if "raised_exception" in info else info.values():
            if one.get("raised_exception"):
                one["exception_traceback"] = None
                one["exception_message"] = first_line(one.get("exception_message") or "")
    return answer


def _renamed(json: Any, names: Mapping[str, str]) -> Any:
    """The same JSON with the columns called by their own names again."""
    if not names:
        return json
    if isinstance(json, dict):
        return {names.get(key, key): _renamed(value, names) for key, value in json.items()}
    if isinstance(json, list):
        return [_renamed(value, names) for value in json]
    return names.get(json, json) if isinstance(json, str) else json


def _error(info: Mapping[str, Any]) -> str:
    """``exception_info`` is either one exception or a mapping of them by metric."""
    several = [info] if "raised_exception" in info else list(info.values())
    for one in several:
        if one and one.get("raised_exception"):
            return first_line(one.get("exception_message") or "the engine gave no reason")
    return ""
