"""Great Expectations over DuckDB against a plain loop in Python, and against SQL by hand on real data."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.table_schema import TableSchema
from quality.checking.engine import check
from quality.rules.rule import Rule
from tests.fixtures.effort import examples

DATA = Path(__file__).parents[1] / "data"

Row = dict[str, Any]

numbers = st.none() | st.integers(-5, 5)
texts = st.none() | st.text("aB1 é\n'", max_size=3)
tables = st.lists(st.fixed_dictionaries({"a": numbers, "b": numbers, "s": texts}), max_size=30)

bounds = st.tuples(st.integers(-5, 5), st.integers(-5, 5)).map(sorted)
mostly = st.sampled_from([None, 0.5, 0.9])
patterns = st.sampled_from(["a*", "[a-z1]+", "a|B", ".", "1?'?", "(?i)AB?", r"\s*", "é.?"])


def failing(rows: list[Row], column: str, is_wrong: Callable[[Any], bool]) -> list[int]:
    return [n for n, row in enumerate(rows, 1) if row[column] is not None and is_wrong(row[column])]


@st.composite
def questions(draw: st.DrawFn) -> tuple[dict[str, Any], Callable[[list[Row]], list[int]]]:
    """A rule and the plain Python that tells the rows that break it."""
    low, high = draw(bounds)
    strict = draw(st.booleans())
    values = draw(st.lists(st.integers(-5, 5), min_size=1, max_size=5, unique=True))
    pattern = draw(patterns)
    share = {"mostly": draw(mostly)}
    column = draw(st.sampled_from(["a", "b"]))

    def duplicates(rows: list[Row], names: tuple[str, ...]) -> list[int]:
        keys = [tuple(row[name] for name in names) for row in rows]
        seen = Counter(key for key in keys if None not in key)
        return [n for n, key in enumerate(keys, 1) if seen[key] > 1]

    def falling(rows: list[Row]) -> list[int]:
        there = [(n, row[column]) for n, row in enumerate(rows, 1) if row[column] is not None]
        return [n for (_, before), (n, value) in pairwise(there) if value < before or (strict and value == before)]

    chosen: tuple[dict[str, Any], Callable[[list[Row]], list[int]]] = draw(
        st.sampled_from(
            [
                (
                    {"type": "not_null", "column": column, **share},
                    lambda rows: [n for n, row in enumerate(rows, 1) if row[column] is None],
                ),
                ({"type": "unique", "column": column}, lambda rows: duplicates(rows, (column,))),
                (
                    {"type": "unique_together", "columns": ["a", "s"]},
                    lambda rows: duplicates(rows, ("a", "s")),
                ),
                (
                    {"type": "in_set", "column": column, "values": values, **share},
                    lambda rows: failing(rows, column, lambda value: value not in values),
                ),
                (
                    {
                        "type": "between",
                        "column": column,
                        "min": low,
                        "max": high,
                        "strict_min": strict,
                        **share,
                    },
                    lambda rows: failing(
                        rows, column, lambda value: not low <= value <= high or (strict and value == low)
                    ),
                ),
                (
                    {"type": "matches", "column": "s", "pattern": pattern, **share},
                    lambda rows: failing(rows, "s", lambda value: not re.fullmatch(pattern, value, re.ASCII)),
                ),
                (
                    {"type": "length_between", "column": "s", "min": abs(low), "max": abs(low) + 1},
                    lambda rows: failing(rows, "s", lambda value: not abs(low) <= len(value) <= abs(low) + 1),
                ),
                (
                    {"type": "column_pair", "columns": ["a", "b"], "or_equal": strict, **share},
                    lambda rows: [
                        n
                        for n, row in enumerate(rows, 1)
                        if None not in (row["a"], row["b"])
                        and not (row["a"] > row["b"] or (strict and row["a"] == row["b"]))
                    ],
                ),
                ({"type": "increasing", "column": column, "strictly": strict}, falling),
            ]
        )
    )
    return chosen


def looked_at(rule: Rule, rows: list[Row]) -> int:
    if rule.type == "not_null":
        return len(rows)
    return sum(all(row[name] is not None for name in rule.columns) for row in rows)


@given(rows=tables, asked=st.lists(questions(), min_size=1, max_size=6))
@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow])
def test_the_verdict_is_that_of_a_plain_loop(rows: list[Row], asked: list[Any]) -> None:
    schema = pa.schema([("a", pa.int64()), ("b", pa.int64()), ("s", pa.string())])
    rules = {rule.id: (rule, breaks) for rule, breaks in ((Rule.from_json(r), b) for r, b in asked)}
    with TemporaryDirectory() as name:
        folder = Path(name)
        half = len(rows) // 2
        for part, some in enumerate((rows[:half], rows[half:])):
            pq.write_table(pa.Table.from_pylist(some, schema), folder / f"{part}.parquet")
        result = check(
            parquet=[folder / "0.parquet", folder / "1.parquet"],
            schema=TableSchema.from_descriptor({"fields": [{"name": n} for n in "abs"]}),
            rules=[rule for rule, _ in rules.values()],
            workdir=folder,
        )
    for outcome in result.outcomes[1:]:
        rule, breaks = rules[outcome.rule.id]
        wrong, checked = breaks(rows), looked_at(rule, rows)
        is_right = checked == 0 or (checked - len(wrong)) / checked >= rule.mostly
        assert outcome.status == ("passed" if is_right else "failed"), (outcome, wrong)
        assert (outcome.checked, outcome.failing_count) == (checked, len(wrong))
        found = [sample["row"] for sample in outcome.samples]
        assert set(found) <= set(wrong)
        assert len(found) == min(len(wrong), 20)


WEATHER_RULES: list[tuple[dict[str, Any], str]] = [
    ({"type": "not_null", "column": "wind_gust"}, "wind_gust IS NULL"),
    ({"type": "between", "column": "temp", "min": 20, "max": 95}, "temp < 20 OR temp > 95"),
    ({"type": "in_set", "column": "origin", "values": ["EWR", "JFK"]}, "origin NOT IN ('EWR', 'JFK')"),
    ({"type": "matches", "column": "origin", "pattern": "[EL].."}, "NOT regexp_full_match(origin, '[EL]..')"),
    ({"type": "column_pair", "columns": ["dewp", "wind_speed"]}, "dewp <= wind_speed"),
    (
        {"type": "between", "column": "time_hour", "max": "2013-12-30T18:00:00Z"},
        "epoch(time_hour) > epoch(TIMESTAMP '2013-12-30 18:00:00')",
    ),
]


@pytest.mark.parametrize(("rule", "breaks"), WEATHER_RULES)
def test_real_weather_against_hand_written_sql(rule: Any, breaks: str, tmp_path: Path) -> None:
    path = DATA / "nycflights13_weather.parquet"
    schema = TableSchema.from_descriptor({"fields": [{"name": n} for n in pq.read_schema(path).names]})
    result = check(parquet=[path], schema=schema, rules=[Rule.from_json(rule)], workdir=tmp_path)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(
            f"SELECT file_row_number + 1 FROM read_parquet('{path}') WHERE {breaks} ORDER BY 1"
        ).fetchall()
    assert result.outcomes[0].status == "passed"
    outcome = result.outcomes[1]
    assert rows
    assert (outcome.status, outcome.failing_count) == ("failed", len(rows))
    assert [sample["row"] for sample in outcome.samples] == [row for (row,) in rows[:20]]


def test_the_penguins_keep_their_schema(tmp_path: Path) -> None:
    table = pa.csv.read_csv(
        DATA / "penguins.csv",
        convert_options=pa.csv.ConvertOptions(null_values=["NA"], strings_can_be_null=True),
    )
    pq.write_table(table, tmp_path / "penguins.parquet")
    descriptor = {
        "fields": [
            {"name": "species", "type": "string", "constraints": {"enum": ["Adelie", "Gentoo", "Chinstrap"]}},
            {"name": "island", "type": "string", "constraints": {"required": True}},
            {"name": "bill_length_mm", "type": "number", "constraints": {"minimum": 30, "maximum": 60}},
            {"name": "bill_depth_mm", "type": "number"},
            {"name": "flipper_length_mm", "type": "integer", "constraints": {"minimum": 170}},
            {"name": "body_mass_g", "type": "integer"},
            {"name": "sex", "type": "string", "constraints": {"required": True, "pattern": "(fe)?male"}},
            {"name": "year", "type": "year"},
        ]
    }
    result = check(
        parquet=[tmp_path / "penguins.parquet"],
        schema=TableSchema.from_descriptor(descriptor),
        rules=[Rule.from_json({"type": "mean_between", "column": "body_mass_g", "min": 4000, "max": 4400})],
        workdir=tmp_path,
    )
    failed = {
        (outcome.rule.type.value, outcome.rule.column): outcome
        for outcome in result.outcomes
        if outcome.status != "passed"
    }
    assert set(failed) == {("not_null", "sex")}
    assert failed["not_null", "sex"].failing_count == table["sex"].null_count == 11
    assert [sample["row"] for sample in failed["not_null", "sex"].samples][:3] == [4, 9, 10]
