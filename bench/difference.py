"""The difference of two versions of a table, against a hand-written FULL JOIN of the same in DuckDB.

    python -m bench.difference [--rows 1000000] [--memory 512MB] [--rounds 1] [--parquet OLDER NEWER]

The newer version has 1 % of its rows changed (one cell or two), 0.5 % gone and 0.5 % new; there is a key of one
column. The join counts rows and changed cells and keeps nothing; ours also has examples, recodings, the file of all
changes, and looks for keys that are missing or repeated ("proved": a check has found that there are none).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.validate import generate

KEY = "id"
GENERATE = "generate"


def generate_versions(older: Path, newer: Path, rows: int) -> None:
    """Two versions of the table that bench.validate makes."""
    import duckdb

    generate(older, rows)
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '1GB'")
        connection.execute(
            f"COPY (SELECT * REPLACE (CASE WHEN hash(id) % 100 = 7 THEN coalesce(qty, 0) + 1 ELSE qty END AS qty, "
            f"CASE WHEN hash(id) % 200 = 7 THEN 'x' || note ELSE note END AS note) "
            f"FROM '{older}' WHERE hash(id) % 200 <> 11 UNION ALL "
            f"SELECT * REPLACE (id + {rows:d} AS id) FROM '{older}' WHERE hash(id) % 200 = 13) "
            f"TO '{newer}' (FORMAT parquet, COMPRESSION zstd)"
        )


def run_engine(files: Sequence[Path], workdir: Path, memory: str, *, proved: bool = False) -> dict[str, Any]:
    import pyarrow.parquet as pq

    from catalog.table_schema import TableSchema
    from quality.difference.difference import difference
    from quality.difference.session import Limits
    from quality.difference.side import PartFile, Side

    fields = [{"name": name} for name in pq.read_schema(files[0]).names]
    schema = TableSchema.from_descriptor({"fields": fields, "primaryKey": [KEY]})
    older, newer = (Side([PartFile(file)], schema, key_is_proved=proved) for file in files)
    busy = time.process_time()
    changes = workdir / "changes.parquet"
    found = difference(before=older, after=newer, workdir=workdir, changes=changes, limits=Limits(memory=memory))
    rows, cells = found.rows, found.cells
    return {
        "seconds": found.seconds,
        "cpu": time.process_time() - busy,
        "found": [rows.added, rows.removed, rows.changed, cells.changed if cells else None],
        "extra": f"{found.records} records in a file of {changes.stat().st_size / 1e6:.1f} MB",
    }


def run_proved(files: Sequence[Path], workdir: Path, memory: str) -> dict[str, Any]:
    return run_engine(files, workdir, memory, proved=True)


def run_join(files: Sequence[Path], workdir: Path, memory: str) -> dict[str, Any]:
    import duckdb
    import pyarrow.parquet as pq

    names = [name for name in pq.read_schema(files[0]).names if name != KEY]
    differing = [f"(x.{name} IS DISTINCT FROM y.{name})" for name in names]
    both = f"x.{KEY} IS NOT NULL AND y.{KEY} IS NOT NULL"
    cells = ", ".join(f"count(*) FILTER (WHERE {both} AND {item})" for item in differing)
    started, busy = time.perf_counter(), time.process_time()
    with duckdb.connect(str(workdir / "join.duckdb")) as connection:
        connection.execute(f"SET memory_limit = '{memory}'")
        connection.execute(f"SET temp_directory = '{workdir}'")
        connection.execute("SET preserve_insertion_order = false")
        row = connection.execute(
            f"SELECT count(*) FILTER (WHERE x.{KEY} IS NULL), count(*) FILTER (WHERE y.{KEY} IS NULL), "
            f"count(*) FILTER (WHERE {both} AND ({' OR '.join(differing)})), {cells} "
            f"FROM '{files[0]}' x FULL JOIN '{files[1]}' y ON x.{KEY} = y.{KEY}"
        ).fetchone()
    found = list(row or ())
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - busy,
        "found": [*found[:3], sum(found[3:])],
        "extra": "counts only",
    }


ENGINES: dict[str, Callable[[Sequence[Path], Path, str], dict[str, Any]]] = {
    "join": run_join,
    "engine": run_engine,
    "proved": run_proved,
}


def _apart(engine: str, files: Sequence[Path], memory: str) -> str:
    """In a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "bench.difference", "--one", engine, "--memory", memory, "--parquet"]
    return subprocess.run([*command, *map(str, files)], check=True, stdout=subprocess.PIPE, text=True).stdout


def _one(engine: str, files: Sequence[Path], memory: str) -> None:
    if engine == GENERATE:
        generate_versions(files[0], files[1], int(memory))
        return
    with tempfile.TemporaryDirectory() as folder:
        measured = ENGINES[engine](files, Path(folder), memory)
    measured["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured))


def _compare(files: Sequence[Path], memory: str, rounds: int) -> None:
    best: dict[str, dict[str, Any]] = {}
    for _ in range(rounds):
        for name in ENGINES:
            measured = json.loads(_apart(name, files, memory).splitlines()[-1])
            if name not in best or measured["seconds"] < best[name]["seconds"]:
                best[name] = measured
    print(f"{'':8} {'seconds':>8} {'cpu-s':>7} {'peak MB':>8}  limit {memory}, best of {rounds}")
    for name, found in best.items():
        figures = f"{found['seconds']:8.2f} {found['cpu']:7.2f} {found['rss']:8.0f}"
        print(f"{name:8} {figures}  added, removed, changed, cells {found['found']}; {found['extra']}")
        if found["found"] != best["join"]["found"]:
            raise SystemExit(f"{name} and join do not find the same")
    for name in ("engine", "proved"):
        wall, cpu = (best[name][key] / best["join"][key] for key in ("seconds", "cpu"))
        print(f"{name} / join: {wall:.2f} (cpu {cpu:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--memory", default="512MB")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--parquet", type=Path, nargs=2)
    parser.add_argument("--one", choices=[*ENGINES, GENERATE])
    options = parser.parse_args()
    if options.one:
        _one(options.one, options.parquet, options.memory)
        return
    with tempfile.TemporaryDirectory() as folder:
        files = options.parquet or [Path(folder) / "older.parquet", Path(folder) / "newer.parquet"]
        if not options.parquet:
            _apart(GENERATE, files, str(options.rows))
        _compare(files, options.memory, options.rounds)


if __name__ == "__main__":
    main()
