"""What a file is, by its first bytes. The name only decides what the bytes leave open."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path

from catalog.findings import Finding
from ingest.encoding import detect_mark
from ingest.outcome import RejectionError

HEAD_BYTES = 64 << 10


class Format(StrEnum):
    """The formats that have a reader."""

    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    XLSX = "xlsx"
    PARQUET = "parquet"
    ZIP = "zip"
    GZIP = "gz"


# Bytes at the beginning and what they mean, for what is not a table (or not one that is read).
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (such as .xls)"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ARROW1\x00\x00", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    (b"CDF\x01", "a NetCDF file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"{\\rtf", "an RTF document"),
    (b"$FL2", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"HEADER RECORD***", "a SAS transport file"),
)
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<?xml", "an XML document"),
    (b"<svg", "an SVG picture"),
    (b"<!doctype", "an XML document"),
    (b"<rss", "an XML document"),
)
_PROMISES = {
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".gz": Format.GZIP,
    ".zip": Format.ZIP,
}
_WORDS = {
    Format.XLSX: "an Excel workbook",
    Format.PARQUET: "Parquet",
    Format.GZIP: "gzip",
    Format.ZIP: "a zip archive",
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
    for start, words in _FOREIGN:
        if head.startswith(start):
            raise RejectionError(Finding("format-not-supported", params={"detected": words}))
    lowered = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    for start, words in _MARKUP:
        if lowered.startswith(start):
            raise RejectionError(Finding("format-not-supported", params={"detected": words}))
    promised = _PROMISES.get(suffix)
    if promised is not None and not _is_text(head):
        reason = "it does not begin as one does"
        raise RejectionError(Finding("format-damaged", params={"format": _WORDS[promised], "reason": reason}))
    if not _is_text(head):
        raise RejectionError(Finding("format-not-supported", params={"detected": "binary data"}))
    return _text_format(lowered, suffix)


def _binary_format(path: Path, head: bytes) -> Format | None:
    if head.startswith(b"\x1f\x8b"):
        return Format.GZIP
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    return None


def _zip_kind(path: Path) -> Format:
    """A workbook, another Office document or an archive of files."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        params = {
            "format": "a zip archive or workbook",
            "reason": str(error) or "its directory can't be read",
        }
        raise RejectionError(Finding("format-damaged", params=params)) from error
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return Format.XLSX
    if "[Content_Types].xml" in names or "mimetype" in names:
        if "content.xml" in names:
            raise RejectionError(Finding("format-not-supported", params={"detected": "an OpenDocument file"}))
        raise RejectionError(Finding("format-not-supported", params={"detected": "an Office document without a sheet"}))
    return Format.ZIP


def _is_text(head: bytes) -> bool:
    """Text has hardly any control characters, but for a few NUL bytes and the wide encodings."""
    if detect_mark(head) in {"utf-16", "utf-32"}:
        return True
    pairs = max(len(head) // 2, 1)
    if max(head[0::2].count(0), head[1::2].count(0)) > 0.4 * pairs:
        return min(head[0::2].count(0), head[1::2].count(0)) < 0.05 * pairs
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
