"""Fixed-width text: columns told by the blanks that stand at the same place in every line."""

from __future__ import annotations

from ingest.text.dialect import split_lines
from ingest.writings.shapes import TYPED, shape

CUT_LINES = 500
MIN_LINES = 3
MAX_WIDTH = 20_000


def find_cuts(sample: str) -> tuple[tuple[int, ...], bool]:
    """Where the columns of a fixed-width text begin, in characters, 0 first; empty when it is none.

    Also whether they stand apart by two blanks at least, as single blanks within cells don't. Lines before the table
    (a title) whose letters stand in its gaps are left out.
    """
    lines = [line.rstrip() for line in split_lines(sample)]
    if not sample.endswith(("\n", "\r")) and len(lines) > MIN_LINES:
        lines.pop()
    lines = [line for line in lines[:CUT_LINES] if line.strip()]
    for skipped in range(min(6, len(lines))):
        body = lines[skipped:]
        if (
            len(body) < MIN_LINES
            or max(map(len, body)) > MAX_WIDTH
            or any("\t" in line or '"' in line for line in body)
        ):
            return (), False
        if gaps := _gaps(body):
            cuts = _cuts(body, gaps)
            return cuts, all(end - start >= 2 for start, end in gaps if end in cuts)
    return (), False


def _cuts(lines: list[str], gaps: list[tuple[int, int]]) -> tuple[int, ...]:
    begin = min(len(line) - len(line.lstrip()) for line in lines)
    starts = [0, *(end for start, end in gaps if start > begin)]
    header = _fields(lines[0], starts)
    # A blank that stands in every cell of a column ("Region 1", "Region 2") has no name above what follows it.
    if not any(shape(cell) in TYPED for cell in header if cell):
        starts = [start for start, cell in zip(starts, header, strict=True) if start == 0 or cell]
    wide = sum(1 for start, end in gaps if end - start >= 2)
    rows = [_fields(line, starts) for line in lines[1:]]
    typed = sum(1 for column in zip(*rows, strict=True) if _mostly_typed(column))
    if len(starts) < 2 or not (typed or wide >= len(starts) - 1):
        return ()
    return tuple(starts)


def _gaps(lines: list[str]) -> list[tuple[int, int]]:
    """The places at which every line is blank, as runs (start, end), but for those at the edges."""
    width = max(map(len, lines))
    blank = bytearray(b"\x01" * width)
    for line in lines:
        for place, char in enumerate(line):
            if char != " ":
                blank[place] = 0
    gaps, place = [], 0
    while (start := blank.find(1, place)) >= 0:
        end = blank.find(0, start)
        if end < 0:
            break
        if start > 0:
            gaps.append((start, end))
        place = end
    return gaps


def _fields(line: str, starts: list[int]) -> list[str]:
    ends = [*starts[1:], len(line)]
    return [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def _mostly_typed(column: tuple[str, ...]) -> bool:
    present = [value for value in column if value]
    return bool(present) and sum(1 for value in present if shape(value) in TYPED) * 10 >= len(present) * 8
