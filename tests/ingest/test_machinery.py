"""Threads, progress, checksums, archives, files of findings, the Parquet writer: what carries the batches."""

from __future__ import annotations

import gzip
import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from catalog.findings import Finding
from ingest.files.formats import Format, detect_format
from ingest.files.unpack import unpack_single, unpack_zip
from ingest.findings_file import FEW, FindingsLog
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.parquet_writer import PartWriter
from ingest.progress import Progress, Reporter, Stage
from ingest.stages import WAITING_BYTES, ReadAhead, WriteBehind
from ingest.verify import Checksum

LIMITS = Limits()


def _one(_item: object) -> int:
    return 1


def test_read_ahead_gives_all_in_order_and_stops() -> None:
    with ReadAhead(range(50)) as ahead:
        assert list(ahead) == list(range(50))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ingest-")]


def test_read_ahead_raises_what_its_source_raised() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("disk")

    seen: list[int] = []
    with pytest.raises(OSError, match="disk"), ReadAhead(source()) as ahead:
        seen.extend(ahead)
    assert seen in ([], [1])


def test_leaving_early_stops_an_endless_source() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    with ReadAhead(endless()) as ahead, WriteBehind[int](lambda _item: None, _one) as behind:
        behind.send(next(iter(ahead)))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ingest-")]


def test_write_behind_raises_in_the_sender() -> None:
    def consume(item: int) -> None:
        if item == 3:
            raise ValueError(item)

    def send_all() -> None:
        with WriteBehind(consume, _one) as behind:
            for item in range(100):
                behind.send(item)
            behind.finish()

    with pytest.raises(ValueError, match="3"):
        send_all()


def test_write_behind_has_consumed_everything_when_it_is_finished() -> None:
    seen: list[int] = []

    def consume(item: int) -> None:
        time.sleep(0.005)
        seen.append(item)

    with WriteBehind(consume, _one) as behind:
        for item in range(20):
            behind.send(item)
        behind.finish()
    assert seen == list(range(20))


def test_as_many_items_wait_to_be_written_as_there_is_room_for() -> None:
    free, seen = threading.Event(), []

    def consume(item: int) -> None:
        free.wait(10)
        seen.append(item)

    sent: list[int] = []

    def send_all(behind: WriteBehind[int]) -> None:
        for item in range(6):
            behind.send(item)
            sent.append(item)

    # Three fit; a fourth would be too much, until the first is written.
    with WriteBehind(consume, lambda _item: WAITING_BYTES // 3) as behind:
        sender = threading.Thread(target=send_all, args=(behind,))
        sender.start()
        sender.join(0.5)
        assert sent == [0, 1, 2]
        free.set()
        sender.join(10)
        behind.finish()
    assert sent == seen == list(range(6))


def test_an_item_larger_than_the_room_goes_alone() -> None:
    seen: list[int] = []
    with WriteBehind(seen.append, lambda _item: 2 * WAITING_BYTES) as behind:
        for item in range(3):
            behind.send(item)
        behind.finish()
    assert seen == [0, 1, 2]


def test_progress_comes_at_most_four_times_a_second() -> None:
    now = 0.0
    seen: list[Progress] = []
    reporter = Reporter(seen.append, clock=lambda: now)
    reporter.enter(Stage.CONVERT, 1000)
    for step in range(100):
        now = step / 100
        reporter.advance(step * 20, step)
    assert [item.rows for item in seen] == [0, 25, 50, 75]
    assert seen[-1] == Progress(Stage.CONVERT, 1000, 1000, 75)


def test_checksum(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc\0" * 500_000)
    with Checksum(path) as checksum:
        assert checksum.hexdigest() == hashlib.sha256(path.read_bytes()).hexdigest()
        assert checksum.has_nul()


def test_checksum_of_a_missing_file_raises_where_it_is_awaited(tmp_path: Path) -> None:
    with Checksum(tmp_path / "none") as checksum, pytest.raises(FileNotFoundError):
        checksum.hexdigest()


# ------------------------------------------------------------------------------------------------ archives


def refuse(tmp_path: Path, members: dict[str, bytes], limits: Limits = LIMITS) -> Finding:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(RejectionError) as caught:
        unpack_zip(path, tmp_path, limits, lambda _position: None)
    return caught.value.findings[0]


@pytest.mark.parametrize("name", ["../x.csv", "/etc/x.csv", "a/../../x.csv", "..\\x.csv", "C:\\x.csv"])
def test_members_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    assert refuse(tmp_path, {"ok.csv": b"a,b\n1,2\n", name: b"a\n1\n"}).code == "archive-unsafe"
    assert not list(tmp_path.glob("member-*"))


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    limits = Limits(ratio_free_bytes=1 << 20, max_ratio=50)
    assert refuse(tmp_path, {"zeros.csv": b"0" * (30 << 20)}, limits).code == "archive-too-large"
    assert sum(path.stat().st_size for path in tmp_path.glob("member-*")) < 4 << 20


def test_too_many_members(tmp_path: Path) -> None:
    members = {f"{number}.csv": b"a\n1\n" for number in range(5)}
    assert refuse(tmp_path, members, Limits(max_members=4)).code == "archive-too-large"


def test_readmes_are_left_out_with_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("data/a.csv", "README.txt", "__MACOSX/data/._a.csv", "LICENSE"):
            archive.writestr(name, "a,b\n1,2\n")
    members, findings = unpack_zip(path, tmp_path, Limits(), lambda _position: None)
    assert [member.name for member in members] == ["data/a.csv"]
    assert [item.value for item in findings] == ["README.txt", "__MACOSX/data/._a.csv", "LICENSE"]


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.99])
def test_truncated_gzip(tmp_path: Path, cut: float) -> None:
    packed = gzip.compress(np.random.default_rng(1).bytes(200_000))
    path = tmp_path / "a.gz"
    path.write_bytes(packed[: int(len(packed) * cut)])
    with pytest.raises(RejectionError) as caught:
        unpack_single(path, "gz", tmp_path / "out", Limits(), lambda _position: None)
    assert caught.value.findings[0].code == "file-truncated"


def test_damaged_gzip(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(np.random.default_rng(1).bytes(200_000)))
    packed[-8:-4] = b"\0\0\0\0"
    path = tmp_path / "a.gz"
    path.write_bytes(bytes(packed))
    with pytest.raises(RejectionError) as caught:
        unpack_single(path, "gz", tmp_path / "out", Limits(), lambda _position: None)
    assert caught.value.findings[0].code == "format-damaged"


@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        (b"a,b\n1,2\n", "x.csv", Format.CSV),
        (b"a\tb\n", "x.tsv", Format.TSV),
        (b'[{"a": 1}]', "x.txt", Format.JSON),
        (b'{"a": 1}\n', "x.csv", Format.JSON),
        (b"[a],[b]\n1,2\n", "x.csv", Format.CSV),
        (b"a,b\n", "x.json", Format.JSON),
        (b"PAR1....", "x.csv", Format.PARQUET),
        (b"\x1f\x8b...", "x", Format.GZIP),
        ("a,b\n".encode("utf-16"), "x.csv", Format.CSV),
        ("a,b\n".encode("utf-16-be") * 9, "x.csv", Format.CSV),
    ],
)
def test_format(tmp_path: Path, data: bytes, name: str, found: Format) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert detect_format(path, name) is found


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "x.csv", "empty-file"),
        (b"\n <!DOCTYPE HTML><p>", "x.csv", "format-not-supported"),
        (b"%PDF-1.7", "x.csv", "format-has-a-way"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.doc", "format-has-a-way"),
        (bytes(range(256)) * 40, "x.csv", "format-not-supported"),
        (bytes(range(256)) * 40, "x.parquet", "format-damaged"),
        (b"PK\x03\x04 no zip", "x.xlsx", "format-damaged"),
    ],
)
def test_no_format(tmp_path: Path, data: bytes, name: str, code: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(RejectionError) as caught:
        detect_format(path, name)
    assert caught.value.findings[0].code == code


# ---------------------------------------------------------------------------------------------- findings


def test_findings_file_holds_every_finding_and_groups_hold_samples(tmp_path: Path) -> None:
    log = FindingsLog(tmp_path, 20)
    many = FEW * 2
    log.add(Finding("missing-tokens", column="x", params={"tokens": "NA", "cells": 7}))
    texts = pa.array([f"bad {number}" for number in range(many)])
    log.add_cells("cell-not-of-type", "x", pa.array(np.arange(many) + 2), texts, {"type": "integer"})
    log.add_cells("cell-not-of-type", "y", pa.array([5], pa.int64()), pa.array(['a,"b"\nc']), {"type": "date"})
    report = log.finish(lambda rows: np.asarray(rows) * 10)
    assert report.count == many + 2
    assert [(group.code, group.column, group.count, len(group.samples)) for group in report.groups] == [
        ("cell-not-of-type", "x", many, 20),
        ("cell-not-of-type", "y", 1, 1),
        ("missing-tokens", "x", 1, 1),
    ]
    assert report.groups[0].samples[1] == Finding(
        "cell-not-of-type", row=3, line=30, column="x", value="bad 1", params={"type": "integer"}
    )
    table = pq.read_table(report.path)
    assert table.num_rows == many + 2
    assert table.slice(many + 1).to_pylist() == [
        {
            "code": "cell-not-of-type",
            "severity": "error",
            "row": 5,
            "line": 50,
            "column": "y",
            "value": 'a,"b"\nc',
            "params": '{"type": "date"}',
        }
    ]
    assert table["line"][0].as_py() is None
    options = pcsv.ParseOptions(newlines_in_values=True)
    assert pcsv.read_csv(report.csv_path, parse_options=options).num_rows == many + 2
    assert {path.name for path in tmp_path.iterdir()} == {"findings.parquet", "findings.csv"}


def test_no_findings_no_files(tmp_path: Path) -> None:
    log = FindingsLog(tmp_path, 20)
    log.add(Finding("header-missing", params={"columns": 2}))
    log.reset()
    report = log.finish()
    assert (report.count, report.groups, report.path) == (0, (), None)
    assert list(tmp_path.iterdir()) == []


# ----------------------------------------------------------------------------------------------- Parquet


def batches(rows: int, size: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, size):
        numbers = np.arange(start, min(start + size, rows))
        yield pa.record_batch([pa.array(numbers), pa.array([f"t{n % 7}" for n in numbers])], names=["n", "t"])


def write(folder: Path, rows: int, size: int, limits: Limits) -> PartWriter:
    folder.mkdir()
    writer = PartWriter(folder, pa.schema([("n", pa.int64()), ("t", pa.string())]), limits)
    for batch in batches(rows, size):
        writer.write(batch)
    writer.finish()
    return writer


def test_row_groups_are_cut_exactly_and_the_bytes_do_not_depend_on_the_batches(tmp_path: Path) -> None:
    limits = Limits(row_group_rows=1000)
    first = write(tmp_path / "a", 2500, 300, limits).parts
    second = write(tmp_path / "b", 2500, 2500, limits).parts
    assert [part.sha256 for part in first] == [part.sha256 for part in second]
    (part,) = first
    metadata = pq.read_metadata(part.path)
    assert [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)] == [1000, 1000, 500]
    assert (part.rows, part.bytes) == (2500, part.path.stat().st_size)
    assert part.sha256 == hashlib.sha256(part.path.read_bytes()).hexdigest()
    column = metadata.row_group(0).column(1)
    assert column.compression == "ZSTD"
    assert column.has_dictionary_page
    assert not metadata.row_group(0).column(0).has_dictionary_page
    assert metadata.row_group(0).column(0).has_offset_index


def test_each_column_is_packed_as_its_values_are(tmp_path: Path) -> None:
    table = pa.table(
        {
            "number": pa.array(range(1000)),
            "small": pa.array([n % 9 for n in range(1000)], pa.uint8()),
            "day": pa.array(range(1000), pa.int32()).cast(pa.date32()),
            "moment": pa.array(range(1000)).cast(pa.timestamp("us", "UTC")),
            "share": pa.array([n / 7 for n in range(1000)]),
            "code": pa.array([f"c{n}" for n in range(1000)]),
            "colour": pa.array([f"c{n % 3}" for n in range(1000)]),
            "nothing": pa.nulls(1000, pa.string()),
            "yes": pa.array([n % 2 == 0 for n in range(1000)]),
        }
    )
    (tmp_path / "a").mkdir()
    writer = PartWriter(tmp_path / "a", table.schema, Limits())
    for batch in table.to_batches(300):
        writer.write(batch)
    (part,) = writer.finish()
    group = pq.read_metadata(part.path).row_group(0)
    packed = {group.column(place).path_in_schema: group.column(place) for place in range(group.num_columns)}
    assert [name for name, column in packed.items() if "DELTA_BINARY_PACKED" in column.encodings] == [
        "number", "small", "day", "moment",
    ]  # fmt: skip
    assert [name for name, column in packed.items() if column.has_dictionary_page] == ["colour", "nothing"]
    assert pq.read_table(part.path).equals(table)
    import duckdb

    assert duckdb.sql(f"SELECT * FROM read_parquet('{part.path}')").to_arrow_table().cast(table.schema).equals(table)


def test_wide_rows_are_cut_by_bytes(tmp_path: Path) -> None:
    (part,) = write(tmp_path / "a", 2500, 300, Limits(row_group_bytes=5_000)).parts
    assert pq.read_metadata(part.path).num_row_groups == 5


def test_large_tables_become_parts_in_order(tmp_path: Path) -> None:
    parts = write(tmp_path / "a", 5000, 300, Limits(row_group_rows=1000, part_bytes=1)).parts
    assert [part.path.name for part in parts] == [f"part-{number:03}.parquet" for number in range(5)]
    numbers = pa.concat_tables([pq.read_table(part.path) for part in parts])["n"].to_pylist()
    assert numbers == list(range(5000))


def test_discard_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    writer = PartWriter(folder, pa.schema([("n", pa.int64()), ("t", pa.string())]), Limits(row_group_rows=100))
    for batch in batches(250, 50):
        writer.write(batch)
    writer.discard()
    assert list(folder.iterdir()) == []


def test_hashed_file_is_written_whole(tmp_path: Path) -> None:
    writer = write(tmp_path / "a", 10, 3, Limits())
    assert pq.read_table(io.BytesIO(writer.parts[0].path.read_bytes())).num_rows == 10
