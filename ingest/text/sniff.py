"""Finding the dialect of a text table: the one in which its records are most alike.

Strong delimiters (comma, tab, semicolon …, and runs of two or three signs such as ``||``) are tried first. Blanks and
colons stand in any text: they count only when the table that they make is a plain one.
"""

from __future__ import annotations

import csv
import re
from collections import Counter

from ingest.text.dialect import NO_DELIMITER, Dialect, Record, modal_width, named_delimiter, read_records, split_lines
from ingest.text.fixed_width import find_cuts
from ingest.text.layout import is_header
from ingest.writings.shapes import TYPED, shape

DELIMITERS = (",", "\t", ";", "|", "\x1f", "^", "~", "\x1e", "¦", "§")
SNIFF_RECORDS = 1_000
SNIFF_CHARACTERS = 512 << 10
RUN_LINES = 100
WEAK_SHARE = 0.98
SPACED_SHARE = 0.95

_RUN = re.compile(r"[|;,~^:#&@*+=!$%\t]{2,3}")


def sniff(text: str, *, prefer: str = "") -> Dialect:
    """The dialect in which the text's records are most alike.

    ``prefer`` is the delimiter that the file's name promises (a tab for .tsv); it wins between equals.
    """
    sample = text[:SNIFF_CHARACTERS]
    if sample.count("\n") + sample.count("\r") < 3:
        sample = text
    named = named_delimiter(sample)
    delimiters = [named] if named else [item for item in (*DELIMITERS, *_runs(sample)) if item in sample]
    best: tuple[float, Dialect] | None = None
    for quote in _quotes(sample):
        for delimiter in delimiters:
            for escape in ("", "\\") if "\\" + quote in sample else ("",):
                for spaced in (False, True) if delimiter + " " in sample else (False,):
                    dialect = Dialect(delimiter, quote, escape, spaced)
                    score = _score(sample, dialect) * (1.05 if delimiter == prefer else 1)
                    if score > (best[0] if best else 0):
                        best = (score, dialect)
    if best is not None:
        return best[1]
    if named:
        return Dialect(named)
    return _weak(sample) or _single_column(sample, prefer)


def _single_column(sample: str, prefer: str) -> Dialect:
    comma = Dialect(prefer or ",")
    width, share = modal_width(read_records(sample, comma, SNIFF_RECORDS))
    return comma if width == 1 and share > 0.99 else Dialect(NO_DELIMITER)


def _quotes(sample: str) -> list[str]:
    """Single quotes are tried only where they stand around whole fields."""
    around = re.findall(r"(?:^|[,\t;|^~: ])'[^'\n]*'(?=[,\t;|^~: \r\n]|$)", sample[:SNIFF_CHARACTERS], re.MULTILINE)
    return ['"', "'"] if len(around) >= 2 else ['"']


def _runs(sample: str) -> list[str]:
    """Delimiters of two or three signs: those whose signs hardly ever stand alone."""
    lines = [line for _number, line in zip(range(RUN_LINES), split_lines(sample), strict=False) if line.strip()]
    seen = Counter(run for line in lines for run in set(_RUN.findall(line)))
    found = []
    for run, count in seen.items():
        if count * 2 < len(lines):
            continue
        within = sample.count(run)
        if all(within * run.count(sign) * 10 >= sample.count(sign) * 9 for sign in set(run)):
            found.append(run)
    return found


def _score(sample: str, dialect: Dialect) -> float:
    """How alike the records are, 0 for one column; odd quotes left in the fields count against it."""
    records, clean = _records(sample, dialect)
    width, share = modal_width(records)
    if width < 2 or share < 0.5:
        return 0.0
    full = [record for record in records if len(record.fields) == width]
    if dialect.spaced and not _is_spaced(sample, dialect, full):
        return 0.0
    fields = [field for record in full for field in record.fields if field]
    odd = sum(((field[0] in "\"'") + (field[-1] in "\"'")) / 2 for field in fields if len(field) > 1)
    clean *= 1 - odd / len(fields) if fields else 0.0
    # A longer delimiter, and blanks that belong to it, explain more of the text.
    explained = 1 + 0.02 * dialect.spaced + 0.05 * (len(dialect.delimiter) - 1)
    return float(share**2 * clean * min(1.0, 0.9 + width / 100) * explained)


def _records(sample: str, dialect: Dialect) -> tuple[list[Record], float]:
    """The sample's records, and 1 or less when text follows on a closing quote somewhere."""
    clean = 1.0
    try:
        records = read_records(sample, dialect, SNIFF_RECORDS, strict=True)
    except csv.Error as error:
        # The sample may end within quotes.
        clean = 1.0 if "unexpected end" in str(error) else 0.9
        records = read_records(sample, dialect, SNIFF_RECORDS)
    if len(records) > 1 and not sample.endswith(("\n", "\r")):
        # It may end in the middle of a record as well.
        records = records[:-1]
    return records, clean


def _is_spaced(sample: str, dialect: Dialect, full: list[Record]) -> bool:
    """Whether a blank follows on nearly every delimiter."""
    marks = sum(len(record.fields) - 1 for record in full)
    inside = sum(field.count(dialect.delimiter) for record in full for field in record.fields)
    return marks > 0 and sample.count(dialect.delimiter + " ") - inside >= SPACED_SHARE * marks


# ------------------------------------------------------------------------------------------ weak delimiters


def _weak(sample: str) -> Dialect | None:
    """Fixed width, blanks or colons: only where what comes out is plainly a table."""
    cuts, apart = find_cuts(sample)
    if cuts and apart:
        return Dialect(NO_DELIMITER, cuts=cuts)
    found = []
    runs = sample.count("  ") * 5 > sample.count("\n") + sample.count("\r")
    for quote in _quotes(sample):
        for delimiter, spaced in ((" ", runs), (":", False)):
            dialect = Dialect(delimiter, quote, "\\" if "\\" + quote in sample else "", spaced)
            if delimiter in sample and (width := _weak_width(sample, dialect, len(cuts))):
                found.append((width, dialect))
    if found:
        return max(found, key=lambda item: (item[1].delimiter == " ", item[0]))[1]
    return Dialect(NO_DELIMITER, cuts=cuts) if cuts else None


def _weak_width(sample: str, dialect: Dialect, columns: int) -> int:
    """The number of columns that the delimiter makes; 0 when it is likelier text than a delimiter.

    ``columns`` is how many columns the constant blanks of a fixed-width text make.
    """
    records, clean = _records(sample, dialect)
    records = [record for record in records if not record.is_blank]
    width, share = modal_width(records)
    full = [record.fields for record in records if len(record.fields) == width]
    if width < 2 or share < WEAK_SHARE or clean < 1 or len(full) < 3:
        return 0
    first = len(records[0].fields)
    if columns > width or (columns and first == columns < width):
        # Blanks stand within cells too: the header's have none, or the columns are told by their places.
        return 0
    if first != width and not (first == width - 1 and dialect.quote in sample):
        return 0
    lines = [dialect.delimiter.join(fields) for fields in full[1:]]
    if sum(1 for line in lines if shape(line.strip()) in TYPED) * 2 > len(lines):
        # "2024-05-01 10:15" is one value with a blank and colons in it.
        return 0
    kept = sum(1 for fields in full for field in fields if dialect.delimiter in field)
    typed = sum(1 for column in zip(*full[1:], strict=True) if _is_typed(column))
    named = all(name.strip() for name in full[0]) and is_header(full[0], full[1:])
    return width if (typed and (named or width >= 3)) or (kept and named) else 0


def _is_typed(column: tuple[str, ...]) -> bool:
    present = [value for value in column if value]
    return bool(present) and sum(1 for value in present if shape(value) in TYPED) * 10 >= len(present) * 9
