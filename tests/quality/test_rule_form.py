"""The form of one rule: every type of rule is typed, and shown again as it was typed."""

from __future__ import annotations

from typing import Any

import pytest

from quality.rules.params import PARAMS
from quality.rules.rule import Rule, RuleType
from quality.web.forms.rule import RuleForm
from quality.web.forms.rule_fields import Known
from quality.web.rule_types import GROUPS, LABELS

KNOWN = Known({"id": "integer", "name": "string", "amount": "number", "ok": "boolean", "day": "date"}, ("birds", "k"))
TYPED: list[tuple[RuleType, dict[str, Any], dict[str, Any]]] = [
    (RuleType.TYPE, {"column": "id", "is": "integer"}, {"column": "id", "is": "integer"}),
    (RuleType.NOT_NULL, {"column": "id", "mostly": "99.5 %"}, {"column": "id", "mostly": 0.995}),
    (RuleType.NOT_NULL, {"column": "id", "mostly": "100"}, {"column": "id"}),
    (RuleType.UNIQUE, {"column": "name"}, {"column": "name"}),
    (RuleType.UNIQUE_TOGETHER, {"columns": ["id", "name"]}, {"columns": ["id", "name"]}),
    (RuleType.IN_SET, {"column": "id", "values": "1\r\n2\r\n\r\n2"}, {"column": "id", "values": [1, 2]}),
    (RuleType.IN_SET, {"column": "name", "values": "1\n a, b "}, {"column": "name", "values": ["1", "a, b"]}),
    (RuleType.IN_SET, {"column": "ok", "values": "True"}, {"column": "ok", "values": [True]}),
    (
        RuleType.BETWEEN,
        {"column": "amount", "min": "0", "max": "1.5", "strict_max": "on"},
        {"column": "amount", "min": 0, "max": 1.5, "strict_max": True},
    ),
    (RuleType.BETWEEN, {"column": "day", "max": "2026-01-31"}, {"column": "day", "max": "2026-01-31"}),
    (
        RuleType.BETWEEN,
        {"column": "amount", "max": "0.1000000000000000000001"},
        {"column": "amount", "max": "0.1000000000000000000001"},
    ),
    (RuleType.MATCHES, {"column": "name", "pattern": "[a-z]+"}, {"column": "name", "pattern": "[a-z]+"}),
    (RuleType.LENGTH_BETWEEN, {"column": "name", "min": "1", "max": "9"}, {"column": "name", "min": 1, "max": 9}),
    (RuleType.ROW_COUNT_BETWEEN, {"min": "1"}, {"min": 1}),
    (RuleType.COLUMN_COUNT, {"value": "3"}, {"value": 3}),
    (RuleType.COLUMNS_MATCH, {"columns": "name\nid", "ordered": "on"}, {"columns": ["name", "id"], "ordered": True}),
    (
        RuleType.COLUMN_PAIR,
        {"first": "id", "second": "amount", "or_equal": "on"},
        {"columns": ["id", "amount"], "or_equal": True},
    ),
    (RuleType.MEAN_BETWEEN, {"column": "id", "min": "-1.5"}, {"column": "id", "min": -1.5}),
    (RuleType.MEDIAN_BETWEEN, {"column": "id", "max": "5"}, {"column": "id", "max": 5}),
    (RuleType.STDEV_BETWEEN, {"column": "id", "max": "5"}, {"column": "id", "max": 5}),
    (RuleType.SUM_BETWEEN, {"column": "id", "max": "5"}, {"column": "id", "max": 5}),
    (RuleType.DISTINCT_COUNT_BETWEEN, {"column": "id", "max": "5"}, {"column": "id", "max": 5}),
    (RuleType.DISTINCT_IN_SET, {"column": "name", "values": "a"}, {"column": "name", "values": ["a"]}),
    (RuleType.INCREASING, {"column": "id", "group": ["name"]}, {"column": "id", "group": ["name"]}),
    (
        RuleType.INCREASING_TOGETHER,
        {"columns": "name\nid", "strictly": "on"},
        {"columns": ["name", "id"], "strictly": True},
    ),
    (RuleType.NO_GAPS, {"column": "day", "step": "P1D"}, {"column": "day", "step": "P1D"}),
    (RuleType.NO_GAPS, {"column": "id", "step": "0.5"}, {"column": "id", "step": 0.5}),
    (
        RuleType.FOREIGN_KEY,
        {"columns": "id", "resource": "k", "fields": "not known here"},
        {"columns": ["id"], "resource": "k", "fields": ["not known here"]},
    ),
    (
        RuleType.SUM_EQUALS,
        {"columns": ["id", "amount"], "total": "name", "tolerance": "0.5"},
        {"columns": ["id", "amount"], "total": "name", "tolerance": 0.5},
    ),
    (RuleType.SUM_EQUALS, {"columns": ["id", "amount"], "total": "9"}, {"columns": ["id", "amount"], "total": 9}),
    (
        RuleType.WITHIN_AREA,
        {"first": "id", "second": "amount", "west": "-10", "south": "0", "east": "10.5", "north": "5"},
        {"columns": ["id", "amount"], "box": [-10, 0, 10.5, 5]},
    ),
    (RuleType.FRESH, {"column": "day", "within": "P7D"}, {"column": "day", "within": "P7D"}),
    (RuleType.FRESH, {"column": "day"}, {"column": "day"}),
    (RuleType.DRIFT, {"column": "id", "max": "0.1"}, {"column": "id", "max": 0.1}),
]


def filled(rule: Rule) -> dict[str, Any]:
    """What a browser sends of the form of a rule as it is shown, untouched."""
    form = RuleForm(rule_type=rule.type, known=KNOWN, rule=rule)
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value is not None and value is not False
    }


@pytest.mark.parametrize(("rule_type", "typed", "rule"), TYPED)
def test_what_is_typed_becomes_the_rule_and_the_rule_is_shown_as_it_was_typed(
    rule_type: RuleType, typed: dict[str, Any], rule: dict[str, Any]
) -> None:
    form = RuleForm({"level": "info", **typed}, rule_type=rule_type, known=KNOWN)
    assert form.is_valid(), form.errors
    expected = Rule.from_json({"type": rule_type.value, "level": "info", **rule})
    assert form.rule.to_json() == expected.to_json()
    again = RuleForm(filled(expected), rule_type=rule_type, known=KNOWN, rule=expected)
    assert again.is_valid(), again.errors
    assert again.rule.to_json() == expected.to_json()


def test_every_type_can_be_chosen_and_typed() -> None:
    grouped = [kind for _, kinds in GROUPS for kind in kinds]
    assert sorted(grouped) == sorted(LABELS) == sorted(RuleType)
    assert {kind for kind, _, _ in TYPED} == set(RuleType) == {RuleType(name) for name in PARAMS}
