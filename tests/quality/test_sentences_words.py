"""Rules and outcomes in words."""

import string
from typing import Any, get_args

import pytest
from django.utils import translation

from quality.checking.outcome import Obstacle, RuleOutcome
from quality.rules import sentences
from quality.rules.rule import Rule, RuleType
from quality.rules.sentences import expected, observed, percent, plain, sentence

RULES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"type": "type", "column": "a", "is": "integer"},
        "Every value of a is of type whole number.",
        "whole number",
    ),
    (
        {"type": "not_null", "column": "a", "mostly": 0.95},
        "a has a value in every row. At least 95 % of the values must do so.",
        "a value",
    ),
    ({"type": "unique", "column": "a"}, "No value of a stands twice.", "each value once"),
    (
        {"type": "unique_together", "columns": ["a", "b"]},
        "No combination of a, b stands twice.",
        "each combination once",
    ),
    ({"type": "in_set", "column": "a", "values": ["x", 1]}, "Every value of a is one of: x, 1.", "x, 1"),
    (
        {"type": "in_set", "column": "a", "values": list(range(13))},
        "Every value of a is one of: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3 more.",
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3 more",
    ),
    (
        {"type": "between", "column": "a", "min": 0, "max": 1.5, "strict_min": True},
        "Every value of a is above 0 and at most 1.5.",
        "above 0 and at most 1.5",
    ),
    (
        {"type": "between", "column": "a", "max": "2024-12-31", "strict_max": True},
        "Every value of a is below 2024-12-31.",
        "below 2024-12-31",
    ),
    (
        {"type": "matches", "column": "100% <b>", "pattern": "%s"},
        "Every value of 100% <b> matches the pattern %s.",
        "%s",
    ),
    (
        {"type": "length_between", "column": "a", "min": 2, "max": 2},
        "The number of characters of each a is 2.",
        "2",
    ),
    (
        {"type": "row_count_between", "min": 10_000},
        "The number of rows is at least 10\u202f000.",
        "at least 10\u202f000",
    ),
    ({"type": "column_count", "value": 3}, "The number of columns is 3.", "3"),
    ({"type": "columns_match", "columns": ["a", "b"]}, "The table has exactly these columns: a, b.", "a, b"),
    ({"type": "column_pair", "columns": ["a", "b"]}, "In every row a is greater than b.", "greater than b"),
    (
        {"type": "column_pair", "columns": ["a", "b"], "or_equal": True},
        "In every row a is at least b.",
        "at least b",
    ),
    ({"type": "mean_between", "column": "a", "min": 1}, "The mean of a is at least 1.", "at least 1"),
    ({"type": "median_between", "column": "a", "min": 1}, "The median of a is at least 1.", "at least 1"),
    (
        {"type": "stdev_between", "column": "a", "min": 1},
        "The standard deviation of a is at least 1.",
        "at least 1",
    ),
    ({"type": "sum_between", "column": "a", "min": 1}, "The sum of a is at least 1.", "at least 1"),
    (
        {"type": "distinct_count_between", "column": "a", "min": 1},
        "The number of different values of a is at least 1.",
        "at least 1",
    ),
    (
        {"type": "distinct_in_set", "column": "a", "values": ["x"]},
        "The different values of a are all among: x.",
        "x",
    ),
    (
        {"type": "increasing", "column": "a"},
        "The values of a are never smaller from row to row.",
        "never smaller",
    ),
    (
        {"type": "increasing", "column": "a", "strictly": True},
        "The values of a are always greater from row to row.",
        "always greater",
    ),
    (
        {"type": "increasing_together", "columns": ["a", "b"], "group": ["c"]},
        "The combinations of a, b are never smaller for each c from row to row.",
        "never smaller for each c",
    ),
    (
        {"type": "no_gaps", "column": "a", "step": "P1M1DT90M", "group": ["b"]},
        (
            "The values of a follow each other without a gap: at most 1 month 1 day 1 hour 30 minutes from one to the "
            "next for each b."
        ),
        "at most 1 month 1 day 1 hour 30 minutes from one to the next for each b",
    ),
    (
        {"type": "foreign_key", "columns": ["a"], "resource": "t", "fields": ["b"]},
        "Every a is found in b of the table t.",
        "b of the table t",
    ),
    ({"type": "foreign_key", "columns": ["a"], "resource": "", "fields": ["b"]}, "Every a is found in b.", "b"),
    (
        {"type": "sum_equals", "columns": ["a", "b"], "total": 100, "tolerance": 0.5},
        "In every row the sum of a, b is 100, give or take 0.5.",
        "100, give or take 0.5",
    ),
    (
        {"type": "within_area", "columns": ["a", "b"], "box": [-10, 35.5, 30, 70]},
        "Every place at a (latitude), b (longitude) is between 35.5° and 70° north, -10° and 30° east.",
        "between 35.5° and 70° north, -10° and 30° east",
    ),
    (
        {"type": "fresh", "column": "a", "within": "P7D"},
        "The newest value of a is not older than 7 days.",
        "not older than 7 days",
    ),
    (
        {"type": "fresh", "column": "a"},
        "The newest value of a is not older than the promised update frequency.",
        "not older than the promised update frequency",
    ),
    (
        {"type": "drift", "column": "a"},
        "The values of a are spread as in the last published version: the population stability index is at most 0.25.",
        "at most 0.25",
    ),
]


@pytest.mark.parametrize(("rule", "whole", "short"), RULES)
def test_a_rule_in_words(rule: dict[str, Any], whole: str, short: str) -> None:
    with translation.override("en"):
        assert (sentence(Rule.from_json(rule)), expected(Rule.from_json(rule))) == (whole, short)


def test_every_type_has_words() -> None:
    assert {rule["type"] for rule, *_ in RULES} == set(RuleType)


def found(rule_type: str, status: Any = "failed", **values: Any) -> RuleOutcome:
    columns = values.pop("columns", ("a",))
    return RuleOutcome(Rule(RuleType(rule_type), columns, {"values": ["x"]}), status, **values)


OBSERVED: list[tuple[RuleOutcome, str]] = [
    (found("unique", failing_count=2, failing_share=0.5, checked=4), "2 of 4 values fail (50 %)"),
    (found("unique", failing_count=1, failing_share=1.0, checked=1), "1 of 1 value fails (100 %)"),
    (found("unique", failing_count=1), "1 value fails"),
    (found("unique", "passed", failing_count=0, failing_share=0.0, checked=4), "no value fails"),
    (found("distinct_in_set", failing_count=2), "2 other values"),
    (found("mean_between", observed=3.0), "3"),
    (found("mean_between", observed=None), "–"),
    (
        found("columns_match", observed={"missing": ["x"], "unexpected": ["y", "z"]}),
        "missing: x; not expected: y, z",
    ),
    (found("columns_match", "passed", observed={"missing": [], "unexpected": []}), "the same columns"),
    (
        found("unique", "errored", obstacle="column-missing", error="100% <b>"),
        "Could not check: there is no column 100% <b>.",
    ),
]


@pytest.mark.parametrize(("outcome", "words"), OBSERVED)
def test_what_was_found_in_words(outcome: RuleOutcome, words: str) -> None:
    with translation.override("en"):
        assert observed(outcome) == words


def test_every_obstacle_has_a_sentence_that_takes_its_detail() -> None:
    assert set(sentences.OBSTACLES) == set(get_args(Obstacle)) - {""}
    for template in sentences.OBSTACLES.values():
        assert "%(detail)s" in str(template)
        assert str(template).startswith("Could not check")


def test_figures() -> None:
    shares = [0, 1e-9, 0.001, 0.0123, 0.5, 0.996, 0.9999999, 1]
    assert [percent(share) for share in shares] == [
        "0 %",
        "< 0.01 %",
        "0.1 %",
        "1.2 %",
        "50 %",
        "99.60 %",
        "99.99 %",
        "100 %",
    ]
    assert [plain(value) for value in (5.0, 1234, 1e20, 0.1 + 0.2, 1 / 3)] == [
        "5",
        "1234",
        "1e+20",
        "0.3",
        "0.333333",
    ]
    assert all(character not in string.whitespace for character in plain(12345678).replace("\u202f", ""))
