"""What a file is, by its first bytes. The name only decides what the bytes leave open."""

from __future__ import annotations

import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from catalog.findings import Finding
from ingest.files.foreign import OLD_OFFICE, foreign_markup, foreign_package, foreign_start
from ingest.files.unpack import check_directory
from ingest.outcome import RejectionError
from ingest.text.encoding import detect_mark, unmarked_wide

HEAD_BYTES = 64 << 10
OLE_BYTES = 4 << 20


class Format(StrEnum):
    """The formats that have a reader, and the ones that others are packed in."""

    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    PARQUET = "parquet"
    ARROW = "arrow"
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gz"
    BZIP2 = "bz2"
    XZ = "xz"
    ZSTD = "zst"


SINGLE = frozenset({Format.GZIP, Format.BZIP2, Format.XZ, Format.ZSTD})
ARCHIVES = frozenset({Format.ZIP, Format.TAR})
WORKBOOKS = frozenset({Format.XLSX, Format.XLSB, Format.XLS, Format.ODS})

_STARTS: tuple[tuple[bytes, Format], ...] = (
    (b"\x1f\x8b", Format.GZIP),
    (b"BZh", Format.BZIP2),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x28\xb5\x2f\xfd", Format.ZSTD),
    (b"PAR1", Format.PARQUET),
    (b"ARROW1\x00\x00", Format.ARROW),
    (b"FEA1", Format.ARROW),
    # A stream of Arrow's messages begins with the schema's: a marker and its length, four small bytes.
    (b"\xff\xff\xff\xff", Format.ARROW),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROMISES = {
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".xlsb": Format.XLSB,
    ".xls": Format.XLS,
    ".ods": Format.ODS,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".arrow": Format.ARROW,
    ".feather": Format.ARROW,
    ".ipc": Format.ARROW,
    ".gz": Format.GZIP,
    ".bz2": Format.BZIP2,
    ".xz": Format.XZ,
    ".zst": Format.ZSTD,
    ".zip": Format.ZIP,
    ".tar": Format.TAR,
}
_WORDS = {
    Format.XLSX: "an Excel workbook",
    Format.XLSB: "an Excel workbook",
    Format.XLS: "an Excel workbook",
    Format.ODS: "an OpenDocument spreadsheet",
    Format.PARQUET: "Parquet",
    Format.ARROW: "Arrow",
    Format.GZIP: "gzip",
    Format.BZIP2: "bzip2",
    Format.XZ: "xz",
    Format.ZSTD: "Zstandard",
    Format.ZIP: "a zip archive",
    Format.TAR: "a tar archive",
}
_JSON_NAMES = {".json", ".geojson", ".ndjson", ".jsonl"}


def detect_format(path: Path, filename: str) -> Format:
    """The format of the file at ``path``, which its owner calls ``filename``.

    Raises RejectionError for an empty file, for what is no table and for what is not what it claims to be.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise RejectionError(Finding("empty-file"))
    suffix = Path(filename.lower()).suffix
    found = _binary_format(path, head)
    if found is not None:
        return found
    lowered = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    if foreign := foreign_start(head, is_text=is_text(head)) or foreign_markup(lowered):
        raise RejectionError(foreign.finding())
    promised = _PROMISES.get(suffix)
    if promised is not None and not is_text(head):
        reason = "it does not begin as one does"
        raise RejectionError(Finding("format-damaged", params={"format": _WORDS[promised], "reason": reason}))
    if not is_text(head):
        raise RejectionError(Finding("format-not-supported", params={"detected": "binary data"}))
    return _text_format(lowered, suffix)


def _binary_format(path: Path, head: bytes) -> Format | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if head.startswith(_OLE):
        return _ole_kind(path)
    if head[257:262] == b"ustar":
        return Format.TAR
    found = next((kind for start, kind in _STARTS if head.startswith(start)), None)
    # Bzip2 says its block size behind its letters; a text may begin with these letters.
    if found is Format.BZIP2 and not (head[3:4].isdigit() and head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}):
        return None
    return found


def _ole_kind(path: Path) -> Format:
    """Old Office documents are file systems in a file: a workbook is a stream of the name Workbook or Book."""
    with path.open("rb") as file:
        data = file.read(OLE_BYTES)
        file.seek(max(path.stat().st_size - OLE_BYTES, 0))
        data += file.read()
    if any(name.encode("utf-16-le") + b"\0\0" in data for name in ("Workbook", "Book")):
        return Format.XLS
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise RejectionError(Finding("archive-locked", value=path.name))
    raise RejectionError(OLD_OFFICE.finding())


def _zip_kind(path: Path) -> Format:
    """A workbook, another Office document or an archive of files."""
    check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:100] if "mimetype" in names and not _is_large(archive, "mimetype") else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error) as error:
        params = {
            "format": "a zip archive or workbook",
            "reason": str(error) or "its directory can't be read",
        }
        raise RejectionError(Finding("format-damaged", params=params)) from error
    if "xl/workbook.bin" in names:
        return Format.XLSB
    if "xl/workbook.xml" in names:
        return Format.XLSX
    if "content.xml" in names and b"spreadsheet" in kind:
        return Format.ODS
    if "[Content_Types].xml" in names or kind:
        raise RejectionError(foreign_package(names).finding())
    return Format.ZIP


def _is_large(archive: zipfile.ZipFile, name: str) -> bool:
    return archive.getinfo(name).file_size > HEAD_BYTES


def is_text(head: bytes) -> bool:
    """Text has hardly any control characters, but for a few NUL bytes and the wide encodings."""
    if detect_mark(head) in {"utf-16", "utf-32"} or unmarked_wide(head):
        return True
    controls = sum(head.count(bytes([code])) for code in range(32) if code not in {7, 8, 9, 10, 11, 12, 13, 26, 27, 31})
    return controls <= max(4, len(head) // 200)


def _text_format(start: bytes, suffix: str) -> Format:
    if suffix in _JSON_NAMES:
        return Format.JSON
    if start.startswith((b"{", b"[{", b"[\n", b"[ ")) or (
        start[:1] == b"[" and start[1:].lstrip()[:1] in {b"{", b"]", b"["}
    ):
        return Format.JSON
    return Format.TSV if suffix in {".tsv", ".tab"} else Format.CSV
