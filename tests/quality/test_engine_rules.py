"""Each type of rule passes on right data and fails on wrong data, with the exact rows."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

D = dt.date
T = dt.datetime
UTC = pa.timestamp("us", "UTC")

# rule, values that satisfy it, values that do not, the rows of the second that fail
ON_VALUES: list[tuple[dict[str, Any], Any, Any, list[int]]] = [
    ({"type": "not_null"}, [1, 2], [1, None, 2, None], [2, 4]),
    ({"type": "not_null"}, [[1], []], [[1], None], [2]),
    ({"type": "not_null"}, [{"a": 1}], [{"a": 1}, None], [2]),
    ({"type": "unique"}, [1, 2, None, None], [1, 2, 1, None, 2, 3], [1, 2, 3, 5]),
    ({"type": "unique"}, ["a", "A"], ["a", "A", "a"], [1, 3]),
    ({"type": "in_set", "values": ["x", "y"]}, ["x", None, "y"], ["x", "z", None, "Y"], [2, 4]),
    ({"type": "in_set", "values": [1, 2]}, [2, 1], [1, 3], [2]),
    ({"type": "in_set", "values": ["1", "2"]}, [2, 1], [1, 3], [2]),
    ({"type": "in_set", "values": [True]}, [True, None], [True, False], [2]),
    ({"type": "in_set", "values": ["2024-01-31"]}, [D(2024, 1, 31)], [D(2024, 1, 31), D(2024, 1, 30)], [2]),
    ({"type": "in_set", "values": ["2024-01-31T10:00:00"]}, [T(2024, 1, 31, 10)], [T(2024, 1, 31)], [1]),
    ({"type": "in_set", "values": [1.1]}, pa.array([1.1], pa.float32()), pa.array([1.2], pa.float32()), [1]),
    ({"type": "in_set", "values": [1.1]}, [Decimal("1.10")], [Decimal("1.11")], [1]),
    ({"type": "in_set", "values": [2**53 + 1]}, [2**53 + 1], [2**53], [1]),
    ({"type": "between", "min": 1, "max": 3}, [1, 3, None], [0, 2, 4, None], [1, 3]),
    ({"type": "between", "min": 1, "strict_min": True}, [1.5], [1.0, 2.0], [1]),
    ({"type": "between", "max": 3, "strict_max": True}, [2.9], [2.0, 3.0], [2]),
    ({"type": "between", "min": 0.5}, [1, 2], [0, 1], [1]),
    ({"type": "between", "max": 1.1}, pa.array([1.1], pa.float32()), pa.array([1.2], pa.float32()), [1]),
    ({"type": "between", "max": "0.30"}, [Decimal("0.30")], [Decimal("0.31")], [1]),
    ({"type": "between", "max": 2**53}, [2**53], [1, 2**53 + 1], [2]),
    ({"type": "between", "min": 2**62 + 1}, [2**62 + 1], [2**62, None], [1]),
    ({"type": "between", "min": 2**62 + 1, "strict_min": True}, [2**62 + 2], [2**62 + 1], [1]),
    ({"type": "between", "max": "2024-01-31"}, [D(2024, 1, 31)], [D(2024, 1, 31), D(2024, 2, 1)], [2]),
    ({"type": "between", "max": "2024-01-31T10:00"}, [T(2024, 1, 31, 10)], [T(2024, 1, 31, 10, 0, 1)], [1]),
    (
        {"type": "between", "min": "2024-01-31T10:00:00+02:00"},
        pa.array([T(2024, 1, 31, 8)], UTC),
        pa.array([T(2024, 1, 31, 7, 59)], UTC),
        [1],
    ),
    (
        {"type": "between", "min": "08:30:00"},
        pa.array([dt.time(8, 30)], pa.time64("us")),
        pa.array([dt.time(9), dt.time(8, 29)], pa.time64("us")),
        [2],
    ),
    ({"type": "between", "max": 3}, [float("-inf"), 3.0], [float("inf"), 1.0, float("nan")], [1, 3]),
    ({"type": "matches", "pattern": "a|bc"}, ["a", "bc", None], ["ab", "xbc", "a", ""], [1, 2, 4]),
    ({"type": "matches", "pattern": "^[0-9]{2}$"}, ["12"], ["123", "12\n"], [1, 2]),
    ({"type": "length_between", "min": 2, "max": 3}, ["ab", "äöü", None], ["a", "ab", "abcd"], [1, 3]),
    ({"type": "length_between", "max": 2}, ["日本", ""], ["日本語"], [1]),
    ({"type": "increasing"}, [1, 1, None, 2], [1, 3, None, 2, 2, 1], [4, 6]),
    ({"type": "increasing", "strictly": True}, [1, None, 2], [1, 1, 2], [2]),
    ({"type": "increasing"}, [D(2024, 1, 1), D(2024, 1, 2)], [D(2024, 1, 2), D(2024, 1, 1)], [2]),
]


@pytest.mark.parametrize(("rule", "right", "wrong", "rows"), ON_VALUES)
def test_a_rule_on_values(outcome: Any, rule: Any, right: Any, wrong: Any, rows: list[int]) -> None:
    passed = outcome({"c": right}, column="c", **rule)
    assert (passed.status, passed.failing_count, passed.samples, passed.error) == ("passed", 0, (), "")

    failed = outcome({"c": wrong}, column="c", **rule)
    assert failed.status == "failed"
    assert [sample["row"] for sample in failed.samples] == rows
    assert failed.failing_count == len(rows)
    values = pa.array(wrong) if isinstance(wrong, list) else wrong
    checked = len(values) if rule["type"] == "not_null" else len(values) - values.null_count
    assert failed.checked == checked
    assert failed.failing_share == pytest.approx(len(rows) / checked)


# rule, a table that satisfies it, one that does not, what was observed of the second
ON_WHOLES: list[tuple[dict[str, Any], Any, Any, Any]] = [
    ({"type": "row_count_between", "min": 2}, {"c": [1, 2]}, {"c": [1]}, 1),
    ({"type": "row_count_between", "max": 2}, {"c": [1, 2]}, {"c": [1, 2, 3]}, 3),
    ({"type": "column_count", "value": 2}, {"c": [1], "d": [1]}, {"c": [1]}, 1),
    (
        {"type": "columns_match", "columns": ["d", "c"]},
        {"c": [1], "d": [1]},
        {"c": [1], "e": [1]},
        {"missing": ["d"], "unexpected": ["e"]},
    ),
    (
        {"type": "columns_match", "columns": ["c", "d"], "ordered": True},
        {"c": [1], "d": [1]},
        {"d": [1], "c": [1]},
        {"missing": [], "unexpected": []},
    ),
    ({"type": "mean_between", "column": "c", "min": 2, "max": 2}, {"c": [1, 3, None]}, {"c": [1, 2]}, 1.5),
    ({"type": "median_between", "column": "c", "max": 2}, {"c": [1, 2, 9]}, {"c": [1, 3, 9, None]}, 3),
    ({"type": "median_between", "column": "c", "max": 2}, {"c": [1, 3]}, {"c": [2, 3]}, 2.5),
    ({"type": "stdev_between", "column": "c", "max": 1}, {"c": [1, 2]}, {"c": [1.0, 3.0, 5.0]}, 2),
    ({"type": "sum_between", "column": "c", "min": 3}, {"c": [1, 2]}, {"c": [1, 1, None]}, 2),
    ({"type": "sum_between", "column": "c", "max": 3}, {"c": [1.0, 2.0]}, {"c": [Decimal("3.50")]}, 3.5),
    ({"type": "distinct_count_between", "column": "c", "min": 2}, {"c": ["a", "b"]}, {"c": ["a", None]}, 1),
    ({"type": "type", "column": "c", "is": "integer"}, {"c": [1]}, {"c": ["1"]}, "VARCHAR"),
    ({"type": "type", "column": "c", "is": "integer"}, {"c": [Decimal(2**70)]}, {"c": [1.0]}, "DOUBLE"),
    ({"type": "type", "column": "c", "is": "number"}, {"c": [Decimal("1.5")]}, {"c": [True]}, "BOOLEAN"),
    ({"type": "type", "column": "c", "is": "date"}, {"c": [D(2024, 1, 1)]}, {"c": ["2024-01-01"]}, "VARCHAR"),
    (
        {"type": "type", "column": "c", "is": "datetime"},
        {"c": [T(2024, 1, 1)]},
        {"c": [D(2024, 1, 1)]},
        "DATE",
    ),
    ({"type": "type", "column": "c", "is": "boolean"}, {"c": [True]}, {"c": [1]}, "BIGINT"),
    ({"type": "type", "column": "c", "is": "array"}, {"c": [[1]]}, {"c": [1]}, "BIGINT"),
    ({"type": "type", "column": "c", "is": "object"}, {"c": [{"a": 1}]}, {"c": [1]}, "BIGINT"),
    ({"type": "type", "column": "c", "is": "string"}, {"c": ["x"]}, {"c": [{"a": 1}]}, "STRUCT(a BIGINT)"),
]


@pytest.mark.parametrize(("rule", "right", "wrong", "observed"), ON_WHOLES)
def test_a_rule_on_the_whole(outcome: Any, rule: Any, right: Any, wrong: Any, observed: Any) -> None:
    assert outcome(right, **rule).status == "passed"
    failed = outcome(wrong, **rule)
    assert (failed.status, failed.observed) == ("failed", observed)


def test_what_a_passed_aggregate_observed_is_told(outcome: Any) -> None:
    assert outcome({"c": [1, 2, 6]}, type="mean_between", column="c", max=5).observed == 3


def test_keys_of_several_columns(outcome: Any) -> None:
    table = {"a": [1, 1, 1, None, None], "b": ["x", "y", "x", "x", "x"]}
    failed = outcome(table, type="unique_together", columns=["a", "b"])
    assert (failed.status, failed.failing_count, failed.checked) == ("failed", 2, 3)
    assert failed.samples == (
        {"row": 1, "value": {"a": 1, "b": "x"}},
        {"row": 3, "value": {"a": 1, "b": "x"}},
    )
    assert outcome({"a": [1, 1], "b": [1, 2]}, type="unique_together", columns=["a", "b"]).status == "passed"
    unknown = {"a": [1, 1, None, None], "b": [None, None, None, None]}
    assert outcome(unknown, type="unique_together", columns=["a", "b"]).status == "passed"


def test_pairs_of_columns(outcome: Any) -> None:
    table = {"end": [2, 2, 1, None], "start": [1, 2, 2, 9]}
    failed = outcome(table, type="column_pair", columns=["end", "start"])
    assert [sample["row"] for sample in failed.samples] == [2, 3]
    assert failed.checked == 3
    or_equal = outcome(table, type="column_pair", columns=["end", "start"], or_equal=True)
    assert or_equal.samples == ({"row": 3, "value": {"end": 1, "start": 2}},)


def test_other_distinct_values_have_no_row(outcome: Any) -> None:
    failed = outcome({"c": ["a", "b", "b", "z"]}, type="distinct_in_set", column="c", values=["a"])
    assert (failed.status, failed.failing_count) == ("failed", 2)
    assert sorted(sample["value"] for sample in failed.samples) == ["b", "z"]
    assert {sample["row"] for sample in failed.samples} == {None}
    assert outcome({"c": ["a"]}, type="distinct_in_set", column="c", values=["a", "b"]).status == "passed"


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "not_null"},
        {"type": "between", "min": 0},
        {"type": "between", "min": -(2**60)},
        {"type": "in_set", "values": [0, 1, 2, 3, 4, 5, 6, 7]},
    ],
)
def test_what_is_tolerated_passes_and_is_still_told(outcome: Any, rule: Any) -> None:
    bad = None if rule["type"] == "not_null" else -(2**61)
    table = {"c": [0, 1, 2, 3, 4, 5, 6, 7, bad, 7]}
    tolerant = outcome(table, column="c", mostly=0.9, **rule)
    assert tolerant.status == "passed"
    if rule.get("min") != -(2**60):
        assert (tolerant.failing_count, [s["row"] for s in tolerant.samples]) == (1, [9])
    assert outcome(table, column="c", mostly=0.91, **rule).status == "failed"


def test_rows_are_numbered_over_all_parts(outcome: Any) -> None:
    values = [0 if row in (1, 2_500, 7_000) else 1 for row in range(1, 7_001)]
    failed = outcome({"c": values}, parts=3, type="between", column="c", min=1)
    assert [sample["row"] for sample in failed.samples] == [1, 2_500, 7_000]
    assert outcome({"c": list(range(9))}, parts=3, type="increasing", column="c").status == "passed"


def test_at_most_twenty_samples_are_kept_and_all_are_counted(outcome: Any) -> None:
    failed = outcome({"c": [0] * 5_000}, type="between", column="c", min=1)
    assert (failed.failing_count, failed.failing_share) == (5_000, 1)
    assert [sample["row"] for sample in failed.samples] == list(range(1, 21))
    for rule in ({"type": "unique"}, {"type": "increasing", "strictly": True}):
        assert len(outcome({"c": [0] * 5_000}, column="c", **rule).samples) == 20


def test_the_suite_of_a_schema(run_check: Any) -> None:
    schema = {
        "fields": [
            {"name": "id", "type": "integer", "constraints": {"minimum": 1, "maximum": 9}},
            {"name": "kind", "type": "string", "constraints": {"enum": ["a", "b"], "required": True}},
            {"name": "code", "type": "string", "constraints": {"pattern": "[A-Z]+", "minLength": 2}},
            {"name": "day", "type": "date", "constraints": {"maximum": "2024-12-31", "unique": True}},
        ],
        "primaryKey": "id",
        "uniqueKeys": [["kind", "code"]],
    }
    table = {
        "id": [1, 10, 1],
        "kind": ["a", None, "c"],
        "code": ["AB", "a", "A"],
        "day": [D(2024, 12, 31), D(2025, 1, 1), None],
    }
    found = {
        (item.rule.type.value, *item.rule.columns): (item.status, [s["row"] for s in item.samples])
        for item in run_check(table, schema=schema).outcomes
    }
    assert found == {
        ("columns_match", "id", "kind", "code", "day"): ("passed", []),
        ("type", "id"): ("passed", []),
        ("between", "id"): ("failed", [2]),
        ("type", "kind"): ("passed", []),
        ("not_null", "kind"): ("failed", [2]),
        ("in_set", "kind"): ("failed", [3]),
        ("type", "code"): ("passed", []),
        ("matches", "code"): ("failed", [2]),
        ("length_between", "code"): ("failed", [2, 3]),
        ("type", "day"): ("passed", []),
        ("unique", "day"): ("passed", []),
        ("between", "day"): ("failed", [2]),
        ("unique", "id"): ("failed", [1, 3]),
        ("unique_together", "kind", "code"): ("passed", []),
        ("not_null", "id"): ("passed", []),
    }
