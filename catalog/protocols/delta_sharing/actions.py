"""A table as Delta Sharing tells it: protocol, metadata and files, each a line of JSON, in either response format.

Pure functions. The formats are those of https://github.com/delta-io/delta-sharing/blob/main/PROTOCOL.md: "parquet",
which every client reads, and "delta", whose actions are those of a Delta log.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext

from catalog.protocols.parameters import ParameterInvalid
from catalog.types import ArrowType, has_local_time, spark_struct

Format = Literal["parquet", "delta"]
Change = Literal["add", "remove"]
NTZ = "timestampntz"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a client says that it reads: the format that it is answered in, and Delta's reader features."""

    format: Format = "parquet"
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What the metadata say of a table of one version. ``created`` is in milliseconds."""

    id: uuid.UUID
    name: str
    description: str
    columns: tuple[tuple[str, ArrowType], ...]
    comments: dict[str, str]
    number: str
    sequence: int
    created: int
    bytes: int
    files: int

    @property
    def has_local_time(self) -> bool:
        return any(has_local_time(kind) for _, kind in self.columns)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a table. ``id`` is the same as long as its content is; ``url`` is good until ``expires`` (ms)."""

    id: str
    url: str
    expires: int
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """What happened to a file in a version, which was published at ``timestamp`` (ms)."""

    change: Change
    file: File
    sequence: int
    timestamp: int


def read_capabilities(header: str) -> Capabilities:
    """The header delta-sharing-capabilities: ``responseformat=delta,parquet;readerfeatures=a,b``.

    Parquet is answered to whoever reads it: its files need no Delta log, and the client opens them directly.
    """
    said: dict[str, list[str]] = {}
    for pair in header.lower().split(";"):
        key, _, values = pair.partition("=")
        said[key.strip()] = [value.strip() for value in values.split(",") if value.strip()]
    formats = said.get("responseformat", ["parquet"])
    only_delta = "delta" in formats and "parquet" not in formats
    return Capabilities("delta" if only_delta else "parquet", frozenset(said.get("readerfeatures", ())))


def answer_header(capabilities: Capabilities) -> str:
    """What is said of the format in the answer."""
    return f"responseformat={capabilities.format}"


def require_readable(facts: TableFacts, capabilities: Capabilities) -> None:
    """Raises ParameterInvalid where the client does not say that it reads what the table needs."""
    if capabilities.format == "delta" and facts.has_local_time and NTZ not in capabilities.features:
        raise ParameterInvalid(
            gettext(
                "The table has moments without a zone, and your client does not name the reader feature timestampntz."
            ),
            remedy=gettext("Ask for responseformat=parquet, or use a client that reads timestamp_ntz."),
        )


def protocol_line(facts: TableFacts, capabilities: Capabilities) -> str:
    """The first line."""
    if capabilities.format == "parquet":
        return _line({"protocol": {"minReaderVersion": 1}})
    found: dict[str, Any] = {"minReaderVersion": 1, "minWriterVersion": 4}
    if facts.has_local_time:
        features = {"readerFeatures": ["timestampNtz"], "writerFeatures": ["timestampNtz", "changeDataFeed"]}
        found = {"minReaderVersion": 3, "minWriterVersion": 7, **features}
    return _line({"protocol": {"deltaProtocol": found}})


def metadata_line(facts: TableFacts, capabilities: Capabilities, *, since: int | None = None) -> str:
    """The second line. In a change feed it counts from the version ``since``, with which the feed begins."""
    is_delta = capabilities.format == "delta"
    schema = spark_struct(facts.columns, ntz=is_delta, comments=facts.comments)
    configuration = {"commonfield.version": facts.number}
    table: dict[str, Any] = {
        "id": str(facts.id),
        "name": facts.name,
        "description": facts.description,
        "format": {"provider": "parquet", **({"options": {}} if is_delta else {})},
        "schemaString": json.dumps(schema, ensure_ascii=False, separators=(",", ":")),
        "partitionColumns": [],
    }
    sizes: dict[str, Any] = {"size": facts.bytes, "numFiles": facts.files}
    if since is not None:
        sizes["version"] = since
    if is_delta:
        configuration["delta.enableChangeDataFeed"] = "true"
        deltas = {**table, "configuration": configuration, "createdTime": facts.created}
        return _line({"metaData": {**sizes, "deltaMetadata": deltas}})
    configuration["enableChangeDataFeed"] = "true"
    return _line({"metaData": {**table, "configuration": configuration, **sizes}})


def file_line(file: File, capabilities: Capabilities, *, created: int) -> str:
    """A file of a snapshot. ``created`` (ms) is when its version was published."""
    if capabilities.format == "parquet":
        return _line({"file": _plain(file)})
    action = {"add": _delta_add(file, modified=created)}
    return _line({"file": {"id": file.id, "expirationTimestamp": file.expires, "deltaSingleAction": action}})


def change_line(change: FileChange, capabilities: Capabilities) -> str:
    """A file that came or went in a version: all its rows were inserted, or deleted."""
    file, place = change.file, {"version": change.sequence, "timestamp": change.timestamp}
    if capabilities.format == "parquet":
        return _line({change.change: {**_plain(file), **place}})
    if change.change == "add":
        action: dict[str, Any] = {"add": _delta_add(file, modified=change.timestamp)}
    else:
        gone = {"path": file.url, "deletionTimestamp": change.timestamp, "dataChange": True}
        action = {"remove": {**gone, "extendedFileMetadata": True, "partitionValues": {}, "size": file.bytes}}
    known = {"id": file.id, "expirationTimestamp": file.expires, **place}
    return _line({"file": {**known, "deltaSingleAction": action}})


def enough_files(files: Sequence[File], limit: int | None) -> Sequence[File]:
    """The first files that hold ``limit`` rows; all where there is no limit."""
    if limit is None:
        return files
    chosen, rows = [], 0
    for file in files:
        if rows >= limit:
            break
        chosen.append(file)
        rows += file.rows
    return chosen


def file_ids(contents: Iterable[str]) -> Iterator[str]:
    """Ids of files by their sha256; a content that stands twice in a table has a second one."""
    seen: Counter[str] = Counter()
    for sha256 in contents:
        seen[sha256] += 1
        yield sha256[:32] if seen[sha256] == 1 else f"{sha256[:32]}-{seen[sha256]}"


def _plain(file: File) -> dict[str, Any]:
    return {
        "url": file.url,
        "id": file.id,
        "partitionValues": {},
        "size": file.bytes,
        "stats": json.dumps({"numRecords": file.rows}),
        "expirationTimestamp": file.expires,
    }


def _delta_add(file: File, *, modified: int) -> dict[str, Any]:
    return {
        "path": file.url,
        "partitionValues": {},
        "size": file.bytes,
        "modificationTime": modified,
        "dataChange": True,
        "stats": json.dumps({"numRecords": file.rows}),
    }


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
