"""All rows that break a rule: as many as Great Expectations counts, and the ones that break it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.outcomes import read_outcomes
from catalog.table_schema import TableSchema
from quality.checking.asked import Circumstances
from quality.checking.engine import check
from quality.checking.failing_rows import FEW_RUNS, RowOrigin, write_failing_rows
from quality.rules.rule import Rule, RuleType
from tests.fixtures.effort import examples
from tests.quality.conftest import schema_of, write_parts

# A rule, and whether a row (of the whole table) breaks it; written down a second time and without SQL.
Breaks = Callable[[list[dict[str, Any]], int], bool]


def present(*names: str) -> Callable[[dict[str, Any]], bool]:
    return lambda row: all(row[name] is not None for name in names)


def on(names: str, breaks: Callable[..., bool]) -> Breaks:
    """A rule of one row: values of the columns, none of them missing."""
    columns = names.split()
    return lambda rows, at: present(*columns)(rows[at]) and breaks(*(rows[at][name] for name in columns))


def repeated(*names: str) -> Breaks:
    def breaks(rows: list[dict[str, Any]], at: int) -> bool:
        if not present(*names)(rows[at]):
            return False
        key = [rows[at][name] for name in names]
        return sum([row[name] for name in names] == key for row in rows) > 1

    return breaks


def after(names: str, breaks: Callable[[Any, Any], bool], *, group: str = "", by_value: bool = False) -> Breaks:
    """A rule of a row and the one before it, in the table's order or that of the values, within a group."""
    columns = names.split()

    def value(row: dict[str, Any]) -> Any:
        return tuple(row[name] for name in columns) if len(columns) > 1 else row[columns[0]]

    def found(rows: list[dict[str, Any]], at: int) -> bool:
        if not present(*columns)(rows[at]):
            return False
        same = [
            row
            for row in rows[: None if by_value else at]
            if present(*columns)(row) and (not group or row[group] == rows[at][group])
        ]
        if not by_value:
            return bool(same) and breaks(value(same[-1]), value(rows[at]))
        smaller = [value(row) for row in same if value(row) < value(rows[at])]
        return bool(smaller) and breaks(max(smaller), value(rows[at]))

    return found


def first_after_gap(names: str, gap: Callable[[Any, Any], bool], group: str = "") -> Breaks:
    """Of equal values behind a gap only one comes after it; which one of them is not said."""
    breaks = after(names, gap, group=group, by_value=True)
    columns = names.split()

    def found(rows: list[dict[str, Any]], at: int) -> bool:
        mine = [rows[at][name] for name in (*columns, *([group] if group else ()))]
        earlier = [[row[name] for name in (*columns, *([group] if group else ()))] for row in rows[:at]]
        return mine not in earlier and breaks(rows, at)

    return found


BIG = 2**60
KNOWN = {1, 2, 3}
CASES: list[tuple[dict[str, Any], Breaks]] = [
    ({"type": "not_null", "column": "i"}, lambda rows, at: rows[at]["i"] is None),
    ({"type": "not_null", "column": "i", "mostly": 0.1}, lambda rows, at: rows[at]["i"] is None),
    ({"type": "unique", "column": "i"}, repeated("i")),
    ({"type": "unique", "column": "s"}, repeated("s")),
    ({"type": "unique", "column": "f"}, repeated("f")),
    ({"type": "unique_together", "columns": ["i", "s"]}, repeated("i", "s")),
    ({"type": "in_set", "column": "s", "values": ["a", "b{"]}, on("s", lambda s: s not in ("a", "b{"))),
    ({"type": "in_set", "column": "i", "values": [1, 2]}, on("i", lambda i: i not in (1, 2))),
    ({"type": "in_set", "column": "day", "values": ["2024-01-31"]}, on("day", lambda d: d != dt.date(2024, 1, 31))),
    ({"type": "in_set", "column": "ok", "values": [True]}, on("ok", lambda ok: not ok)),
    ({"type": "between", "column": "i", "min": 1, "max": 3}, on("i", lambda i: not 1 <= i <= 3)),
    (
        {"type": "between", "column": "f", "min": 0.5, "max": 1.5, "strict_min": True},
        on("f", lambda f: not 0.5 < f <= 1.5),
    ),
    ({"type": "between", "column": "money", "max": "1.10"}, on("money", lambda m: m > Decimal("1.10"))),
    ({"type": "between", "column": "big", "max": BIG}, on("big", lambda big: big > BIG)),
    ({"type": "between", "column": "day", "min": "2024-02-01"}, on("day", lambda d: d < dt.date(2024, 2, 1))),
    (
        {"type": "between", "column": "at", "min": "2024-01-02T00:00:00"},
        on("at", lambda at: at < dt.datetime(2024, 1, 2, tzinfo=dt.UTC)),
    ),
    ({"type": "matches", "column": "s", "pattern": "[a-z]"}, on("s", lambda s: not (len(s) == 1 and "a" <= s <= "z"))),
    ({"type": "length_between", "column": "s", "min": 1, "max": 1}, on("s", lambda s: len(s) != 1)),
    ({"type": "column_pair", "columns": ["i", "j"]}, on("i j", lambda i, j: not i > j)),
    ({"type": "column_pair", "columns": ["i", "j"], "or_equal": True}, on("i j", lambda i, j: not i >= j)),
    ({"type": "increasing", "column": "i"}, after("i", lambda before, now: now < before)),
    (
        {"type": "increasing", "column": "i", "strictly": True, "group": ["s"]},
        after("i", lambda before, now: now <= before, group="s"),
    ),
    (
        {"type": "increasing_together", "columns": ["i", "j"], "strictly": True},
        after("i j", lambda before, now: now <= before),
    ),
    ({"type": "no_gaps", "column": "i", "step": 1}, first_after_gap("i", lambda before, now: now > before + 1)),
    (
        {"type": "no_gaps", "column": "day", "step": "P2D", "group": ["ok"]},
        first_after_gap("day", lambda before, now: now > before + dt.timedelta(2), group="ok"),
    ),
    (
        {"type": "foreign_key", "columns": ["i"], "resource": "known", "fields": ["k"]},
        on("i", lambda i: i not in KNOWN),
    ),
    (
        {"type": "sum_equals", "columns": ["i", "j"], "total": "k"},
        on("i j k", lambda i, j, k: i + j != k),
    ),
    (
        {"type": "sum_equals", "columns": ["i", "f"], "total": 2.5, "tolerance": 1},
        on("i f", lambda i, f: abs(i + f - 2.5) > 1),
    ),
    (
        {"type": "within_area", "columns": ["f", "i"], "box": [2, 0, -2, 1.5]},
        on("f i", lambda lat, lon: not (0 <= lat <= 1.5 and (lon >= 2 or lon <= -2))),
    ),
]

SMALL = st.one_of(st.none(), st.integers(-4, 4))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "i": SMALL,
            "j": SMALL,
            "k": SMALL,
            "f": st.one_of(st.none(), st.sampled_from([-1.0, 0.0, 0.5, 1.5, 1.6, 3.0])),
            "s": st.one_of(st.none(), st.sampled_from(["a", "b{", "z", "", "日", "it's"])),
            "ok": st.one_of(st.none(), st.booleans()),
            "money": st.one_of(st.none(), st.sampled_from([Decimal("1.10"), Decimal("1.11"), Decimal("-3.00")])),
            "big": st.one_of(st.none(), st.sampled_from([BIG - 1, BIG, BIG + 1])),
            "day": st.one_of(st.none(), st.dates(dt.date(2024, 1, 28), dt.date(2024, 2, 9))),
            "at": st.one_of(
                st.none(),
                st.sampled_from([dt.datetime(2024, 1, day, 23, tzinfo=dt.UTC) for day in (1, 2)]),
            ),
        }
    ),
    min_size=1,
    max_size=12,
)
TYPES = pa.schema(
    [
        *((name, pa.int64()) for name in "ijk"),
        ("f", pa.float64()),
        ("s", pa.string()),
        ("ok", pa.bool_()),
        ("money", pa.decimal128(6, 2)),
        ("big", pa.int64()),
        ("day", pa.date32()),
        ("at", pa.timestamp("us", "UTC")),
    ]
)
ROW_LEVEL = {RuleType(rule["type"]) for rule, _ in CASES}


def test_every_type_of_rule_that_names_rows_is_here() -> None:
    others = {RuleType.TYPE, RuleType.COLUMNS_MATCH, RuleType.COLUMN_COUNT, RuleType.FRESH, RuleType.DRIFT}
    assert {rule for rule in RuleType if rule not in others and not rule.endswith(("_between", "_in_set"))} <= ROW_LEVEL


@settings(
    # A check takes a second: shrinking would take minutes to say little more.
    max_examples=examples(5),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS, parts=st.integers(1, 3))
def test_the_file_has_the_rows_that_great_expectations_counts(
    tmp_path: Path, rows: list[dict[str, Any]], parts: int
) -> None:
    table = pa.Table.from_pylist(rows, schema=TYPES)
    [known] = write_parts(tmp_path / "known", pa.table({"k": sorted(KNOWN)}))
    parquet = write_parts(tmp_path / "parts", table, min(parts, len(rows)))
    around = Circumstances(others={"known": [known]})
    asked = [Rule.from_json(rule) for rule, _ in CASES]
    schema = schema_of(table)
    result = check(parquet=parquet, schema=schema, rules=asked, workdir=tmp_path, circumstances=around)
    files = write_failing_rows(
        parquet=parquet,
        outcomes=result.outcomes,
        schema=schema,
        origins=[RowOrigin(1, len(rows), "t.csv", ((0, 2),))],
        workdir=tmp_path,
        circumstances=around,
    )
    outcomes = {outcome.rule.id: outcome for outcome in result.outcomes}
    for rule, (_, breaks) in zip(asked, CASES, strict=True):
        outcome, file = outcomes[rule.id], files.get(rule.id)
        expected = [at + 1 for at in range(len(rows)) if breaks(rows, at)]
        assert outcome.status != "errored", outcome
        assert outcome.failing_count == len(expected), rule
        found = [] if file is None else pq.read_table(file.path).to_pylist()
        assert (0 if file is None else file.rows) == len(found) == outcome.failing_count, rule
        if rule.type is not RuleType.NO_GAPS:
            assert [row["row"] for row in found] == expected, rule
        assert all((row["file"], row["line"]) == ("t.csv", row["row"] + 1) for row in found)


def write(tmp_path: Path, table: pa.Table, rule: dict[str, Any], origins: Any, key: Any = ()) -> Any:
    descriptor = {"fields": [{"name": name} for name in table.column_names], "primaryKey": list(key)}
    schema = TableSchema.from_descriptor(descriptor)
    parquet = write_parts(tmp_path / "parts", table)
    asked = Rule.from_json(rule)
    result = check(parquet=parquet, schema=schema, rules=[asked], workdir=tmp_path)
    files = write_failing_rows(
        parquet=parquet,
        outcomes=result.outcomes,
        schema=schema,
        origins=origins,
        workdir=tmp_path,
        circumstances=Circumstances(),
    )
    return pq.read_table(files[asked.id].path)


@pytest.mark.parametrize("in_file", [False, True])
@pytest.mark.parametrize("runs", [3, FEW_RUNS + 5])
def test_rows_of_several_files_are_told_by_file_and_line(tmp_path: Path, runs: int, in_file: bool) -> None:
    """The second file's lines are three apart; of rows between the files nothing is known."""
    lines = tuple((place, 10 + 3 * place) for place in range(runs))
    path = tmp_path / "lines.parquet"
    pq.write_table(pa.table({"place": [place for place, _ in lines], "line": [line for _, line in lines]}), path)
    second = (
        RowOrigin(6, runs + 1, "it's b.csv", lines_path=path)
        if in_file
        else RowOrigin(6, runs + 1, "it's b.csv", lines)
    )
    rows = runs + 8
    table = pa.table({"n": [0] * rows})
    origins = [RowOrigin(1, 3, "a.csv", ((0, 2), (2, 7))), second]
    found = write(tmp_path, table, {"type": "between", "column": "n", "min": 1}, origins).to_pylist()
    told = [(row["file"], row["line"]) for row in found]
    assert told[:5] == [("a.csv", 2), ("a.csv", 3), ("a.csv", 7), (None, None), (None, None)]
    # The last run goes on to the end of the file, a line for a row.
    expected = [line for _, line in lines]
    assert told[5:] == [("it's b.csv", line) for line in [*expected, expected[-1] + 1]] + [(None, None)] * 2


def test_the_key_stands_beside_the_values_and_names_may_be_any(tmp_path: Path) -> None:
    names = ["row", 'a "b"', "Line", "when", "bytes"]
    moments = pa.array([dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC)] * 2, pa.timestamp("us", "UTC"))
    columns = [["k1", "k2"], [5, 6], ["x", "x"], moments, pa.array([b"\xff", b"\x00"])]
    table = pa.table(dict(zip(names, columns, strict=True)))
    rule = {"type": "unique_together", "columns": ["Line", "when"]}
    found = write(tmp_path, table, rule, (), key=["row", 'a "b"'])
    assert found.column_names == ["_row", "file", "_line", "row", 'a "b"', "Line", "when"]
    assert found.to_pylist()[1] == {
        "_row": 2,
        "file": None,
        "_line": None,
        "row": "k2",
        'a "b"': "6",
        "Line": "x",
        "when": "2024-01-02T03:04:05Z",
    }


def test_a_hundred_thousand_failing_rows_are_all_there_in_order(tmp_path: Path) -> None:
    table = pa.table({"n": [number % 3 for number in range(300_000)]})
    found = write(
        tmp_path, table, {"type": "between", "column": "n", "max": 1}, [RowOrigin(1, 300_000, "n.csv", ((0, 2),))]
    )
    assert found.column("row").to_pylist() == list(range(3, 300_001, 3))
    assert found.column("line").to_pylist() == list(range(4, 300_002, 3))


def test_rows_with_values_that_are_in_no_list_are_in_the_file(tmp_path: Path) -> None:
    """Values are counted, of which a report shows twenty; the file has every row that holds one."""
    table = pa.table({"id": list(range(90)), "s": [None if n < 30 else f"v{n % 30}" for n in range(90)]})
    parquet = write_parts(tmp_path / "parts", table, 2)
    rule = Rule.from_json({"type": "distinct_in_set", "column": "s", "values": ["v0", "v1"]})
    [outcome] = [
        item
        for item in check(parquet=parquet, schema=schema_of(table), rules=[rule], workdir=tmp_path).outcomes
        if item.rule.type is RuleType.DISTINCT_IN_SET
    ]
    assert (outcome.failing_count, len(outcome.samples)) == (28, 20)
    files = write_failing_rows(
        parquet=parquet,
        outcomes=[outcome],
        schema=schema_of(table),
        origins=(),
        workdir=tmp_path,
        circumstances=Circumstances(),
    )
    rows = pq.read_table(files[rule.id].path).column("row").to_pylist()
    assert rows == [n + 1 for n in range(30, 90) if n % 30 > 1]
    # How many rows they are is not what the check counted.
    [shown] = read_outcomes([replace(outcome, failing_sha256="0" * 64).to_json()], with_values=True)
    assert shown.failing_rows("report") == {
        "rows": None,
        "parquet": f"report/failing/{rule.id}.parquet",
        "csv": f"report/failing/{rule.id}.csv",
    }
