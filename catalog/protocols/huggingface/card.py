"""The README.md of a version, as Hugging Face's ``datasets`` needs it: a card with the columns' types in its head.

Without the types a table whose files differ in their columns can't be loaded (`CastError`); with them, what a file
lacks is filled with nulls. Pure functions of a release: the same version has the same card for ever.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from catalog.protocols.huggingface.layout import DOCUMENTS, SPLIT, folder_of
from catalog.protocols.release import Column, DocumentFile, Release, ReleasedTable
from catalog.types import hugging_face_feature

# What YAML does not take as it stands in quotes, or takes for the end of a line.
_ESCAPED = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
_TABLES_SHOWN = 50


def card(release: Release) -> bytes:
    """The whole file."""
    head = "\n".join(f"{key}: {_yaml(value)}" for key, value in card_data(release).items())
    return f"---\n{head}\n---\n\n{_body(release)}".encode()


def card_data(release: Release) -> dict[str, Any]:
    """The head of the card as values."""
    rows = sum(table.rows for table in release.tables)
    data: dict[str, Any] = {"pretty_name": release.title}
    if release.license is not None:
        data["license"] = release.license.id.lower()
    return {
        **data,
        "tags": [*release.keywords, "commonfield"],
        "size_categories": [next((name for limit, name in _SIZES if rows < limit), "n>10M")],
        "configs": [_config(table) for table in release.tables],
        "dataset_info": [_info(table) for table in release.tables],
    }


def features(table: ReleasedTable) -> list[dict[str, Any]] | None:
    """The table's columns as ``dataset_info.features``; None where ``datasets`` has no word for one of them."""
    found = [(column, hugging_face_feature(column.type)) for column in table.columns]
    if any(feature is None for _, feature in found):
        return None
    return [{"name": column.name, **feature} for column, feature in found if feature is not None]


def _config(table: ReleasedTable) -> dict[str, Any]:
    return {"config_name": table.name, "data_files": [{"split": SPLIT, "path": f"{folder_of(table)}/*.parquet"}]}


def _info(table: ReleasedTable) -> dict[str, Any]:
    info: dict[str, Any] = {"config_name": table.name}
    if (types := features(table)) is not None:
        info["features"] = types
    return {
        **info,
        "splits": [{"name": SPLIT, "num_bytes": table.bytes, "num_examples": table.rows}],
        "download_size": table.bytes,
        "dataset_size": table.bytes,
    }


def _body(release: Release) -> str:
    lines = [f"# {_one_line(release.title)}", ""]
    if release.description:
        lines += [release.description, ""]
    for title, said in (("Methods", release.methods), ("Known limits", release.known_limits)):
        if said:
            lines += [f"## {title}", "", said, ""]
    said = f"Version {release.number} of [{release.id}]({release.page}), published {release.published_at:%Y-%m-%d} by"
    lines += [f"{said} {_one_line(release.publisher)}. Its manifest's sha256 is `{release.manifest_sha256}`.", ""]
    if release.license is not None:
        lines += [f"Licence: [{release.license.name}]({release.license.url}).", ""]
    for table in release.tables[:_TABLES_SHOWN]:
        lines += [f"## {table.name}", "", f"{table.rows:,} rows. {_one_line(table.title)}".strip(), ""]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        lines += [_row(column) for column in table.columns]
        lines.append("")
    if release.documents:
        lines += ["## Documents", "", *(_document(document) for document in release.documents), ""]
    lines += ["## Citation", "", release.citation, ""]
    return "\n".join(lines)


def _document(document: DocumentFile) -> str:
    said = ": ".join(_one_line(text) for text in (document.title, document.description) if text)
    return f"- [`{document.name}`](<{DOCUMENTS}/{quote(document.name)}>) {said}".rstrip()


def _row(column: Column) -> str:
    cells = (column.name, str(column.field.get("arrow") or column.field.get("type", "")), column.description)
    return f"| {' | '.join(_one_line(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _yaml(value: Any) -> str:
    """A value in YAML's flow style, which JSON is, but for a few characters that YAML wants escaped."""
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
