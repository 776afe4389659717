"""Datasets, versions and files in the words of the Hugging Face Hub's API. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from catalog.licenses import get_license
from catalog.models import Access, Dataset, Version
from catalog.protocols.huggingface.layout import Folder, RepoFile, path_of
from catalog.protocols.release import Release

_GATED = {Access.RESTRICTED: "manual", Access.REGISTERED: "auto"}
_POINTER_BYTES = 134
"""What git-lfs' pointer to a file takes; clients want to see a number."""


def repository(dataset: Dataset, version: Version) -> dict[str, Any]:
    """A dataset in a list, by its latest version."""
    found = get_license(dataset.license)
    tags = [*([f"license:{found.id.lower()}"] if found else []), "format:parquet", "modality:tabular"]
    return {
        "_id": f"{dataset.pk:024x}",
        "id": f"{dataset.organization.slug}/{dataset.slug}",
        "author": dataset.organization.slug,
        "sha": version.manifest_sha256[:40],
        "createdAt": _time(dataset.created),
        "lastModified": _time(version.published_at),
        "private": dataset.access == Access.PRIVATE,
        "gated": _GATED.get(Access(dataset.access), False),
        "disabled": False,
        "description": dataset.title,
        "tags": [*tags, *dataset.keywords],
    }


def info(
    dataset: Dataset, version: Version, found: Sequence[RepoFile], card: dict[str, Any], *, blobs: bool
) -> dict[str, Any]:
    """One version with its files; ``blobs`` adds their sizes and hashes."""
    siblings = [{"rfilename": file.path, **(_blob(file) if blobs else {})} for file in found]
    return {**repository(dataset, version), "cardData": card, "siblings": siblings, "usedStorage": version.bytes}


def tree_item(entry: RepoFile | Folder, release: Release, *, expand: bool) -> dict[str, Any]:
    """A file or folder of a listing; ``expand`` adds the commit, which some ask for the time of a file."""
    item: dict[str, Any]
    if isinstance(entry, Folder):
        item = {"type": "directory", "path": entry.path, "size": 0, "oid": entry.oid}
    else:
        item = {"type": "file", "path": entry.path, "size": entry.size, "oid": entry.oid}
        if entry.sha256:
            item["lfs"] = {"oid": entry.sha256, "size": entry.size, "pointerSize": _POINTER_BYTES}
    if expand:
        item["lastCommit"] = {
            "id": release.commit,
            "title": f"Version {release.number}",
            "date": _time(release.published_at),
        }
    return item


def references(versions: Sequence[Version], latest: Version) -> dict[str, Any]:
    """The branch, and a tag for each version, newest first."""
    return {
        "branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": latest.manifest_sha256[:40]}],
        "tags": [
            {
                "name": f"v{version.number}",
                "ref": f"refs/tags/v{version.number}",
                "targetCommit": version.manifest_sha256[:40],
            }
            for version in versions
        ],
        "converts": [
            {"name": "parquet", "ref": "refs/convert/parquet", "targetCommit": latest.manifest_sha256[:40]},
        ],
    }


def commits(versions: Sequence[Version], author: str) -> list[dict[str, Any]]:
    """A commit for each version."""
    return [
        {
            "id": version.manifest_sha256[:40],
            "title": f"Version {version.number}",
            "message": version.note,
            "date": _time(version.published_at),
            "authors": [{"user": author}],
        }
        for version in versions
    ]


def parquet_urls(release: Release, base: str) -> dict[str, dict[str, list[str]]]:
    """The addresses of the Parquet files by table and split; ``base`` is that of the repository's files."""
    return {
        table.name: {"train": [f"{base}/{path_of(table, part)}" for part in table.parts]} for table in release.tables
    }


def _blob(file: RepoFile) -> dict[str, Any]:
    blob: dict[str, Any] = {"size": file.size, "blobId": file.oid}
    if file.sha256:
        blob["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": _POINTER_BYTES}
    return blob


def _time(moment: datetime | None) -> str | None:
    """As the Hub writes a time: in UTC, to the millisecond."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
