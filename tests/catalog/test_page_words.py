"""What pages say of checks, findings and recipes, and what they keep from those who may not have the values."""

from __future__ import annotations

from typing import Any

from catalog.outcomes import read_outcomes, shown_outcomes, without_values
from catalog.web.report.differences import Difference, compare
from catalog.web.report.findings import shown_kinds
from catalog.web.report.recipe import steps_of

SECRET = "s3cret-cell"


def outcome(status: str = "failed", level: str = "error", **more: Any) -> dict[str, Any]:
    rule = {"id": "ab", "type": "between", "column": "age", "min": 0, "max": 130, "level": level, "origin": "owner"}
    return {
        "rule": rule,
        "status": status,
        "observed": [{"value": SECRET, "count": 1}],
        "failing_count": 2 if status == "failed" else 0,
        "failing_share": 0.5,
        "checked": 4,
        "samples": [{"row": 7, "value": SECRET}],
        "error": "",
        "obstacle": "",
        **more,
    }


def test_outcomes_are_worded_by_quality() -> None:
    [shown] = read_outcomes([outcome()], with_values=True)
    assert shown.sentence == "Every value of age is at least 0 and at most 130."
    assert shown.expected == "at least 0 and at most 130"
    assert shown.observed == "2 of 4 values fail (50 %)"
    assert shown.samples == ({"row": 7, "value": SECRET},)
    assert shown.column == "age"


def test_problems_come_first_and_only_errors_fail() -> None:
    stored = [
        outcome("passed"),
        outcome(level="info"),
        outcome(level="warning"),
        outcome("errored", obstacle="column-missing", error="age", failing_count=None),
        outcome(),
    ]
    assert [shown.mark for shown in read_outcomes(stored, with_values=True)] == [
        "failed",
        "errored",
        "warning",
        "note",
        "passed",
    ]


def test_without_the_right_to_the_bytes_no_value_of_a_cell_is_told() -> None:
    stored = [outcome(), outcome("passed", failing_count=None, observed=SECRET)]
    assert SECRET not in str(shown_outcomes(stored, with_values=False))
    assert SECRET in str(shown_outcomes(stored, with_values=True))
    profile = {
        "rows": 4,
        "columns": [{"name": "age", "count": 4, "nulls": 0, "min": SECRET, "top": [{"value": SECRET}]}],
    }
    assert without_values(profile) == {"rows": 4, "columns": [{"name": "age", "count": 4, "nulls": 0}]}


def finding(code: str = "missing-tokens", column: str = "age") -> dict[str, Any]:
    params = {"tokens": SECRET}
    sample = {"code": code, "row": 3, "column": column, "value": SECRET, "params": params}
    return {"code": code, "count": 2, "column": column, "params": params, "samples": [sample]}


def test_findings_of_one_kind_are_told_once_with_their_columns() -> None:
    kinds = shown_kinds([finding(), finding("cell-not-of-type"), finding(column="size")], with_values=True)
    assert [(kind.code, kind.severity, kind.count, len(kind.groups)) for kind in kinds] == [
        ("cell-not-of-type", "error", 2, 1),
        ("missing-tokens", "info", 4, 2),
    ]
    assert SECRET in str(kinds)
    assert SECRET not in str(shown_kinds([finding()], with_values=False))


RECIPE = [
    {"step": "decode", "encoding": "utf-8"},
    {"step": "cast", "column": "a", "type": "integer", "refused": 1200},
    {"step": "read-as-missing", "column": "b", "tokens": {SECRET: 3}, "count": 3},
    {"step": "cast", "column": "b", "type": "number", "refused": 0},
    {"step": "rename", "columns": [["A!", "a"]]},
    {"step": "write-parquet", "rows": 1234, "pipeline": "1"},
    {"step": "of-the-future", "depth": 3},
]


def test_a_recipe_reads_in_the_order_of_the_pipeline_with_columns_told_once() -> None:
    steps = steps_of(RECIPE, with_values=True)
    assert [step.name for step in steps] == [
        "decode",
        "rename",
        "of-the-future",
        "read-as-missing",
        "cast",
        "write-parquet",
    ]
    assert steps[0].sentence == "The bytes were read as utf-8 text."
    assert steps[1].columns == (("a", "A!"),)
    assert steps[2].sentence == "of-the-future"
    assert steps[4].columns == (("a", "as integer, 1,200 cells refused"), ("b", "as number"))
    assert steps[5].sentence == "1,234 rows were written as Parquet by pipeline 1."


def test_a_recipe_keeps_placeholders_from_those_who_may_not_have_values() -> None:
    assert SECRET in str(steps_of(RECIPE, with_values=True))
    assert SECRET not in str(steps_of(RECIPE, with_values=False))


def test_a_step_that_lacks_what_its_sentence_names_reads_as_a_dash() -> None:
    [step] = steps_of([{"step": "read-sheet"}], with_values=True)
    assert step.sentence == "The table was taken from the sheet “–”."


class Table:
    def __init__(self, name: str, *fields: Any) -> None:
        self.name, self.schema = name, {"fields": list(fields)}


def test_what_changed_in_the_columns() -> None:
    old = [
        Table("t", {"name": "a", "type": "integer"}, {"name": "b", "type": "string"}, {"name": "c", "type": "date"}),
        Table("gone"),
    ]
    new = [
        Table(
            "t",
            {"name": "a", "type": "number"},
            {"name": "c", "type": "date", "description": "When", "constraints": {"required": True}},
            {"name": "d", "type": "any"},
        ),
        Table("fresh"),
    ]
    assert compare(old, new) == [
        Difference("table-removed", "gone"),
        Difference("removed", "t", "b", "string"),
        Difference("retyped", "t", "a", "integer", "number"),
        Difference("table-added", "fresh"),
        Difference("described", "t", "c", "", "When"),
        Difference("constrained", "t", "c", "", "required: True"),
        Difference("added", "t", "d", "", "any"),
    ]
    assert [item.is_breaking for item in compare(old, new)] == [True, True, True, False, False, False, False]
    assert compare(new, new) == []
