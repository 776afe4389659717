"""All rows of a table that break one rule: the file that a check made of them, and its rows one by one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext as _

from catalog import keys
from catalog.errors import NotFound
from catalog.jobs.workspace import fetch
from catalog.models import Resource
from catalog.services.delivering.downloads import PARQUET, Download
from catalog.services.delivering.entitlements import Entitlement
from catalog.sql import literal

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class FailingRows:
    """``names`` are the columns; ``rows`` streams their values, in the order of the table."""

    names: list[str]
    rows: Iterator[tuple[Any, ...]]


def find_failing_rows(*, entitlement: Entitlement, resource: Resource, rule: str) -> Download:
    """The Parquet file of the rows that break the rule of this id, in the resource's current report.

    Raises NotFound where no row breaks the rule.
    """
    outcomes = resource.report.outcomes if resource.report is not None else []
    found = next((item for item in outcomes if item["rule"].get("id") == rule), None)
    sha256 = "" if found is None else found.get("failing_sha256", "")
    if not sha256:
        raise NotFound(
            _("There is no file of failing rows for this rule."),
            remedy=_("The table's report lists the rules that rows break, with the addresses of their files."),
        )
    key = keys.failing_rows(resource.version.dataset_id, sha256)
    return Download(key, f"{resource.name}.failing-{rule}.parquet", PARQUET, None, sha256, entitlement.until)


def read_failing_rows(download: Download) -> FailingRows:
    """The rows of such a file. Raises ObjectMissing, StorageUnavailable before the first one is asked for."""
    rows = _stream(download.key)
    names: tuple[Any, ...] = next(rows)
    return FailingRows([str(name) for name in names], rows)


def _stream(key: str) -> Iterator[tuple[Any, ...]]:
    """The names of the columns, then the rows."""
    with tempfile.TemporaryDirectory(prefix="failing-") as folder:
        path = fetch(key, Path(folder) / "failing.parquet")
        with duckdb.connect(config={"threads": 1, "memory_limit": "256MB"}) as connection:
            result = connection.execute(f"SELECT * FROM read_parquet({literal(str(path))})")
            yield tuple(column[0] for column in result.description)
            while rows := result.fetchmany(_BATCH):
                yield from rows
