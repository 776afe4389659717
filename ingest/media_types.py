"""File names that can become tables, and the media type of each. What a file really is, the worker finds out."""

from __future__ import annotations

from pathlib import PurePath

_BY_SUFFIX: dict[str, str] = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".txt": "text/plain",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".gz": "application/gzip",
    ".zip": "application/zip",
}
# What people try and what can't hold a table: told before a byte travels.
_REFUSED: dict[str, str] = {
    ".docx": "a Word document",
    ".doc": "a Word document",
    ".pdf": "a PDF",
    ".pptx": "a presentation",
    ".exe": "a program",
    ".jpg": "a picture",
    ".jpeg": "a picture",
    ".png": "a picture",
    ".mp4": "a film",
    ".rar": "a RAR archive",
    ".7z": "a 7-Zip archive",
    ".html": "a web page",
    ".htm": "a web page",
}
SUPPORTED = "CSV, TSV, NDJSON, JSON, XLSX and Parquet (CSV, TSV and NDJSON also as .gz, several tables as .zip)"


def media_type_of(filename: str) -> str:
    """The media type by the last suffix; ``application/octet-stream`` for an unknown one."""
    return _BY_SUFFIX.get(PurePath(filename).suffix.lower(), "application/octet-stream")


def refusal_of(filename: str) -> str | None:
    """What the file is, when its name says that it can't be a table; None when it may be one."""
    return _REFUSED.get(PurePath(filename).suffix.lower())
