"""How far rows single persons out: held against counting in Python."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.table_schema import InvalidSchema, TableSchema
from quality.personal import uniqueness
from quality.personal.result import PersonalScan
from quality.personal.scan import scan
from tests.fixtures.effort import examples
from tests.quality.conftest import write_parts

Scan = Callable[..., PersonalScan]


@pytest.fixture
def run_scan(tmp_path: Path) -> Scan:
    def run(table: Mapping[str, Any], said: Mapping[str, str] | None = None) -> PersonalScan:
        fields = [{"name": name, "disclosure": (said or {}).get(name, "")} for name in table]
        parts = write_parts(tmp_path / "parts", pa.table(dict(table)), 2)
        return scan(parquet=parts, schema=TableSchema.from_descriptor({"fields": fields}), workdir=tmp_path, threads=1)

    return run


def survey(count: int = 500) -> dict[str, list[Any]]:
    numbers = random.Random(8)
    return {
        "answer": [numbers.randint(1, 5) for _ in range(count)],
        "Gender": [numbers.choice(["f", "m", None]) for _ in range(count)],
        "Altersgruppe": [numbers.choice(["18-29", "30-44", "45-60", "61+"]) for _ in range(count)],
        "PLZ": [f"{numbers.randint(10, 40)}" for _ in range(count)],
    }


def hits(found: PersonalScan) -> list[Any]:
    return [hit for hit in found.hits if hit.kind == "uniqueness"]


def test_groups_are_counted_as_python_counts_them(run_scan: Scan) -> None:
    table = survey()
    found = run_scan(table)
    sizes = Counter(zip(table["Gender"], table["Altersgruppe"], table["PLZ"], strict=True))
    measured = found.uniqueness
    assert measured is not None
    assert measured["columns"] == ["Gender", "Altersgruppe", "PLZ"]
    assert (measured["k"], measured["groups"]) == (min(sizes.values()), len(sizes))
    assert measured["unique_rows"] == sum(size == 1 for size in sizes.values())
    assert sum(item["rows"] for item in measured["sizes"]) == 500
    assert sum(item["groups"] for item in measured["sizes"]) == len(sizes)
    pairs = {
        pair: sum(n == 1 for n in Counter(zip(table[pair[0]], table[pair[1]], strict=True)).values())
        for pair in (("Gender", "Altersgruppe"), ("Gender", "PLZ"), ("Altersgruppe", "PLZ"))
    }
    best = max(pairs.values()) / 500
    assert measured["most_identifying"]["unique_share"] == pytest.approx(best)
    [hit] = hits(found)
    assert hit.matched == sum(size for size in sizes.values() if size < uniqueness.SAFE_K)
    rows = list(zip(table["Gender"], table["Altersgruppe"], table["PLZ"], strict=True))
    for example in hit.examples:
        assert sizes[rows[example.row - 1]] == 1
        assert example.masked == "Gender: •••, Altersgruppe: •••, PLZ: •••"


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("fmx"), st.integers(1, 4), st.sampled_from(["a", "b", None])), min_size=1, max_size=60
    )
)
def test_any_table_is_counted_so(run_scan: Scan, rows: list[tuple[Any, ...]]) -> None:
    sex, age, illness = (list(values) for values in zip(*rows, strict=True))
    found = run_scan({"sex": sex, "age": age, "illness": pa.array(illness, pa.string())}, {"illness": "sensitive"})
    sizes = Counter(zip(sex, age, strict=True))
    measured = found.uniqueness
    assert measured is not None
    assert (measured["k"], measured["groups"]) == (min(sizes.values()), len(sizes))
    values = {group: {i for s, a, i in rows if (s, a) == group and i is not None} for group in sizes}
    assert measured["sensitive"] == {"column": "illness", "l": min(len(found) for found in values.values())}
    assert bool(hits(found)) is (min(sizes.values()) < uniqueness.SAFE_K)


def test_large_groups_are_no_hit(run_scan: Scan) -> None:
    found = run_scan({"sex": ["f", "m"] * 100, "religion": ["a", "a", "b", "b"] * 50})
    assert found.uniqueness is not None
    assert found.uniqueness["k"] == 50
    assert not hits(found)


@pytest.mark.parametrize(
    "table",
    [
        {"species": ["a", "b"] * 50, "sex": ["f", "m"] * 50, "year": list(range(100))},
        {"region": ["a", "b"] * 50, "city": [str(n) for n in range(100)]},
        {"state": ["x"] * 100, "age_median": list(range(100)), "rate": list(range(100))},
    ],
    ids=["penguins", "places", "rates"],
)
def test_tables_that_are_not_about_persons_are_not_measured(run_scan: Scan, table: Mapping[str, Any]) -> None:
    assert run_scan(table).uniqueness is None


def test_one_thing_of_persons_and_a_place_count_beside_names_of_persons(run_scan: Scan) -> None:
    table = {"sex": ["f", "m"] * 50, "town": [str(n) for n in range(100)]}
    assert run_scan(table).uniqueness is None
    found = run_scan({**table, "email": [f"ada{n}@example.org" for n in range(100)]})
    assert found.uniqueness is not None
    assert found.uniqueness["columns"] == ["sex", "town"]


def test_the_owners_word_comes_before_proposals(run_scan: Scan) -> None:
    table = survey()
    declared = run_scan(table, {"PLZ": "quasi-identifier", "answer": "quasi-identifier"})
    assert declared.uniqueness is not None
    assert (declared.uniqueness["columns"], declared.uniqueness["declared"]) == (["answer", "PLZ"], True)
    assert "declared" in {item.code for item in hits(declared)[0].evidence_for}
    assert run_scan(table, {"Gender": "none", "Altersgruppe": "none"}).uniqueness is None


def test_a_word_on_disclosure_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidSchema, match="disclosure"):
        TableSchema.from_descriptor({"fields": [{"name": "a", "disclosure": "secret"}]})
    kept = TableSchema.from_descriptor({"fields": [{"name": "a", "disclosure": "sensitive"}]})
    assert kept.to_descriptor()["fields"][0]["disclosure"] == "sensitive"
