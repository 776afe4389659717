"""Unpacking gzip files and zip archives, with an eye on how much comes out of how little."""

from __future__ import annotations

import errno
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isal import igzip, isal_zlib

from catalog.findings import Finding
from ingest.limits import Limits
from ingest.outcome import RejectionError

BLOCK = 1 << 20
# The package's own annotations leave these two out.
_open_gzip: Any = igzip.open
_DAMAGED_MEMBER = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
_DAMAGED: Any = (igzip.BadGzipFile, zlib.error, isal_zlib.error)

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


def unpack_gzip(path: Path, target: Path, limits: Limits, on_bytes: Callable[[int], None]) -> Path:
    """The content of a gzip file, written to ``target``; ``on_bytes`` hears how much of the file was read.

    Raises RejectionError when it is cut off, damaged or unpacks to too much.
    """
    counter = _Counter(path.stat().st_size, limits)
    try:
        with path.open("rb") as raw, _open_gzip(raw, "rb") as packed, target.open("wb") as out:
            while block := packed.read(BLOCK):
                counter.add(len(block))
                out.write(block)
                on_bytes(raw.tell())
    except EOFError as error:
        params = {"format": "gzip", "reason": "the end of the compressed data is missing"}
        raise RejectionError(Finding("file-truncated", params=params)) from error
    except _DAMAGED as error:
        params = {"format": "gzip", "reason": str(error)}
        raise RejectionError(Finding("format-damaged", params=params)) from error
    return target


def unpack_zip(
    path: Path, folder: Path, limits: Limits, on_bytes: Callable[[int], None]
) -> tuple[list[Member], list[Finding]]:
    """The members of an archive that may hold tables, unpacked into ``folder`` under numbers.

    Also a finding for each member that was left out. ``on_bytes`` hears how far in the archive it is.
    Raises RejectionError when a member's name leads out of the archive, or it is locked, damaged or unpacks to
    too much.
    """
    members: list[Member] = []
    findings: list[Finding] = []
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > limits.max_members:
            params = {"limit": f"{limits.max_members} members", "ratio": len(entries)}
            raise RejectionError(Finding("archive-too-large", params=params))
        for entry in entries:
            _check_entry(entry)
        counter = _Counter(path.stat().st_size, limits)
        for number, entry in enumerate(entries):
            if _NOT_DATA.search(entry.filename):
                params = {"reason": "it is no table by its name"}
                findings.append(Finding("members-not-read", value=entry.filename, params=params))
                continue
            target = folder / f"member-{number:03}{Path(entry.filename).suffix[:8]}"
            for size in _extract(archive, entry, target, counter):
                on_bytes(entry.header_offset + min(size, entry.compress_size))
            members.append(Member(entry.filename, target))
    return members, findings


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or re.match(r"^[A-Za-z]:", name) or ".." in posixpath.normpath(name).split("/"):
        raise RejectionError(Finding("archive-unsafe", value=entry.filename))
    if entry.flag_bits & 0x1:
        raise RejectionError(Finding("archive-locked", value=entry.filename))


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, counter: _Counter) -> Iterator[int]:
    """Write a member to ``target``, and tell its size so far after each block."""
    size = 0
    with target.open("wb") as out:
        for block in _member_blocks(archive, entry):
            counter.add(len(block))
            size += out.write(block)
            yield size


def _member_blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a member. Damage shows itself in many ways; that of the disk is not the archive's."""
    try:
        with archive.open(entry) as packed:
            while block := packed.read(BLOCK):
                yield block
    except _DAMAGED_MEMBER as error:
        if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
            raise
        params = {"format": "a zip archive", "reason": f"{entry.filename}: {error}"}
        raise RejectionError(Finding("format-damaged", params=params)) from error
