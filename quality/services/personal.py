"""The search for personal data as a step of a check: whatever comes of it is kept, no failure passes for "nothing"."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog.table_schema import TableSchema

logger = logging.getLogger(__name__)


def search_personal(
    *, parquet: Sequence[Path], schema: TableSchema, workdir: Path, memory_limit: str, threads: int
) -> dict[str, Any]:
    """The search as JSON. One that breaks off says so, which holds the version, and does not end the check."""
    from quality.personal.result import errored
    from quality.personal.scan import scan

    try:
        found = scan(parquet=parquet, schema=schema, workdir=workdir, memory_limit=memory_limit, threads=threads)
    except Exception as error:
        logger.exception("the search for personal data broke off")
        return errored(type(error).__name__)
    return found.to_json()
