"""Which tables the SQL panel may answer about in the reader's own browser, and where their Parquet lies."""

from __future__ import annotations

import json
from dataclasses import dataclass

from catalog.models import Resource
from catalog.web.dataset.head import Head

MOST_BYTES = 200_000_000
MOST_ROWS = 20_000_000
"""Counting and adding up one column of this many rows takes seconds; making rows of them is refused by the panel."""
CHOSEN = "data"
"""The chosen table is called so too, whatever its name."""


@dataclass(frozen=True, slots=True)
class BrowserSql:
    """``tables`` is JSON: a name, and its files as {url, bytes}."""

    tables: str
    names: tuple[str, ...]


def browser_sql(head: Head) -> BrowserSql | None:
    """The version's tables that are small enough; None where the chosen one is not."""
    fitting = [resource for resource in head.resources if fits_a_browser(resource)]
    if head.resource is None or not head.is_served or head.resource not in fitting:
        return None
    files = {resource.name: _files(head, resource) for resource in fitting}
    files.setdefault(CHOSEN, files[head.resource.name])
    names = tuple(resource.name for resource in fitting)
    return BrowserSql(json.dumps(files), names)


def fits_a_browser(resource: Resource) -> bool:
    """Whether a browser may be asked to read this table."""
    return resource.bytes <= MOST_BYTES and resource.rows <= MOST_ROWS


def _files(head: Head, resource: Resource) -> list[dict[str, str | int]]:
    base = f"{head.api}/resources/{resource.name}"
    parts = list(resource.parts.all())
    if len(parts) == 1:
        return [{"url": f"{base}.parquet", "bytes": parts[0].bytes}]
    return [{"url": f"{base}/parts/{part.position}.parquet", "bytes": part.bytes} for part in parts]
