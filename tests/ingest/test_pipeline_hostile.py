"""Files that are wrong, odd or malicious: each ends stored with findings or rejected; none raises or hangs."""

from __future__ import annotations

import gzip
import io
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.findings import sentence
from ingest.limits import Limits
from ingest.progress import Progress, Stage
from tests.ingest.result import Result

Ingest = Callable[..., Result]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"a,b\r1,x\r2,y\r", [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]),
        (b"a,b\n1,x", [{"a": 1, "b": "x"}]),
        (b"\xef\xbb\xbfa,b\n1,x\n", [{"a": 1, "b": "x"}]),
        (b"\n\na,b\n\n1,x\n\n\n", [{"a": 1, "b": "x"}]),
        (b'a,b\n1,"x\n\ny"\n', [{"a": 1, "b": "x\n\ny"}]),
        (b'a,b\n1,""\n2,\n', [{"a": 1, "b": ""}, {"a": 2, "b": None}]),
        (b'a,b\n"",x\n2,y\n', [{"a": None, "b": "x"}, {"a": 2, "b": "y"}]),
        (b'a,b\n1,5" disc\n2,"say ""hi"""\n', [{"a": 1, "b": '5" disc'}, {"a": 2, "b": 'say "hi"'}]),
        (b"name\nAnna\nBert\n", [{"name": "Anna"}, {"name": "Bert"}]),
        (b"n\n1\n2\n", [{"n": 1}, {"n": 2}]),
        (
            b"sentence\nOne, two\nThree\nFour, five, six\n",
            [{"sentence": "One, two"}, {"sentence": "Three"}, {"sentence": "Four, five, six"}],
        ),
        ("a;b\n1,5;x\n2,5;y\n".encode("utf-16"), [{"a": 1.5, "b": "x"}, {"a": 2.5, "b": "y"}]),
        (b"a,b,c\n1,,\n2,,\n", [{"a": 1, "b": None, "c": None}, {"a": 2, "b": None, "c": None}]),
        (b"t\n2024-01-01T10:00:00+02:00\n2024-01-01T10:00:00Z\n", None),
    ],
)
def test_odd_but_good(ingest: Ingest, data: bytes, rows: list[dict[str, Any]] | None) -> None:
    result = ingest(data)
    if rows is not None:
        assert result.rows == rows
    else:
        assert [str(value) for value in result.table()["t"]] == [
            "2024-01-01 08:00:00+00:00",
            "2024-01-01 10:00:00+00:00",
        ]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b" \n\t\n", "x.csv", "no-table"),
        (b"a,b,c\n", "x.csv", "no-table"),
        (b"\xef\xbb\xbf", "x.csv", "no-table"),
        (b"[]", "x.json", "no-table"),
        (b"{}", "x.json", "no-table"),
        (b"[1, 2, 3]", "x.json", "no-table"),
        (b'{"a": [{"x": 1}], "b": [{"y": 2}]}', "x.json", "no-table"),
        (b'[{"a": 1}', "x.json", "file-truncated"),
        (b'[{"a": 1}, {"a": 2', "x.json", "file-truncated"),
        (b'[{"a": 1} {"a": 2}]', "x.json", "format-damaged"),
        (b'[{"a": 1}] x', "x.json", "format-damaged"),
        (b"hello", "x.json", "format-damaged"),
        (b"[" * 100_000, "x.json", "nesting-too-deep"),
        (b'{"a":' * 100_000 + b"\n", "x.ndjson", "nesting-too-deep"),
        (b"PAR1" + b"\0" * 100 + b"PAR1", "x.parquet", "format-damaged"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "x.csv.gz", "format-not-supported"),
        (gzip.compress(b"", mtime=0), "x.csv.gz", "empty-file"),
    ],
)
def test_rejected(ingest: Ingest, data: bytes, name: str, code: str) -> None:
    result = ingest(data, name)
    assert result.reason == code
    assert "%(" not in sentence(result.outcome.findings.groups[0])
    assert "–" not in sentence(result.outcome.findings.groups[0])


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_an_archive_without_a_table_is_rejected(ingest: Ingest) -> None:
    assert ingest(zipped({"README.md": b"x"}), "a.zip").reason == "no-table"
    assert ingest(zipped({}), "a.zip").reason == "no-table"
    assert ingest(zipped({"a.zip": zipped({"a.csv": b"a\n1\n"})}), "a.zip").reason == "format-not-supported"


def test_a_damaged_member_rejects_the_archive_and_an_empty_one_does_not(ingest: Ingest) -> None:
    good = b"a,b\n1,2\n"
    assert ingest(zipped({"a.csv": good, "b.json": b'[{"a": 1'}), "a.zip").reason == "file-truncated"
    result = ingest(zipped({"a.csv": good, "b.csv": b"", "c/a.csv": good}), "a.zip")
    assert [item.name for item in result.stored.resources] == ["a", "a-2"]
    assert result.codes == {"members-not-read": 1}


def test_an_encrypted_member(ingest: Ingest) -> None:
    data = bytearray(zipped({"a.csv": b"a,b\n1,2\n"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert ingest(bytes(data), "a.zip").reason == "archive-locked"


@pytest.mark.parametrize("position", range(0, 40, 3))
def test_quoted_line_breaks_at_the_edges_of_blocks(ingest: Ingest, position: int) -> None:
    limits = Limits(block_bytes=64)
    filler = "x" * position
    text = "a,b\n" + "".join(f'{number},"{filler}\n{number}\n"\n' for number in range(50))
    rows = ingest(text, limits=limits).rows
    assert rows == [{"a": number, "b": f"{filler}\n{number}\n"} for number in range(50)]


def test_ragged_rows_among_many_blocks_stay_in_their_place(ingest: Ingest) -> None:
    random = np.random.default_rng(5)
    short = set(random.choice(5000, 60, replace=False).tolist())
    long = set(random.choice(5000, 60, replace=False).tolist()) - short
    lines = [
        f"{n},t{n}" if n in short else f"{n},t{n},{n / 4},x,y" if n in long else f"{n},t{n},{n / 4}"
        for n in range(5000)
    ]
    result = ingest("a,b,c\n" + "\n".join(lines), limits=Limits(block_bytes=512))
    assert [row["a"] for row in result.rows] == list(range(5000))
    assert [row["c"] for row in result.rows] == [None if n in short else n / 4 for n in range(5000)]
    assert sorted(row["row"] for row in result.findings("row-too-short")) == sorted(n + 2 for n in short)
    assert {row["row"]: row["value"] for row in result.findings("row-too-long")} == {n + 2: lines[n] for n in long}


def test_too_many_ragged_rows_are_no_table(ingest: Ingest) -> None:
    text = "a,b,c\n" + "1,2,3\n" * 50 + "1,2\n" * 20
    assert ingest(text + "1,2,3\n").reason == "structure-broken"


def test_notes_after_the_table_are_no_rows_and_a_cut_off_row_is_one(ingest: Ingest) -> None:
    table = "a,b,c\n1,2,3\n4,5,6\n7,8,9\n"
    result = ingest(table + "\nSource: here, there\nNote\n")
    assert result.resource.rows == 3
    assert [row["value"] for row in result.findings("lines-after-table")] == ["Source: here, there", "Note"]
    cut = ingest(table + "10,1")
    assert cut.rows[-1] == {"a": 10, "b": 1, "c": None}
    assert cut.codes == {"row-too-short": 1}


def test_a_header_of_a_megabyte(ingest: Ingest) -> None:
    names = [f"column number {number} {'x' * 300}" for number in range(3500)]
    result = ingest(",".join(names) + "\n" + ",".join(["1"] * 3500) + "\n")
    assert result.resource.rows == 1
    assert [item.source_name for item in result.resource.schema.fields] == names
    assert len({item.name for item in result.resource.schema.fields}) == 3500


def test_a_cell_of_ten_megabytes_and_one_beyond_the_limit(ingest: Ingest) -> None:
    big = "x" * (10 << 20)
    result = ingest(f'a,b\n1,"{big}"\n2,y\n')
    assert result.rows == [{"a": 1, "b": big}, {"a": 2, "b": "y"}]
    limits = Limits(max_cell_bytes=4 << 20)
    assert ingest(f'a,b\n1,"{big}"\n2,y\n', limits=limits).reason == "cell-too-large"


def test_an_unclosed_quote_does_not_swallow_the_file_in_silence(ingest: Ingest) -> None:
    text = "a,b\n" + "1,x\n" * 10 + '2,"y\n' + "3,z\n" * 10
    result = ingest(text)
    assert result.resource.rows == 21
    assert result.rows[10] == {"a": 2, "b": '"y'}
    assert [(row["line"], row["value"]) for row in result.findings("quotes-mended")] == [(12, '2,"y')]


def test_too_many_columns(ingest: Ingest) -> None:
    assert ingest(",".join(map(str, range(50))), limits=Limits(max_columns=49)).reason == "too-many-columns"
    keys = ",".join(f'"k{number}": 1' for number in range(50))
    assert ingest("[{" + keys + "}]", "x.json", limits=Limits(max_columns=49)).reason == "too-many-columns"


def test_limits_of_size(ingest: Ingest) -> None:
    assert ingest(b"a,b\n1,2\n", limits=Limits(max_bytes=7)).reason == "file-too-large"
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 100_000)
    assert ingest(packed, "x.csv.gz", limits=Limits(max_unpacked_bytes=1000)).reason == "archive-too-large"


def test_a_late_nul_byte_and_a_late_stray_byte_in_a_large_file(ingest: Ingest) -> None:
    limits = Limits(whole_sample_bytes=1000, head_sample_bytes=1000, piece_bytes=100, block_bytes=4096)
    lines = [f"{number},é{number}".encode() for number in range(3000)]
    clean = ingest(b"a,b\n" + b"\n".join(lines), limits=limits)
    lines[2500] = b"25\x0000,x"
    assert ingest(b"a,b\n" + b"\n".join(lines), limits=limits).codes == {"nul-bytes-removed": 1}
    lines[2400] = b"2400,caf\xe9"
    result = ingest(b"a,b\n" + b"\n".join(lines), limits=limits)
    assert result.codes == {"nul-bytes-removed": 1, "bytes-not-decoded": 1}
    assert [row["line"] for row in result.findings("bytes-not-decoded")] == [2402]
    assert result.rows[2400]["b"] == "caf\ufffd"
    assert result.rows[:2400] == clean.rows[:2400]
    assert result.table()["a"].to_pylist() == list(range(3000))


def test_checksum_mismatch_comes_first(ingest: Ingest) -> None:
    result = ingest(b"", expected_sha256="0" * 64)
    assert result.reason == "checksum-mismatch"
    right = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
    assert ingest(b"", expected_sha256=right).reason == "empty-file"


def test_progress_that_raises_ends_the_run_and_leaves_nothing_running(ingest: Ingest, tmp_path: Path) -> None:
    class LeaseLostError(Exception):
        pass

    seen: list[Stage] = []

    def lost(progress: Progress) -> None:
        seen.append(progress.stage)
        if len(seen) == 2:
            raise LeaseLostError

    text = "a,b\n" + "".join(f"{number},{'x' * 200}\n" for number in range(200_000))
    with pytest.raises(LeaseLostError):
        ingest(text, progress=lost, limits=Limits(row_group_rows=1000))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ingest-")]
    assert not list(tmp_path.glob("work-1/resources/*/part-*.parquet"))


def test_progress_tells_stages_bytes_and_rows(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.progress.INTERVAL_SECONDS", 0)
    seen: list[Progress] = []
    text = "a,b\n" + "1,x\n" * 20_000
    ingest(text, progress=seen.append, limits=Limits(block_bytes=10_000))
    assert [stage for stage, _ in zip(dict.fromkeys(item.stage for item in seen), range(9), strict=False)] == list(
        Stage
    )
    last = seen[-1]
    assert (last.bytes, last.total_bytes, last.rows) == (len(text), len(text), 20_000)
    converting = [item.rows for item in seen if item.stage is Stage.CONVERT]
    assert converting == sorted(converting)
    assert len(converting) > 5


@pytest.mark.parametrize("name", ["x.ndjson", "x.csv.gz", "x.zip"])
def test_the_first_reading_can_be_aborted_too(ingest: Ingest, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.progress.INTERVAL_SECONDS", 0)
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 5:
            raise KeyError

    lines = b'{"a": 1}\n' * 20_000
    text = b"a,b\n" + np.random.default_rng(1).bytes(6 << 20).hex().encode()
    data = {"x.ndjson": lines, "x.csv.gz": gzip.compress(text, 1), "x.zip": zipped({"a.csv": text})}[name]
    with pytest.raises(KeyError):
        ingest(data, name, progress=watch)
    assert Stage.CONVERT not in {item.stage for item in seen}


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_never_raises(ingest: Ingest, data: Path, seed: int) -> None:
    """Real files with bytes changed, cut out or doubled: stored or rejected, whatever comes."""
    random = np.random.default_rng(seed)
    files = sorted((data / "accept").iterdir())
    path = files[seed % len(files)]
    content = bytearray(path.read_bytes()[:200_000])
    for _ in range(int(random.integers(1, 20))):
        place = int(random.integers(0, len(content)))
        match int(random.integers(0, 3)):
            case 0:
                content[place] = int(random.integers(0, 256))
            case 1:
                del content[place : place + int(random.integers(1, 200))]
            case _:
                content[place:place] = content[place : place + 50]
        content = content or bytearray(b"x")
    result = ingest(bytes(content), path.name)
    for group in result.outcome.findings.groups:
        assert "%(" not in sentence(group)


@pytest.mark.parametrize(
    ("share", "status"), [(1.0, "stored"), (0.02, "stored"), (0.019, "rejected"), (0.0, "rejected")]
)
def test_a_file_with_too_many_refused_cells_is_the_owners_to_refuse(ingest: Ingest, share: float, status: str) -> None:
    text = "id,mass\n" + "".join(f"{n},{'heavy' if n in {7, 70} else n}.5\n" for n in range(100))
    result = ingest(text, limits=Limits(refused_share=share))
    if status == "stored":
        assert result.codes == {"cell-not-of-type": 2}
        return
    [first, second] = result.outcome.findings.groups
    assert (first.code, first.column, first.params["refused"]) == ("too-many-refused", "mass", 2)
    assert [(item.row, item.value) for item in second.samples] == [(9, "heavy.5"), (72, "heavy.5")]
