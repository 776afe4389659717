"""Above two million cells quantiles and the most frequent values are found by an even sample: how good they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.table_schema import Field, TableSchema
from quality.profiling.profile import SAMPLE_ROWS, profile

ROWS = 900_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    numbers = np.random.default_rng(7)
    table = pa.table(
        {
            "id": np.arange(ROWS),
            "wave": np.where(np.arange(ROWS) % 2 == 0, 0.0, numbers.lognormal(size=ROWS)),
            "species": numbers.choice(["Adelie", "Gentoo", "Chinstrap"], p=[0.5, 0.3, 0.2], size=ROWS),
            "place": [f"place {n}" for n in (numbers.pareto(1.2, size=ROWS) * 3).astype(int)],
            "in_sample": numbers.integers(0, 5, size=ROWS),
        }
    )
    folder = tmp_path_factory.mktemp("large")
    halves = [folder / "a.parquet", folder / "b.parquet"]
    pq.write_table(table.slice(0, ROWS // 3), halves[0], row_group_size=50_000)
    pq.write_table(table.slice(ROWS // 3), halves[1], row_group_size=122_880)
    schema = TableSchema(tuple(Field(name=name, type="any") for name in table.column_names))
    found = profile(parquet=halves, schema=schema, workdir=folder)
    assert found.approximate
    assert found.rows > SAMPLE_ROWS * 2
    return table, {column.name: column for column in found.columns}


@pytest.mark.parametrize("name", ["id", "wave", "in_sample"])
def test_quantiles_are_within_a_two_hundredth_of_the_ranks(large: tuple[Any, Any], name: str) -> None:
    table, columns = large
    values = np.sort(table[name].to_numpy())
    details = columns[name].details
    assert details["quantiles_approximate"]
    for point, value in details["quantiles"].items():
        low, high = np.searchsorted(values, value, "left") / ROWS, np.searchsorted(values, value, "right") / ROWS
        assert low - 0.005 <= int(point[1:]) / 100 <= high + 0.005, (name, point, value)


def test_moments_and_limits_are_of_every_row(large: tuple[Any, Any]) -> None:
    table, columns = large
    wave = table["wave"].to_numpy()
    details = columns["wave"].details
    assert (details["min"], details["max"]) == (wave.min(), wave.max())
    assert details["mean"] == pytest.approx(wave.mean())
    assert details["sd"] == pytest.approx(wave.std(ddof=1))
    assert sum(details["histogram"]["counts"]) == ROWS


@pytest.mark.parametrize("name", ["species", "place", "in_sample"])
def test_the_top_has_exact_counts_and_says_whether_it_may_miss_a_value(large: tuple[Any, Any], name: str) -> None:
    table, columns = large
    values, counts = np.unique(table[name].to_numpy(zero_copy_only=False), return_counts=True)
    order = sorted(zip(values, counts, strict=True), key=lambda pair: (-pair[1], str(pair[0])))[:10]
    details = columns[name].details
    assert [(item["value"], item["count"]) for item in details["top"]] == [
        (value if isinstance(value, str) else int(value), int(count)) for value, count in order
    ]
    assert details["top_approximate"] is (len(values) > 20)
