"""Where the table begins in a sheet or text: the lines before it, its header rows, its first row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.writings.shapes import TEMPORAL, TYPED, Shape, shape

BODY_ROWS = 200
MAX_HEADER_ROWS = 3
_NUMERIC = frozenset({Shape.INTEGER, Shape.DECIMAL, Shape.WRITTEN_NUMBER})

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Indexes into the rows looked at. ``headers`` has one text a column, "" where there is none."""

    width: int
    first_header: int
    header_rows: int
    headers: tuple[str, ...]
    group_headers: tuple[str, ...] = ()

    @property
    def first_row(self) -> int:
        return self.first_header + self.header_rows


def take_layout(rows: Sequence[Row], width: int, header: int | None) -> Layout | None:
    """The layout of a table whose header is known to be the row at that place, or to be none (None)."""
    if header is None:
        start = _first_full_row(rows, width)
        return None if start is None else Layout(width, start, 0, ("",) * width)
    names = [*map(str.strip, rows[header]), *[""] * width]
    return Layout(width, header, 1, tuple(names[:width]))


def find_layout(rows: Sequence[Row], width: int) -> Layout | None:
    """The layout of a table of ``width`` columns, or None if no row has that width.

    ``rows`` are the first rows, blank ones among them (as rows of no field).
    """
    start = _first_full_row(rows, width)
    if start is None:
        return None
    body = [row for row in rows[start + 1 :] if len(row) == width and any(cell.strip() for cell in row)]
    before = _row_before(rows, start)
    if before is not None and not is_header(rows[start], body[:BODY_ROWS]):
        shorter = rows[before]
        if len(shorter) == width - 1 and not any(row[-1].strip() for row in (rows[start], *body)):
            # Each row ends with a delimiter, its header does not.
            names = tuple(map(str.strip, (*shorter, "")))
            return Layout(width, before, 1 if is_header(names, [rows[start], *body[:BODY_ROWS]]) else 0, names)
        if len(shorter) == width - 1 and is_header(("", *shorter), [rows[start], *body[:BODY_ROWS]]):
            # R's write.table leaves the header of the row names out.
            return Layout(width, before, 1, ("", *map(str.strip, shorter)))
    if not is_header(rows[start], body[:BODY_ROWS]):
        return Layout(width, start, 0, ("",) * width)
    return _with_header(rows, start, width)


def _with_header(rows: Sequence[Row], start: int, width: int) -> Layout:
    header_rows = 1
    while header_rows < MAX_HEADER_ROWS and start + header_rows < len(rows):
        row = rows[start + header_rows]
        body = [item for item in rows[start + header_rows + 1 :] if len(item) == width]
        if len(row) != width or not _continues_header(rows[start], row, body[:BODY_ROWS]):
            break
        header_rows += 1
    levels = [[cell.strip() for cell in rows[start + level]] for level in range(header_rows)]
    if header_rows == 1:
        return Layout(width, start, 1, tuple(levels[0]))
    own = [" ".join(filter(None, cells)) for cells in zip(*levels, strict=True)]
    repeated = Counter(own)
    filled = [_spread(level) for level in levels[:-1]] + [levels[-1]]
    grouped = [" ".join(filter(None, cells)) for cells in zip(*filled, strict=True)]
    headers = [full if repeated[name] > 1 else name for name, full in zip(own, grouped, strict=True)]
    return Layout(width, start, header_rows, tuple(headers), tuple(grouped))


def _spread(level: Sequence[str]) -> list[str]:
    """A group's title stands over its first column: carry it on over the empty ones."""
    current, result = "", []
    for cell in level:
        current = cell or current
        result.append(current)
    return result


def _first_full_row(rows: Sequence[Row], width: int) -> int | None:
    """The first row of the table's width that is not a title put into a table's first cell."""
    for place, row in enumerate(rows):
        if len(row) != width or not any(cell.strip() for cell in row):
            continue
        filled = sum(1 for cell in row if cell.strip())
        # "# comment, with a comma" may have as many fields as the table.
        if row[0].lstrip().startswith("#") and _is_comment_block(rows, place):
            continue
        # In a table of two columns only a blank row tells a title from a row with an empty cell.
        apart = width >= 3 or (place + 1 < len(rows) and not rows[place + 1])
        if apart and width > filled == 1 and _fuller_follows(rows[place + 1 : place + 30], width):
            continue
        return place
    return None


def _is_comment_block(rows: Sequence[Row], place: int) -> bool:
    # "# a note" after other comments is one more; "#CHROM" after them may well be the header.
    earlier = any(row and row[0].startswith("#") for row in rows[:place])
    if earlier and rows[place][0].startswith("# "):
        return True
    following = next((row for row in rows[place + 1 :] if row), ())
    return bool(following) and (following[0].lstrip().startswith("#") or len(following) != len(rows[place]))


def _fuller_follows(rows: Sequence[Row], width: int) -> bool:
    counts = [sum(1 for cell in row if cell.strip()) for row in rows if len(row) == width]
    return bool(counts) and max(counts) * 2 >= width and max(counts) > 1


def _row_before(rows: Sequence[Row], start: int) -> int | None:
    return next((place for place in range(start - 1, -1, -1) if any(cell.strip() for cell in rows[place])), None)


def is_header(row: Row, body: Sequence[Row]) -> bool:
    """Whether the row names the columns of ``body`` rather than being one of its rows."""
    if not body:
        return not any(shape(cell.strip()) in TYPED for cell in row if cell.strip())
    score = sum(_column_score(cell.strip(), [line[place].strip() for line in body]) for place, cell in enumerate(row))
    return score >= 0


def _column_score(cell: str, values: Sequence[str]) -> float:
    """Above 0 when the cell stands out from its column like a name, below when it is one more value."""
    present = [value for value in values if value]
    if not cell:
        # A name may be left out; a missing value in the first row is likelier where others are missing too.
        return -0.25 if len(present) < len(values) else 0.0
    found = shape(cell)
    if not present:
        return 0.0
    shapes = Counter(map(shape, present))
    if (typed := sum(shapes[item] for item in TYPED)) * 10 >= len(present) * 8:
        return _typed_column_score(cell, found, shapes, present, typed)
    counts = Counter(present)
    if cell in counts:
        return -2.0 if counts[cell] > 1 or len(counts) < len(present) else -0.5
    categorical = len(counts) * 2 <= len(present)
    if found in TYPED or found is Shape.MISSING:
        return -0.5
    return 1.0 if categorical else 0.25


def _typed_column_score(cell: str, found: Shape, shapes: Counter[Shape], present: Sequence[str], typed: int) -> float:
    if found is Shape.MISSING:
        return -1.0
    if found not in TYPED:
        # Words among the numbers (a few faults) make the sign weaker, never turn it.
        return 2.0 if typed == len(present) else 1.0
    if found is Shape.INTEGER and 1500 <= int(cell) <= 2200:
        # A year heads a column of figures of that year; among years it is one more year.
        years = sum(1 for value in present if value.isdigit() and 1500 <= int(value) <= 2200)
        return -2.0 if years * 2 > len(present) else 0.0
    if found in _NUMERIC and sum(shapes[item] for item in _NUMERIC) * 2 < len(present):
        return 0.0
    if found in TEMPORAL and sum(shapes[item] for item in TEMPORAL) * 2 < len(present):
        return 0.0
    return -2.0


def _continues_header(header: Row, row: Row, body: Sequence[Row]) -> bool:
    """Whether the row after a header row belongs to the header: text wherever the columns hold figures."""
    if not body:
        return False
    repeated = sum(1 for name, cell in zip(header, row, strict=True) if cell.strip() and name.strip() == cell.strip())
    if repeated >= 2:
        return False
    words = 0
    for place, cell in enumerate(row):
        present = [value for line in body if (value := line[place].strip())]
        shapes = Counter(map(shape, present))
        if not present or sum(shapes[item] for item in TYPED) * 10 < len(present) * 8:
            continue
        if not cell.strip():
            continue
        if shape(cell.strip()) is not Shape.TEXT:
            return False
        words += 1
    return words >= 2 or (words == 1 and _stands_under_groups(header, row, body))


def _stands_under_groups(header: Row, row: Row, body: Sequence[Row]) -> bool:
    """Whether a row that names every column stands under one that names only some: titles over groups of them."""
    names = [cell.strip() for cell in row]
    if all(cell.strip() for cell in header) or not all(names) or len(set(names)) < len(names):
        return False
    values = [{line[place].strip() for line in body} for place in range(len(row))]
    return not any(name in seen or shape(name) is not Shape.TEXT for name, seen in zip(names, values, strict=True))
