"""``manage.py ingest_file PATH… --out DIR``: the pipeline on files of one's own, without database or queue."""

from __future__ import annotations

import resource
import tempfile
import time
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingest.pipeline import ingest_file
from ingest.report import Cost, write_report


class Command(BaseCommand):
    help = (
        "Convert files to Parquet and say what was found. For each PATH, DIR/<file name>/ gets the tables as "
        "<resource>.parquet, findings.parquet, findings.csv and report.json."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Convert each file; a rejected one is a result and no error of the command."""
        missing = [str(path) for path in options["paths"] if not path.is_file()]
        if missing:
            raise CommandError(f"There is no file {', '.join(missing)}.")
        options["out"].mkdir(parents=True, exist_ok=True)
        for path in options["paths"]:
            self._convert(path, options["out"])

    def _convert(self, path: Path, out: Path) -> None:
        with tempfile.TemporaryDirectory(prefix=".ingest-", dir=out) as workdir:
            _forget_peak()
            begin = time.perf_counter()
            outcome = ingest_file(path, filename=path.name, workdir=Path(workdir))
            cost = Cost(time.perf_counter() - begin, _peak_memory())
            report = write_report(outcome, out / path.name, path.name, cost)
        tables = ", ".join(f"{item['name']} ({item['rows']} rows)" for item in report["resources"])
        reason = "; ".join(group["sentence"] for group in report["findings"])
        shown = tables if report["status"] == "stored" else reason
        self.stdout.write(f"{path.name}: {report['status']} in {cost.seconds:.2f} s: {shown}")


def _forget_peak() -> None:
    """Linux keeps the peak of a process until 5 is written here; elsewhere the peak is that of all files."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_memory() -> int:
    """The most memory that the process has held, in bytes."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
