"""The shorter ways to Great Expectations' numbers lead to the same ones as its own SQL."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.checking import execution
from quality.checking.engine import CheckResult, check
from quality.rules.rule import rules_from_json
from tests.fixtures.effort import examples
from tests.quality.conftest import schema_of, write_parts

RULES: list[dict[str, Any]] = [
    {"type": "unique", "column": "n"},
    {"type": "unique", "column": "x"},
    {"type": "unique", "column": "t"},
    {"type": "unique", "column": "d"},
    {"type": "unique_together", "columns": ["n", "t"]},
    {"type": "unique_together", "columns": ["x", "t", "d"]},
    {"type": "not_null", "column": "n"},
    {"type": "not_null", "column": "t", "mostly": 0.5},
    {"type": "median_between", "column": "n", "min": 0, "max": 2},
    {"type": "median_between", "column": "x", "min": -1, "max": 1.5},
    {"type": "median_between", "column": "m", "min": 0, "max": 1},
    {"type": "column_pair", "columns": ["n", "x"], "or_equal": True},
    {"type": "in_set", "column": "t", "values": ["a", "b"]},
]

COLUMNS = {
    "n": (pa.int64(), st.integers(-2, 6)),
    "x": (pa.float64(), st.sampled_from([0.0, -0.0, 1.5, float("nan"), float("inf"), 1e300])),
    "t": (pa.string(), st.sampled_from(["", "a", "b", "A", "ä", "a "])),
    "d": (pa.date32(), st.sampled_from([date(2024, 1, day) for day in range(1, 9)])),
    "m": (pa.decimal128(6, 2), st.sampled_from([Decimal("0.10"), Decimal("1.00"), Decimal("2.50")])),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 12))
    return pa.table(
        {
            name: pa.array(draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), kind)
            for name, (kind, values) in COLUMNS.items()
        }
    )


def told(result: CheckResult) -> list[Any]:
    return [
        (item.rule.type, item.rule.columns, item.status, item.failing_count, item.checked, item.samples, item.obstacle)
        for item in result.outcomes
    ]


@settings(max_examples=examples(5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables(), parts=st.integers(1, 3))
def test_the_same_as_by_the_long_way(table: pa.Table, parts: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("parts")
    asked = {
        "parquet": write_parts(folder / "parts", table, parts),
        "schema": schema_of(table),
        "rules": rules_from_json(RULES),
        "workdir": folder,
    }
    short = check(**asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution, "_SHORTER", {})
        patch.setattr(execution.TableEngine, "_known", lambda _self, _metric: None)
        long = check(**asked)
    assert told(short) == told(long)


def asked_sql(run_check: Callable[..., CheckResult], monkeypatch: pytest.MonkeyPatch, *given: Any) -> list[str]:
    """The SQL that Great Expectations itself sent."""
    sent: list[str] = []
    send = execution.SqlAlchemyExecutionEngine.execute_query

    def listen(self: Any, query: Any) -> Any:
        sent.append(str(query))
        return send(self, query)

    monkeypatch.setattr(execution.SqlAlchemyExecutionEngine, "execute_query", listen)
    run_check(*given)
    return sent


def test_nulls_and_keys_are_not_asked_of_the_table(
    run_check: Callable[..., CheckResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"n": [1, 2, None], "t": ["a", "b", "c"]})
    rules = [{"type": "not_null", "column": "n", "mostly": 0.5}, {"type": "unique_together", "columns": ["n", "t"]}]
    sent = asked_sql(run_check, monkeypatch, table, rules)
    assert not [
        query for query in sent if "GROUP BY" in query or "JOIN" in query or "IS NULL" in query.split("FROM")[0]
    ]


def test_what_fails_is_counted_once(run_check: Callable[..., CheckResult], monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"n": list(range(20))})
    sent = asked_sql(run_check, monkeypatch, table, [{"type": "between", "column": "n", "min": 5}])
    assert len([query for query in sent if "between.unexpected_count" in query]) == 1


def test_keys_are_counted_once(run_check: Callable[..., CheckResult], monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[Any] = []
    name = "column_values.unique.unexpected_count"
    answer = execution._SHORTER[name]
    listening = {**execution._SHORTER, name: lambda *given: counted.append(given) or answer(*given)}
    monkeypatch.setattr(execution, "_SHORTER", listening)
    outcome = run_check({"n": [1, 1, 2]}, [{"type": "unique", "column": "n"}]).outcomes[-1]
    assert (outcome.status, outcome.failing_count, len(counted)) == ("failed", 2, 1)


def test_keys_with_equal_hashes_are_compared(run_check: Callable[..., CheckResult]) -> None:
    table = pa.table({"n": [1, 1, 2, 3, 3, 3, None, None], "t": ["a", "a", "b", "c", "c", "d", "e", "e"]})
    outcome = run_check(table, [{"type": "unique_together", "columns": ["n", "t"]}]).outcomes[-1]
    assert (outcome.status, outcome.failing_count, outcome.checked) == ("failed", 4, 6)


def test_footers_that_do_not_tell_the_nulls_are_no_answer(tmp_path: Path) -> None:
    table = pa.table({"n": [1, None, 3], "t": ["a", None, None]})
    path = tmp_path / "part.parquet"
    pq.write_table(table, path, write_statistics=["t"])
    rules = rules_from_json([{"type": "not_null", "column": name} for name in ("n", "t")])
    result = check(parquet=[path, path], schema=schema_of(table), rules=rules, workdir=tmp_path)
    assert [item.failing_count for item in result.outcomes if item.rule.type == "not_null"] == [2, 4]
