"""Two versions from the database and the store through the engine: what goes in, what comes out as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog import keys, storage
from catalog.hashes import canonical_json, sha256_of_file
from catalog.jobs.lanes import engine_threads
from catalog.jobs.workspace import fetch
from catalog.manifest import description
from catalog.models import Resource, Version
from catalog.models.version import PUBLIC_STATES
from catalog.services.delivering.downloads import PARQUET
from catalog.table_schema import TableSchema
from quality.rules.rule import RuleType

# Raised when the engine says more, or something else, of the same tables.
ENGINE = 2


def fingerprint_of(version: Version, base: Version) -> str:
    """What the difference depends on: it changes when a draft's tables, schemas, reports or words do."""
    states = [
        {
            "tables": {table.name: _state(table) for table in _tables(item)},
            # A published version's words stand in its manifest, which this binds.
            "words": item.manifest_sha256 or _words(item),
        }
        for item in (base, version)
    ]
    return hashlib.sha256(canonical_json([ENGINE, *states])).hexdigest()


def compare_versions(
    *, version: Version, base: Version, known: Mapping[str, Any], folder: Path, pulse: Callable[[], object]
) -> dict[str, Any]:
    """The difference of all tables as JSON. ``known`` is an earlier result: tables that are as they were are kept.

    ``pulse`` is called between steps and may raise to give up. Raises ObjectMissing, StorageUnavailable, duckdb.Error.
    """
    from quality.difference.words import compare_words

    old = {table.name: table for table in _tables(base)}
    new = {table.name: table for table in _tables(version)}
    tables = {}
    for name, table in new.items():
        if name not in old:
            continue
        state = hashlib.sha256(canonical_json([ENGINE, _state(old[name]), _state(table)])).hexdigest()
        earlier = known.get("tables", {}).get(name)
        if earlier and earlier["state"] == state:
            tables[name] = earlier
            continue
        pulse()
        tables[name] = {**_compare(old[name], table, folder / f"table-{len(tables)}", pulse), "state": state}
    added, removed = [name for name in new if name not in old], [name for name in old if name not in new]
    words = [change.to_json() for change in compare_words(_words(base), _words(version))]
    is_breaking = bool(removed) or any(table["breaking"] for table in tables.values())
    return {"breaking": is_breaking, "added": added, "removed": removed, "words": words, "tables": tables}


def _compare(old: Resource, new: Resource, folder: Path, pulse: Callable[[], object]) -> dict[str, Any]:
    from quality.difference.difference import difference
    from quality.difference.session import Limits
    from quality.difference.side import PartFile, Side

    folder.mkdir()

    def side(table: Resource) -> Side:
        parts = []
        for part in table.parts.all():
            # A part that both have is fetched once.
            path = folder / f"{part.sha256}.parquet"
            if not path.exists():
                fetch(keys.parquet(table.version.dataset_id, part.sha256), path)
                pulse()
            parts.append(PartFile(path, part.sha256))
        outcomes = table.report.outcomes if table.report else []
        schema = TableSchema.from_descriptor(table.schema)
        return Side(parts, schema, table.profile, outcomes, key_is_proved=_has_proved_key(table))

    def step(_done: int, _total: int) -> None:
        pulse()

    changes = folder / "changes.parquet"
    found = difference(
        before=side(old),
        after=side(new),
        workdir=folder,
        changes=changes,
        limits=Limits(memory=settings.ENGINE_MEMORY, threads=engine_threads()),
        progress=step,
    )
    return {**found.to_json(), "file": _store(new.version.dataset_id, changes) if changes.exists() else None}


def _store(dataset_id: int, path: Path) -> dict[str, Any]:
    sha256 = sha256_of_file(path)
    storage.put_file(keys.changes(dataset_id, sha256), path, content_type=PARQUET)
    return {"sha256": sha256, "bytes": path.stat().st_size}


def _tables(version: Version) -> list[Resource]:
    found = list(version.resources.select_related("report").prefetch_related("parts").order_by("position", "name"))
    for table in found:
        table.version = version
    return found


def _state(table: Resource) -> dict[str, Any]:
    report = table.report_id
    return {"parts": [part.sha256 for part in table.parts.all()], "schema": table.schema, "report": report}


def _words(version: Version) -> dict[str, Any]:
    """What is said about a version: as its manifest has it, or, while it is open, as the dataset has it now."""
    if version.state in PUBLIC_STATES and version.number:
        told: dict[str, Any] = json.loads(storage.read_bytes(keys.manifest(version.dataset_id, version.number)))
        return told
    return {**description(version.dataset), "note": version.note}


def _has_proved_key(table: Resource) -> bool:
    """Whether the table's report is of these parts and says that each key is there once."""
    key = list(TableSchema.from_descriptor(table.schema).primary_key)
    report = table.report
    if not key or report is None or report.parts != [part.sha256 for part in table.parts.all()]:
        return False
    passed = [outcome["rule"] for outcome in report.outcomes if outcome["status"] == "passed"]
    whole = [rule for rule in passed if rule.get("mostly") in (None, 1) and not rule.get("when")]
    one = {rule["column"] for rule in whole if rule["type"] == RuleType.NOT_NULL and "column" in rule}
    unique = [
        rule.get("columns") or [rule.get("column")]
        for rule in whole
        if rule["type"] in (RuleType.UNIQUE, RuleType.UNIQUE_TOGETHER)
    ]
    return set(key) <= one and any(set(names) == set(key) for names in unique)
