"""Unpacking compressed files and archives, with an eye on how much comes out of how little."""

from __future__ import annotations

import bz2
import errno
import lzma
import posixpath
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pyarrow as pa
from isal import igzip, isal_zlib

from catalog.findings import Finding
from ingest.limits import Limits
from ingest.outcome import RejectionError

BLOCK = 1 << 20
# A directory of this size names some 200,000 members, and costs as many objects of Python's.
MAX_DIRECTORY_BYTES = 16 << 20
# xz asks for as much memory as the packer had; the strongest usual setting (-9) needs 65 MiB to unpack.
XZ_MEMORY = 256 << 20

Compression = Literal["gz", "bz2", "xz", "zst"]
_WORDS: dict[Compression, str] = {"gz": "gzip", "bz2": "bzip2", "xz": "xz", "zst": "Zstandard"}
_SUFFIXES: dict[str, str] = {
    ".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar",
    ".gz": "", ".bz2": "", ".xz": "", ".zst": "", ".zstd": "",
}  # fmt: skip
# The package's own annotations leave these two out.
_open_gzip: Any = igzip.open
_DAMAGED_MEMBER = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
_DAMAGED: Any = (igzip.BadGzipFile, zlib.error, isal_zlib.error, lzma.LZMAError, pa.ArrowException)

_NOT_DATA = re.compile(
    r"(^|/)(__macosx/|\.ds_store$|thumbs\.db$|\.|readme|licen[cs]e|copying|changelog|datapackage\.json$)|"
    r"\.(md|txt|pdf|html?|xml|docx?|png|jpe?g|gif|svg|py|r|sql|sh|prj|shp|dbf|shx|cpg)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive that was unpacked to ``path``."""

    name: str
    path: Path


class _Counter:
    """Counts what comes out, and stops a file that grows beyond the limits."""

    def __init__(self, packed: int, limits: Limits) -> None:
        self._packed = max(packed, 1)
        self._limits = limits
        self.total = 0

    def add(self, size: int) -> None:
        self.total += size
        ratio = self.total // self._packed
        too_dense = self.total > self._limits.ratio_free_bytes and ratio > self._limits.max_ratio
        if self.total > self._limits.max_unpacked_bytes or too_dense:
            limit = f"{self._limits.max_ratio} times its size" if too_dense else self._limits.max_unpacked_bytes
            raise RejectionError(Finding("archive-too-large", params={"limit": limit, "ratio": ratio}))


def name_within(filename: str) -> str:
    """What a compressed file is called once it is unpacked: its name without the suffix, ``.tar`` for ``.tgz``."""
    path = Path(filename)
    replaced = _SUFFIXES.get(path.suffix.lower())
    return filename if replaced is None else filename[: len(filename) - len(path.suffix)] + replaced


def unpack_single(path: Path, kind: Compression, target: Path, limits: Limits, on_bytes: Callable[[int], None]) -> Path:
    """The content of one compressed file, written to ``target``; ``on_bytes`` hears how much of it was read.

    Raises RejectionError when it is cut off, damaged or unpacks to too much.
    """
    counter = _Counter(path.stat().st_size, limits)
    try:
        with path.open("rb") as raw, target.open("wb") as out:
            for block in _blocks(raw, kind):
                counter.add(len(block))
                out.write(block)
                on_bytes(raw.tell())
    except (EOFError, _CutOffError) as error:
        params = {"format": _WORDS[kind], "reason": "the end of the compressed data is missing"}
        raise RejectionError(Finding("file-truncated", params=params)) from error
    except _DAMAGED as error:
        raise RejectionError(_damaged(kind, error)) from error
    except OSError as error:
        # Those of the disk have a number; bzip2 and Zstandard complain without one.
        if error.errno is not None:
            raise
        raise RejectionError(_damaged(kind, error)) from error
    return target


class _CutOffError(Exception):
    """The compressed data ended in their middle."""


def _damaged(kind: Compression, error: Exception) -> Finding:
    reason = str(error).splitlines()[0] if str(error) else "its data contradict themselves"
    return Finding("format-damaged", params={"format": _WORDS[kind], "reason": reason})


def _blocks(raw: BinaryIO, kind: Compression) -> Iterator[bytes]:
    if kind == "xz":
        yield from _xz_blocks(raw)
        return
    if kind == "zst":
        yield from _zstd_blocks(raw)
        return
    with _open_gzip(raw, "rb") if kind == "gz" else bz2.open(raw, "rb") as packed:
        while block := packed.read(BLOCK):
            yield block


def _xz_blocks(raw: BinaryIO) -> Iterator[bytes]:
    """Like lzma.open, which knows no limit of memory."""
    data = raw.read(BLOCK)
    while data:
        decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
        while True:
            yield decoder.decompress(data, BLOCK)
            if decoder.eof:
                break
            data = raw.read(BLOCK) if decoder.needs_input else b""
            if decoder.needs_input and not data:
                raise _CutOffError
        # Streams may follow on each other, with zeros between them.
        data = decoder.unused_data.lstrip(b"\0") or raw.read(BLOCK).lstrip(b"\0")


def _zstd_blocks(raw: BinaryIO) -> Iterator[bytes]:
    try:
        with pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd") as packed:
            while block := packed.read(BLOCK):
                yield block
    except OSError as error:
        if "Truncated" in str(error):
            raise _CutOffError from error
        raise


def check_directory(path: Path) -> None:
    """Refuse a zip archive whose directory alone is too much to be read.

    Raises RejectionError. The directory's size stands in the record at the archive's end (PKWARE APPNOTE, 4.3.16).
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        file.seek(max(size - 70_000, 0))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 16:
        return
    count, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if MAX_DIRECTORY_BYTES < directory <= size:
        params = {"limit": f"{MAX_DIRECTORY_BYTES} bytes of names", "ratio": count}
        raise RejectionError(Finding("archive-too-large", params=params))


def unpack_zip(
    path: Path, folder: Path, limits: Limits, on_bytes: Callable[[int], None]
) -> tuple[list[Member], list[Finding]]:
    """The members of an archive that may hold tables, unpacked into ``folder`` under numbers.

    Also a finding for each member that was left out. ``on_bytes`` hears how far in the archive it is.
    Raises RejectionError when a member's name leads out of the archive, or it is locked, damaged or unpacks to
    too much.
    """
    with zipfile.ZipFile(path) as archive:
        # Not is_dir(): a name may be empty, and it looks at the last letter.
        entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise RejectionError(Finding("archive-locked", value=entry.filename))
        found = [
            _Entry(
                entry.filename,
                entry.header_offset,
                entry.compress_size,
                stat.S_ISLNK(entry.external_attr >> 16),
                lambda entry=entry: archive.open(entry),
            )
            for entry in entries
        ]
        return _unpack_entries(found, folder, _Counter(path.stat().st_size, limits), limits, on_bytes)


def unpack_tar(
    path: Path, folder: Path, limits: Limits, on_bytes: Callable[[int], None]
) -> tuple[list[Member], list[Finding]]:
    """The same of a tar archive that is not compressed (any more)."""
    try:
        with tarfile.open(path, "r:") as archive:
            found = []
            for entry in archive:
                if not entry.isdir():
                    found.append(
                        _Entry(
                            entry.name,
                            entry.offset,
                            entry.size,
                            not entry.isreg(),
                            lambda entry=entry: archive.extractfile(entry),
                        )
                    )
                if len(found) > limits.max_members:
                    break
            return _unpack_entries(found, folder, _Counter(path.stat().st_size, limits), limits, on_bytes)
    except (tarfile.TarError, EOFError, struct.error, ValueError) as error:
        code = "file-truncated" if "end of" in str(error) or "EOF" in str(error) else "format-damaged"
        raise RejectionError(Finding(code, params={"format": "tar", "reason": str(error)})) from error


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in an archive: where it begins, its size there, and how it is opened."""

    name: str
    offset: int
    size: int
    is_link: bool
    open: Callable[..., Any]


def _unpack_entries(
    entries: list[_Entry], folder: Path, counter: _Counter, limits: Limits, on_bytes: Callable[[int], None]
) -> tuple[list[Member], list[Finding]]:
    if len(entries) > limits.max_members:
        params = {"limit": f"{limits.max_members} members", "ratio": len(entries)}
        raise RejectionError(Finding("archive-too-large", params=params))
    for entry in entries:
        _check_name(entry.name)
    members: list[Member] = []
    findings: list[Finding] = []
    for number, entry in enumerate(entries):
        reason = "it is a link" if entry.is_link else "it is no table by its name" if _is_beside(entry.name) else ""
        if reason:
            findings.append(Finding("members-not-read", value=entry.name, params={"reason": reason}))
            continue
        target = folder / f"member-{number:03}{Path(entry.name).suffix[:8]}"
        for size in _extract(entry, target, counter):
            on_bytes(entry.offset + min(size, entry.size))
        members.append(Member(entry.name, target))
    return members, findings


def _is_beside(name: str) -> bool:
    return _NOT_DATA.search(name) is not None


def _check_name(filename: str) -> None:
    name = filename.replace("\\", "/")
    if name.startswith("/") or re.match(r"^[A-Za-z]:", name) or ".." in posixpath.normpath(name).split("/"):
        raise RejectionError(Finding("archive-unsafe", value=filename))


def _extract(entry: _Entry, target: Path, counter: _Counter) -> Iterator[int]:
    """Write a member to ``target``, and tell its size so far after each block."""
    size = 0
    with target.open("wb") as out:
        for block in _member_blocks(entry):
            counter.add(len(block))
            size += out.write(block)
            yield size


def _member_blocks(entry: _Entry) -> Iterator[bytes]:
    """The content of a member. Damage shows itself in many ways; that of the disk is not the archive's."""
    try:
        with entry.open() as packed:
            while block := packed.read(BLOCK):
                yield block
    except _DAMAGED_MEMBER as error:
        if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
            raise
        params = {"format": "an archive", "reason": f"{entry.name}: {error}"}
        raise RejectionError(Finding("format-damaged", params=params)) from error


def pack_folder(folder: Path, target: Path) -> None:
    """A folder's files as a tar archive at ``target``, in the order of their names, without times and owners.

    So a folder is read like any archive, and gives the same sha256 as long as its files are the same. Hidden files and
    links are left out.
    """
    with tarfile.open(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in name.split("/")):
                continue
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            with path.open("rb") as file:
                archive.addfile(entry, file)
