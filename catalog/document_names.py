"""What a document is called: a file name that is safe in every folder, archive and address."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from django.utils.translation import gettext as _

from catalog.errors import Invalid

MAX_BYTES = 200
"""Of a name in UTF-8: file systems take 255, and some put something before it."""
_UNSAFE = re.compile(r'[\\/:*?"<>|]')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)


def document_name(filename: str) -> str:
    """The last segment of what its owner calls the file, without what some system can't have in a name.

    Raises Invalid where nothing is left, and for ``.parquet``: the files of tables are called so.
    """
    name = PureWindowsPath(PurePosixPath(filename).name).name
    # Signs that can't be seen (also those that turn the direction of a text) make a name say what it is not.
    name = "".join(sign for sign in unicodedata.normalize("NFC", name) if sign.isprintable())
    name = " ".join(_UNSAFE.sub("_", name).split()).strip(". ")
    if not name:
        raise Invalid(fields={"filename": [_("The file needs a name.")]})
    if PurePath(name).suffix.lower() == ".parquet":
        raise Invalid(
            fields={"filename": [_("A Parquet file is a table and no document.")]}, remedy=_("Upload it as a table.")
        )
    if name.partition(".")[0].strip().lower() in _DEVICES:
        name = f"_{name}"
    return _shortened(name)


def may_be_called(filename: str) -> bool:
    """Whether a document may have this name, or what becomes of it."""
    try:
        document_name(filename)
    except Invalid:
        return False
    return True


def _shortened(name: str) -> str:
    """The name in at most so many bytes; the suffix stays, since it says what to open the file with."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    suffix = PurePath(name).suffix
    if len(suffix.encode()) > 20:
        suffix = ""
    stem = name.removesuffix(suffix).encode()[: MAX_BYTES - len(suffix.encode())].decode(errors="ignore")
    return f"{stem.rstrip('. ')}{suffix}"
