"""The worker's whole job on one CSV against DuckDB's bare COPY of the same file, in one run.

    python -m bench.pipeline [--rows 1000000] [--rounds 3]

The job is checksum, detection, inference, conversion with every finding, the Parquet to the object store and back
(another worker may check it), profile of every column, fingerprint of the content, and an expectation suite of 23 rules
run by Great Expectations (its import is not counted: a worker pays it once). All is done as the worker does it, the
parse in a cell of its own, whose peak of memory is told apart. The base is one ``COPY (FROM read_csv(columns)) TO …
(zstd)`` of the clean file. Each runs in a process of its own, in turns, with the files in the page cache; the store is
the embedded one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.convert import ROOT, made, run_duckdb
from bench.validate import RULES
from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stack


def run_pipeline(source: Path, folder: Path) -> dict[str, Any]:
    """Everything that a worker does with a file that it has; seconds by stage."""
    import django

    django.setup()
    from catalog import keys, storage
    from catalog.jobs.workspace import fetch
    from ingest.outcome import Stored
    from ingest.sandbox.apart import Parsed, ingest_apart
    from ingest.sandbox.parse import Request
    from ingest.services.confining import confinement_for, limits_here
    from quality.checking.engine import check
    from quality.profiling.fingerprint import fingerprint
    from quality.profiling.profile import profile
    from quality.rules.rule import rules_from_json

    def parsed(path: Path, workdir: Path) -> Parsed:
        request = Request(source=path, filename=path.name, workdir=workdir, limits=limits_here())
        return ingest_apart(request, confinement=confinement_for(path.stat().st_size))

    # The first parse starts the warden, as the first file of a worker does.
    small = folder / "small.csv"
    small.write_text("a,b\n1,2\n")
    parsed(small, folder / "small")
    begun, cpu = time.perf_counter(), time.process_time()
    parse = parsed(source, folder / "parse")
    outcome = parse.outcome
    if not isinstance(outcome, Stored):
        raise SystemExit(f"rejected: {[group.code for group in outcome.findings.groups]}")
    converted = time.perf_counter()
    (table,) = outcome.resources
    dataset, parts = 1, []
    for number, part in enumerate(table.parts):
        storage.put_file(keys.parquet(dataset, part.sha256), part.path, content_type="application/vnd.apache.parquet")
        parts.append(fetch(keys.parquet(dataset, part.sha256), folder / f"fetched-{number}.parquet"))
    stored = time.perf_counter()
    profile(parquet=parts, schema=table.schema, workdir=folder)
    profiled = time.perf_counter()
    fingerprint(parts, threads=2)
    taken = time.perf_counter()
    result = check(parquet=parts, schema=table.schema, rules=rules_from_json(RULES), workdir=folder)
    ended = time.perf_counter()
    return {
        "wall": ended - begun,
        "cpu": time.process_time() - cpu + parse.cpu_seconds,
        "convert": converted - begun,
        "convert_cpu": parse.cpu_seconds,
        "cell_mb": parse.peak_bytes / 1e6,
        "store": stored - converted,
        "profile": profiled - stored,
        "fingerprint": taken - profiled,
        "validate": ended - taken,
        "rows": table.rows,
        "findings": table.findings.count,
        "rules": len(result.outcomes),
    }


def run_base(source: Path, folder: Path) -> dict[str, Any]:
    begun, cpu = time.perf_counter(), time.process_time()
    found = run_duckdb(source, folder)
    return {**found, "wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu}


def child(name: str, source: Path, folder: Path) -> None:
    __import__("duckdb" if name == "base" else "great_expectations")
    found = run_base(source, folder) if name == "base" else run_pipeline(source, folder)
    print(json.dumps({**found, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def measure(name: str, source: Path, scratch: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        command = [sys.executable, "-m", "bench.pipeline", "--child", name, "--folder", folder, str(source)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{name:9} {json.dumps({key: round(value, 2) for key, value in found.items()})}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=ROOT / "bench" / "out")
    parser.add_argument("--child", choices=["base", "pipeline"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.source, arguments.folder)
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    clean, dirty = (made(kind, arguments.rows, arguments.folder) for kind in ("clean", "dirty"))
    rounds: dict[str, list[dict[str, Any]]] = {"base": [], "pipeline": []}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as servers:
        # PostgreSQL's own user must pass through if we are root.
        Path(servers).chmod(0o711)
        stack = Stack(Path(servers), ports=Ports.free(), durable=False)
        os.environ.update({"DJANGO_SETTINGS_MODULE": "deploy.settings", "VAR_DIR": servers, **stack.start()})
        try:
            run_rounds(rounds, arguments, clean, dirty)
        finally:
            stack.stop()
    print_ratios(rounds, arguments, dirty)


def run_rounds(
    rounds: dict[str, list[dict[str, Any]]], arguments: argparse.Namespace, clean: Path, dirty: Path
) -> None:
    import django

    django.setup()
    from catalog import storage
    from catalog.hashes import sha256_of_file

    for path in (clean, dirty):
        sha256_of_file(path)
    storage.ensure_bucket(origins=["http://localhost"])
    for number in range(arguments.rounds):
        for name in ("base", "pipeline") if number % 2 == 0 else ("pipeline", "base"):
            rounds[name].append(measure(name, clean if name == "base" else dirty, arguments.folder))


def print_ratios(rounds: dict[str, list[dict[str, Any]]], arguments: argparse.Namespace, dirty: Path) -> None:
    median = {
        name: {key: statistics.median(item[key] for item in items) for key in items[0]}
        for name, items in rounds.items()
    }
    ours, base = median["pipeline"], median["base"]
    print(f"\n{arguments.rows:,} rows, {dirty.stat().st_size / 1e6:,.0f} MB; load {os.getloadavg()[0]:.1f}")
    print(f"{'':34}{'ours':>9}{'DuckDB COPY':>13}{'ratio':>8}")
    for label, mine in (
        ("convert, all findings (s)", ours["convert"]),
        ("+ profile (s)", ours["convert"] + ours["profile"]),
        ("+ fingerprint of the content (s)", ours["convert"] + ours["profile"] + ours["fingerprint"]),
        (f"+ {ours['rules']:.0f} expectations (s)", ours["wall"] - ours["store"]),
        ("+ store and fetch (s)", ours["wall"]),
    ):
        print(f"{label:34}{mine:9.2f}{base['wall']:13.2f}{mine / base['wall']:8.2f}")
    print(f"{'CPU of all of it (s)':34}{ours['cpu']:9.2f}{base['cpu']:13.2f}{ours['cpu'] / base['cpu']:8.2f}")
    convert_cpu = ours["convert_cpu"]
    print(f"{'CPU of converting (s)':34}{convert_cpu:9.2f}{base['cpu']:13.2f}{convert_cpu / base['cpu']:8.2f}")
    print(f"{'peak of the worker (MB)':34}{ours['peak_mb']:9.0f}{base['peak_mb']:13.0f}")
    print(f"{'peak of the cell (MB)':34}{ours['cell_mb']:9.0f}")


if __name__ == "__main__":
    main()
