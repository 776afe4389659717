"""Checking what was added gives what checking everything gives; and rows that were judged are not judged again."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from catalog import keys, storage
from catalog.models import QualityReport
from catalog.table_schema import TableSchema
from quality.checking.engine import check
from quality.checking.increment import ROW_BY_ROW, check_added, judged_before
from quality.rules.rule import Rule, RuleType
from quality.services.rules import set_rules
from quality.values import shown
from tests.fixtures.datasets import make_dataset
from tests.fixtures.uploading import check_draft, publish, push
from tests.quality.conftest import write_parts

RULES: list[dict[str, Any]] = [
    {"type": "not_null", "column": "a"},
    {"type": "not_null", "column": "a", "mostly": 0.5},
    {"type": "in_set", "column": "s", "values": ["x", "y"]},
    {"type": "between", "column": "a", "min": 0, "max": 80},
    {"type": "between", "column": "a", "min": 0, "max": 80, "mostly": 0.7},
    {"type": "between", "column": "big", "min": 2**60, "max": 2**61 + 1},
    {"type": "matches", "column": "s", "pattern": "[xyz]"},
    {"type": "length_between", "column": "s", "max": 1},
    {"type": "column_pair", "columns": ["a", "b"], "or_equal": True},
    {"type": "unique", "column": "a"},
    {"type": "unique_together", "columns": ["a", "s"]},
    {"type": "increasing", "column": "a"},
    {"type": "mean_between", "column": "a", "min": 0, "max": 40},
    {"type": "sum_between", "column": "b", "min": 0, "max": 10_000},
    {"type": "distinct_count_between", "column": "s", "max": 3},
    {"type": "distinct_in_set", "column": "s", "values": ["x", "y", "z"]},
    {"type": "row_count_between", "min": 1, "max": 150},
]


def rows(seed: int, count: int, bad: float) -> pa.Table:
    chance = random.Random(seed)

    def one() -> dict[str, Any]:
        wrong = chance.random() < bad
        return {
            "a": chance.choice([None, 99, -1]) if wrong else chance.randrange(80),
            "b": chance.randrange(100) if wrong else 0,
            "s": chance.choice([None, "zz", "w"]) if wrong else chance.choice("xyz"),
            "big": 2**62 if wrong else 2**60,
        }

    schema = pa.schema([("a", pa.int64()), ("b", pa.int64()), ("s", pa.string()), ("big", pa.int64())])
    return pa.Table.from_pylist([one() for _ in range(count)], schema=schema)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((90, 0.0), (40, 0.0)),
        ((90, 0.2), (40, 0.0)),
        ((90, 0.0), (40, 0.2)),
        ((90, 0.3), (40, 0.3)),
        ((3, 1.0), (60, 0.1)),
    ],
    ids=["both right", "the first wrong", "the second wrong", "both wrong", "all of the first"],
)
def test_the_joined_outcomes_are_those_of_the_whole(tmp_path: Path, first: Any, second: Any) -> None:
    old, new = rows(1, *first), rows(2, *second)
    parts = [*write_parts(tmp_path / "old", old, 2), *write_parts(tmp_path / "new", new)]
    schema = TableSchema.from_descriptor({"fields": [{"name": name} for name in old.column_names]})
    asked = [Rule.from_json(rule) for rule in RULES]
    before = check(parquet=parts[:2], schema=schema, rules=asked, workdir=tmp_path)
    report = QualityReport(pk=7, parts=["p0", "p1"], outcomes=[item.to_json() for item in before.outcomes])
    sizes = [
        (f"p{number}", count) for number, count in enumerate([-(-old.num_rows // 2), old.num_rows // 2, new.num_rows])
    ]
    judged = judged_before(report, sizes)
    assert judged is not None
    by_row = [rule for rule in asked if rule.type in ROW_BY_ROW and rule.mostly == 1]
    assert set(judged.outcomes) == {rule.id for rule in by_row}
    joined = check_added(parquet=parts, judged=judged, schema=schema, rules=asked, workdir=tmp_path)
    whole = check(parquet=parts, schema=schema, rules=asked, workdir=tmp_path)
    for mine, theirs in zip(joined.outcomes, whole.outcomes, strict=True):
        assert mine.rule == theirs.rule
        assert (mine.status, mine.failing_count, mine.checked) == (theirs.status, theirs.failing_count, theirs.checked)
        assert mine.failing_share == pytest.approx(theirs.failing_share)
        if mine.rule in by_row:
            table = pa.concat_tables([old, new])
            for sample in mine.samples:
                row = {name: shown(value) for name, value in table.slice(sample["row"] - 1, 1).to_pylist()[0].items()}
                names = mine.rule.columns
                assert sample["value"] == (row[names[0]] if len(names) == 1 else {name: row[name] for name in names})
        else:
            # What was observed, and values without a row, are examples: which the engine takes first is its own.
            assert replace(mine, observed=None, samples=()) == replace(theirs, observed=None, samples=())
            assert sorted(map(repr, mine.samples)) == sorted(map(repr, theirs.samples))


@pytest.mark.parametrize(
    ("known", "parts"),
    [([], ["a"]), (["a"], ["a"]), (["a"], ["b", "c"]), (["a", "b"], ["a", "c", "b"]), (["a", "b"], ["a"])],
)
def test_a_report_holds_only_where_its_parts_stand_first(known: list[str], parts: list[str]) -> None:
    report = QualityReport(pk=1, parts=known, outcomes=[])
    assert judged_before(report, [(part, 1) for part in parts]) is None
    assert judged_before(None, [(part, 1) for part in parts]) is None


@pytest.mark.django_db(transaction=True)
def test_of_an_appended_file_only_its_rows_are_judged_by_row_and_keys_over_all(cast: Any) -> None:
    dataset = make_dataset(cast)
    rules = [{"type": "between", "column": "id", "min": 0, "max": 100}, {"type": "unique", "column": "id"}]
    set_rules(actor=cast.owner, dataset=dataset, rules=rules)
    dataset.refresh_from_db()
    push(cast.contributor, dataset, "id,name\n1,a\n2,b\n500,c\n", "one.csv", resource="t")
    publish(cast, dataset)
    dataset.refresh_from_db()
    push(cast.contributor, dataset, "id,name\n3,d\n2,e\n600,f\n", "two.csv", mode="append")
    draft = check_draft(dataset)
    report = draft.resources.get().report
    outcomes = {item["rule"]["type"]: item for item in report.outcomes if item["rule"]["origin"] == "owner"}
    between, unique = outcomes[RuleType.BETWEEN], outcomes[RuleType.UNIQUE]
    assert (between["status"], between["failing_count"], between["checked"]) == ("failed", 2, 6)
    assert between["samples"] == [{"row": 3, "value": 500}, {"row": 6, "value": 600}]
    assert (unique["status"], [sample["row"] for sample in unique["samples"]]) == ("failed", [2, 5])
    kept = json.loads(storage.read_bytes(keys.expectations(dataset.pk, report.expectations_sha256)))
    added = kept["added_rows"]
    assert (added["after_row"], added["earlier_report"]) == (3, dataset.latest.resources.get().report_id)
    assert report.engine["row_checks_begun_in_report"] == str(added["earlier_report"])
    assert report.parts == [part.sha256 for part in draft.resources.get().parts.all()]
