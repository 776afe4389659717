"""How far columns moved between two profiles: the index against its definition, and what the profiles can't say."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from quality.difference.bins import common_bins
from quality.difference.drift import ColumnDrift, compare_profiles, drift_of
from quality.difference.renames import Rename
from quality.profiling.profile import profile
from quality.stability import index as psi
from tests.quality.conftest import schema_of, write_parts

RNG = np.random.default_rng(11)
NORMAL = RNG.normal(10, 2, 40_000)


def profiled(folder: Path, name: str, **columns: Any) -> dict[str, Any]:
    table = pa.table(columns)
    return profile(parquet=write_parts(folder / name, table), schema=schema_of(table), workdir=folder).to_json()


def drift(folder: Path, before: Any, after: Any) -> ColumnDrift:
    (found,) = compare_profiles(profiled(folder, "old", x=before), profiled(folder, "new", x=after))
    return found


def test_the_index_is_what_its_definition_says() -> None:
    # Two bins, 0.5/0.5 to 0.8/0.2: 0.3 ln 1.6 + -0.3 ln 0.4 = 0.3 ln 4.
    assert psi([0.5, 0.5], [0.8, 0.2]) == pytest.approx(0.3 * math.log(4))
    assert psi([0.2, 0.8], [0.2, 0.8]) == 0
    assert psi([0.3, 0.7], [0.6, 0.4]) == pytest.approx(psi([0.6, 0.4], [0.3, 0.7]))


@pytest.mark.parametrize(
    ("after", "level"),
    [
        (RNG.normal(10, 2, 40_000), "none"),
        (RNG.normal(10.8, 2, 40_000), "moderate"),
        (RNG.normal(13, 2, 40_000), "major"),
        (RNG.normal(10, 6, 40_000), "major"),
        (NORMAL * 1_000, "major"),
    ],
    ids=["same", "a little", "far", "wider", "another unit"],
)
def test_the_level_of_a_shift(tmp_path: Path, after: Any, level: str) -> None:
    found = drift(tmp_path, NORMAL, after)
    assert (found.level, found.psi_of) == (level, "histogram")


@pytest.mark.parametrize("shift", [0.0, 5.0], ids=["nothing else", "a shift"])
def test_a_single_value_far_out_is_no_drift_of_the_others_and_hides_none(tmp_path: Path, shift: float) -> None:
    """It stretches the newer histogram, whose first bin then holds everything: that is no news of the others."""
    before = np.round(np.random.default_rng(3).normal(10, 2, 600), 1)
    after = np.concatenate([[before.min()], before[2:] + shift, [5_000.0]])
    found = drift(tmp_path, before, after)
    assert (found.level, found.limits["max"][1]) == ("major" if shift else "none", 5_000.0)
    # The other way round it is the older one that is coarse.
    assert drift(tmp_path, np.append(before, 5_000.0), before).level == "none"


@pytest.mark.parametrize("rows", [40, 100, 400])
def test_few_values_do_not_drift_by_chance(tmp_path: Path, rows: int) -> None:
    chance = np.random.default_rng(rows)
    pairs = [(chance.normal(10, 2, rows), chance.normal(10, 2, rows)) for _ in range(12)]
    levels = [drift(tmp_path, before, after).level for before, after in pairs]
    # Of forty rows one comparison in twelve may look so: that is what chance is.
    assert levels.count("major") <= (1 if rows == 40 else 0)


def test_the_index_of_two_normal_distributions_is_near_its_closed_form(tmp_path: Path) -> None:
    # Of normal distributions with one sd the index is (shift / sd)²: here 0.25.
    found = drift(tmp_path, NORMAL, RNG.normal(11, 2, 40_000))
    assert found.psi == pytest.approx(0.25, rel=0.12)
    assert found.mean_moved_sd == pytest.approx(0.5, abs=0.03)
    assert found.quantiles["p50"][1] - found.quantiles["p50"][0] == pytest.approx(1, abs=0.1)


def test_bins_are_the_older_ones_and_open_at_both_ends() -> None:
    older = {"edges": [0.0, 1.0, 2.0], "counts": [50, 50]}
    newer = {"edges": [-2.0, 0.5, 3.0], "counts": [50, 50]}
    before, after = common_bins(older, newer) or ([], [])
    assert before == pytest.approx([0, 0.5, 0.5, 0])
    assert after == pytest.approx([0.4, 0.1 + 0.1, 0.2, 0.2])


@pytest.mark.parametrize("edges", [[], [1.0], ["2024-13-99", "x"]])
def test_what_can_not_be_placed_gives_no_index(edges: list[Any]) -> None:
    assert common_bins({"edges": edges, "counts": [1] * (len(edges) - 1)}, {"edges": [0, 1], "counts": [1]}) is None


def test_a_constant_that_becomes_another_is_seen(tmp_path: Path) -> None:
    assert drift(tmp_path, [5.0] * 50, [6.0] * 50).level == "major"


def test_moments_are_told_by_their_instants(tmp_path: Path) -> None:
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2022-01-01"))
    assert drift(tmp_path, days, days).level == "none"
    found = drift(tmp_path, days, days + np.timedelta64(400, "D"))
    assert found.level == "major"
    assert found.limits["min"] == ("2020-01-01", "2021-02-04")


def test_a_new_category_and_one_that_is_gone(tmp_path: Path) -> None:
    found = drift(tmp_path, ["ne", "sw", "w"] * 100, ["NE", "sw", "w"] * 100)
    assert [item["value"] for item in found.new_values] == ["NE"]
    assert [item["value"] for item in found.vanished_values] == ["ne"]
    assert (found.values_approximate, found.level, found.psi_of) == (False, "major", "values")


def test_values_out_of_the_top_may_be_there_and_that_is_said(tmp_path: Path) -> None:
    before = [f"v{number % 60}" for number in range(6_000)]
    after = [f"v{number % 60}" for number in range(6_000)] + ["new"] * 500
    found = drift(tmp_path, before, after)
    assert "new" in [item["value"] for item in found.new_values]
    assert found.values_approximate


def test_nulls_alone_are_drift(tmp_path: Path) -> None:
    found = drift(tmp_path, [1.0, 2.0, 3.0] * 100, [1.0, 2.0, 3.0, None, None, None] * 50)
    assert found.nulls_share == (0.0, 0.5)
    assert (found.level, found.psi) == ("major", pytest.approx(0, abs=0.02))


def test_truth_and_columns_without_values(tmp_path: Path) -> None:
    found = drift(tmp_path, [True, False] * 50, [True] * 90 + [False] * 10)
    assert found.psi_of == "truth"
    assert found.psi == pytest.approx(psi([0.5, 0.5], [0.9, 0.1]))
    empty = drift(tmp_path, pa.array([None, None], pa.float64()), pa.array([1.0, None]))
    assert (empty.psi, empty.psi_of) == (None, "")


def test_another_kind_of_column_has_no_index(tmp_path: Path) -> None:
    found = drift(tmp_path, [1, 2, 3], ["a", "b", "c"])
    assert found.psi is None


def test_a_renamed_column_is_compared_and_the_strongest_stands_first(tmp_path: Path) -> None:
    before = profiled(tmp_path, "old", a=[1.0] * 50, b=[1.0, 2.0] * 25, gone=[1] * 50)
    after = profiled(tmp_path, "new", a=[1.0] * 50, c=[7.0, 9.0] * 25, new=[1] * 50)
    found = compare_profiles(before, after, renames=[Rename("b", "c", "source")])
    assert [(item.name, item.level) for item in found] == [("c", "major"), ("a", "none")]


def test_json_of_a_drift_is_plain() -> None:
    column = {"name": "x", "kind": "num", "count": 2, "nulls": 0, "mean": 1.0, "sd": 0.0}
    found = drift_of(column, column).to_json()
    assert (found["psi"], found["mean_moved_sd"], found["mean"]) == (None, None, [1.0, 1.0])


def test_both_histograms_are_drawn_in_the_same_bins_of_one_width(tmp_path: Path) -> None:
    found = drift(tmp_path, [float(n) for n in range(100)], [float(n) for n in range(50, 250)]).distribution
    assert found is not None
    assert (found.of, found.labels, len(found.before), len(found.after)) == ("histogram", (0.0, 249.0), 24, 24)
    assert sum(found.before) == pytest.approx(1)
    assert sum(found.after) == pytest.approx(1)
    # 249 / 24 is 10.4 a bin: the older one ends in the tenth, the newer one begins in the fifth.
    assert [n for n, share in enumerate(found.before) if share] == list(range(10))
    assert [n for n, share in enumerate(found.after) if share] == list(range(4, 24))


def test_a_constant_is_drawn_too(tmp_path: Path) -> None:
    found = drift(tmp_path, [5.0] * 4, [5.0] * 4).distribution
    assert found is not None
    assert (sum(found.before), sum(found.after)) == (pytest.approx(1), pytest.approx(1))


def test_values_and_truth_are_drawn_by_their_names(tmp_path: Path) -> None:
    found = drift(tmp_path, ["a"] * 6 + ["b"] * 2, ["a"] * 2 + ["c"] * 6).distribution
    assert found is not None
    assert (found.of, found.labels) == ("values", ("a", "b", "c", None))
    assert (found.before, found.after) == ((0.75, 0.25, 0.0, 0.0), (0.25, 0.0, 0.75, 0.0))
    truth = drift(tmp_path, [True, False, None], [True]).distribution
    assert truth is not None
    assert (truth.labels, truth.before, truth.after) == ((False, True), (0.5, 0.5), (0.0, 1.0))
    assert drift(tmp_path, ["a"], [1.5]).distribution is None
