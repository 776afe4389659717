"""The media type of a document, by its first bytes. The name only decides what the bytes leave open.

Nothing is unpacked or parsed: whatever the bytes are, they are only looked at.
"""

from __future__ import annotations

from pathlib import PurePath

from ingest.files.formats import is_text

OPAQUE = "application/octet-stream"
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {b"avif": "image/avif", b"heic": "image/heic", b"mif1": "image/heif", b"M4A ": "audio/mp4"}
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<svg", "image/svg+xml"),
)
# What a package of Office is, is inside of it: the name is believed where the bytes are those of such a package.
_PACKAGES = {
    ".docx": f"{_OPEN_XML}wordprocessingml.document",
    ".xlsx": f"{_OPEN_XML}spreadsheetml.sheet",
    ".pptx": f"{_OPEN_XML}presentationml.presentation",
    ".docm": "application/vnd.ms-word.document.macroenabled.12",
    ".xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
}
_OLD_OFFICE = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
}
_TEXTS = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".tex": "application/x-tex",
    ".html": "text/html",
    ".htm": "text/html",
    ".svg": "image/svg+xml",
    ".js": "text/javascript",
}


def document_type(head: bytes, filename: str) -> str:
    """The media type of a file that begins with ``head`` (``HEAD_BYTES`` of it, or all)."""
    suffix = PurePath(filename).suffix.lower()
    if found := _container(head, suffix):
        return found
    # A text may begin with the letters of a mark; a binary file has control characters soon after them.
    text = is_text(head)
    for start, found in _STARTS:
        if head.startswith(start) and not (text and start.isalnum()):
            return found
    return _text(head, suffix) if text else OPAQUE


def _container(head: bytes, suffix: str) -> str:
    """What a file is that may hold many kinds of things; "" for any other."""
    if head.startswith(b"PK\x03\x04"):
        return _package(head, suffix)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _OLD_OFFICE.get(suffix, "application/x-ole-storage")
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], OPAQUE)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    return ""


def _package(head: bytes, suffix: str) -> str:
    """What a zip archive is, by its first member: Office's list of parts, or OpenDocument's and EPUB's own type."""
    length = int.from_bytes(head[26:28], "little")
    extra = int.from_bytes(head[28:30], "little")
    name = head[30 : 30 + length]
    if name == b"mimetype" and head[8:10] == b"\x00\x00":
        said = head[30 + length + extra :][: int.from_bytes(head[18:22], "little")][:100]
        if said.startswith(_OPEN_DOCUMENT.encode()) or said == b"application/epub+zip":
            return said.decode("ascii", "replace").strip()
    if name in {b"[Content_Types].xml", b"_rels/.rels"} or name.startswith((b"word/", b"xl/", b"ppt/", b"docProps/")):
        return _PACKAGES.get(suffix, "application/zip")
    return "application/zip"


def _text(head: bytes, suffix: str) -> str:
    lowered = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024].lower()
    for start, found in _MARKUP:
        if lowered.startswith(start):
            return found
    if lowered.startswith(b"<?xml"):
        inside = next((found for start, found in _MARKUP if start in lowered), "application/xml")
        return "application/xhtml+xml" if inside == "text/html" else inside
    return _TEXTS.get(suffix, "text/plain")
