"""Which table a file is for. A rule that pages, API and workers share, so that what was shown is what is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from catalog.slugs import slug_of


class UnclearTarget(Exception):
    """The file could be for several tables, or names one that is not there. ``tables`` are those that are."""

    def __init__(self, tables: Sequence[str]) -> None:
        super().__init__(", ".join(tables))
        self.tables = tuple(tables)


def table_for(tables: Sequence[str], *, asked: str, filename: str) -> str | None:
    """The table that a file is added to: the one asked for, the only one, or the one called as the file is.

    None when the dataset has no table yet: then the file becomes the first. Raises UnclearTarget.
    """
    if not tables:
        return None
    if asked:
        if asked in tables:
            return asked
        raise UnclearTarget(tables)
    if len(tables) == 1:
        return tables[0]
    stem = slug_of(PurePosixPath(filename).name.split(".")[0], fallback="data")
    if stem in tables:
        return stem
    raise UnclearTarget(tables)
