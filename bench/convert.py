"""The converter against DuckDB's bare COPY, in one run: wall, CPU and peak memory of a child process each.

    python -m bench.convert [--rows 10000000] [--kind dirty] [--rounds 3] [--folder bench/out] [FILE]

The base reads a clean file with the types given and writes Parquet (zstd): no checksum, no inference, no record of
bad cells (it would abort on the first). Ours has to find everything out, on the same file or a dirty one. Rounds are
interleaved (A B B A), so that a machine that is busy for a while is busy for both; medians are compared.
Goals (docs/performance.md): wall <= 1.35, CPU <= 1.05, peak memory <= 400 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TYPES = {
    "id": "BIGINT",
    "ts": "TIMESTAMP",
    "day": "DATE",
    "region": "VARCHAR",
    "status": "VARCHAR",
    "country": "VARCHAR",
    "qty": "BIGINT",
    "price": "DOUBLE",
    "lat": "DOUBLE",
    "lon": "DOUBLE",
    "code": "VARCHAR",
    "active": "BOOLEAN",
    "note": "VARCHAR",
    "parent_id": "BIGINT",
}


def run_duckdb(source: Path, folder: Path) -> dict[str, Any]:
    """The base: a typed read_csv straight into a zstd Parquet."""
    import duckdb

    connection = duckdb.connect()
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    connection.execute(
        f"COPY (FROM read_csv('{source}', auto_detect=false, header=true, delim=',', quote='\"', escape='\"', "
        f"columns={{{columns}}})) TO '{folder / 'base.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
    )
    (row,) = connection.execute(f"SELECT count(*) FROM '{folder / 'base.parquet'}'").fetchall()
    return {"rows": row[0]}


def run_ours(source: Path, folder: Path) -> dict[str, Any]:
    """The whole pipeline: checksum, detection, inference, strict cast, every finding on record."""
    from django.conf import settings

    settings.configure(USE_I18N=False)
    from ingest.outcome import Stored
    from ingest.pipeline import ingest_file

    outcome = ingest_file(source, filename=source.name, workdir=folder)
    if not isinstance(outcome, Stored):
        return {"rejected": [group.code for group in outcome.findings.groups]}
    (resource,) = outcome.resources
    return {"rows": resource.rows, "findings": resource.findings.count}


RUNNERS = {"duckdb": run_duckdb, "ours": run_ours}


def measure(name: str, source: Path, scratch: Path) -> dict[str, Any]:
    """Run one converter in a child; imports count for neither."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        command = [sys.executable, "-m", "bench.convert", "--child", name, "--folder", folder, str(source)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def child(name: str, source: Path, folder: Path) -> None:
    import resource

    # Both engines are loaded before the clock starts.
    __import__("duckdb" if name == "duckdb" else "ingest.pipeline")
    wall, cpu = time.perf_counter(), time.process_time()
    found = RUNNERS[name](source, folder)
    found["wall"] = time.perf_counter() - wall
    found["cpu"] = time.process_time() - cpu
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def compare(clean: Path, ours: Path, rounds: int, scratch: Path) -> dict[str, Any]:
    """Medians of the interleaved rounds and their ratios."""
    results: dict[str, list[dict[str, Any]]] = {"duckdb": [], "ours": []}
    for number in range(rounds):
        for name in ("duckdb", "ours") if number % 2 == 0 else ("ours", "duckdb"):
            found = measure(name, clean if name == "duckdb" else ours, scratch)
            results[name].append(found)
            print(f"{name:7} {json.dumps(found)}", flush=True)
    medians = {
        name: {key: statistics.median(item[key] for item in items) for key in ("wall", "cpu", "peak_mb")}
        for name, items in results.items()
    }
    ratios = {key: round(medians["ours"][key] / medians["duckdb"][key], 2) for key in ("wall", "cpu", "peak_mb")}
    return {"medians": medians, "ratios": ratios, "load": os.getloadavg()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--kind", choices=["clean", "dirty"], default="dirty")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=ROOT / "bench" / "out")
    parser.add_argument("--child", choices=sorted(RUNNERS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.source, arguments.folder)
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    clean = arguments.source or made("clean", arguments.rows, arguments.folder)
    ours = arguments.source or made(arguments.kind, arguments.rows, arguments.folder)
    print(json.dumps(compare(clean, ours, arguments.rounds, arguments.folder), indent=2))


def made(kind: str, rows: int, folder: Path) -> Path:
    """The synthetic file, made once."""
    path = folder / f"{kind}-{rows}.csv"
    if not path.exists():
        command = [sys.executable, str(ROOT / "bench" / "generate.py"), kind, str(rows), str(path)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


if __name__ == "__main__":
    main()
