"""Parquet made on the spot, and the two verbs of the engine with short arguments."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.table_schema import TableSchema
from quality.checking.engine import CheckResult, check
from quality.checking.outcome import RuleOutcome
from quality.profiling.profile import TableProfile, profile
from quality.rules.rule import Rule

DATA = Path(__file__).parents[1] / "data"

LOGICAL = {"int64": "integer", "double": "number", "string": "string", "bool": "boolean"}


def schema_of(table: pa.Table) -> TableSchema:
    """A schema that asks nothing but the columns."""
    return TableSchema.from_descriptor({"fields": [{"name": name} for name in table.column_names]})


def write_parts(folder: Path, table: pa.Table, parts: int = 1) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-table.num_rows // parts) or 1
    paths = []
    for number in range(parts):
        path = folder / f"part{number}.parquet"
        pq.write_table(table.slice(number * size, size), path, row_group_size=1_000)
        paths.append(path)
    return paths


@pytest.fixture
def run_check(tmp_path: Path) -> Callable[..., CheckResult]:
    def run(
        table: pa.Table | Mapping[str, Any],
        rules: Sequence[Mapping[str, Any] | Rule] = (),
        *,
        schema: TableSchema | Mapping[str, Any] | None = None,
        parts: int = 1,
        **options: Any,
    ) -> CheckResult:
        table = table if isinstance(table, pa.Table) else pa.table(dict(table))
        if isinstance(schema, Mapping):
            schema = TableSchema.from_descriptor(schema)
        return check(
            parquet=write_parts(tmp_path / "parts", table, parts),
            schema=schema or schema_of(table),
            rules=[rule if isinstance(rule, Rule) else Rule.from_json(rule) for rule in rules],
            workdir=tmp_path,
            **options,
        )

    return run


@pytest.fixture
def outcome(run_check: Callable[..., CheckResult]) -> Callable[..., RuleOutcome]:
    """The outcome of one rule on one table."""

    def run(table: Any, parts: int = 1, **rule: Any) -> RuleOutcome:
        found: RuleOutcome = run_check(table, [rule], parts=parts).outcomes[-1]
        assert found.rule == Rule.from_json(rule)
        return found

    return run


@pytest.fixture
def run_profile(tmp_path: Path) -> Callable[..., TableProfile]:
    def run(table: pa.Table | Mapping[str, Any], *, parts: int = 1, **options: Any) -> TableProfile:
        table = table if isinstance(table, pa.Table) else pa.table(dict(table))
        paths = write_parts(tmp_path / "parts", table, parts)
        return profile(parquet=paths, schema=schema_of(table), workdir=tmp_path, **options)

    return run
