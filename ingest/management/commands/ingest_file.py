"""``manage.py ingest_file PATH… --out DIR``: the pipeline on files of one's own, without database or queue."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingest.files.unpack import pack_folder
from ingest.outcome import Outcome
from ingest.pipeline import ingest_file
from ingest.report import Cost, write_report
from ingest.sandbox.apart import ParserLost, ingest_apart
from ingest.sandbox.parse import Request
from ingest.services.confining import confinement_for, limits_here


class Command(BaseCommand):
    help = (
        "Convert files to Parquet and say what was found. For each PATH, DIR/<file name>/ gets the tables as "
        "<resource>.parquet, findings.parquet, findings.csv and report.json. Each file is read in a process of its own "
        "with the site's limits, as the worker does it. A folder is read like an archive of its files."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument(
            "--in-process", action="store_true", help="read in this process, without limits, for debuggers"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Convert each file; a rejected one is a result and no error of the command."""
        missing = [str(path) for path in options["paths"] if not path.exists()]
        if missing:
            raise CommandError(f"There is no file {', '.join(missing)}.")
        options["out"].mkdir(parents=True, exist_ok=True)
        for path in options["paths"]:
            self._convert(path, options["out"], in_process=options["in_process"])

    def _convert(self, path: Path, out: Path, *, in_process: bool) -> None:
        with tempfile.TemporaryDirectory(prefix=".ingest-", dir=out) as workdir:
            begin = time.perf_counter()
            source = path
            if path.is_dir():
                source = Path(workdir) / f"{path.resolve().name}.tar"
                pack_folder(path, source)
            outcome, peak = (_here if in_process else _apart)(source, Path(workdir) / "work")
            cost = Cost(time.perf_counter() - begin, peak)
            report = write_report(outcome, out / path.resolve().name, path.name, cost)
        tables = ", ".join(f"{item['name']} ({item['rows']} rows)" for item in report["resources"])
        reason = "; ".join(group["sentence"] for group in report["findings"])
        shown = tables if report["status"] == "stored" else reason
        self.stdout.write(f"{path.name}: {report['status']} in {cost.seconds:.2f} s: {shown}")


def _apart(path: Path, workdir: Path) -> tuple[Outcome, int]:
    """The outcome, and the most memory that its process has held, in bytes."""
    try:
        request = Request(source=path, filename=path.name, workdir=workdir, limits=limits_here())
        parsed = ingest_apart(request, confinement=confinement_for(path.stat().st_size))
    except ParserLost as error:
        raise CommandError(f"{path.name} could not be read, by a fault of ours: {error}") from error
    return parsed.outcome, parsed.peak_bytes


def _here(path: Path, workdir: Path) -> tuple[Outcome, int]:
    """The same in this process; its peak is that of all files so far."""
    outcome = ingest_file(path, filename=path.name, workdir=workdir, limits=limits_here())
    unit = 1 if sys.platform == "darwin" else 1 << 10
    return outcome, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
