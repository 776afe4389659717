"""Patterns, completeness, correlations and groups against pandas and plain Python."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.outcomes import without_values
from catalog.table_schema import TableSchema
from quality.profiling import sample as sample_module
from quality.profiling.completeness import completeness
from quality.profiling.correlations import correlations
from quality.profiling.patterns import patterns_of
from quality.profiling.profile import profile
from quality.profiling.sample import Sample
from tests.fixtures.effort import examples
from tests.quality.conftest import write_parts


def whole(**columns: Any) -> Sample:
    return Sample(pa.table(columns), whole=True)


def patterns(*values: str | None) -> list[tuple[str, int]]:
    return [(item["pattern"], item["count"]) for item in patterns_of(pa.chunked_array([list(values)], pa.string()))]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["AB-1234", "CD-9876", None, "EF-12"], [("AA-9999", 2), ("AA-99", 1)]),
        (["Adelie", "Gentoo", "Ångström"], [("Aa", 3)]),
        (["北京", "上海市", "東京"], [("文", 3)]),
        (["١٢", "12"], [("99", 2)]),
        (["a\tb", "a  b"], [("a a", 2)]),
        (["", ""], [("", 2)]),
        ([None, None], []),
        (["x" * 65] * 3, []),
        ([f"{'-' * n}" for n in range(40)], []),
    ],
)
def test_patterns(values: list[str | None], expected: list[tuple[str, int]]) -> None:
    assert patterns(*values) == expected


def test_patterns_tell_their_share_of_what_is_there() -> None:
    found = patterns_of(pa.chunked_array([["A1", "B2", "long words here", None]]))
    assert found[0] == {"pattern": "A9", "count": 2, "share": 0.6667}


NUMBERS = st.one_of(st.none(), st.floats(-1e300, 1e300), st.integers(-3, 3).map(float))


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=10, max_size=60))
@settings(max_examples=examples(40))
def test_correlations_are_those_of_pandas(rows: list[tuple[float | None, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b", "c"], dtype=float)
    columns = {name: pa.array(frame[name], from_pandas=True) for name in frame}
    found = {(pair.first, pair.second): pair for pair in correlations(whole(**columns))}
    # pandas can't square all of these numbers.
    scaled = frame / frame.abs().max()
    for names in itertools.combinations(frame, 2):
        together = scaled[list(names)].dropna()
        if len(together) < 10 or any(together[name].std() <= 1e-5 for name in names):
            continue
        r = together.corr().loc[names]
        if names in found:
            assert found[names].rows == len(together)
            assert found[names].r == pytest.approx(r, abs=2e-4)
        else:
            assert abs(r) < 0.3 + 2e-4


def test_the_strongest_correlations_come_first_and_only_numbers_count() -> None:
    base = np.arange(100.0)
    found = correlations(
        whole(
            a=base,
            text=[str(n) for n in range(100)],
            minus=-base,
            noisy=base + 60 * np.sin(base),
            still=np.full(100, 7.0),
            broken=np.where(base % 2, np.inf, base),
        )
    )
    pairs = [(pair.first, pair.second, pair.r, pair.rows) for pair in found]
    assert pairs[:3] == [("a", "broken", 1.0, 50), ("a", "minus", -1.0, 100), ("minus", "broken", -1.0, 50)]
    assert all(abs(earlier[2]) >= abs(later[2]) >= 0.3 for earlier, later in itertools.pairwise(pairs))
    assert not any("still" in pair or "text" in pair for pair in pairs)


def test_completeness_tells_where_and_what_together() -> None:
    rows = 80
    found = completeness(
        whole(
            id=list(range(rows)),
            late=[None if n < 40 else n for n in range(rows)],
            unit=[None if n < 40 else "mm" for n in range(rows)],
            rare=[None if n == 79 else n for n in range(rows)],
        )
    ).to_json()
    assert found["columns"] == ["late", "unit", "rare"]
    assert found["blocks"] == [[1.0, 1.0, 0.0]] * 20 + [[0.0, 0.0, 0.0]] * 19 + [[0.0, 0.0, 0.5]]
    assert found["together"] == [
        {"missing": ["late", "unit"], "rows": 40},
        {"missing": [], "rows": 39},
        {"missing": ["rare"], "rows": 1},
    ]
    assert (found["rows"], found["sampled"]) == (80, False)


def test_a_table_without_gaps_has_no_matrix() -> None:
    found = completeness(whole(a=[1, 2], b=["x", "y"])).to_json()
    assert (found["columns"], found["blocks"], found["together"]) == ([], [], [])


def grouped(tmp_path: Any, table: dict[str, Any], *groups: str) -> dict[str, Any]:
    fields = [{"name": name, "group": name in groups} for name in table]
    made = pa.table(table)
    schema = TableSchema.from_descriptor({"fields": fields})
    found = profile(parquet=write_parts(tmp_path / "p", made, 2), schema=schema, workdir=tmp_path)
    told: dict[str, Any] = json.loads(json.dumps(found.to_json(), allow_nan=False))
    return told


def test_groups_tell_who_is_rare_and_of_whom_less_is_known(tmp_path: Any) -> None:
    rows = 400
    region = ["north" if n % 4 else "south" for n in range(rows)]
    income = [None if name == "south" and n % 8 == 0 else n for n, name in enumerate(region)]
    told = grouped(tmp_path, {"region": region, "income": income, "id": list(range(rows))}, "region")
    (found,) = told["groups"]
    assert found["column"] == "region"
    assert found["groups"] == [
        {"value": "north", "rows": 300, "share": 0.75, "missing": {}},
        {"value": "south", "rows": 100, "share": 0.25, "missing": {"income": 50}},
    ]
    assert found["others"] == {"groups": 0, "rows": 0}
    assert found["uneven"] == [
        {"column": "income", "least": {"value": "north", "share": 0.0}, "most": {"value": "south", "share": 0.5}}
    ]


def test_many_groups_are_cut_and_counted(tmp_path: Any) -> None:
    codes = [n % 70 for n in range(700)] + [None] * 30
    (found,) = grouped(tmp_path, {"code": codes}, "code", "not there")["groups"]
    assert len(found["groups"]) == 50
    assert found["groups"][0] == {"value": None, "rows": 30, "share": 0.0411, "missing": {}}
    assert found["others"] == {"groups": 21, "rows": 210}


def test_nothing_is_grouped_that_is_not_declared(tmp_path: Any) -> None:
    assert grouped(tmp_path, {"region": ["a", "b"]})["groups"] == []


@pytest.mark.parametrize("approximate", [False, True])
def test_a_sample_is_said_to_be_one(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, approximate: bool) -> None:
    monkeypatch.setattr(sample_module, "ROWS", 1_500)
    if approximate:
        monkeypatch.setattr("quality.profiling.profile.EXACT_CELLS", 10)
        monkeypatch.setattr("quality.profiling.profile.SAMPLE_ROWS", 2_000)
    rows = 30_000
    table = {
        "id": list(range(rows)),
        "twice": [2 * n for n in range(rows)],
        "gap": [None if n % 2 else n for n in range(rows)],
    }
    told = grouped(tmp_path, table)
    assert told["completeness"]["sampled"] is True
    assert 1_000 <= told["sample_rows"] <= 1_500
    assert told["completeness"]["rows"] == told["sample_rows"]
    assert {tuple(pair["columns"]): pair["r"] for pair in told["correlations"]}["id", "twice"] == 1.0


def test_without_values_neither_groups_nor_correlations_are_told(tmp_path: Any) -> None:
    told = grouped(tmp_path, {"sex": ["f", "m"] * 50, "n": list(range(100)), "m": list(range(100))}, "sex")
    assert told["correlations"]
    assert told["columns"][0]["patterns"]
    known = without_values(told)
    assert not {"groups", "correlations"} & set(known)
    assert all("patterns" not in column for column in known["columns"])
    assert known["completeness"] == told["completeness"]
