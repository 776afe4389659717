"""Rules as JSON: what is accepted, what is refused and in which words, and what a schema means."""

import json
from typing import Any

import pytest

from catalog.errors import Invalid
from catalog.table_schema import FIELD_TYPES, TableSchema
from quality.rules.params import PARAMS
from quality.rules.rule import InvalidRule, Rule, RuleType, rules_from_json
from quality.rules.suite import rules_of

GOOD: list[dict[str, Any]] = [
    {"type": "type", "column": "a", "is": "integer"},
    {"type": "not_null", "column": "a", "mostly": 0.95},
    {"type": "unique", "column": "a"},
    {"type": "unique_together", "columns": ["a", "b"]},
    {"type": "in_set", "column": "a", "values": ["x", 1, 1.5, True]},
    {"type": "between", "column": "a", "min": 0, "max": 1.5, "strict_min": True},
    {"type": "between", "column": "a", "min": "2024-01-01", "max": "2024-01-01T10:00:00"},
    {"type": "between", "column": "a", "max": "12345678901234567890.12"},
    {"type": "between", "column": "a", "min": "08:00", "max": "17:00"},
    {"type": "matches", "column": "a", "pattern": "[a-z]+"},
    {"type": "length_between", "column": "a", "max": 10},
    {"type": "row_count_between", "min": 1},
    {"type": "column_count", "value": 3},
    {"type": "columns_match", "columns": ["a"], "ordered": True},
    {"type": "column_pair", "columns": ["a", "b"], "or_equal": True},
    {"type": "mean_between", "column": "a", "min": 0},
    {"type": "median_between", "column": "a", "min": 0},
    {"type": "stdev_between", "column": "a", "min": 0},
    {"type": "sum_between", "column": "a", "min": 0},
    {"type": "distinct_count_between", "column": "a", "min": 1, "max": 1},
    {"type": "distinct_in_set", "column": "a", "values": ["x"]},
    {"type": "increasing", "column": "a", "strictly": True, "group": ["b", "c"]},
    {"type": "increasing_together", "columns": ["a", "b"], "strictly": True, "group": ["c"]},
    {"type": "no_gaps", "column": "a", "step": "P1M", "group": ["b"]},
    {"type": "no_gaps", "column": "a", "step": 1},
    {"type": "foreign_key", "columns": ["a"], "resource": "t", "fields": ["b"], "mostly": 0.5},
    {"type": "sum_equals", "columns": ["a", "b"], "total": "c", "tolerance": 0.01},
    {"type": "within_area", "columns": ["a", "b"], "box": [-10, 35.5, 30, 70], "mostly": 0.9},
    {"type": "fresh", "column": "a", "within": "PT36H"},
    {"type": "drift", "column": "a", "max": 0.1},
]


def test_every_type_has_parameters_and_an_example() -> None:
    assert set(PARAMS) == set(RuleType) == {item["type"] for item in GOOD}


@pytest.mark.parametrize("data", GOOD)
def test_a_rule_comes_back_as_it_was_sent(data: dict[str, Any]) -> None:
    rule = Rule.from_json(data)
    sent = json.loads(json.dumps(rule.to_json()))
    assert sent == {**data, "id": rule.id, "level": "error", "origin": "owner"}
    assert Rule.from_json(sent) == rule
    assert Rule.from_stored(sent) == rule


STEP = "step must be a number above 0, or a length of time in ISO 8601 such as P1D, PT15M or P1M"
BAD: list[tuple[Any, list[str]]] = [
    ("x", ["a rule must be an object"]),
    ({}, [f"type None is none of {', '.join(RuleType)}"]),
    ({"type": "sql"}, [f"type 'sql' is none of {', '.join(RuleType)}"]),
    ({"type": ["unique"]}, [f"type ['unique'] is none of {', '.join(RuleType)}"]),
    (
        {"type": "unique", "level": "fatal", "origin": "me", "where": 1},
        [
            "level 'fatal' is none of error, warning, info",
            "origin 'me' is none of schema, owner, set",
            "unique has no parameter 'where'",
            "column must be the name of a column",
        ],
    ),
    ({"type": "no_gaps", "column": "a", "step": "1 day"}, [STEP]),
    ({"type": "no_gaps", "column": "a", "step": "P"}, [STEP]),
    ({"type": "no_gaps", "column": "a", "step": "P0D"}, [STEP]),
    ({"type": "no_gaps", "column": "a", "step": 0, "group": []}, [STEP, "group must be a list of names"]),
    (
        {"type": "increasing", "column": "a", "group": ["b", "b"]},
        ["group must name up to 32 columns, each once"],
    ),
    (
        {"type": "foreign_key", "columns": ["a"], "fields": ["b", "c"]},
        [
            "resource must be the name of a table of the version, or empty for the table itself",
            "fields must name as many columns as columns does",
        ],
    ),
    ({"type": "foreign_key", "columns": [], "resource": "", "fields": []}, ["columns must name 1 to 32 columns"]),
    (
        {"type": "sum_equals", "columns": ["a", "b"], "total": True, "tolerance": -1},
        ["total must be a number or the name of a column", "tolerance must be a number of at least 0"],
    ),
    (
        {"type": "within_area", "columns": ["a", "b"], "box": [0, 0, 1]},
        ["box must be four numbers: west, south, east, north, in degrees"],
    ),
    (
        {"type": "within_area", "columns": ["a", "b"], "box": [-181, 5, 1, 4]},
        [
            "south and north must be from -90 to 90, and south not above north",
            "west and east must be from -180 to 180",
        ],
    ),
    (
        {"type": "fresh", "column": "a", "within": "soon"},
        ["within must be a length of time in ISO 8601, such as P7D or PT12H"],
    ),
    ({"type": "drift", "column": "a", "max": 0}, ["max must be a number above 0"]),
    ({"type": "unique", "column": 5}, ["column must be the name of a column"]),
    ({"type": "unique", "column": "a", "columns": ["a"]}, ["this type takes column, not columns"]),
    (
        {"type": "unique_together", "column": "a"},
        ["this type takes columns, not column", "columns must be a list of names"],
    ),
    ({"type": "unique_together", "columns": ["a"]}, ["columns must name 2 to 32 columns"]),
    ({"type": "column_pair", "columns": ["a", "a"]}, ["columns must not name a column twice"]),
    ({"type": "column_pair", "columns": ["a", "b", "c"]}, ["columns must name two columns"]),
    ({"type": "columns_match", "columns": []}, ["columns must name at least one column"]),
    ({"type": "row_count_between", "column": "a", "min": 1}, ["this type takes no column"]),
    ({"type": "row_count_between"}, ["min or max must be given"]),
    ({"type": "row_count_between", "min": -1}, ["min must be a whole number of at least 0"]),
    ({"type": "column_count", "value": True}, ["value must be a whole number of at least 0"]),
    ({"type": "between", "column": "a", "min": 2, "max": 1}, ["min must not be above max"]),
    (
        {"type": "between", "column": "a", "min": "2024-02-01", "max": "2024-01-01"},
        ["min must not be above max"],
    ),
    ({"type": "between", "column": "a", "min": "2024-01-01", "max": 5}, ["min and max must be of one kind"]),
    (
        {"type": "between", "column": "a", "min": "08:00", "max": "2024-01-01"},
        ["min and max must be of one kind"],
    ),
    (
        {"type": "between", "column": "a", "min": float("nan"), "max": "soon"},
        [
            "min must be a finite number or a date or time in ISO 8601",
            "max must be a finite number or a date or time in ISO 8601",
        ],
    ),
    (
        {"type": "between", "column": "a", "min": "Infinity"},
        ["min must be a finite number or a date or time in ISO 8601"],
    ),
    (
        {"type": "between", "column": "a", "min": True},
        ["min must be a finite number or a date or time in ISO 8601"],
    ),
    ({"type": "between", "column": "a", "min": 1, "strict_min": "yes"}, ["strict_min must be true or false"]),
    ({"type": "mean_between", "column": "a", "min": "2024-01-01"}, ["min and max must be numbers"]),
    ({"type": "not_null", "column": "a", "mostly": 0}, ["mostly must be a share above 0 and up to 1"]),
    ({"type": "not_null", "column": "a", "mostly": 1.01}, ["mostly must be a share above 0 and up to 1"]),
    ({"type": "in_set", "column": "a", "values": []}, ["values must be a list with at least one value"]),
    ({"type": "in_set", "column": "a", "values": [None]}, ["values may be texts, numbers, true and false"]),
    ({"type": "in_set", "column": "a", "values": [1, 1]}, ["values must not name a value twice"]),
    ({"type": "in_set", "column": "a", "values": [float("inf")]}, ["values must be finite"]),
    (
        {"type": "in_set", "column": "a", "values": list(range(1_001))},
        ["values may have at most 1000 values"],
    ),
    (
        {"type": "matches", "column": "a", "pattern": "("},
        ["pattern is no regular expression (missing ), unterminated subpattern at position 0)"],
    ),
    ({"type": "matches", "column": "a", "pattern": ""}, ["pattern must be a text of 1 to 1000 characters"]),
    (
        {"type": "type", "column": "a", "is": "int"},
        [f"is must be one of {', '.join(FIELD_TYPES)}"],
    ),
]


@pytest.mark.parametrize(("data", "problems"), BAD)
def test_a_bad_rule_is_refused_with_all_that_is_wrong(data: Any, problems: list[str]) -> None:
    with pytest.raises(InvalidRule) as refusal:
        Rule.from_json(data)
    assert [str(problem) for problem in refusal.value.problems] == problems


def test_a_list_names_the_number_of_each_bad_rule() -> None:
    with pytest.raises(InvalidRule) as refusal:
        rules_from_json(
            [
                {"type": "unique", "column": "a"},
                {"type": "x"},
                {"type": "unique", "column": "a", "level": "info"},
            ]
        )
    assert isinstance(refusal.value, Invalid)
    first, second = refusal.value.fields["rules"]
    assert first.startswith("rule 2: type 'x' is none of")
    assert second == "rule 3: it asks the same as rule 1"
    with pytest.raises(InvalidRule, match="rules must be a list"):
        rules_from_json({"type": "unique"})
    assert rules_from_json([{"type": "unique", "column": "a", "origin": "schema"}], origin="owner")[0].origin == "owner"


def test_an_id_follows_what_is_asked_and_nothing_else() -> None:
    rule = Rule.from_json({"type": "between", "column": "a", "min": 1, "max": 2})
    same = Rule.from_json({"max": 2, "min": 1, "level": "info", "column": "a", "type": "between"})
    assert rule.id == same.id == "12af710b37407506"
    for other in ({"column": "b"}, {"max": 3}, {"origin": "schema"}):
        data = {"type": "between", "column": "a", "min": 1, "max": 2} | other
        assert Rule.from_json(data).id != rule.id


def test_what_a_schema_means() -> None:
    schema = TableSchema.from_descriptor(
        {
            "fields": [
                {"name": "id", "type": "integer", "constraints": {"required": True, "pattern": "[0-9]"}},
                {
                    "name": "t",
                    "type": "string",
                    "constraints": {"minimum": "a", "enum": ["a"], "maxLength": 3},
                },
                {"name": "n", "type": "number", "constraints": {"minimum": 0, "unique": True}},
                {"name": "x", "type": "any"},
            ],
            "primaryKey": ["id", "t"],
            "uniqueKeys": [["n"], ["t", "n"]],
        }
    )
    rules = rules_of(schema)
    assert {(rule.level, rule.origin) for rule in rules} == {("error", "schema")}
    assert [(rule.type.value, rule.columns, rule.params) for rule in rules] == [
        ("columns_match", ("id", "t", "n", "x"), {"ordered": False}),
        ("type", ("id",), {"is": "integer"}),
        ("not_null", ("id",), {}),
        ("type", ("t",), {"is": "string"}),
        ("in_set", ("t",), {"values": ["a"]}),
        ("length_between", ("t",), {"max": 3}),
        ("type", ("n",), {"is": "number"}),
        ("unique", ("n",), {}),
        ("between", ("n",), {"min": 0}),
        ("unique_together", ("id", "t"), {}),
        ("unique_together", ("t", "n"), {}),
        ("not_null", ("t",), {}),
    ]
