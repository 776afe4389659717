"""Every row that is new, gone or changed as one Parquet file, not cut at any number.

One record a row that is new or gone, and one a changed cell: ``kind`` (added, removed, changed, retyped), the key under
the names of its columns with ``key_`` before them, ``row_before`` and ``row_after`` (from 1 over all parts), and of a
cell its ``column`` and the values ``before`` and ``after`` as text. ``retyped`` cells could not be compared. Up to
SORTED records they stand in the order of kind and row; to sort more would need more memory than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from quality.difference.cells import CELLS, ComparedCells
from quality.difference.keys import Keys
from quality.difference.rows import ADDED, REMOVED
from quality.difference.session import Session
from quality.table import literal, quoted

SORTED = 1_000_000
_OWN = ("kind", "row_before", "row_after", "column", "before", "after")


def write_changes(session: Session, target: Path, keys: Keys | None, compared: ComparedCells | None) -> int:
    """Write the file and return how many records it has. ``target`` must lie in the session's folder."""
    selects = list(_selects(keys, compared))
    renamed = "".join(
        f"k{place} AS {quoted(name)}, " for place, name in enumerate(_key_names(keys.names) if keys else ())
    )
    own = ", ".join(quoted(name) for name in _OWN[1:])
    source = f"({' UNION ALL '.join(selects)})"
    records = session.count(source)
    order = "ORDER BY kind, coalesce(row_after, row_before), place" if records <= SORTED else ""
    session.run(
        f"COPY (SELECT kind, {renamed}{own} FROM {source} {order}) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )
    return records


def _selects(keys: Keys | None, compared: ComparedCells | None) -> Iterator[str]:
    key = f"{keys.listed}, " if keys else ""
    no_cell = 'NULL::VARCHAR AS "column", NULL::VARCHAR AS "before", NULL::VARCHAR AS "after", 0 AS place'
    yield f"SELECT 'added' AS kind, {key}NULL::BIGINT AS row_before, r AS row_after, {no_cell} FROM {ADDED}"
    yield f"SELECT 'removed' AS kind, {key}r AS row_before, NULL::BIGINT AS row_after, {no_cell} FROM {REMOVED}"
    if keys is None or compared is None:
        return
    for place, pair in compared:
        yield (
            f"SELECT CASE s{place} WHEN 1 THEN 'changed' ELSE 'retyped' END, {key}rb, ra, {literal(pair.after.name)}, "
            f"b{place}::VARCHAR, a{place}::VARCHAR, {place + 1} FROM {CELLS} WHERE s{place} <> 0"
        )


def _key_names(names: tuple[str, ...]) -> list[str]:
    """The key's columns in the file: another name where two would differ in case only."""
    taken: set[str] = set()
    found = []
    for name in names:
        free = f"key_{name}"
        while free.casefold() in taken:
            free = f"{free}_"
        taken.add(free.casefold())
        found.append(free)
    return found
