"""Rules tried without Great Expectations say what a check says; and what a profile suggests."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from catalog.models import QualityReport
from catalog.table_schema import FIELD_TYPES
from catalog.transport.object_cache import PreviewTooLarge
from quality.checking.asked import Circumstances
from quality.checking.engine import check
from quality.checking.outcome import RuleOutcome
from quality.checking.trying import Bounds, try_rules
from quality.profiling.profile import profile
from quality.rules.proposals import WORLD, proposals
from quality.rules.rule import Rule, RuleType
from quality.services import trials
from quality.services.rules import set_rules
from quality.services.trials import preview_rules
from tests.fixtures.datasets import make_checked_draft, make_dataset
from tests.quality.conftest import schema_of, write_parts
from tests.quality.test_failing_rows import CASES, TYPES
from tests.quality.test_gx_json import JUDGED, SUMS

WHOLES = [rule for pair in JUDGED for rule in pair]


def tried(folder: Path, table: pa.Table, rules: list[Rule], /, **circumstances: Any) -> Any:
    parquet = write_parts(folder / "parts", table, 2)
    around = Circumstances(**circumstances)
    mine = try_rules(parquet=parquet, rules=rules, workdir=folder, circumstances=around, bounds=Bounds())
    result = check(parquet=parquet, schema=schema_of(table), rules=rules, workdir=folder, circumstances=around)
    theirs = {outcome.rule.id: outcome for outcome in result.outcomes}
    return [(outcome, theirs[outcome.rule.id]) for outcome in mine]


def test_a_trial_says_of_rows_what_a_check_says(tmp_path: Path) -> None:
    rows = [
        {"i": 1, "j": 2, "k": 3, "f": 0.5, "s": "a", "ok": True, "big": 2**60 + 1},
        {"i": 4, "j": 2, "k": 3, "f": 1.6, "s": "it's", "ok": False, "big": 2**60},
        {"i": 1, "j": None, "k": 3, "f": -1.0, "s": "b{", "ok": True},
        {"i": None, "j": 0, "k": 0, "f": 0.5, "s": "a"},
    ]
    table = pa.Table.from_pylist(rows, schema=TYPES)
    [known] = write_parts(tmp_path / "known", pa.table({"k": [1]}))
    rules = [Rule.from_json(rule) for rule, _ in CASES]
    for mine, theirs in tried(tmp_path, table, rules, others={"known": [known]}):
        assert (mine.status, mine.failing_count, mine.checked) == (
            theirs.status,
            theirs.failing_count,
            theirs.checked,
        ), mine.rule
        assert mine.samples == theirs.samples, mine.rule


def test_a_trial_says_of_the_whole_what_a_check_says(tmp_path: Path) -> None:
    table = SUMS
    rules = [Rule.from_json(rule) for rule in WHOLES]
    rules += [Rule.from_json({"type": "fresh", "column": "at"}), Rule.from_json({"type": "drift", "column": "n"})]
    rules += [Rule.from_json({"type": "mean_between", "column": "none", "min": 0})]
    rules += [Rule.from_json({"type": "mean_between", "column": "gone", "min": 0})]
    table = table.append_column("at", pa.array([0] * 5, pa.timestamp("us")))
    table = table.append_column("none", pa.nulls(5, pa.int64()))
    earlier = {"n": {"count": 4, "histogram": {"edges": [0, 1, 9], "counts": [1, 3]}}}
    rules += [
        Rule.from_json({"type": "type", "column": name, "is": kind})
        for name in table.schema.names
        for kind in FIELD_TYPES
    ]
    rules += [Rule.from_json({"type": "distinct_in_set", "column": "none", "values": [1]})]
    for mine, theirs in tried(tmp_path, table, rules, earlier=earlier, promised="P1D"):
        assert (mine.status, mine.obstacle, mine.failing_count) == (
            theirs.status,
            theirs.obstacle,
            theirs.failing_count,
        ), mine.rule
        assert mine.observed == (theirs.observed if mine.failing_count is None else None), mine.rule
        if mine.rule.type is RuleType.DISTINCT_IN_SET:
            assert (mine.checked, sorted(mine.samples, key=str)) == (theirs.checked, sorted(theirs.samples, key=str))


def test_a_trial_that_takes_too_long_is_broken_off_and_says_so(tmp_path: Path) -> None:
    """All of them would take thirty times as long as they may: how long one takes, a machine has to say."""
    parquet = write_parts(
        tmp_path, pa.table({"n": list(range(300_000)), "g": [number % 9 for number in range(300_000)]})
    )
    rules = [Rule.from_json({"type": "increasing", "column": "n", "group": ["g"]}) for _ in range(60)]

    def tried(count: int, seconds: float) -> tuple[list[RuleOutcome], float]:
        begin = time.perf_counter()
        found = try_rules(
            parquet=parquet,
            rules=rules[:count],
            workdir=tmp_path,
            circumstances=Circumstances(),
            bounds=Bounds(seconds=seconds),
        )
        return found, time.perf_counter() - begin

    _, of_one = tried(1, 60)
    found, of_all = tried(60, 2 * of_one)
    assert found[0].status == "passed"
    assert (found[-1].status, found[-1].obstacle) == ("errored", "too-long")
    assert of_all < 20 * of_one


def proposed(folder: Path, table: pa.Table, *known: dict[str, Any]) -> list[dict[str, Any]]:
    found = profile(parquet=write_parts(folder, table), schema=schema_of(table), workdir=folder)
    stored = json.loads(json.dumps(found.to_json()))
    rules = [Rule.from_json(rule) for rule in known]
    return [
        {key: value for key, value in item.rule.to_json().items() if key not in ("id", "level", "origin")}
        for item in proposals(stored, schema_of(table), rules)
    ]


def test_what_a_table_meets_already_is_proposed_and_nothing_that_it_does_not(tmp_path: Path) -> None:
    rows = 60
    table = pa.table(
        {
            "id": list(range(rows)),
            "code": [f"c{number}" for number in range(rows)],
            "kind": [("a", "b", None)[number % 3] for number in range(rows)],
            "lat": [number / 3 - (number == 7) for number in range(rows)],
            "Lon": [number / 7 for number in range(rows - 1)] + [None],
        }
    )
    found = proposed(tmp_path, table, {"type": "between", "column": "Lon", "min": -180, "max": 180})
    assert found == [
        {"type": "within_area", "columns": ["lat", "Lon"], "box": WORLD},
        {"type": "not_null", "column": "id"},
        {"type": "unique", "column": "id"},
        {"type": "not_null", "column": "code"},
        {"type": "unique", "column": "code"},
        {"type": "in_set", "column": "kind", "values": ["a", "b"]},
        {"type": "not_null", "column": "lat"},
        {"type": "between", "column": "lat", "min": 0.0, "max": pytest.approx(59 / 3)},
    ]
    outcomes = check(
        parquet=write_parts(tmp_path / "again", table),
        schema=schema_of(table),
        rules=[Rule.from_json(rule) for rule in json.loads(json.dumps(proposed(tmp_path, table)))],
        workdir=tmp_path,
    ).outcomes
    assert {outcome.status for outcome in outcomes} == {"passed"}
    assert proposed(tmp_path, table.slice(0, 9)) == []


@pytest.fixture
def draft(cast: Any) -> Any:
    return make_checked_draft(cast, make_dataset(cast))


@pytest.mark.django_db
def test_rules_are_tried_by_the_api_and_nothing_is_stored(cast: Any, api: Any, draft: Any) -> None:
    url = f"/api/v1/datasets/institute/{draft.dataset.slug}/rules"
    client = api(cast.contributor)
    client.force_authenticate(cast.contributor.user)
    rules = [
        {"type": "between", "column": "id", "max": 89, "level": "warning"},
        {"type": "mean_between", "column": "amount", "min": 0},
        {"type": "foreign_key", "columns": ["id"], "resource": "gone", "fields": ["x"]},
    ]
    before = QualityReport.objects.count()
    body = client.post(f"{url}/preview", {"rules": rules}, format="json").json()
    assert [(item["type"], item["status"], item["failing_count"]) for item in body["outcomes"]] == [
        ("foreign_key", "errored", None),
        ("between", "failed", 10),
        ("mean_between", "passed", None),
    ]
    [between] = [item for item in body["outcomes"] if item["type"] == "between"]
    assert between["samples"][0] == {"row": 91, "value": 90}
    draft.dataset.refresh_from_db()
    assert (draft.dataset.rules, QualityReport.objects.count()) == ([], before)
    wrong = client.post(f"{url}/preview", {"rules": [{"type": "sql"}]}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid-rule")
    assert client.post(f"{url}/preview", {"rules": rules, "resource": "none"}, format="json").status_code == 404


@pytest.mark.django_db
def test_too_large_a_table_is_left_to_a_worker(cast: Any, draft: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MAX_ROWS", 99)
    with pytest.raises(PreviewTooLarge):
        preview_rules(actor=cast.contributor, resource=draft.resources.get(), rules=[])


@pytest.mark.django_db
def test_a_suite_is_read_told_and_applied_when_asked(cast: Any, api: Any, draft: Any) -> None:
    url = f"/api/v1/datasets/institute/{draft.dataset.slug}/rules/suite"
    client = api()
    client.force_authenticate(cast.contributor.user)
    own = {"type": "unique", "column": "id"}
    set_rules(actor=cast.owner, dataset=draft.dataset, rules=[own])
    suite = {
        "expectations": [
            {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
            {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "name"}, "severity": "warning"},
            {"type": "expect_the_impossible", "kwargs": {}},
        ]
    }
    told = client.post(url, {"suite": suite}, format="json").json()
    assert [rule["type"] for rule in told["rules"]] == ["unique", "not_null"]
    assert [(item["number"], item["type"]) for item in told["left_out"]] == [(3, "expect_the_impossible")]
    draft.dataset.refresh_from_db()
    assert len(draft.dataset.rules) == 1
    assert client.post(url, {"suite": suite, "apply": True}, format="json").json()["applied"] is True
    draft.dataset.refresh_from_db()
    assert [(rule["type"], rule["level"]) for rule in draft.dataset.rules] == [
        ("unique", "error"),
        ("not_null", "warning"),
    ]
    exported = client.get(url).json()
    assert [item["type"] for item in exported["suite"]["expectations"]] == [
        item["type"] for item in suite["expectations"][:2]
    ]


@pytest.mark.parametrize(
    ("rule", "obstacle"),
    [
        ({"type": "matches", "column": "s", "pattern": "(?=a)a"}, "pattern-unsupported"),
        ({"type": "column_pair", "columns": ["s", "i"]}, "type-unsuited"),
        ({"type": "row_count_between", "min": 1, "table": "another"}, "other-table"),
    ],
)
def test_a_trial_can_not_say_it_for_the_same_reason_as_a_check(
    tmp_path: Path, rule: dict[str, Any], obstacle: str
) -> None:
    table = pa.table({"s": ["a", "b"], "i": [1, 2]})
    [(mine, theirs)] = tried(tmp_path, table, [Rule.from_json(rule)], table="this")
    assert (mine.status, mine.obstacle, mine.error) == ("errored", obstacle, theirs.error)
    assert (theirs.status, theirs.obstacle) == ("errored", obstacle)


def test_a_rule_that_needs_more_memory_than_there_is_could_not_be_checked(tmp_path: Path) -> None:
    """By a check as by a trial; the other rules are answered."""
    rows = 300_000
    table = pa.table({"s": [f"{n * 7919 % rows:09d}-{'x' * 40}" for n in range(rows)], "i": list(range(rows))})
    rules = [
        Rule.from_json(rule)
        for rule in ({"type": "distinct_count_between", "column": "s", "min": 1}, {"type": "not_null", "column": "i"})
    ]
    parquet = write_parts(tmp_path / "parts", table, 1)
    checked = check(parquet=parquet, schema=schema_of(table), rules=rules, workdir=tmp_path, memory_limit="12MB")
    found = {outcome.rule.id: outcome for outcome in checked.outcomes}
    assert [(found[rule.id].status, found[rule.id].obstacle) for rule in rules] == [
        ("errored", "memory"),
        ("passed", ""),
    ]
    bounds = Bounds(memory="12MB")
    around = Circumstances()
    mine = try_rules(parquet=parquet, rules=rules, workdir=tmp_path, circumstances=around, bounds=bounds)
    assert [(outcome.status, outcome.obstacle) for outcome in mine] == [("errored", "memory"), ("passed", "")]
