"""A file that is added to a table of the draft: target found, schema chosen, combined, stored.

What is combined holds for the table as it stood then. ``catalog.services.publishing.combining`` looks again when the
result is written, and if somebody was quicker, it is done once more with what stands there now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog import keys, storage
from catalog.findings import Finding, FindingGroup
from catalog.hashes import sha256_of_file
from catalog.jobs.lanes import engine_threads
from catalog.jobs.workspace import fetch
from catalog.models import SourceMode
from catalog.services.delivering.downloads import PARQUET
from catalog.services.publishing.combining import Combination
from catalog.services.publishing.resources import StoredPart, StoredTable
from ingest.combining.combine import append, check_keys, delete, upsert
from ingest.combining.findings import FindingsOf, joined, told_as, translated
from ingest.combining.footers import schema_from
from ingest.combining.result import Combined, Workbench
from ingest.combining.result import NewColumns as Wanted
from ingest.models import NewColumns, Upload
from ingest.outcome import ConvertedPart, ConvertedResource, RejectionError
from ingest.services.confining import limits_here
from ingest.services.storing import store_lines
from ingest.services.targeting import Target, key_of, schema_to_read_by
from ingest.text.line_runs import line_at

_STEPS = {
    SourceMode.APPEND: "append-rows",
    SourceMode.UPSERT: "upsert-rows",
    SourceMode.DELETE: "delete-rows",
}
# What the pipeline says of a file that lacks columns, or has more, means something else by mode.
_RENAMED = {SourceMode.UPSERT: {"column-absent": "column-kept"}}
_SAID_ALREADY = {"recipe-column-absent"}
_DROPPED = {
    SourceMode.APPEND: _SAID_ALREADY,
    SourceMode.UPSERT: _SAID_ALREADY,
    SourceMode.DELETE: {*_SAID_ALREADY, "recipe-step-left-out", "column-absent", "column-not-in-schema"},
}
_LEFT_OUT = frozenset({"empty-row-dropped", "duplicate-row-dropped", "record-not-an-object"})


@dataclass(frozen=True, slots=True)
class Addition:
    """One upload on its way into a table: what stays the same however often it has to be combined."""

    upload: Upload
    table: ConvertedResource
    sha256: str
    folder: Path
    pulse: Callable[[], None]

    def bench(self, attempt: int) -> Workbench:
        """A folder of its own for each attempt."""
        folder = self.folder / f"combine-{attempt}"
        folder.mkdir()
        return Workbench(
            folder=folder,
            limits=limits_here(),
            memory_limit=settings.ENGINE_MEMORY,
            threads=engine_threads(),
            pulse=self.pulse,
        )


def only_table(resources: Sequence[ConvertedResource]) -> ConvertedResource:
    """The file's table. Raises RejectionError (``several-tables``): which of them would be added to which?"""
    if len(resources) != 1:
        names = ", ".join(resource.name for resource in resources[:20])
        raise RejectionError(Finding("several-tables", params={"number": len(resources), "tables": names}))
    return resources[0]


def require_keys(addition: Addition) -> None:
    """The first file of a table that is to be updated by key must have good keys itself. Raises RejectionError."""
    if addition.upload.mode == SourceMode.UPSERT:
        table = addition.table
        key = key_of(addition.upload, table.schema)
        with _told_by_line(table):
            check_keys(table.parts, key=key, first_row=_first_row(table), bench=addition.bench(0))


def combine(addition: Addition, target: Target, attempt: int) -> tuple[StoredTable, Combination]:
    """Combine the file with the table as it stands, and bring what is new of it to the store.

    The first of the pair says how the file itself was read. Raises RejectionError.
    """
    upload, table = addition.upload, addition.table
    bench = addition.bench(attempt)
    key = key_of(upload, target.schema)
    if upload.mode == SourceMode.APPEND:
        _require_new(addition, target)
    with _told_by_line(table):
        done = _combined(addition, target, key, bench)
    old = _settled(upload, target, done)
    mode = SourceMode(upload.mode)
    own, findings_count, findings, findings_sha256 = _findings(addition, target, done, bench)
    combination = Combination(
        mode=mode,
        key=key,
        counts=done.counts,
        base=target.base,
        parts=_stored(upload, done.new) if mode == SourceMode.APPEND else (*old, *_stored(upload, done.new)),
        findings_count=findings_count,
        findings=findings,
        findings_sha256=findings_sha256,
        added=tuple(field for field in table.schema.fields if field.name in done.added),
        rewritten=old if mode == SourceMode.APPEND and done.added else None,
    )
    read_by = schema_to_read_by(upload, target)
    lines, lines_sha256 = store_lines(upload, table.lines)
    described = StoredTable(
        name=target.name,
        title=table.title,
        rows=table.rows,
        schema=table.schema,
        parts=(),
        recipe=[*table.recipe, *_steps(addition, key, done)],
        source=dict(table.source),
        findings_count=sum(group.count for group in own.groups),
        findings=[group.to_json() for group in own.groups],
        findings_sha256=own.sha256,
        read_by=None if read_by is None else read_by.to_descriptor(),
        lines=lines,
        lines_sha256=lines_sha256,
    )
    return described, combination


def _require_new(addition: Addition, target: Target) -> None:
    known = dict(target.originals)
    if addition.sha256 in known:
        params = {"file": known[addition.sha256]}
        raise RejectionError(Finding("file-already-added", value=addition.upload.filename, params=params))


def _combined(addition: Addition, target: Target, key: tuple[str, ...], bench: Workbench) -> Combined:
    upload, table = addition.upload, addition.table
    new_columns: Wanted = "add" if upload.new_columns == NewColumns.ADD else "refuse"
    first_row = _first_row(table)
    if upload.mode == SourceMode.APPEND:
        widens = any(field.name not in target.schema.names for field in table.schema.fields)
        old = _fetched(addition, target) if widens and new_columns == "add" else []
        schema = _schema_of(upload, target.parts[-1])
        return append(schema, table.parts, new_columns=new_columns, bench=bench, old=old)
    old = _fetched(addition, target)
    if upload.mode == SourceMode.DELETE:
        return delete(old, table.parts, key=key, first_row=first_row, bench=bench)
    absent = {group.column for group in table.findings.groups if group.code == "column-absent" and group.column}
    return upsert(old, table.parts, key=key, absent=absent, new_columns=new_columns, first_row=first_row, bench=bench)


def _fetched(addition: Addition, target: Target) -> list[Path]:
    """The table's parts on local disk; what an earlier attempt fetched is there already."""
    folder = addition.folder / "base"
    folder.mkdir(exist_ok=True)
    paths = []
    for part in target.parts:
        path = folder / f"{part.sha256}.parquet"
        if not path.exists():
            whole = fetch(keys.parquet(addition.upload.dataset_id, part.sha256), path.with_suffix(".part"))
            whole.rename(path)
        addition.pulse()
        paths.append(path)
    return paths


def _schema_of(upload: Upload, part: StoredPart) -> Any:
    key = keys.parquet(upload.dataset_id, part.sha256)
    return schema_from(lambda start, length: b"".join(storage.stream(key, start=start, length=length)), part.bytes)


def _settled(upload: Upload, target: Target, done: Combined) -> tuple[StoredPart, ...]:
    """The table's old parts as they are now; those written anew are brought to the store."""
    return tuple(target.parts[item] if isinstance(item, int) else _stored(upload, [item])[0] for item in done.old)


def _stored(upload: Upload, parts: Sequence[ConvertedPart]) -> tuple[StoredPart, ...]:
    for part in parts:
        storage.put_file(keys.parquet(upload.dataset_id, part.sha256), part.path, content_type=PARQUET)
    return tuple(StoredPart(part.sha256, part.bytes, part.rows) for part in parts)


def _first_row(table: ConvertedResource) -> int | None:
    """The number of the first record for people, whose header is 1; None when rows were left out on the way."""
    if any(group.code in _LEFT_OUT for group in table.findings.groups):
        return None
    return int(table.source.get("header_rows") or 0) + 1


@contextmanager
def _told_by_line(table: ConvertedResource) -> Iterator[None]:
    """Rows that a refusal names by their numbers are told by their lines as well, for people with an editor."""
    try:
        yield
    except RejectionError as refusal:
        first = _first_row(table)
        raise RejectionError(
            *(
                item
                if item.row is None or first is None
                else replace(item, line=line_at(table.lines, item.row - first))
                for item in refusal.findings
            )
        ) from None


@dataclass(frozen=True, slots=True)
class _Own:
    groups: list[FindingGroup]
    sha256: str


def _findings(
    addition: Addition, target: Target, done: Combined, bench: Workbench
) -> tuple[_Own, int, list[dict[str, Any]], str]:
    """The file's own findings; then count, groups and file of those of the table with it."""
    upload, report = addition.upload, addition.table.findings
    mode = SourceMode(upload.mode)
    renamed, dropped = _RENAMED.get(mode, {}), _DROPPED[mode]
    groups = told_as(report, filename=upload.filename, renamed=renamed, dropped=dropped)
    path = translated(report, bench.folder / "own.parquet", filename=upload.filename, renamed=renamed, dropped=dropped)
    if unknown := done.counts.get("unknown"):
        groups.append(FindingGroup("keys-unknown", 1, params={"keys": unknown, "file": upload.filename}))
    if left := _corrections_left(upload):
        groups.append(FindingGroup("corrections-left", 1, params={"number": left, "file": upload.filename}))
    own = _Own(groups, _put_findings(upload, path))
    files = [FindingsOf(_old_findings(upload, target, bench), target.first_filename), FindingsOf(path, upload.filename)]
    whole = joined(files, bench.folder / "findings.parquet")
    sha256 = target.base.findings_sha256 if path is None else _put_findings(upload, whole)
    told = [*target.findings, *(group.to_json() for group in groups)]
    return own, target.findings_count + sum(group.count for group in groups), told, sha256


def _corrections_left(upload: Upload) -> int:
    """How many corrections were asked for that do not fit the table any more."""
    said = upload.corrections or {}
    return len(said.get("annotations", ())) - len(said.get("fitting", ()))


def _old_findings(upload: Upload, target: Target, bench: Workbench) -> Path | None:
    sha256 = target.base.findings_sha256
    if not sha256:
        return None
    return fetch(keys.findings(upload.dataset_id, sha256), bench.folder / "old-findings.parquet")


def _put_findings(upload: Upload, path: Path | None) -> str:
    if path is None:
        return ""
    sha256 = sha256_of_file(path)
    storage.put_file(keys.findings(upload.dataset_id, sha256), path, content_type=PARQUET)
    return sha256


def _steps(addition: Addition, key: tuple[str, ...], done: Combined) -> list[dict[str, Any]]:
    """What was done with the file, as the last steps of its recipe and as steps of the table's."""
    steps: list[dict[str, Any]] = []
    if done.added:
        steps.append({"step": "add-columns", "columns": list(done.added)})
    step = {"step": _STEPS[SourceMode(addition.upload.mode)], "file": addition.upload.filename}
    more: dict[str, Any] = {"key": list(key)} if key else {}
    if (said := addition.upload.corrections) is not None:
        more |= {"corrections": said["number"], "people": said["people"]}
    return [*steps, {**step, "sha256": addition.sha256, **more, **done.counts}]
