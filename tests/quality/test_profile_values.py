"""The profile against what pandas, numpy and plain Python compute of the same table."""

import datetime as dt
import json
import math
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.table_schema import TableSchema
from quality.profiling import profile as profile_module
from quality.profiling.profile import profile
from tests.fixtures.effort import examples

DATA = Path(__file__).parents[1] / "data"
POINTS = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


def by_name(found: Any) -> dict[str, dict[str, Any]]:
    """The columns of a profile, proved to be JSON."""
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    return {column["name"]: column for column in data["columns"]}


@pytest.fixture
def penguins() -> pa.Table:
    options = pa.csv.ConvertOptions(null_values=["NA"], strings_can_be_null=True)
    return pa.csv.read_csv(DATA / "penguins.csv", convert_options=options)


def test_penguins_against_pandas(penguins: pa.Table, run_profile: Any) -> None:
    frame = penguins.to_pandas()
    found = run_profile(penguins, parts=3)
    columns = by_name(found)
    assert (found.rows, found.duplicate_rows, found.approximate) == (344, 0, False)
    for name in frame.columns:
        series, column = frame[name], columns[name]
        assert (column["count"], column["nulls"]) == (series.count(), series.isna().sum()), name
        assert (column["distinct"], column["distinct_approximate"]) == (series.nunique(), False)
    for name in ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"):
        series, column = frame[name].dropna(), columns[name]
        assert column["kind"] == "num"
        assert (column["min"], column["max"]) == (series.min(), series.max())
        assert column["mean"] == pytest.approx(series.mean(), rel=1e-12)
        assert column["sd"] == pytest.approx(series.std(), rel=1e-12)
        for label, point in POINTS.items():
            assert column["quantiles"][label] == pytest.approx(series.quantile(point)), (name, label)
        edges, counts = column["histogram"]["edges"], column["histogram"]["counts"]
        assert sum(counts) == len(series)
        inner = pd.cut(series, [edges[0] - 1, *edges[1:]]).value_counts(sort=False)
        assert counts == inner.tolist()
    for name in ("species", "island", "sex"):
        column = columns[name]
        assert column["kind"] == "cat"
        expected = [{"value": v, "count": n} for v, n in frame[name].value_counts().items()]
        assert (column["top"], column["top_approximate"]) == (expected, False)
        lengths = frame[name].dropna().str.len()
        assert column["lengths"] == {
            "min": lengths.min(),
            "max": lengths.max(),
            "mean": pytest.approx(lengths.mean()),
        }
    assert columns["year"]["histogram"] == {
        "edges": [2006.5, 2007.5, 2008.5, 2009.5],
        "counts": frame["year"].value_counts().sort_index().tolist(),
    }


def test_real_weather_against_pandas(tmp_path: Path) -> None:
    path = DATA / "nycflights13_weather.parquet"
    schema = TableSchema.from_descriptor({"fields": [{"name": n} for n in pq.read_schema(path).names]})
    frame = pd.read_parquet(path)
    columns = by_name(profile(parquet=[path], schema=schema, workdir=tmp_path))
    temp = columns["temp"]
    assert temp["mean"] == pytest.approx(frame["temp"].mean())
    assert temp["sd"] == pytest.approx(frame["temp"].std())
    values = frame["temp"].dropna().to_numpy()
    edges = np.linspace(values.min(), values.max(), 21)
    assert temp["histogram"]["edges"] == pytest.approx(edges.tolist())
    # A bin holds what lies above its lower edge up to its upper one (the first also its lower edge).
    inner = np.searchsorted(temp["histogram"]["edges"][1:], values)
    assert temp["histogram"]["counts"] == np.bincount(inner, minlength=20).tolist()
    moments = frame["time_hour"].dt.tz_convert("UTC").dt.tz_localize(None)
    hours = columns["time_hour"]
    assert hours["kind"] == "time"
    assert hours["min"] == moments.min().isoformat() + "Z"
    assert hours["quantiles"]["p50"] == moments.quantile(0.5).isoformat() + "Z"
    assert sum(hours["histogram"]["counts"]) == len(frame)
    assert columns["origin"]["top"] == [
        {"value": value, "count": count} for value, count in frame["origin"].value_counts().items()
    ]


def test_large_tables_are_told_approximately_and_say_so(run_profile: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_module, "EXACT_CELLS", 10)
    monkeypatch.setattr(profile_module, "DUPLICATES_LIMIT", 10)
    rng = np.random.default_rng(7)
    values = rng.normal(100, 15, 50_000)
    names = [f"name {number}" for number in rng.zipf(1.5, 50_000) % 1_000]
    found = run_profile({"x": values, "n": names})
    columns = by_name(found)
    assert (found.approximate, found.duplicate_rows) == (True, None)
    x, n = columns["x"], columns["n"]
    assert x["distinct_approximate"]
    assert x["quantiles_approximate"]
    assert x["distinct"] == pytest.approx(50_000, rel=0.1)
    for label, point in POINTS.items():
        assert x["quantiles"][label] == pytest.approx(np.quantile(values, point), rel=0.02)
    assert (x["min"], x["max"]) == (values.min(), values.max())
    assert sum(x["histogram"]["counts"]) == 50_000
    assert n["top_approximate"]
    truth = Counter(names)
    assert [item["count"] for item in n["top"][:3]] == [count for _, count in truth.most_common(3)]
    assert all(truth[item["value"]] == item["count"] for item in n["top"])


def test_what_is_no_number_is_counted_and_left_out(run_profile: Any) -> None:
    values = [1.0, 3.0, float("nan"), float("inf"), float("-inf"), None]
    column = by_name(run_profile({"f": values, "g": [0.0, 2.0, 4.0, None, None, None]}))
    assert {key: column["f"][key] for key in ("count", "nulls", "nan", "infinite", "min", "max", "mean")} == {
        "count": 5,
        "nulls": 1,
        "nan": 1,
        "infinite": 2,
        "min": 1,
        "max": 3,
        "mean": 2,
    }
    assert sum(column["f"]["histogram"]["counts"]) == 2
    assert column["f"]["sd"] == pytest.approx(math.sqrt(2))


def test_numbers_at_the_end_of_doubles(run_profile: Any) -> None:
    """The spread of such a column is no double; the others keep theirs."""
    column = by_name(run_profile({"huge": [1e308, -1e308, 1e308], "small": [1.0, 2.0, 3.0]}))
    assert (column["huge"]["sd"], column["small"]["sd"]) == (None, 1)
    assert (column["huge"]["min"], column["huge"]["max"]) == (-1e308, 1e308)
    assert sum(column["huge"]["histogram"]["counts"]) == 3
    tiny = by_name(run_profile({"t": [0.0, 5e-324, 5e-324]}))["t"]
    assert sum(tiny["histogram"]["counts"]) == 3


def test_whole_numbers_and_decimals_keep_their_digits(run_profile: Any) -> None:
    table = {
        "big": [2**63 - 1, -(2**63), 0],
        "decimal": [Decimal("99999999999999999999.99"), Decimal("0.10"), None],
    }
    column = by_name(run_profile(table))
    assert (column["big"]["min"], column["big"]["max"]) == (str(-(2**63)), str(2**63 - 1))
    assert (column["decimal"]["min"], column["decimal"]["max"]) == (0.1, "99999999999999999999.99")
    for name, count in (("big", 3), ("decimal", 2)):
        assert sum(column[name]["histogram"]["counts"]) == count


def test_one_value_is_one_bin(run_profile: Any) -> None:
    column = by_name(run_profile({"i": [7, 7], "f": [1.5, 1.5], "d": [dt.date(2024, 1, 1)] * 2}))
    assert column["i"]["histogram"] == {"edges": [6.5, 7.5], "counts": [2]}
    assert column["f"]["histogram"] == {"edges": [1.5, 1.5], "counts": [2]}
    assert column["d"]["histogram"] == {"edges": ["2024-01-01", "2024-01-02"], "counts": [2]}
    assert column["i"]["sd"] == 0


def test_days_moments_and_times(run_profile: Any) -> None:
    day = dt.date(2024, 2, 28)
    moments = [*(dt.datetime.fromisoformat(f"2024-01-0{number}T12:00") for number in (1, 3)), None]
    column = by_name(
        run_profile(
            {
                "day": [day, day + dt.timedelta(1), day + dt.timedelta(1)],
                "far": [dt.date(1, 1, 1), dt.date(9999, 12, 31), None],
                "moment": moments,
                "zoned": pa.array(moments, pa.timestamp("us", "UTC")),
                "nano": pa.array(moments, pa.timestamp("ns")),
                "time": pa.array([dt.time(8), dt.time(10), None], pa.time64("us")),
            }
        )
    )
    assert column["day"]["histogram"] == {
        "edges": ["2024-02-28", "2024-02-29", "2024-03-01"],
        "counts": [1, 2],
    }
    assert (column["far"]["min"], column["far"]["max"]) == ("0001-01-01", "9999-12-31")
    assert column["far"]["histogram"]["counts"][0] == column["far"]["histogram"]["counts"][-1] == 1
    assert (column["moment"]["min"], column["zoned"]["min"]) == (
        "2024-01-01T12:00:00",
        "2024-01-01T12:00:00Z",
    )
    assert column["moment"]["quantiles"]["p50"] == "2024-01-02T12:00:00"
    assert column["nano"]["max"] == "2024-01-03T12:00:00"
    assert (column["time"]["min"], column["time"]["quantiles"]["p50"]) == ("08:00:00", "09:00:00")
    assert {item["kind"] for item in column.values()} == {"time"}


def test_truth_text_and_what_is_nested(run_profile: Any) -> None:
    table = {
        "b": [True, False, True, None],
        "t": ["x" * 1_000, "a", "a\x00", None],
        "l": [[1], [], None, [2]],
        "s": [{"a": 1}, None, {"a": 2}, {"a": 1}],
        "x": [b"1", None, b"2", b"3"],
    }
    column = by_name(run_profile(table))
    assert column["b"] == {
        "name": "b",
        "type": "any",
        "kind": "bool",
        "count": 3,
        "nulls": 1,
        "distinct": 2,
        "distinct_approximate": False,
        "true_count": 2,
    }
    assert len(column["t"]["max"]) == 200
    assert {"value": "x" * 199 + "…", "count": 1, "clipped": True} in column["t"]["top"]
    assert column["t"]["lengths"] == {"min": 1, "max": 1_000, "mean": pytest.approx(1_003 / 3)}
    for name in "lsx":
        assert column[name] == {"name": name, "type": "any", "kind": "nested", "count": 3, "nulls": 1}


def test_keys_have_no_top_and_are_text(run_profile: Any) -> None:
    column = by_name(run_profile({"k": [f"key {number}" for number in range(500)], "i": list(range(500))}))
    assert (column["k"]["kind"], column["k"]["top"], column["i"]["top"]) == ("text", [], [])


@pytest.mark.parametrize("rows", [0, 3])
def test_nothing_at_all(run_profile: Any, rows: int) -> None:
    types = {
        "i": pa.int64(),
        "f": pa.float64(),
        "t": pa.string(),
        "d": pa.date32(),
        "ts": pa.timestamp("us"),
        "tm": pa.time64("us"),
        "b": pa.bool_(),
        "dec": pa.decimal128(9, 2),
        "l": pa.list_(pa.int64()),
    }
    table = pa.table({name: pa.array([None] * rows, type_) for name, type_ in types.items()})
    found = run_profile(table)
    assert found.duplicate_rows == max(0, rows - 1)
    for name, column in by_name(found).items():
        assert (column["count"], column["nulls"]) == (0, rows), name
        assert column.get("min") is None
        assert column.get("histogram", {"counts": []})["counts"] == []
        assert column.get("top", []) == []


@pytest.mark.parametrize("name", ['quo"te', "a:b {x} %s ?", "😀", "line\nbreak", "row_number", "file_row_number"])
def test_any_name_can_be_profiled(run_profile: Any, name: str) -> None:
    column = by_name(run_profile({name: [1, 2, 2], "other": ["a", "a", "b"]}))[name]
    assert (column["mean"], column["top"][0]) == (pytest.approx(5 / 3), {"value": 2, "count": 2})


def test_types_are_the_schemas(run_profile: Any, tmp_path: Path) -> None:
    pq.write_table(pa.table({"y": [2024]}), tmp_path / "x.parquet")
    schema = TableSchema.from_descriptor({"fields": [{"name": "y", "type": "year"}]})
    found = profile(parquet=[tmp_path / "x.parquet"], schema=schema, workdir=tmp_path)
    assert by_name(found)["y"]["type"] == "year"


def test_repeated_rows_are_counted(run_profile: Any) -> None:
    found = run_profile({"a": [1, 1, None, None, 1], "b": ["x", "x", "y", "y", "z"]})
    assert found.duplicate_rows == 2


finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(values=st.lists(st.none() | finite | st.sampled_from([math.inf, math.nan]), max_size=40))
@settings(max_examples=examples(25))
def test_any_floats_make_a_histogram_of_all_of_them(values: list[Any], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("floats")
    pq.write_table(pa.table({"f": pa.array(values, pa.float64())}), folder / "x.parquet")
    schema = TableSchema.from_descriptor({"fields": [{"name": "f", "type": "number"}]})
    column = by_name(profile(parquet=[folder / "x.parquet"], schema=schema, workdir=folder))["f"]
    there = [value for value in values if value is not None and math.isfinite(value)]
    assert sum(column["histogram"]["counts"]) == len(there)
    edges = column["histogram"]["edges"]
    assert edges == sorted(edges)
    if there:
        assert (column["min"], column["max"]) == (min(there), max(there))
        assert (edges[0], edges[-1]) == (min(there), max(there))


def test_empty_texts_are_counted_beside_texts_that_are_too_long_for_the_top(run_profile: Any) -> None:
    """The engine counts what is not asked for under the empty text."""
    values = ["", "", "", "a", "a", None, "x" * 12_000, "y" * 12_000]
    found = by_name(run_profile({"t": pa.array(values)}))["t"]
    assert found["top"] == [{"value": "", "count": 3}, {"value": "a", "count": 2}]


@pytest.mark.parametrize("own_queries", [500, 0], ids=["a query a column", "one query"])
def test_the_top_of_a_column_is_its_own_whatever_the_others_are_called(
    run_profile: Any, monkeypatch: pytest.MonkeyPatch, own_queries: int
) -> None:
    monkeypatch.setattr("quality.profiling.profile.OWN_QUERIES", own_queries)
    found = run_profile({"value": ["a", "b", "b", None], "often": [7, 7, 7, 8], "x": ["", "", "z", None]})
    tops = {column.name: {item["value"]: item["count"] for item in column.details["top"]} for column in found.columns}
    assert tops == {"value": {"b": 2, "a": 1}, "often": {7: 3, 8: 1}, "x": {"": 2, "z": 1}}


def test_the_only_value_of_some_rows_is_no_less_frequent_for_that(tmp_path: Path) -> None:
    """Whichever thread has them: two threads' counts are not one thread's (see ``candidates_of``)."""
    values = [f"v{number % 1_000}" for number in range(100_000)] + ["alone"] * 60_000
    path = tmp_path / "part.parquet"
    pq.write_table(pa.table({"x": values}), path, row_group_size=100_000)
    schema = TableSchema.from_descriptor({"fields": [{"name": "x"}]})
    for _ in range(5):
        (column,) = profile(parquet=[path], schema=schema, workdir=tmp_path, threads=2).columns
        assert column.details["top"][0] == {"value": "alone", "count": 60_000}
