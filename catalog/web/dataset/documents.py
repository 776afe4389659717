"""Documents of a version as pages list them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import Document

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_TYPES: Mapping[str, Promise | str] = {
    "application/pdf": "PDF",
    f"{_OPEN_XML}wordprocessingml.document": _("Word document"),
    "application/msword": _("Word document"),
    f"{_OPEN_XML}spreadsheetml.sheet": _("Workbook"),
    f"{_OPEN_DOCUMENT}spreadsheet": _("Workbook"),
    "application/vnd.ms-excel": _("Workbook"),
    f"{_OPEN_XML}presentationml.presentation": _("Presentation"),
    f"{_OPEN_DOCUMENT}presentation": _("Presentation"),
    "application/vnd.ms-powerpoint": _("Presentation"),
    f"{_OPEN_DOCUMENT}text": _("OpenDocument text"),
    "text/html": _("Web page"),
    "application/xhtml+xml": _("Web page"),
    "text/plain": _("Text"),
    "text/markdown": "Markdown",
    "application/zip": "ZIP",
    "application/epub+zip": "EPUB",
    "application/json": "JSON",
    "text/csv": "CSV",
}
_FAMILIES: Mapping[str, Promise] = {
    "image": _("Picture"),
    "audio": _("Sound"),
    "video": _("Film"),
}


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """``href`` is empty where the reader may not have the bytes."""

    document: Document
    type: str
    href: str


def shown_documents(documents: Iterable[Document], *, api: str, is_served: bool) -> list[ShownDocument]:
    """Documents with their addresses; ``api`` is that of their version."""
    return [ShownDocument(item, type_words(item), f"{api}/{item.address}" if is_served else "") for item in documents]


def type_words(document: Document) -> str:
    """The kind of file in a word or two, by its media type; what has no word is called by its suffix."""
    if found := _TYPES.get(document.media_type):
        return str(found)
    family, _slash, kind = document.media_type.partition("/")
    if family in _FAMILIES:
        return f"{_FAMILIES[family]} ({kind.removesuffix('+xml').upper()})"
    return PurePath(document.name).suffix.removeprefix(".").upper()[:8] or "–"
