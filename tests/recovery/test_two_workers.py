"""The same file in two workers that were started apart, and from a terminal: the same bytes."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.recovery.crash_site import CrashSite, children_of

pytestmark = pytest.mark.recovery

DATA = Path(__file__).parent.parent / "data"
FILES = (
    "accept/ragged_penguins.csv",
    "accept/multi_sheet_report.xlsx",
    "accept/mixed_types.ndjson",
    "accept/us_states.geojson",
    "workbooks/birds.xls",
)
ROWS = 30_000
TableId = tuple[str, str]
"""The file's name, the table's name."""
OF_FINDING = 'code, severity, "row", line, "column", value, params'


@dataclass
class Made:
    """Parts (sha256, rows) and findings of each table; the findings file's sha256 where there is one in the store."""

    parts: dict[TableId, list[tuple[str, int]]] = field(default_factory=dict)
    findings: dict[TableId, list[tuple[Any, ...]]] = field(default_factory=dict)
    findings_sha256: dict[TableId, str] = field(default_factory=dict)


def faulty_csv(path: Path) -> Path:
    """Cells of another type in a column of numbers, lines that are too short and too long, and missing values."""
    lines = ["id;amount;seen"]
    for n in range(ROWS):
        amount = "n/a" if n % 97 == 0 else "broken" if n % 1_009 == 0 else f"{n / 7:.3f}"
        end = ";2020-01-01;left over" if n % 7_001 == 0 else "" if n % 5_003 == 0 else f";2020-01-{n % 28 + 1:02}"
        lines.append(f"{n:06};{amount}{end}")
    path.write_text("\n".join(lines), encoding="cp1252")
    return path


def test_two_workers_and_the_command_write_the_same_bytes(crash_site: CrashSite, tmp_path: Path) -> None:
    faulty = faulty_csv(tmp_path / "faulty.csv")
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (faulty, DATA / "accept" / "mixed_dates_penguins.csv"):
            archive.write(path, path.name)
    paths = [*(DATA / name for name in FILES), faulty, packed]
    first = made_by_worker(crash_site, "same-first", paths)
    family = pids(crash_site)
    crash_site.kill_worker()
    crash_site.start_worker()
    second = made_by_worker(crash_site, "same-second", paths)
    assert family.isdisjoint(pids(crash_site)), "the processes of the first worker are gone"
    assert second == first
    by_command = made_by_command(crash_site, paths, tmp_path / "out")
    assert by_command.parts == first.parts
    assert by_command.findings == first.findings
    # Sameness of nothing would say nothing: each file became a table, and the faults are on record to the last one.
    assert {filename for filename, _ in first.parts} == {path.name for path in paths}
    faults = first.findings["faulty.csv", "faulty"]
    wrong = [n for n in range(0, ROWS, 1_009) if n % 97]
    assert [fault[2] for fault in faults if fault[0] == "cell-not-of-type"] == [n + 2 for n in wrong]
    assert set(first.findings_sha256) == set(first.findings)


def pids(crash: CrashSite) -> set[int]:
    return {process.pid for process in children_of(crash.worker)}


def made_by_worker(crash: CrashSite, slug: str, paths: list[Path]) -> Made:
    """Each file goes to a dataset of its own: of two files with one name, the later would replace the other's table."""
    numbered = enumerate(paths)
    uploads = {path.name: crash.begin(crash.register(f"{slug}-{n}"), path, resource="") for n, path in numbered}
    made = Made()
    for filename, upload in uploads.items():
        crash.wait_stored(upload)
        sql = """SELECT r.id, r.name, r.findings_sha256, v.dataset_id FROM catalog_resource r
                 JOIN catalog_version v ON v.id = r.version_id WHERE r.upload_id = %s"""
        for resource, name, findings_sha256, number in crash.rows(sql, upload):
            sql = "SELECT sha256, rows FROM catalog_part WHERE resource_id = %s ORDER BY position"
            made.parts[filename, name] = [(str(sha256), int(rows)) for sha256, rows in crash.rows(sql, resource)]
            if findings_sha256:
                path = crash.folder / f"{findings_sha256}.parquet"
                path.write_bytes(crash.read(f"datasets/{number}/findings/{findings_sha256}.parquet"))
                made.findings[filename, name] = duckdb.sql(f"SELECT {OF_FINDING} FROM '{path}'").fetchall()
                made.findings_sha256[filename, name] = findings_sha256
    return made


def made_by_command(crash: CrashSite, paths: list[Path], out: Path) -> Made:
    """The same of ``manage.py ingest_file``, with the site's settings; it writes one findings file for all tables."""
    crash.site.manage("ingest_file", *map(str, paths), "--out", str(out))
    made = Made()
    for path in paths:
        report = json.loads((out / path.name / "report.json").read_text())
        assert report["status"] == "stored", report
        for table in report["resources"]:
            key = (path.name, table["name"])
            made.parts[key] = [(part["sha256"], part["rows"]) for part in table["parts"]]
            sql = f"SELECT {OF_FINDING} FROM '{out / path.name}/findings.parquet' WHERE resource = ?"
            if found := duckdb.execute(sql, [table["name"]]).fetchall():
                made.findings[key] = found
    return made
