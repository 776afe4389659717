"""How a text table is punctuated: its delimiter, quote and escape characters."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

# The module's default of 128 KiB would refuse cells that the limits allow; ours are checked elsewhere.
csv.field_size_limit(sys.maxsize)

DELIMITERS = (",", "\t", ";", "|", "\x1f", "^", "~")
# A file of one column has no delimiter: one that does not occur in text stands in for it.
NO_DELIMITER = "\x1f"
SNIFF_RECORDS = 1_000
SNIFF_CHARACTERS = 512 << 10

_ENDS = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """``escape`` is "" when quotes are doubled (the usual way)."""

    delimiter: str
    quote: str = '"'
    escape: str = ""

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            doublequote=not self.escape,
            escapechar=self.escape or None,
        )

    def split(self, record: str) -> list[str]:
        """The fields of one record (which may hold line breaks in quotes)."""
        return next(self.reader(split_lines(record)), [])


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the text's beginning. ``line`` is its first one, ``end`` the offset of the next."""

    fields: tuple[str, ...]
    line: int
    end: int

    @property
    def is_blank(self) -> bool:
        return len(self.fields) <= 1 and not "".join(self.fields).strip()


def split_lines(text: str) -> Iterator[str]:
    """Physical lines with their ends, at CR, LF and CRLF and nowhere else (unlike ``splitlines``)."""
    for match in _ENDS.finditer(text):
        if match.group():
            yield match.group()


def read_records(text: str, dialect: Dialect, limit: int) -> list[Record]:
    """The first records of ``text``, blank ones among them; ``end`` counts UTF-8 bytes."""
    position = line = 0

    def lines() -> Iterator[str]:
        nonlocal position, line
        for item in split_lines(text):
            position += len(item.encode("utf-8", "surrogatepass"))
            line += 1
            yield item

    records: list[Record] = []
    reader = dialect.reader(lines())
    begin = 1
    for fields in reader:
        records.append(Record(tuple(fields), begin, position))
        begin = line + 1
        if len(records) >= limit:
            break
    return records


def modal_width(records: list[Record]) -> tuple[int, float]:
    """The commonest number of fields and the share of records that have it; blank ones do not count."""
    widths = Counter(len(record.fields) for record in records if not record.is_blank)
    if not widths:
        return 0, 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return width, count / widths.total()


def sniff(text: str, *, prefer: str = "") -> Dialect:
    """The dialect in which the text's records are most alike.

    ``prefer`` is the delimiter that the file's name promises (a tab for .tsv); it wins between equals.
    """
    sample = text[:SNIFF_CHARACTERS]
    if sample.count("\n") + sample.count("\r") < 3:
        sample = text
    best: tuple[float, Dialect] | None = None
    for quote in _quotes(sample):
        for delimiter in DELIMITERS:
            if delimiter not in sample:
                continue
            for escape in ("", "\\") if "\\" + quote in sample else ("",):
                dialect = Dialect(delimiter, quote, escape)
                score = _score(sample, dialect) * (1.05 if delimiter == prefer else 1)
                if score > (best[0] if best else 0):
                    best = (score, dialect)
    if best is not None:
        return best[1]
    comma = Dialect(prefer or ",")
    width, share = modal_width(read_records(sample, comma, SNIFF_RECORDS))
    return comma if width == 1 and share > 0.99 else Dialect(NO_DELIMITER)


def _quotes(sample: str) -> list[str]:
    """Single quotes are tried only where they stand around whole fields."""
    ends = "".join(DELIMITERS).replace("^", "\\^")
    single = len(re.findall(rf"(?:^|[{ends}])'[^'\n]*'(?=[{ends}\r\n]|$)", sample, re.MULTILINE))
    return ["'", '"'] if single >= 2 and single > sample.count('"') else ['"']


def _score(sample: str, dialect: Dialect) -> float:
    """How alike the records are, 0 for one column; odd quotes left in the fields count against it."""
    records = read_records(sample, dialect, SNIFF_RECORDS)
    if len(records) > 1:
        # The sample may end in the middle of a record.
        records = records[:-1] if not sample.endswith(("\n", "\r")) else records
    width, share = modal_width(records)
    if width < 2 or share < 0.5:
        return 0.0
    fields = [field for record in records if len(record.fields) == width for field in record.fields if field]
    odd = sum(1 for field in fields if field[0] in "\"'" and field[-1] in "\"'" and len(field) > 1)
    clean = 1 - odd / len(fields) if fields else 0.0
    return float(share**2 * clean * min(1.0, 0.9 + width / 100))


def parse(text: str, dialect: Dialect) -> list[list[str]]:
    """All the records of a short text."""
    return list(dialect.reader(iter(io.StringIO(text, newline=""))))
