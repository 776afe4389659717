"""All findings of a table, streamed out of their Parquet file, however many there are."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb
from django.utils.translation import gettext as _

from catalog import keys
from catalog.actor import Actor
from catalog.errors import Invalid
from catalog.findings import CATALOGUE, Finding
from catalog.jobs.workspace import fetch
from catalog.models import Resource
from catalog.services.delivering.entitlements import require_bytes
from catalog.sql import literal

_BATCH = 5_000


def read_findings(*, actor: Actor, resource: Resource, codes: Collection[str] = ()) -> Iterator[Finding]:
    """Every finding in file order, or those of some codes.

    Raises Invalid for a code that there is none of, and as require_bytes does; both before the first one is asked for.
    """
    require_bytes(actor=actor, resource=resource)
    if unknown := [code for code in codes if code not in CATALOGUE]:
        raise Invalid(
            fields={"code": [_("“%(unknown)s” is no code of a finding.") % {"unknown": unknown[0]}]},
            remedy=_("The codes are listed in docs/findings."),
        )
    if not resource.findings_sha256:
        return iter(())
    return _stream(keys.findings(resource.version.dataset_id, resource.findings_sha256), codes)


def _stream(key: str, codes: Collection[str]) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="findings-") as folder:
        path = fetch(key, Path(folder) / "findings.parquet")
        with duckdb.connect(config={"threads": 1, "memory_limit": "256MB"}) as connection:
            file = f"read_parquet({literal(str(path))})"
            only = f"WHERE code IN ({', '.join(map(literal, codes))})" if codes else ""
            result = connection.execute(f'SELECT code, "row", line, "column", value, params FROM {file} {only}')
            while rows := result.fetchmany(_BATCH):
                for code, row, line, column, value, params in rows:
                    yield Finding(code, row, line, column, value, json.loads(params) if params else {})
