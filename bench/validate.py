"""The quality engine against hand-written SQL, and the profile against SUMMARIZE, on the same Parquet.

    python -m bench.validate [--rows 1000000] [--memory 512MB] [--rounds 3] [--parquet FILE …]

Each engine runs in a process of its own, in turns; the importing of Great Expectations is told apart (a
worker pays it once). Ratios inside one run are worth comparing, seconds of a shared machine are not.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REGIONS = ["North", "South", "East", "West", "Centre", "Coast", "Hills", "Delta", "Plains", "Lakes"]
STATES = ["new", "open", "in progress", "closed"]  # One in five rows says "void", which the rules don't know.

RULES: list[dict[str, Any]] = [
    {"type": "row_count_between", "min": 1},
    {"type": "unique", "column": "id"},
    {"type": "unique_together", "columns": ["code", "ts", "lat"]},
    {"type": "in_set", "column": "region", "values": REGIONS},
    {"type": "in_set", "column": "status", "values": STATES},
    {"type": "between", "column": "qty", "min": 0, "max": 990},
    {"type": "between", "column": "price", "min": 0, "max": 1_000},
    {"type": "between", "column": "ts", "min": "2020-01-01", "max": "2029-12-31"},
    {"type": "between", "column": "lat", "min": -90, "max": 90},
    {"type": "between", "column": "lon", "min": -180, "max": 180},
    {"type": "matches", "column": "code", "pattern": "[A-Z]{2}-[0-9]{6}"},
    {"type": "matches", "column": "country", "pattern": "[A-T][A-J]"},
    {"type": "length_between", "column": "note", "min": 1, "max": 60},
    {"type": "column_pair", "columns": ["id", "qty"], "or_equal": True, "mostly": 0.99},
    {"type": "mean_between", "column": "price", "min": 10, "max": 100},
    {"type": "stdev_between", "column": "lat", "min": 40, "max": 60},
    {"type": "median_between", "column": "price", "min": 10, "max": 50},
    {"type": "distinct_count_between", "column": "country", "min": 1, "max": 300},
    {"type": "distinct_in_set", "column": "region", "values": REGIONS},
    *({"type": "not_null", "column": name, "mostly": 0.9} for name in ("id", "ts", "qty", "price", "parent_id")),
]
EXPECTATIONS = 25
"""The rules above, and the one about its columns that every schema asks."""

SQL: list[str] = [
    """SELECT count(*), count(*) FILTER (region NOT IN {regions}), count(*) FILTER (status NOT IN {states}),
      count(*) FILTER (NOT qty BETWEEN 0 AND 990), count(*) FILTER (NOT price BETWEEN 0 AND 1000),
      count(*) FILTER (NOT ts BETWEEN '2020-01-01' AND '2029-12-31'),
      count(*) FILTER (NOT lat BETWEEN -90 AND 90), count(*) FILTER (NOT lon BETWEEN -180 AND 180),
      count(*) FILTER (NOT regexp_full_match(code, '[A-Z]{{2}}-[0-9]{{6}}')),
      count(*) FILTER (NOT regexp_full_match(country, '[A-T][A-J]')),
      count(*) FILTER (NOT length(note) BETWEEN 1 AND 60), count(*) FILTER (id < qty),
      avg(price), stddev_samp(lat), median(price), count(DISTINCT country), count(DISTINCT region),
      count(id), count(ts), count(qty), count(price), count(parent_id) FROM d""",
    "SELECT column_name FROM (DESCRIBE d)",
    "SELECT count(*) FROM (SELECT id FROM d GROUP BY id HAVING count(*) > 1)",
    "SELECT count(*) FROM (SELECT 1 FROM d GROUP BY code, ts, lat HAVING count(*) > 1)",
    "SELECT file_row_number, status FROM read_parquet({files}) WHERE status NOT IN {states} LIMIT 20",
    "SELECT file_row_number, qty FROM read_parquet({files}) WHERE NOT qty BETWEEN 0 AND 990 LIMIT 20",
]


def generate(path: Path, rows: int) -> None:
    """A table of 14 columns of all kinds, with nulls and values that break rules."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(20260101)
    writer = None
    for start in range(0, rows, 250_000):
        n = min(250_000, rows - start)
        codes = rng.integers(0, 26, (n, 2))
        numbers = rng.integers(0, 10**6, n)
        table = pa.table(
            {
                "id": np.arange(start, start + n),
                "ts": pa.array(1_600_000_000_000_000 + rng.integers(0, 10**14, n), pa.timestamp("us")),
                "day": pa.array(rng.integers(18_000, 20_000, n).astype("int32"), pa.int32()).cast(pa.date32()),
                "region": np.array(REGIONS)[rng.integers(0, len(REGIONS), n)],
                "status": np.array([*STATES, "void"])[rng.integers(0, 5, n)],
                "country": [f"{chr(65 + a)}{chr(65 + b)}" for a, b in rng.integers(0, (20, 10), (n, 2))],
                "code": [f"{chr(65 + a)}{chr(65 + b)}-{c:06d}" for (a, b), c in zip(codes, numbers, strict=True)],
                "qty": pa.array(rng.integers(0, 1_000, n), mask=rng.random(n) < 0.01),
                "price": np.round(rng.gamma(2, 20, n), 2),
                "lat": rng.uniform(-90, 90, n),
                "lon": rng.uniform(-180, 180, n),
                "active": rng.random(n) < 0.5,
                "note": [f'text "{a}", and {b}' for a, b in rng.integers(0, 10**6, (n, 2))],
                "parent_id": pa.array(rng.integers(0, rows, n), mask=rng.random(n) < 0.05),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=3)
        writer.write_table(table, row_group_size=122_880)
    if writer is not None:
        writer.close()


def _names(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    return [{"name": name} for name in pq.read_schema(path).names]


def run_engine(files: list[Path], workdir: Path, memory: str) -> dict[str, Any]:
    started = time.perf_counter()
    from catalog.table_schema import TableSchema
    from quality.checking.engine import check
    from quality.rules.rule import rules_from_json

    imported = time.perf_counter() - started
    schema = TableSchema.from_descriptor({"fields": _names(files[0])})
    busy = time.process_time()
    result = check(parquet=files, schema=schema, rules=rules_from_json(RULES), workdir=workdir, memory_limit=memory)
    if len(result.outcomes) != EXPECTATIONS:
        raise SystemExit(f"{len(result.outcomes)} expectations instead of {EXPECTATIONS}")
    failed = sum(outcome.status == "failed" for outcome in result.outcomes)
    errored = sum(outcome.status == "errored" for outcome in result.outcomes)
    return {
        "seconds": result.seconds,
        "import": imported,
        "cpu": time.process_time() - busy,
        "found": f"{len(result.outcomes)} expectations, {failed} failed, {errored} errored",
    }


def run_profile(files: list[Path], workdir: Path, memory: str) -> dict[str, Any]:
    from catalog.table_schema import TableSchema
    from quality.profiling.profile import profile

    schema = TableSchema.from_descriptor({"fields": _names(files[0])})
    busy = time.process_time()
    found = profile(parquet=files, schema=schema, workdir=workdir, memory_limit=memory)
    cpu = time.process_time() - busy
    return {"seconds": found.seconds, "cpu": cpu, "found": f"{len(found.columns)} columns, {found.rows} rows"}


def _by_hand(files: list[Path], workdir: Path, memory: str, queries: list[str]) -> dict[str, Any]:
    import duckdb

    names = "[" + ", ".join(f"'{path}'" for path in files) + "]"
    started, busy = time.perf_counter(), time.process_time()
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{memory}'")
        connection.execute(f"SET temp_directory = '{workdir}'")
        connection.execute(f"CREATE VIEW d AS FROM read_parquet({names})")
        for query in queries:
            connection.execute(query.format(files=names, regions=tuple(REGIONS), states=tuple(STATES))).fetchall()
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - busy,
        "found": f"{len(queries)} queries",
    }


def run_sql(files: list[Path], workdir: Path, memory: str) -> dict[str, Any]:
    return _by_hand(files, workdir, memory, SQL)


def run_summarize(files: list[Path], workdir: Path, memory: str) -> dict[str, Any]:
    return _by_hand(files, workdir, memory, ["SUMMARIZE d"])


ENGINES: dict[str, Callable[[list[Path], Path, str], dict[str, Any]]] = {
    "sql": run_sql,
    "engine": run_engine,
    "summarize": run_summarize,
    "profile": run_profile,
}


# A child inherits its parent's peak of memory, so the parent never holds a table.
GENERATE = "generate"


def _measure(engine: str, files: list[Path], memory: str) -> dict[str, Any]:
    """Run one engine in a process of its own and read what it measured of itself."""
    measured: dict[str, Any] = json.loads(_run_apart(engine, files, memory).splitlines()[-1])
    return measured


def _run_apart(engine: str, files: list[Path], memory: str) -> str:
    command = [sys.executable, "-m", "bench.validate", "--one", engine, "--memory", memory, "--parquet"]
    return subprocess.run([*command, *map(str, files)], check=True, stdout=subprocess.PIPE, text=True).stdout


def _one(engine: str, files: list[Path], memory: str) -> None:
    if engine == GENERATE:
        generate(files[0], int(memory))
        return
    with tempfile.TemporaryDirectory() as folder:
        measured = ENGINES[engine](files, Path(folder), memory)
    measured["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured))


def _compare(files: list[Path], memory: str, rounds: int) -> None:
    measured: dict[str, list[dict[str, Any]]] = {name: [] for name in ENGINES}
    for _ in range(rounds):
        for name in ENGINES:
            measured[name].append(_measure(name, files, memory))
    print(f"{'':10} {'seconds':>8} {'cpu-s':>7} {'peak MB':>8}  limit {memory}, median of {rounds}")
    median = {
        name: {key: statistics.median(run[key] for run in runs) for key in ("seconds", "cpu", "rss")}
        for name, runs in measured.items()
    }
    for name, found in median.items():
        told = measured[name][0]
        extra = f" (+ {told['import']:.1f} s import)" if "import" in told else ""
        figures = f"{found['seconds']:8.2f} {found['cpu']:7.2f} {found['rss']:8.0f}"
        print(f"{name:10} {figures}  {told['found']}{extra}")
    for name, base in (("engine", "sql"), ("profile", "summarize")):
        wall, cpu = (median[name][key] / median[base][key] for key in ("seconds", "cpu"))
        print(f"{name} / {base}: {wall:.2f} (cpu {cpu:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--memory", default="512MB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parquet", type=Path, nargs="+")
    parser.add_argument("--one", choices=[*ENGINES, GENERATE])
    options = parser.parse_args()
    if options.one:
        _one(options.one, options.parquet, options.memory)
        return
    with tempfile.TemporaryDirectory() as folder:
        files = options.parquet or [Path(folder) / "generated.parquet"]
        if not options.parquet:
            _run_apart(GENERATE, files, str(options.rows))
        _compare(files, options.memory, options.rounds)


if __name__ == "__main__":
    main()
