"""Which file a table's rows came from, and on which of its lines they stand, as far as that is known."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.models import Resource, SourceMode


@dataclass(frozen=True, slots=True)
class Origin:
    """The rows ``first_row`` (from 1) to ``first_row + rows - 1`` of a table, which one file gave, in its order.

    ``lines`` and ``lines_sha256`` say where they stand in it, as ResourceSource does; places count from ``first_row``.
    """

    first_row: int
    rows: int
    filename: str
    lines: tuple[tuple[int, int], ...]
    lines_sha256: str


def origins_of(resource: Resource) -> tuple[Origin, ...]:
    """The origins of a table's rows, in the order of the rows.

    Files whose rows were appended own the parts that they put at the end, and the first file what stands before them.
    Where a file has updated or deleted rows, those before it can't be told apart any more: they have no origin.
    """
    parts = [part.rows for part in resource.parts.all()]
    found: list[Origin] = []
    for source in sorted(resource.sources.all(), key=lambda item: -item.position):
        is_appended = source.mode == SourceMode.APPEND and source.part_count > 0
        if not is_appended and source.mode != SourceMode.REPLACE:
            break
        count = source.part_count if is_appended else len(parts)
        own = parts[len(parts) - count :]
        parts = parts[: len(parts) - count]
        if sum(own) == source.rows:
            runs = tuple((place, line) for place, line in source.lines)
            found.append(Origin(sum(parts) + 1, source.rows, source.filename, runs, source.lines_sha256))
    return tuple(reversed(found))
