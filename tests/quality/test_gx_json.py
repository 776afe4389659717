"""Suites of Great Expectations as rules, and back: the real library judges an exported suite as we do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import great_expectations as gx
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.rules.gx_json import from_suite, to_suite
from quality.rules.rule import InvalidRule, Rule, RuleType

TABLE = {
    "n": [1, 2, 2, 4, None],
    "m": [0, 1, 2, 5, 6],
    "s": ["a", "bb", "zz", "a", None],
    "up": [1, 2, 3, 4, 5],
    "dup": [2, 1, 2, 2, 3],
}
# Each once as the table satisfies it and once as it does not.
JUDGED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "not_null", "column": "m"}, {"type": "not_null", "column": "n"}),
    ({"type": "not_null", "column": "n", "mostly": 0.8}, {"type": "not_null", "column": "n", "mostly": 0.81}),
    ({"type": "unique", "column": "up"}, {"type": "unique", "column": "n"}),
    ({"type": "unique_together", "columns": ["n", "m"]}, {"type": "unique_together", "columns": ["s", "t"]}),
    (
        {"type": "in_set", "column": "s", "values": ["a", "bb", "zz"]},
        {"type": "in_set", "column": "s", "values": ["a"], "mostly": 0.9},
    ),
    (
        {"type": "between", "column": "n", "min": 1, "max": 4},
        {"type": "between", "column": "n", "min": 1, "max": 4, "strict_max": True},
    ),
    ({"type": "matches", "column": "s", "pattern": "[a-z]+"}, {"type": "matches", "column": "s", "pattern": "[a-z]"}),
    ({"type": "length_between", "column": "s", "max": 2}, {"type": "length_between", "column": "s", "max": 1}),
    ({"type": "row_count_between", "min": 5}, {"type": "row_count_between", "max": 4}),
    ({"type": "column_count", "value": 6}, {"type": "column_count", "value": 4}),
    (
        {"type": "columns_match", "columns": ["up", "n", "m", "s", "dup", "t"]},
        {"type": "columns_match", "columns": ["up", "n", "m", "s", "dup", "t"], "ordered": True},
    ),
    (
        {"type": "column_pair", "columns": ["up", "m"], "mostly": 0.5},
        {"type": "column_pair", "columns": ["up", "m"]},
    ),
    ({"type": "mean_between", "column": "m", "max": 2.8}, {"type": "mean_between", "column": "m", "max": 2.7}),
    ({"type": "median_between", "column": "m", "min": 2}, {"type": "median_between", "column": "m", "min": 2.1}),
    ({"type": "stdev_between", "column": "up", "max": 1.6}, {"type": "stdev_between", "column": "up", "max": 1.5}),
    ({"type": "sum_between", "column": "up", "min": 15}, {"type": "sum_between", "column": "up", "min": 15.1}),
    (
        {"type": "distinct_count_between", "column": "s", "max": 3},
        {"type": "distinct_count_between", "column": "s", "max": 2},
    ),
    (
        {"type": "distinct_in_set", "column": "s", "values": ["a", "bb", "zz"]},
        {"type": "distinct_in_set", "column": "s", "values": ["a"]},
    ),
    ({"type": "increasing", "column": "up", "strictly": True}, {"type": "increasing", "column": "dup"}),
    (
        {"type": "sum_equals", "columns": ["up", "down"], "total": 6},
        {"type": "sum_equals", "columns": ["up", "m"], "total": 6},
    ),
]
WHOLE = pa.table({**TABLE, "t": [7, 7, 7, 7, 7]})
SUMS = WHOLE.append_column("down", pa.array([5, 4, 3, 2, 1]))


@pytest.fixture(scope="module")
def judge() -> Callable[[pa.Table, dict[str, Any]], list[bool]]:
    """Plain Great Expectations on a pandas frame, from the suite as JSON."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("frames")

    def run(table: pa.Table, suite: dict[str, Any]) -> list[bool]:
        asset = source.add_dataframe_asset(f"frame{len(source.assets)}")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table.to_pandas()})
        loaded = gx.ExpectationSuite(**json.loads(json.dumps(suite)))
        answer = batch.validate(loaded)
        assert not any(item.exception_info.get("raised_exception") for item in answer.results), answer
        places = {id(item): place for place, item in enumerate(loaded.expectations)}
        assert len(places) == len(answer.results)
        by_rule = {item.expectation_config.meta["commonfield"]["id"]: bool(item.success) for item in answer.results}
        return [by_rule[item["meta"]["commonfield"]["id"]] for item in suite["expectations"]]

    return run


def test_every_type_that_can_be_exported_is_judged_here() -> None:
    cannot = {
        RuleType.TYPE,
        RuleType.FRESH,
        RuleType.DRIFT,
        RuleType.NO_GAPS,
        RuleType.FOREIGN_KEY,
        RuleType.WITHIN_AREA,
        RuleType.INCREASING_TOGETHER,
    }
    assert {rule["type"] for rule, _ in JUDGED} == set(RuleType) - cannot


def test_an_exported_suite_gives_plain_great_expectations_the_same_verdicts(run_check: Any, judge: Any) -> None:
    given_rules = [Rule.from_json(rule) for pair in JUDGED for rule in pair]
    for table in (WHOLE, SUMS):
        rules = [rule for rule in given_rules if (rule.type is RuleType.SUM_EQUALS) == (table is SUMS)]
        suite, left = to_suite(rules, name="ours")
        assert left == ()
        outcomes = {outcome.rule.id: outcome.status for outcome in run_check(table, rules).outcomes}
        ours = [outcomes[rule.id] == "passed" for rule in rules]
        assert ours == [index % 2 == 0 for index in range(len(rules))], [(rule, outcomes[rule.id]) for rule in rules]
        assert judge(table, suite) == ours


@given(st.permutations([rule for pair in JUDGED for rule in pair]), st.sampled_from(["error", "warning", "info"]))
def test_rules_come_back_from_their_suite_as_they_were(rules: list[dict[str, Any]], level: str) -> None:
    asked = [Rule.from_json({**rule, "level": level}) for rule in rules]
    suite, left = to_suite(asked, name="x")
    back, unread = from_suite(json.loads(json.dumps(suite)))
    assert (left, unread) == ((), ())
    assert [(rule.id, rule.level) for rule in back] == [(rule.id, rule.level) for rule in asked]


def test_what_has_no_counterpart_is_told_on_the_way_out() -> None:
    rules = [
        {"type": "type", "column": "a", "is": "integer"},
        {"type": "unique", "column": "a"},
        {"type": "drift", "column": "a"},
        {"type": "increasing", "column": "a", "group": ["b"]},
        {"type": "sum_equals", "columns": ["a", "b"], "total": "c"},
    ]
    suite, left = to_suite([Rule.from_json(rule) for rule in rules], name="x")
    assert [item["type"] for item in suite["expectations"]] == ["expect_column_values_to_be_unique"]
    assert [(item.number, item.type) for item in left] == [
        (1, "type"),
        (3, "drift"),
        (4, "increasing"),
        (5, "sum_equals"),
    ]
    assert all(item.why for item in left)


FOREIGN: list[tuple[dict[str, Any], dict[str, Any] | str]] = [
    (
        {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a", "mostly": 1}},
        {"type": "not_null", "column": "a"},
    ),
    (
        {"type": "expect_column_value_lengths_to_equal", "kwargs": {"column": "a", "value": 3}},
        {"type": "length_between", "column": "a", "min": 3, "max": 3},
    ),
    (
        {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 3, "batch_id": "x"}, "severity": "info"},
        {"type": "row_count_between", "min": 3, "max": 3, "level": "info"},
    ),
    (
        {"type": "expect_column_max_to_be_between", "kwargs": {"column": "a", "max_value": 3, "min_value": None}},
        {"type": "between", "column": "a", "max": 3},
    ),
    (
        {"type": "expect_column_max_to_be_between", "kwargs": {"column": "a", "min_value": 3}},
        "a rule can say it with max_value alone",
    ),
    (
        {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a", "regex": "^x|y$"}},
        {"type": "matches", "column": "a", "pattern": r"[\s\S]*(?:^x|y$)[\s\S]*"},
    ),
    (
        {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a", "regex": "^(?:x)|(?:y)$"}},
        {"type": "matches", "column": "a", "pattern": r"[\s\S]*(?:^(?:x)|(?:y)$)[\s\S]*"},
    ),
    (
        {"type": "expect_table_columns_to_match_set", "kwargs": {"column_set": ["a"], "exact_match": False}},
        "a rule about columns names all of them",
    ),
    (
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a", "row_condition": "b > 1"}},
        "a rule can't say row_condition",
    ),
    (
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "a", "min_value": {"$PARAMETER": "x"}}},
        "min must be a finite number or a date or time in ISO 8601",
    ),
    (
        {
            "type": "expect_compound_columns_to_be_unique",
            "kwargs": {"column_list": ["a", "b"], "ignore_row_if": "never"},
        },
        "it looks at rows with missing values, which rules do not",
    ),
    ({"type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {}}, "there is no type of rule for it"),
    ({"type": "expect_column_values_to_be_unique", "kwargs": [1]}, "it is no expectation: it needs a type and kwargs"),
    ("x", "it is no expectation: it needs a type and kwargs"),
    (
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a"}, "severity": "fatal"},
        "its severity is none of critical, warning, info",
    ),
]


@pytest.mark.parametrize(("expectation", "meant"), FOREIGN)
def test_others_suites_are_read_or_told(expectation: Any, meant: Any) -> None:
    rules, left = from_suite({"expectations": [expectation]})
    if isinstance(meant, str):
        assert (rules, [(item.number, item.why) for item in left]) == ((), [(1, meant)])
    else:
        assert (list(rules), left) == ([Rule.from_json(meant)], ())
        assert rules[0].level == meant.get("level", "error")


def test_what_asks_the_same_is_told_and_what_is_no_suite_refused() -> None:
    one = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a"}}
    rules, left = from_suite({"expectations": [one, one]})
    assert (len(rules), [(item.number, item.why) for item in left]) == (1, [(2, "it asks the same as an earlier one")])
    for wrong in ([], None, {"expectations": {}}, "x"):
        with pytest.raises(InvalidRule):
            from_suite(wrong)


def test_a_searched_pattern_means_the_same_here(outcome: Any) -> None:
    for regex, rows in (("^x|y$", [3]), ("b", [1, 2, 3])):
        (rule,), _ = from_suite(
            {
                "expectations": [
                    {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "c", "regex": regex}}
                ]
            }
        )
        found = outcome({"c": ["xa", "a\ny", "ax"]}, **{k: v for k, v in rule.to_json().items() if k != "id"})
        assert [sample["row"] for sample in found.samples] == rows


def test_numbers_of_things_are_read_as_great_expectations_itself_writes_them() -> None:
    """It keeps some of them as floats: a length of seven is 7.0 in its JSON."""
    suite = gx.ExpectationSuite(
        name="counts",
        expectations=[
            gx.expectations.ExpectColumnValueLengthsToEqual(column="s", value=7),
            gx.expectations.ExpectColumnUniqueValueCountToBeBetween(column="s", min_value=2, max_value=5.0),
            gx.expectations.ExpectTableRowCountToEqual(value=5),
        ],
    )
    rules, left = from_suite(json.loads(json.dumps(suite.to_json_dict())))
    assert left == ()
    assert [(rule.params["min"], rule.params["max"]) for rule in rules] == [(7, 7), (2, 5), (5, 5)]
