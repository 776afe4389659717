"""How a text table is punctuated: its delimiter, quote and escape characters, and the records that this makes."""

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

# A file of one column has no delimiter: one that does not occur in text stands in for it.
NO_DELIMITER = "\x1f"
# Python's parser knows delimiters of one character only: a private one stands in for a longer one.
_STAND_IN = "\ue1ff"

_ENDS = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_SEP_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """``escape`` is "" when quotes are doubled (the usual way).

    ``spaced`` when blanks after a delimiter are no part of the cell, ``cuts`` the offsets in characters at which the
    columns of a fixed-width text begin (the first is 0), which has no delimiter.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    spaced: bool = False
    cuts: tuple[int, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the streaming parser can read it as it stands."""
        return len(self.delimiter) == 1 and self.delimiter.isascii() and not self.spaced and not self.cuts

    def reader(self, lines: Iterator[str], *, strict: bool = False) -> Iterator[list[str]]:
        """The fields of each record. With ``strict`` raises csv.Error where text follows on a closing quote."""
        if self.cuts:
            return (self._cut(line) for line in lines)
        if self.spaced and self.delimiter == " ":
            lines = (_without_tail(line) for line in lines)
        long = len(self.delimiter) > 1
        found = csv.reader(
            (line.replace(self.delimiter, _STAND_IN) for line in lines) if long else lines,
            delimiter=_STAND_IN if long else self.delimiter,
            quotechar=self.quote,
            doublequote=not self.escape,
            escapechar=self.escape or None,
            skipinitialspace=self.spaced,
            strict=strict,
        )
        if not long:
            return found
        # Within quotes the delimiter is text.
        return ([field.replace(_STAND_IN, self.delimiter) for field in record] for record in found)

    def _cut(self, line: str) -> list[str]:
        ends = (*self.cuts[1:], len(line))
        fields = [line[start:end].strip() for start, end in zip(self.cuts, ends, strict=True)]
        return fields if any(fields) else []

    def split(self, record: str) -> list[str]:
        """The fields of one record (which may hold line breaks in quotes)."""
        return next(self.reader(split_lines(record)), [])


def _without_tail(line: str) -> str:
    body = line.rstrip("\r\n")
    return body.rstrip(" ") + line[len(body) :]


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the text's beginning. ``line`` is its first one, ``end`` the offset of the next."""

    fields: tuple[str, ...]
    line: int
    end: int

    @property
    def is_blank(self) -> bool:
        return len(self.fields) <= 1 and not "".join(self.fields).strip()

    @property
    def names_delimiter(self) -> bool:
        """Excel's own first line: ``sep=;``, which is split at what it names."""
        return (
            self.line == 1
            and bool(self.fields)
            and self.fields[0].strip().lower() == "sep="
            and not "".join(self.fields[1:]).strip()
        )


def split_lines(text: str) -> Iterator[str]:
    """Physical lines with their ends, at CR, LF and CRLF and nowhere else (unlike ``splitlines``)."""
    for match in _ENDS.finditer(text):
        if match.group():
            yield match.group()


def named_delimiter(text: str) -> str:
    """The delimiter that a first line such as ``sep=;`` names; "" when there is none."""
    match = _SEP_LINE.fullmatch(next(split_lines(text[:64]), ""))
    return match.group(1) if match else ""


def read_records(text: str, dialect: Dialect, limit: int, *, strict: bool = False) -> list[Record]:
    """The first records of ``text``, blank ones among them; ``end`` counts UTF-8 bytes.

    With ``strict`` raises csv.Error where text follows on a closing quote.
    """
    position = line = 0

    def lines() -> Iterator[str]:
        nonlocal position, line
        for item in split_lines(text):
            position += len(item.encode("utf-8", "surrogatepass"))
            line += 1
            yield item

    records: list[Record] = []
    reader = dialect.reader(lines(), strict=strict)
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


def parse(text: str, dialect: Dialect) -> list[list[str]]:
    """All the records of a short text."""
    return list(dialect.reader(iter(io.StringIO(text, newline=""))))
