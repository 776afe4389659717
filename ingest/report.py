"""An outcome laid out in a folder for people with a shell: the tables, every finding, and a report as JSON."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from catalog.findings import sentence
from ingest.findings_file import SCHEMA
from ingest.outcome import ConvertedResource, FindingReport, Outcome, Stored

_ALL = pa.schema([("resource", pa.string()), *SCHEMA])


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took."""

    seconds: float
    peak_memory_bytes: int


def write_report(outcome: Outcome, folder: Path, filename: str, cost: Cost) -> dict[str, Any]:
    """Move the outcome's tables to ``folder`` and write findings.parquet, findings.csv and report.json there.

    Returns what stands in report.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    resources = outcome.resources if isinstance(outcome, Stored) else ()
    report = {
        "file": filename,
        "status": "stored" if isinstance(outcome, Stored) else "rejected",
        "sha256": outcome.sha256,
        "bytes": outcome.size,
        "findings": _groups(outcome.findings),
        "findings_by_code": _by_code([outcome.findings, *(item.findings for item in resources)]),
        "resources": [_resource(item, _move_parts(item, folder)) for item in resources],
        "seconds": round(cost.seconds, 3),
        "peak_memory_bytes": cost.peak_memory_bytes,
    }
    reports = [("", outcome.findings), *((item.name, item.findings) for item in resources)]
    _write_findings(reports, folder)
    text = json.dumps(report, ensure_ascii=False, indent=2)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    return report


def _move_parts(resource: ConvertedResource, folder: Path) -> list[str]:
    """``<resource>.parquet``, or ``<resource>.000.parquet`` … for a table of several parts."""
    single = len(resource.parts) == 1
    names = []
    for number, part in enumerate(resource.parts):
        name = f"{resource.name}.parquet" if single else f"{resource.name}.{number:03}.parquet"
        shutil.move(part.path, folder / name)
        names.append(name)
    return names


def _resource(resource: ConvertedResource, files: list[str]) -> dict[str, Any]:
    pairs = zip(files, resource.parts, strict=True)
    return {
        "name": resource.name,
        "title": resource.title,
        "rows": resource.rows,
        "columns": [
            {
                "name": field.name,
                "source_name": field.source_name,
                "type": field.type,
                "arrow": field.arrow,
                **{key: text for key, text in (("unit", field.unit), ("semantic", field.semantic)) if text},
            }
            for field in resource.schema.fields
        ],
        **{key: resource.source.get(key) for key in ("format", "encoding", "delimiter", "header_line")},
        "parts": [
            {"file": name, "rows": part.rows, "bytes": part.bytes, "sha256": part.sha256} for name, part in pairs
        ],
        "source": dict(resource.source),
        "schema": resource.schema.to_descriptor(),
        "recipe": list(resource.recipe),
        "suggestions": list(resource.suggestions),
        "questions": list(resource.questions),
        "findings": _groups(resource.findings),
    }


def _by_code(reports: Iterable[FindingReport]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for report in reports:
        for group in report.groups:
            counts[group.code] += group.count
    return dict(sorted(counts.items()))


def _groups(report: FindingReport) -> list[dict[str, Any]]:
    return [{**group.to_json(), "sentence": sentence(group)} for group in report.groups]


def _write_findings(reports: list[tuple[str, FindingReport]], folder: Path) -> None:
    """All findings of the file and of its tables; the files are there also when there is nothing in them."""
    with (
        pq.ParquetWriter(folder / "findings.parquet", _ALL, compression="zstd") as parquet,
        pcsv.CSVWriter(str(folder / "findings.csv"), _ALL) as text,
    ):
        for name, report in reports:
            for batch in _batches(report):
                columns = [pa.repeat(name, batch.num_rows), *batch.columns]
                whole = pa.record_batch(columns, schema=_ALL)
                parquet.write_batch(whole)
                text.write_batch(whole)


def _batches(report: FindingReport) -> Iterator[Any]:
    if report.path is not None:
        yield from pq.ParquetFile(report.path).iter_batches()
