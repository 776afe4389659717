"""The beginning of a table's original, as text: for its owner to say how the file is opened."""

from __future__ import annotations

import codecs
import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from catalog import keys, storage
from catalog.models import Resource
from catalog.storage import ObjectMissing, StorageUnavailable
from ingest.recipes.opening import ENCODINGS, LINES

BEGINNING = 64 << 10
"""So many bytes are looked at."""
LONGEST = 300
SHOWN = 3
"""So many encodings are offered, and so many lines shown in each."""
ROWS = 100
"""So many rows are looked through for a column's first values."""

_TEXTS = frozenset({"csv", "tsv", "fixed-width"})
_EAST_ASIAN = ("gb18030", "big5", "shift_jis", "euc_kr", "euc_jp")


@dataclass(frozen=True, slots=True)
class Sample:
    """The same lines as they read in one encoding; ``is_used`` for the one in which the table was read."""

    encoding: str
    lines: tuple[str, ...]
    is_used: bool


def can_be_opened_otherwise(resource: Resource) -> bool:
    """Whether the table was made of one text file as it was sent: not of several, nor out of an archive."""
    source = resource.source
    is_text = source.get("format") in _TEXTS and "member" not in source
    return is_text and "encoding" in source and resource.sources.count() == 1


def read_beginning(resource: Resource) -> bytes:
    """The original's first bytes, whole lines of them where there are any; empty of a packed file.

    Raises StorageUnavailable.
    """
    key = keys.original(resource.version.dataset_id, resource.original_sha256)
    data = b"".join(storage.stream(key, start=0, length=BEGINNING))
    if data.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")):
        return b""
    end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    return data[:end] if len(data) == BEGINNING and end else data


def first_lines(data: bytes, encoding: str) -> tuple[str, ...]:
    """The first lines as they read in the encoding, long ones cut."""
    lines = _lines(data, encoding)[: LINES + 1]
    # Behind the last line end is no line.
    return tuple(line[:LONGEST] for line in (lines if lines[-1] else lines[:-1])[:LINES])


def first_values(resource: Resource, sources: Sequence[str], most: int) -> list[tuple[str, ...]]:
    """The first different values of the columns that the file calls so, as it writes them; none where it can't be told.

    It is told of text files alone, by a header of one line, whose name no other column has, and as far as the
    beginning goes.
    """
    found: list[tuple[str, ...]] = [() for _ in sources]
    if not can_be_opened_otherwise(resource) or resource.source.get("header_rows") != 1:
        return found
    try:
        header, *rows = _records(resource)
    except (ObjectMissing, StorageUnavailable, ValueError, LookupError, csv.Error):
        # The page says what else it knows.
        return found
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(header):
        places[name.strip()].append(place)
    for number, source in enumerate(sources):
        match places.get(source.strip(), []):
            case [place] if source:
                cells = (row[place] for row in rows if place < len(row))
                found[number] = tuple(islice(dict.fromkeys(cell[:LONGEST] for cell in cells if cell.strip()), most))
    return found


def _records(resource: Resource) -> list[list[str]]:
    """The header and the first rows. Raises StorageUnavailable, ValueError, LookupError, csv.Error."""
    source = resource.source
    if source.get("column_starts"):
        return [[]]
    skipped = int(source.get("lines_before_header") or 0)
    lines = _lines(read_beginning(resource), str(source["encoding"]))[skipped:]
    quote = source.get("quote") or ""
    records = csv.reader(
        (f"{line}\n" for line in lines if line),
        # A file of one column has none; this one stands in no text.
        delimiter=source.get("delimiter") or "\x1f",
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        escapechar=source.get("escape") if source.get("escape") not in {"", quote} else None,
        skipinitialspace=bool(source.get("space_after_delimiter")),
    )
    return list(islice(records, ROWS + 1)) or [[]]


def samples(data: bytes, used: str) -> tuple[Sample, ...]:
    """Lines that tell encodings apart in the ``used`` one and in others that give other text.

    None where nobody doubts: of plain ASCII, and of bytes that are Unicode as they should be.
    """
    if data.isascii() or (used.startswith("utf") and _decodes(data, used)):
        return ()
    found: dict[tuple[str, ...], str] = {}
    for name in _likely(used):
        lines = _telling(data, name)
        if lines and (name == used or _decodes(data, name)):
            found.setdefault(lines, name)
    return tuple(Sample(name, lines, name == used) for lines, name in list(found.items())[:SHOWN])


def _likely(used: str) -> Iterator[str]:
    """The used encoding first, then those of the same part of the world."""
    yield used
    near = _EAST_ASIAN if used in _EAST_ASIAN else ("utf-8", "cp1252", "cp1251", "gb18030", "cp1250", "cp1253")
    yield from (name for name in dict.fromkeys((*near, *ENCODINGS)) if name != used)


def _telling(data: bytes, encoding: str) -> tuple[str, ...]:
    """The first lines that hold more than ASCII."""
    telling = (line for line in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n") if not line.isascii())
    few = [next(telling, b"") for _ in range(SHOWN)]
    return tuple(line.decode(encoding, "replace")[:LONGEST] for line in few if line)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign.isspace() for sign in text[:2_000])


def _lines(data: bytes, encoding: str) -> list[str]:
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
