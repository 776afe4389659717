"""What came out of a cell, looked at before it is used: a parser that was taken over may claim anything.

The worker stores files by the paths and under the hashes that stand in an outcome. A path out of the cell's folder
would publish another's file, and a false hash would overwrite another's bytes, also those of a published version.
"""

from __future__ import annotations

import stat
from pathlib import Path

from catalog.hashes import sha256_of_file
from catalog.sandbox.codec import NotOfType
from catalog.slugs import SLUG
from ingest.outcome import ConvertedPart, ConvertedResource, FindingReport, Outcome, Rejected


def inspect(outcome: Outcome, *, workdir: Path, sha256: str, size: int) -> None:
    """Raises NotOfType unless all that the outcome names lies in ``workdir`` and is what it is said to be.

    ``sha256`` and ``size`` are the source's as the worker knows them.
    """
    if (outcome.sha256, outcome.size) != (sha256, size):
        raise NotOfType("the outcome is about another file")
    _inspect_report(outcome.findings, workdir)
    if isinstance(outcome, Rejected):
        return
    names = [resource.name for resource in outcome.resources]
    if not names or len(set(names)) != len(names):
        raise NotOfType("tables without a name of their own")
    for resource in outcome.resources:
        _inspect_resource(resource, workdir)


def _inspect_resource(resource: ConvertedResource, workdir: Path) -> None:
    if not SLUG.fullmatch(resource.name):
        raise NotOfType(f"a table called {resource.name!r:.80}")
    if resource.rows != sum(part.rows for part in resource.parts) or not resource.parts:
        raise NotOfType("rows that are not in the parts")
    for part in resource.parts:
        _inspect_part(part, workdir)
    _inspect_report(resource.findings, workdir)


def _inspect_part(part: ConvertedPart, workdir: Path) -> None:
    if _size_within(part.path, workdir) != part.bytes or sha256_of_file(part.path) != part.sha256:
        raise NotOfType(f"{part.path.name} is not the file that was described")


def _inspect_report(report: FindingReport, workdir: Path) -> None:
    for path in (report.path, report.csv_path):
        if path is not None:
            _size_within(path, workdir)


def _size_within(path: Path, workdir: Path) -> int:
    """Bytes of a plain file within ``workdir``; no link, no device, no way out."""
    if path.resolve() != path or not path.is_relative_to(workdir.resolve()):
        raise NotOfType(f"{path} is not in the cell's folder")
    try:
        found = path.lstat()
    except OSError as error:
        raise NotOfType(str(error)) from None
    if not stat.S_ISREG(found.st_mode):
        raise NotOfType(f"{path.name} is no file")
    return found.st_size
