"""Values as SQL: whatever is in them, the engine reads what was written, and nothing else."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.sql import Value, literal


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(2**127) + 1, 2**127 - 1),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.times(),
)


@given(value=VALUES)
@example(value="' OR 1=1 --")
@example(value="\0'\0\0")
@example(value="\\'; SELECT ?, $1, {}")
@example(value=-(2**127) + 1)
@example(value=2**63)
def test_a_value_is_read_as_it_was(engine: duckdb.DuckDBPyConnection, value: Value) -> None:
    found = engine.execute(f"SELECT {literal(value)}, 7").fetchall()
    assert found[0][1:] == (7,)
    read = found[0][0]
    assert type(read) is type(value)
    assert read == value or (isinstance(value, float) and math.isnan(value) and math.isnan(read))


@pytest.mark.parametrize(
    ("value", "sql_type"),
    [(7, "INTEGER"), (2**40, "BIGINT"), (1.5, "DOUBLE"), (dt.date(2026, 1, 2), "DATE"), ("7", "VARCHAR")],
)
def test_its_type(engine: duckdb.DuckDBPyConnection, value: Value, sql_type: str) -> None:
    assert engine.execute(f"SELECT typeof({literal(value)})").fetchall() == [(sql_type,)]
