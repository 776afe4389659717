"""The files of a release under names of their own: as in a folder that holds all of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.protocols.release import Release


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file with its place in such a folder."""

    path: str
    url: str
    sha256: str
    bytes: int
    table: str
    kind: str
    position: int
    rows: int | None


def named_files(release: Release) -> Iterator[NamedFile]:
    """Parquet files at the top, what a table was made of in ``originals/{table}/``, documents in ``documents/``.

    A document is of no table: its ``table`` is "".
    """
    for table in release.tables:
        for part in table.parts:
            yield NamedFile(
                part.name, part.url, part.sha256, part.bytes, table.name, "parquet", part.position, part.rows
            )
        names = [original.name for original in table.originals]
        for original in table.originals:
            # Two files of one name get their places before it.
            name = original.name if names.count(original.name) == 1 else f"{original.position:03d}-{original.name}"
            path = f"originals/{table.name}/{name.replace('/', '_')}"
            yield NamedFile(
                path, original.url, original.sha256, original.bytes, table.name, "original", original.position, None
            )
    yield from document_files(release)


def document_files(release: Release) -> Iterator[NamedFile]:
    """The documents alone."""
    for position, document in enumerate(release.documents):
        path = f"documents/{document.name}"
        yield NamedFile(path, document.url, document.sha256, document.bytes, "", "document", position, None)


def registry(release: Release) -> str:
    """A registry of pooch's (https://www.fatiando.org/pooch/latest/registry-files.html): name, hash and address."""
    lines = [f"# {release.id} {release.number}, manifest sha256:{release.manifest_sha256}"]
    lines += [f"{shlex.quote(file.path)} sha256:{file.sha256} {file.url}" for file in named_files(release)]
    return "\n".join(lines) + "\n"
