"""``manage.py ingest_file``: what lies in the folder afterwards."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

MISSING = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex")
DATA = Path(__file__).parent.parent / "data"


def test_the_folder_of_a_stored_and_of_a_rejected_file(tmp_path: Path) -> None:
    paths = [DATA / "accept/ragged_penguins.csv", DATA / "accept/us_weather_history.zip", DATA / "reject/empty.csv"]
    out = io.StringIO()
    call_command("ingest_file", *map(str, paths), "--out", str(tmp_path), stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("ragged_penguins.csv: stored in ")
    assert lines[2].endswith("The file has no bytes.")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths)
    assert sorted(path.name for path in (tmp_path / "ragged_penguins.csv").iterdir()) == [
        "findings.csv",
        "findings.parquet",
        "ragged-penguins.parquet",
        "report.json",
    ]
    report = json.loads((tmp_path / "ragged_penguins.csv" / "report.json").read_text())
    (resource,) = report["resources"]
    assert (report["status"], resource["rows"], len(resource["schema"]["fields"])) == ("stored", 344, 8)
    assert (resource["source"]["encoding"], resource["source"]["delimiter"], resource["source"]["header_line"]) == (
        "utf-8",
        ",",
        1,
    )
    assert [(group["code"], group["column"], group["count"]) for group in resource["findings"]] == [
        ("row-too-short", None, 2),
        ("row-too-long", None, 3),
        *[("missing-tokens", name, 1) for name in MISSING],
    ]
    assert resource["recipe"][-1]["step"] == "write-parquet"
    assert report["seconds"] > 0
    assert 10 << 20 < report["peak_memory_bytes"] < 8 << 30
    table = pq.read_table(tmp_path / "ragged_penguins.csv" / "ragged-penguins.parquet")
    assert table.num_rows == 344


def test_findings_of_all_tables_stand_in_one_file(tmp_path: Path) -> None:
    call_command(
        "ingest_file", str(DATA / "accept/multi_sheet_report.xlsx"), "--out", str(tmp_path), stdout=io.StringIO()
    )
    folder = tmp_path / "multi_sheet_report.xlsx"
    rows = pq.read_table(folder / "findings.parquet").to_pylist()
    assert [(row["resource"], row["code"]) for row in rows] == [
        ("", "sheets-not-read"),
        ("", "sheets-not-read"),
        ("summary", "lines-before-header"),
    ]
    assert pcsv.read_csv(folder / "findings.csv").num_rows == 3


def test_a_path_that_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        call_command("ingest_file", str(tmp_path / "none.csv"), "--out", str(tmp_path))
