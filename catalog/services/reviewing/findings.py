"""All findings of a table, streamed out of their Parquet file, however many there are."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from catalog import keys
from catalog.actor import Actor
from catalog.findings import Finding
from catalog.jobs.workspace import fetch
from catalog.models import Resource
from catalog.services.delivering.downloads import require_bytes
from catalog.sql import literal

_BATCH = 5_000


def read_findings(*, actor: Actor, resource: Resource) -> Iterator[Finding]:
    """Every finding in file order. Raises as require_bytes does, before the first one is asked for."""
    require_bytes(actor=actor, resource=resource)
    if not resource.findings_sha256:
        return iter(())
    return _stream(keys.findings(resource.version.dataset_id, resource.findings_sha256))


def _stream(key: str) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="findings-") as folder:
        path = fetch(key, Path(folder) / "findings.parquet")
        with duckdb.connect(config={"threads": 1, "memory_limit": "256MB"}) as connection:
            file = f"read_parquet({literal(str(path))})"
            result = connection.execute(f'SELECT code, "row", line, "column", value, params FROM {file}')
            while rows := result.fetchmany(_BATCH):
                for code, row, line, column, value, params in rows:
                    yield Finding(code, row, line, column, value, json.loads(params) if params else {})
