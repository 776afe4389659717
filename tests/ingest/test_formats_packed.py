"""Compressed files and archives: the same table comes out of each, and what is cut off or a bomb is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from ingest.limits import Limits
from tests.ingest.result import Result

Ingest = Callable[..., Result]

TABLE = b"id,name\n" + b"".join(b"%d,n%d\n" % (n, n) for n in range(3000))


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
}


def tarred(members: dict[str, bytes], mode: str = "w", links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]  # the mode is a text here
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type = tarfile.SYMTYPE
            info.linkname = target
            archive.addfile(info)
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("name", ["table.csv.{}", "TABLE.CSV.{}", "table"])
def test_a_packed_table_is_the_table(ingest: Ingest, suffix: str, name: str) -> None:
    result = ingest(PACKERS[suffix](TABLE), name.format(suffix))
    assert result.resource.rows == 3000
    assert result.resource.name == "table"
    assert result.rows[-1] == {"id": 2999, "name": "n2999"}
    assert result.codes == {}


@pytest.mark.parametrize("suffix", PACKERS)
def test_two_streams_in_one_file(ingest: Ingest, suffix: str) -> None:
    pack = PACKERS[suffix]
    assert ingest(pack(TABLE[:1000]) + pack(TABLE[1000:]), f"t.csv.{suffix}").resource.rows == 3000


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_table_that_is_cut_off(ingest: Ingest, suffix: str) -> None:
    packed = PACKERS[suffix](TABLE)
    assert ingest(packed[: len(packed) * 2 // 3], f"t.csv.{suffix}").reason == "file-truncated"


# Zstandard's frames have no checksum unless the packer asks for one: what is changed in them can't be told.
@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz"])
def test_a_packed_table_that_is_damaged(ingest: Ingest, suffix: str) -> None:
    packed = bytearray(PACKERS[suffix](TABLE))
    middle = len(packed) // 2
    packed[middle : middle + 20] = bytes(255 - code for code in packed[middle : middle + 20])
    assert ingest(bytes(packed), f"t.csv.{suffix}").reason in {"format-damaged", "file-truncated"}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_bomb_stops_at_the_limit(ingest: Ingest, suffix: str) -> None:
    bomb = PACKERS[suffix](b"0" * (4 << 20))
    limits = Limits(ratio_free_bytes=1 << 20)
    assert ingest(bomb, f"t.csv.{suffix}", limits=limits).reason == "archive-too-large"


def test_xz_that_wants_too_much_memory(ingest: Ingest) -> None:
    filters: list[dict[str, Any]] = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 512 << 20}]
    packed = lzma.compress(TABLE, format=lzma.FORMAT_XZ, filters=filters)
    assert ingest(packed, "t.csv.xz").reason == "format-damaged"


@pytest.mark.parametrize(("mode", "name"), [("w", "a.tar"), ("w:gz", "a.tgz"), ("w:xz", "a.tar.xz"), ("w:bz2", "a.x")])
def test_a_tar_archive_of_several_tables(ingest: Ingest, mode: str, name: str) -> None:
    data = tarred({"in/a.csv": b"x\n1\n2\n", "in/b.csv": b"y\n3\n4\n", "README": b"hello"}, mode)
    result = ingest(data, name)
    assert [(item.name, item.rows, item.source["member"]) for item in result.stored.resources] == [
        ("a", 2, "in/a.csv"),
        ("b", 2, "in/b.csv"),
    ]
    assert result.codes == {"members-not-read": 1}


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "x/../../a.csv"])
def test_a_tar_archive_that_names_files_outside_of_itself(ingest: Ingest, name: str) -> None:
    assert ingest(tarred({name: b"x\n1\n"}), "a.tar").reason == "archive-unsafe"


def test_links_in_archives_are_left_out_and_said(ingest: Ingest) -> None:
    data = tarred({"a.csv": b"x\n1\n"}, links={"b.csv": "/etc/passwd"})
    result = ingest(data, "a.tar")
    assert [item.name for item in result.stored.resources] == ["a"]
    assert result.codes == {"members-not-read": 1}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", b"x\n1\n")
        link = zipfile.ZipInfo("b.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, b"/etc/passwd")
    result = ingest(buffer.getvalue(), "a.zip")
    assert [item.name for item in result.stored.resources] == ["a"]
    assert result.codes == {"members-not-read": 1}


def test_a_tar_archive_that_is_cut_off(ingest: Ingest) -> None:
    data = tarred({"a.csv": TABLE, "b.csv": TABLE})
    assert ingest(data[:40_000], "a.tar").reason in {"file-truncated", "format-damaged"}


def test_an_archive_in_an_archive_is_not_opened(ingest: Ingest) -> None:
    inner = tarred({"a.csv": b"x\n1\n"})
    assert ingest(tarred({"a.tar": inner}), "a.tar").reason == "format-not-supported"
    assert ingest(gzip.compress(gzip.compress(TABLE)), "a.csv.gz").reason == "format-not-supported"


def test_a_directory_of_a_hundred_thousand_names(ingest: Ingest) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.csv", b"")
    assert ingest(buffer.getvalue(), "a.zip").reason == "archive-too-large"


def test_a_member_without_a_name(ingest: Ingest) -> None:
    """Found by fuzzing: the library looks at the last letter of a name that has none."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("?", TABLE)
        archive.infolist()[0].filename = ""
    # Before its bytes there still is a name: the two differ, and so the archive is damaged.
    assert ingest(buffer.getvalue(), "t.zip").reason == "format-damaged"


def test_a_name_that_is_no_text(ingest: Ingest) -> None:
    """The directory says that the name is UTF-8, and it is not."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("tä.csv", TABLE)
    content = buffer.getvalue().replace("tä.csv".encode(), b"t\xff\xff.csv")
    assert ingest(content, "t.zip").reason == "format-damaged"
