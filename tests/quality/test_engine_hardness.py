"""Hostile names, rules that crash, empty and wide tables, little memory: nothing unchecked is passed."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from catalog.table_schema import TableSchema
from quality.checking.engine import check
from quality.checking.outcome import RuleOutcome
from quality.checking.session import Session
from quality.rules.rule import Rule
from quality.rules.suite import rules_of

NAMES = [
    'quo"te',
    "it's",
    "with space",
    "<script>alert(1)</script>",
    "😀 日本",
    "{batch}",
    "{0} {x}",
    "a:b :c ::d",
    r"back\slash\:n",
    "100%s %(x)s",
    "; DROP TABLE checked; --",
    "select",
    "row_number",
    "file_row_number",
    "file_index",
    "previous\nline",
    "failing_row",
    "failing_value",
    "unexpected",
    "_num_rows",
    "column_1",
    "[brackets] `ticks`",
    "$dollar",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_a_columns(run_check: Any, name: str) -> None:
    rules = [
        {"type": "not_null", "column": name},
        {"type": "unique", "column": name},
        {"type": "in_set", "column": name, "values": [1, 2, 3]},
        {"type": "between", "column": name, "max": 3},
        {"type": "between", "column": name, "max": "3.5"},
        {"type": "between", "column": name, "min": -(2**60), "max": 2**60},
        {"type": "increasing", "column": name},
        {"type": "mean_between", "column": name, "max": 1},
        {"type": "median_between", "column": name, "max": 1},
        {"type": "stdev_between", "column": name, "max": 0},
        {"type": "sum_between", "column": name, "max": 0},
        {"type": "distinct_count_between", "column": name, "max": 1},
        {"type": "distinct_in_set", "column": name, "values": [1]},
        {"type": "unique_together", "columns": [name, "other"]},
        {"type": "column_pair", "columns": ["other", name]},
        {"type": "type", "column": name, "is": "string"},
    ]
    table = {name: [1, 2, 2**61, 1, None], "other": [1, 1, 1, 1, 1]}
    result = run_check(table, rules, parts=2)
    found = [
        (item.rule.type.value, item.status, [sample["row"] for sample in item.samples]) for item in result.outcomes
    ]
    assert found == [
        ("columns_match", "passed", []),
        ("not_null", "failed", [5]),
        ("unique", "failed", [1, 4]),
        ("in_set", "failed", [3]),
        ("between", "failed", [3]),
        ("between", "failed", [3]),
        ("between", "failed", [3]),
        ("increasing", "failed", [4]),
        ("mean_between", "failed", []),
        ("median_between", "failed", []),
        ("stdev_between", "failed", []),
        ("sum_between", "failed", []),
        ("distinct_count_between", "failed", []),
        ("distinct_in_set", "failed", [None, None]),
        ("unique_together", "failed", [1, 4]),
        ("column_pair", "failed", [1, 2, 3, 4]),
        ("type", "failed", []),
    ]
    assert result.outcomes[14].samples[0]["value"] == {name: 1, "other": 1}
    asked = [item["kwargs"] for item in result.expectations_json["suite"]["expectations"]]
    assert [kwargs.get("column", name) for kwargs in asked] == [name] * len(asked)


def test_a_name_in_other_letters_is_another_name(outcome: Any) -> None:
    found = outcome({"Value": [1]}, type="not_null", column="value")
    assert (found.status, found.obstacle, found.error) == ("errored", "column-missing", "value")


CAN_NOT: list[tuple[Any, dict[str, Any], str, str]] = [
    ([1], {"type": "not_null", "column": "gone"}, "column-missing", "gone"),
    (["a"], {"type": "matches", "column": "c", "pattern": "(?=a)a"}, "pattern-unsupported", "(?="),
    (["aa"], {"type": "matches", "column": "c", "pattern": r"(a)\1"}, "pattern-unsupported", r"\1"),
    ([1], {"type": "matches", "column": "c", "pattern": "1"}, "type-unsuited", "BIGINT"),
    ([1], {"type": "length_between", "column": "c", "max": 1}, "type-unsuited", "BIGINT"),
    (["a"], {"type": "between", "column": "c", "max": 1}, "type-unsuited", "VARCHAR"),
    (["a"], {"type": "mean_between", "column": "c", "max": 1}, "type-unsuited", "VARCHAR"),
    ([[1]], {"type": "unique", "column": "c"}, "type-unsuited", "BIGINT[]"),
    ([{"a": 1}], {"type": "in_set", "column": "c", "values": [1]}, "type-unsuited", "STRUCT(a BIGINT)"),
    ([1], {"type": "between", "column": "c", "max": "2024-01-01"}, "value-unsuited", "2024-01-01"),
    ([True], {"type": "in_set", "column": "c", "values": ["yes"]}, "value-unsuited", "yes"),
    ([None, None], {"type": "mean_between", "column": "c", "max": 1}, "no-values", "c"),
    ([1], {"type": "stdev_between", "column": "c", "max": 1}, "no-values", "c"),
]


@pytest.mark.parametrize(("values", "rule", "obstacle", "detail"), CAN_NOT)
def test_what_cannot_be_asked_is_not_passed(run_check: Any, values: Any, rule: Any, obstacle: str, detail: str) -> None:
    column = pa.array(values, pa.int64()) if values == [None, None] else pa.array(values)
    fine = {"type": "row_count_between", "min": 1}
    found, other = run_check(pa.table({"c": column}), [rule, fine]).outcomes[1:]
    assert (found.status, found.obstacle) == ("errored", obstacle)
    assert detail in found.error
    assert other.status == "passed"


def test_a_rule_that_crashes_takes_no_other_down(run_check: Any) -> None:
    """DuckDB refuses the standard deviation of what holds an infinity, and with it the whole bundled scan."""
    columns = {f"c{number}": [1.0, 2.0, float(number)] for number in range(12)}
    columns["c7"][1] = float("inf")
    rules: list[dict[str, Any]] = [{"type": "stdev_between", "column": name, "max": 1} for name in columns] + [
        {"type": "mean_between", "column": "c0", "max": 0}
    ]
    found = run_check(columns, rules)
    statuses = {(item.rule.type.value, item.rule.column): item for item in found.outcomes[1:]}
    crashed = statuses.pop(("stdev_between", "c7"))
    assert (crashed.status, crashed.obstacle) == ("errored", "engine")
    assert "out of range" in crashed.error
    assert {name: item.status for name, item in statuses.items()} == {
        **{
            ("stdev_between", f"c{number}"): "passed" if number <= 3 else "failed"
            for number in range(12)
            if number != 7
        },
        ("mean_between", "c0"): "failed",
    }
    kept = json.dumps(found.expectations_json)
    assert "Traceback" not in kept
    assert "out of range" in kept


def test_an_engine_that_breaks_off_leaves_only_the_culprit(run_check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    validate = Session._validate

    def break_off(self: Session, mode: str, batch: Any, questions: Any) -> Any:
        if any(question.rule.column == "b" for question in questions.values()):
            raise MemoryError("no more")
        return validate(self, mode, batch, questions)

    monkeypatch.setattr(Session, "_validate", break_off)
    rules = [{"type": "not_null", "column": name} for name in "abcd"]
    outcomes = run_check({name: [1, None] for name in "abcd"}, rules).outcomes[1:]
    assert [(item.status, item.error) for item in outcomes] == [
        ("failed", ""),
        ("errored", "no more"),
        ("failed", ""),
        ("failed", ""),
    ]


def test_a_schemas_own_nonsense_is_not_passed(run_check: Any) -> None:
    schema = {
        "fields": [
            {"name": "a", "type": "integer", "constraints": {"minimum": 5, "maximum": 1}},
            {"name": "b", "type": "integer", "constraints": {"minimum": "five"}},
            {"name": "c", "type": "string", "constraints": {"enum": [None, "x", {"y": 1}]}},
            {"name": "d", "type": "string", "constraints": {"enum": [None, "x"]}},
        ]
    }
    found = run_check({"a": [3], "b": [3], "c": ["x"], "d": ["x"]}, schema=schema).outcomes
    assert {item.rule.column: (item.status, item.obstacle) for item in found if item.rule.type != "type"} == {
        None: ("passed", ""),
        "a": ("errored", "engine"),
        "b": ("errored", "value-unsuited"),
        "c": ("errored", "value-unsuited"),
        "d": ("passed", ""),
    }


EVERY_RULE: list[dict[str, Any]] = [
    {"type": "not_null", "column": "n"},
    {"type": "unique", "column": "n"},
    {"type": "unique_together", "columns": ["n", "s"]},
    {"type": "in_set", "column": "s", "values": ["x"]},
    {"type": "between", "column": "n", "max": 1},
    {"type": "between", "column": "n", "max": 2**60},
    {"type": "matches", "column": "s", "pattern": "x"},
    {"type": "length_between", "column": "s", "max": 1},
    {"type": "column_pair", "columns": ["n", "m"]},
    {"type": "distinct_count_between", "column": "n", "max": 0},
    {"type": "distinct_in_set", "column": "s", "values": ["x"]},
    {"type": "increasing", "column": "n"},
]


@pytest.mark.parametrize("rows", [0, 3])
def test_no_rows_and_no_values(run_check: Any, rows: int) -> None:
    table = pa.table(
        {
            "n": pa.array([None] * rows, pa.int64()),
            "m": pa.array([None] * rows, pa.int64()),
            "s": pa.array([None] * rows, pa.string()),
        }
    )
    found = [(item.rule.type.value, item.status) for item in run_check(table, EVERY_RULE).outcomes]
    assert dict(found).pop("not_null") == ("failed" if rows else "passed")
    assert {status for name, status in found if name != "not_null"} == {"passed"}


@pytest.mark.slow
def test_hundreds_of_columns(run_check: Any) -> None:
    table = pa.table({f"c{number}": [1, number, None] for number in range(300)})
    rules = [{"type": "between", "column": f"c{number}", "max": 280} for number in range(300)]
    rules += [{"type": "not_null", "column": f"c{number}", "mostly": 0.5} for number in range(0, 300, 100)]
    result = run_check(table, rules)
    assert [item.rule.column for item in result.outcomes if item.status == "failed"] == [
        f"c{number}" for number in range(281, 300)
    ]
    assert not [item for item in result.outcomes if item.status == "errored"]


def test_decimals_keep_every_digit(outcome: Any) -> None:
    digits = Decimal("12345678901234567890.12")
    found = outcome({"c": [digits]}, type="between", column="c", max="12345678901234567890.11")
    assert found.samples == ({"row": 1, "value": "12345678901234567890.12"},)
    assert outcome({"c": [digits]}, type="between", column="c", max=str(digits)).status == "passed"


def test_the_result_is_kept_whole_and_can_be_stored(run_check: Any) -> None:
    texts = ["x" * 5_000, "nul\x00", "<b>", None]
    result = run_check(
        {"t": texts, "f": [float("nan"), float("inf"), 1.0, None]},
        [
            {"type": "length_between", "column": "t", "max": 1},
            {"type": "between", "column": "f", "max": 0},
            {"type": "mean_between", "column": "f", "max": 0},
        ],
    )
    kept = json.dumps(result.expectations_json, allow_nan=False)
    assert "\\u0000" not in kept
    assert [run["mode"] for run in result.expectations_json["runs"]] == [
        "yes_or_no",
        "shape",
        "aggregate",
        "samples",
    ]
    suite = result.expectations_json["suite"]
    assert [item["type"] for item in suite["expectations"]] == [
        "expect_table_columns_to_match_set",
        "expect_column_value_lengths_to_be_between",
        "expect_column_values_to_be_between",
        "expect_column_mean_to_be_between",
    ]
    assert [item["meta"]["rule"] for item in suite["expectations"]] == [o.rule.id for o in result.outcomes]
    lengths = result.outcomes[1]
    assert [len(sample["value"]) for sample in lengths.samples] == [500, 4, 3]
    assert set(result.engine) == {"great_expectations", "duckdb", "sqlalchemy"}
    for outcome in result.outcomes:
        stored = json.loads(json.dumps(outcome.to_json(), allow_nan=False))
        assert RuleOutcome.from_json(stored).to_json() == outcome.to_json()


def test_progress_reaches_all_rules_and_each_rule_is_asked_once(run_check: Any) -> None:
    seen: list[tuple[int, int]] = []
    descriptor = {"fields": [{"name": "c", "constraints": {"required": True}}]}
    rules = rules_of(TableSchema.from_descriptor(descriptor))
    result = run_check({"c": [1]}, [*rules, *rules], schema=descriptor, progress=lambda *pair: seen.append(pair))
    assert [item.rule for item in result.outcomes] == rules
    assert seen == [(1, 2), (2, 2)]


def test_little_memory_is_enough_because_it_spills(run_check: Any, tmp_path: Path) -> None:
    size = 1_500_000
    table = pa.table({"id": pa.array(range(size)), "s": [f"value {n:09d}" for n in range(size)]})
    rules = [{"type": "unique", "column": "s"}, {"type": "unique_together", "columns": ["id", "s"]}]
    result = run_check(table, rules, memory_limit="150MB")
    assert [item.status for item in result.outcomes] == ["passed"] * 3
    assert not list((tmp_path / "spill").glob("*"))


def test_no_other_file_can_be_read(tmp_path: Path, run_check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a rule could smuggle SQL in: the engine opens nothing but the parts."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    tried: list[str] = []

    def read(table: Any, *_: Any) -> dict[int, int]:
        for sql in (f"SELECT * FROM '{secret}'", "SET enable_external_access = true"):
            with pytest.raises(duckdb.Error):
                table.connection.execute(sql)
            tried.append(sql)
        return {}

    monkeypatch.setattr("quality.checking.engine._checked_values", read)
    run_check({"c": [1]})
    assert len(tried) == 2


def test_parts_that_are_no_parquet_are_an_error_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"no")
    schema = TableSchema.from_descriptor({"fields": [{"name": "c"}]})
    with pytest.raises(duckdb.Error):
        check(parquet=[path], schema=schema, rules=[], workdir=tmp_path)


def test_the_web_can_read_rules_without_the_engines() -> None:
    code = (
        "import sys, quality.rules.rule, quality.rules.suite, quality.rules.sentences\n"
        "import quality.checking.verdict, quality.checking.outcome\n"
        "heavy = {'great_expectations', 'pandas', 'pyarrow', 'sqlalchemy', 'duckdb'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_rules_are_given_as_they_were(run_check: Any) -> None:
    rule = Rule.from_json({"type": "not_null", "column": "c", "level": "warning"})
    assert run_check({"c": [1]}, [rule]).outcomes[-1].rule is rule
