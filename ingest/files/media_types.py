"""File names that can become tables, and the media type of each. What a file really is, the worker finds out."""

from __future__ import annotations

from pathlib import PurePath

from django.utils.translation import gettext_noop

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
    ".xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".arrow": "application/vnd.apache.arrow.file",
    ".feather": "application/vnd.apache.arrow.file",
    ".gz": "application/gzip",
    ".tgz": "application/gzip",
    ".bz2": "application/x-bzip2",
    ".xz": "application/x-xz",
    ".zst": "application/zstd",
    ".tar": "application/x-tar",
    ".zip": "application/zip",
}
# What people try and what can't hold a table: told before a byte travels.
_REFUSED: dict[str, str] = {
    ".docx": gettext_noop("a Word document"),
    ".doc": gettext_noop("a Word document"),
    ".pdf": gettext_noop("a PDF"),
    ".pptx": gettext_noop("a presentation"),
    ".exe": gettext_noop("a program"),
    ".jpg": gettext_noop("a picture"),
    ".jpeg": gettext_noop("a picture"),
    ".png": gettext_noop("a picture"),
    ".mp4": gettext_noop("a film"),
    ".rar": gettext_noop("a RAR archive"),
    ".7z": gettext_noop("a 7-Zip archive"),
    ".html": gettext_noop("a web page"),
    ".htm": gettext_noop("a web page"),
}
SUPPORTED = gettext_noop(
    "CSV and its kin, JSON and NDJSON, XLSX, XLS and ODS, Parquet and Arrow "
    "(each also as .gz, .bz2, .xz or .zst, several tables as .zip or .tar)"
)


def media_type_of(filename: str) -> str:
    """The media type by the last suffix; ``application/octet-stream`` for an unknown one."""
    return _BY_SUFFIX.get(PurePath(filename).suffix.lower(), "application/octet-stream")


def suffix_of(media_type: str) -> str:
    """The suffix that a file of this media type has; empty for one that is not known."""
    return next((suffix for suffix, known in _BY_SUFFIX.items() if known == media_type.lower()), "")


def refusal_of(filename: str) -> str | None:
    """What the file is, when its name says that it can't be a table; None when it may be one."""
    return _REFUSED.get(PurePath(filename).suffix.lower())
