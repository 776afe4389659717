"""The files of a version as a repository of Hugging Face's: README.md, a folder for each table, one for documents.

A part lies at ``{table}/train/0000.parquet``, as the Parquet copies do that Hugging Face itself keeps of a dataset
(https://huggingface.co/docs/dataset-viewer/parquet): "train" is what its clients call the only split of a table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.protocols.release import PartFile, Release, ReleasedTable

SPLIT = "train"
README = "README.md"
DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class RepoFile:
    """A file of the repository. ``sha256`` is set for files of the store, ``oid`` is git's name of a blob."""

    path: str
    size: int
    oid: str
    sha256: str = ""
    table: str = ""
    position: int = 0
    document: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    path: str
    oid: str


def folder_of(table: ReleasedTable) -> str:
    return f"{table.name}/{SPLIT}"


def path_of(table: ReleasedTable, part: PartFile) -> str:
    return f"{folder_of(table)}/{part.position:04d}.parquet"


def git_blob(data: bytes) -> str:
    """How git calls these bytes; it tells a changed file to clients, and protects nothing."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def files(release: Release, readme: bytes) -> list[RepoFile]:
    """Every file, by path."""
    found = [RepoFile(README, len(readme), git_blob(readme))]
    for table in release.tables:
        for part in table.parts:
            # What git would keep of a large file is a pointer, which its sha256 names as well.
            path = path_of(table, part)
            found.append(RepoFile(path, part.bytes, part.sha256[:40], part.sha256, table.name, part.position))
    for document in release.documents:
        path = f"{DOCUMENTS}/{document.name}"
        found.append(RepoFile(path, document.bytes, document.sha256[:40], document.sha256, document=document.name))
    return sorted(found, key=lambda file: file.path)


def below(found: list[RepoFile], folder: str, *, recursive: bool) -> list[RepoFile | Folder]:
    """What lies in a folder, or anywhere below it, folders first; empty where there is no such folder."""
    prefix = f"{folder}/" if folder else ""
    inside = [file for file in found if file.path.startswith(prefix)]
    folders = {name for file in inside for name in _folders(file.path, prefix)}
    if not recursive:
        inside = [file for file in inside if "/" not in file.path[len(prefix) :]]
        folders = {name for name in folders if "/" not in name[len(prefix) :]}
    return [*(_folder(name) for name in sorted(folders)), *inside]


def named(found: list[RepoFile], path: str) -> RepoFile | Folder | None:
    """The file or folder at a path; None where there is neither."""
    path = path.strip("/")
    for file in found:
        if file.path == path:
            return file
    return _folder(path) if any(file.path.startswith(f"{path}/") for file in found) else None


def _folder(path: str) -> Folder:
    return Folder(path, hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest())


def _folders(path: str, prefix: str) -> Iterator[str]:
    """The folders between a prefix and a file."""
    pieces = path.split("/")[:-1]
    for end in range(1, len(pieces) + 1):
        name = "/".join(pieces[:end])
        if len(name) > len(prefix.rstrip("/")):
            yield name
