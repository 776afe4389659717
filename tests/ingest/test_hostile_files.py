"""Files made to hang, to explode or to lie: bounded time, a clear finding, and nothing lost without a word."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from ingest.limits import Limits
from ingest.text.names import column_names
from tests.ingest.result import Result

Ingest = Callable[..., Result]


def test_tens_of_thousands_of_columns(ingest: Ingest) -> None:
    """Nothing in the reading may be quadratic in columns; 41,723 by 200 is what a gene table has."""
    width = 12_000
    rows = [",".join(str((row * place) % 97) for place in range(width)) for row in range(30)]
    begin = time.process_time()
    result = ingest(",".join(f"gene_{place}" for place in range(width)) + "\n" + "\n".join(rows))
    assert (result.resource.rows, len(result.resource.schema.fields)) == (30, width)
    assert result.table().column(width - 1).to_pylist() == [(row * (width - 1)) % 97 for row in range(30)]
    assert time.process_time() - begin < 60


def test_forty_thousand_columns_of_one_name() -> None:
    begin = time.process_time()
    names = column_names(["value"] * 20_000 + [""] * 20_000)
    assert len({item.name for item in names}) == 40_000
    assert time.process_time() - begin < 10


def test_an_unclosed_quote_deep_in_a_file_costs_one_line_and_not_the_rest(ingest: Ingest) -> None:
    lines = [f'{number},"t{number}",{number % 7}' for number in range(60_000)]
    lines[40_000] = '40000,"t40000,3'
    result = ingest("a,b,c\n" + "\n".join(lines), limits=Limits(block_bytes=64 << 10, head_sample_bytes=64 << 10))
    assert result.resource.rows == 60_000
    assert result.table()["a"].to_pylist() == list(range(60_000))
    assert [row["line"] for row in result.findings("quotes-mended")] == [40_002]
    assert result.table()["b"][40_000].as_py() == '"t40000'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_quote_that_nothing_closes_until_the_end_of_the_file(ingest: Ingest, end: str) -> None:
    lines = ["a,b", *(f"{number},x" for number in range(3000))]
    lines[2000] = '1999,"x'
    result = ingest(end.join(lines) + end, limits=Limits(block_bytes=4096, head_sample_bytes=4096))
    assert result.resource.rows == 3000
    assert result.codes["quotes-mended"] == 1


def test_quotes_that_are_not_doubled_deep_in_a_file(ingest: Ingest) -> None:
    lines = [f'{number},"text {number}"' for number in range(20_000)]
    lines[15_000] = '15000,"the "big" one"'
    lines[15_001] = '15001,"two\nlines"'
    lines[15_002] = '15002,"said ""so"""'
    result = ingest("a,b\n" + "\n".join(lines), limits=Limits(block_bytes=16 << 10, head_sample_bytes=16 << 10))
    found = [result.table()["b"][place].as_py() for place in (15_000, 15_001, 15_002)]
    assert found == ['the "big" one', "two\nlines", 'said "so"']
    assert result.codes["quotes-mended"] == 1


@pytest.mark.parametrize(
    "cell",
    ["'" * 500_000, "a," * 5, '"' * 500_001, "\\" * 300_000, "-" * 500_000, "1" * 500_000, " " * 500_000 + "x"],
)
def test_long_cells_of_one_sign(ingest: Ingest, cell: str) -> None:
    begin = time.perf_counter()
    quoted = '"' + cell.replace('"', '""') + '"'
    result = ingest(f"a,b\n1,{quoted}\n2,y\n3,z\n")
    assert result.resource.rows == 3
    assert str(result.rows[0]["b"]).strip() == cell.strip()
    assert time.perf_counter() - begin < 30


def test_a_comment_sign_in_every_line_is_no_comment(ingest: Ingest) -> None:
    result = ingest("rank,name\n#1,x\n#2,y\n#3,z\n")
    assert [row["rank"] for row in result.rows] == ["#1", "#2", "#3"]


def test_a_zip_that_claims_a_huge_directory(ingest: Ingest) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", b"x\n1\n" * 3)
    data = buffer.getvalue()
    assert ingest(data[:-22] + b"\0" * 40 + data[-22:], "a.zip").reason == "format-damaged"


def test_a_folder_is_read_like_an_archive(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.csv").write_text("x\n1\n2\n")
    (folder / "deep" / "b.json").write_text('[{"y": 1}]')
    (folder / ".hidden.csv").write_text("z\n1\n")
    (folder / "link.csv").symlink_to("/etc/passwd")
    call_command("ingest_file", str(folder), "--out", str(tmp_path / "out"), "--in-process", stdout=io.StringIO())
    report = json.loads((tmp_path / "out" / "bundle" / "report.json").read_text())
    assert [(item["name"], item["rows"]) for item in report["resources"]] == [("a", 2), ("b", 1)]


@pytest.mark.parametrize("place", [0, 299])
def test_a_nul_byte_and_a_byte_that_is_no_text_behind_what_was_looked_at(
    ingest: Callable[..., Result], place: int
) -> None:
    """Found by fuzzing: taking the NUL bytes out believed what the head had said of the encoding."""
    lines = [b"id,name", *(b"%d,bird %d" % (n, n) for n in range(300))]
    lines[place + 1] += b"\0"
    lines[250] += b"\xff"
    result = ingest(b"\n".join(lines), "t.csv", limits=Limits(head_sample_bytes=256))
    assert result.resource.rows == 300
    assert result.codes.get("nul-bytes-removed") == 1


# Arrow's own handler of such rows raises where nobody can catch it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("row", [b"2500,\xe9t\xe9,3", b"\xe9t\xe9"], ids=["too long", "too short"])
def test_a_ragged_row_in_another_encoding_behind_what_was_looked_at(ingest: Ingest, row: bytes) -> None:
    """Found by fuzzing: the file was refused as damaged, for one row that was too long and not UTF-8."""
    lines = [b"id,name", *(b"%d,bird %d" % (n, n) for n in range(3000))]
    lines[2501] = row
    result = ingest(b"\n".join(lines) + b"\n", "t.csv", limits=Limits(head_sample_bytes=256))
    assert result.resource.rows == 3000
    assert result.resource.source["encoding"] == "cp1252"
    assert [finding["value"] for finding in result.findings(f"row-too-{'long' if b',' in row else 'short'}")] == [
        row.decode("cp1252")
    ]
