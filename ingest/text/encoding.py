"""Which encoding a text file is in: one that decodes the whole file, and the likeliest of those.

UTF-8 and UTF-16 say so themselves. The multi-byte encodings of East Asia are told apart by how many of their
characters are common ones; among the single-byte ones that are left charset-normalizer judges the letters.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from ingest.text.letters import oddness

BLOCK = 1 << 20
SAMPLE_BYTES = 64 << 10
# Two stray bytes make one East Asian character by chance; three in a row hardly.
MIN_CHARACTERS = 3

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In the order of preference among equals. Korean comes before Chinese: its letters lie where Chinese has the
# first half of its characters, so that Korean text reads as Chinese but hardly ever the other way about.
_EAST_ASIAN = ("shift_jis", "cp932", "euc_kr", "cp949", "gb18030", "euc_jp", "big5")
# In the order of preference among equals; the last one decodes any byte.
_SINGLE_BYTE = (
    "cp1252",
    "mac_roman",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1257",
    "koi8_r",
    "cp850",
    "latin-1",
)
_SCRIPTS = ("cp1252", "cp1250", "cp1251", "cp1253", "koi8_r", "cp866", "cp1255", "cp1256", "mac_roman")


@dataclass(frozen=True, slots=True)
class Encoding:
    """``name`` is Python's codec. ``exact`` is False when some lines do not decode (UTF-8 with faults)."""

    name: str
    exact: bool = True

    @property
    def is_utf8(self) -> bool:
        return self.name in {"utf-8", "utf-8-sig"}


def detect_mark(head: bytes) -> str | None:
    """The encoding that a byte-order mark names."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def detect_encoding(path: Path, head: bytes) -> Encoding:
    """The encoding of a text file of which ``head`` is the beginning.

    Reads the whole file unless the head already shows it; a large file in UTF-8 is taken at the head's word
    (the CSV reader checks every byte, and asks again when one is wrong).
    """
    if name := detect_mark(head):
        return Encoding(name, exact=_decodes(path, name))
    if wide := unmarked_wide(head):
        return Encoding(wide, exact=_decodes(path, wide))
    if _is_utf8(head, final=path.stat().st_size <= len(head)):
        return Encoding("utf-8")
    return settle_encoding(path)


def take_encoding(path: Path, name: str) -> Encoding:
    """The encoding that a person says the file is in; bytes that are none of its text are then told."""
    return Encoding(name, exact=_decodes(path, name))


def settle_encoding(path: Path) -> Encoding:
    """The encoding of a file that is not UTF-8 throughout, from all of its bytes."""
    good, bad = _count_utf8_lines(path)
    if not bad:
        return Encoding("utf-8")
    if good >= 4 * bad:
        return Encoding("utf-8", exact=False)
    sample = _telling_lines(path)
    candidates = [*_east_asian(sample), *_single_byte(sample)]
    return next((Encoding(name) for name in candidates if _decodes(path, name)), Encoding("latin-1"))


def _is_utf8(head: bytes, *, final: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final)
    except UnicodeDecodeError:
        return False
    return True


def unmarked_wide(head: bytes) -> str | None:
    """UTF-32 or UTF-16 without a mark: line ends and delimiters are ASCII, so that NUL bytes stand beside them.

    In UTF-32 three of four bytes of such text are NUL; in UTF-16 every other one, but for scripts that use both bytes,
    where the line ends alone tell.
    """
    return _unmarked_utf32(head) or _unmarked_utf16(head) or _unmarked_by_line_ends(head)


def _unmarked_utf32(head: bytes) -> str | None:
    fours = len(head) // 4
    if fours < 2:
        return None
    zeros = [head[place : 4 * fours : 4].count(0) for place in range(4)]
    if min(zeros[2:]) > 0.95 * fours and zeros[0] < 0.05 * fours:
        return "utf-32-le"
    return "utf-32-be" if min(zeros[:2]) > 0.95 * fours and zeros[3] < 0.05 * fours else None


def _unmarked_utf16(head: bytes) -> str | None:
    pairs = len(head) // 2
    if pairs < 2:
        return None
    low, high = head[1 : 2 * pairs : 2].count(0), head[0 : 2 * pairs : 2].count(0)
    if low > 0.4 * pairs and high < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if high > 0.4 * pairs and low < 0.05 * pairs else None


def _unmarked_by_line_ends(head: bytes) -> str | None:
    if b"\0" not in head:
        return None
    aligned = {head[place : place + 2] for place in range(0, min(len(head) // 2 * 2, 8192), 2)}
    for name, end, marks in (("utf-16-le", b"\n\0", (b",\0", b"\t\0")), ("utf-16-be", b"\0\n", (b"\0,", b"\0\t"))):
        if end in aligned and not aligned.isdisjoint(marks) and _is_text(head, name):
            return name
    return None


def _is_text(head: bytes, name: str) -> bool:
    """Whether the head decodes to letters and signs that are assigned, hardly any of them control characters."""
    text = codecs.getincrementaldecoder(name)("replace").decode(head[: len(head) // 2 * 2])
    bad = sum(1 for char in text if char == "\ufffd" or not (char.isprintable() or char.isspace()))
    return bad * 50 < len(text)


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file; an endless one comes in pieces of a megabyte."""
    with path.open("rb") as file:
        while line := file.readline(BLOCK):
            yield line


def _count_utf8_lines(path: Path) -> tuple[int, int]:
    """How many lines are good UTF-8 with more than ASCII in them, and how many are no UTF-8."""
    good = bad = 0
    for line in _lines(path):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            bad += 1
        else:
            good += 1
    return good, bad


def _telling_lines(path: Path) -> bytes:
    """The first lines that hold more than ASCII: all that can tell one encoding from another."""
    sample = bytearray()
    for line in _lines(path):
        if not line.isascii():
            sample += line
            if len(sample) >= SAMPLE_BYTES:
                break
    return bytes(sample)


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except (UnicodeDecodeError, UnicodeError):
        return False
    return True


def _east_asian(sample: bytes) -> list[str]:
    """The multi-byte encodings in which most of the sample's other-than-ASCII characters are common ones."""
    scores: list[tuple[float, int, str]] = []
    for rank, name in enumerate(_EAST_ASIAN):
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        foreign = [char for char in text if ord(char) > 0x7F]
        if len(foreign) < MIN_CHARACTERS:
            continue
        common = sum(1 for char in foreign if _is_common(char, name))
        scores.append((-common / len(foreign), rank, name))
    return [name for score, _rank, name in sorted(scores) if score <= -0.85]


def _is_common(char: str, name: str) -> bool:
    """Whether a character belongs to the everyday part of the encoding's national character set."""
    if 0x3000 <= ord(char) <= 0x30FF:
        return name in {"shift_jis", "cp932", "euc_jp"} or ord(char) < 0x3040
    if 0xFF01 <= ord(char) <= 0xFF5E:
        return True
    if 0xAC00 <= ord(char) <= 0xD7A3:
        return name in {"euc_kr", "cp949"}
    first_level = {
        "gb18030": ("gb2312", b"\xb0\xa1", b"\xd7\xfe"),
        "shift_jis": ("shift_jis", b"\x88\x9f", b"\x98\x72"),
        "cp932": ("shift_jis", b"\x88\x9f", b"\x98\x72"),
        "euc_jp": ("euc_jp", b"\xb0\xa1", b"\xcf\xd3"),
        "big5": ("big5", b"\xa4\x40", b"\xc6\x7e"),
    }.get(name)
    if first_level is None:
        return False
    try:
        code = char.encode(first_level[0])
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and first_level[1] <= code <= first_level[2]


def _single_byte(sample: bytes) -> list[str]:
    order = {name: place for place, name in enumerate(_SINGLE_BYTE)}
    judged: list[tuple[float, float, float, int, str]] = []
    seen: set[str] = set()
    for match in from_bytes(sample, cp_isolation=list(_SCRIPTS), threshold=0.5):
        if _mixes_scripts(sample.decode(match.encoding, "replace")):
            continue
        # Encodings that give the very same text are hidden behind one of them.
        alike = {match.encoding, *match.could_be_from_charset} & set(_SCRIPTS)
        odd = round(oddness(sample.decode(match.encoding, "replace")), 1)
        score = (odd, round(match.chaos, 2), -round(match.coherence, 1))
        judged += [(*score, order.get(name, 99), name) for name in alike]
        seen |= alike
    for name in set(_SCRIPTS) - seen:
        # Refused as too messy, which a few short words may well look like.
        text = sample.decode(name, "replace")
        if "\ufffd" not in text and not _mixes_scripts(text):
            judged.append((round(oddness(text), 1), 1.0, 0.0, order.get(name, 99), name))
    names = [name for *_score, name in sorted(judged)]
    return [*names, *(name for name in _SINGLE_BYTE if name not in names)]


_LATIN_NEXT_TO_OTHER = re.compile(r"[A-Za-z][\u0370-\u06ff]|[\u0370-\u06ff][A-Za-z]")
_OTHER = re.compile(r"[\u0370-\u06ff]+")


def _mixes_scripts(text: str) -> bool:
    """Words of Latin and Greek, Cyrillic, Hebrew or Arabic letters in one: the wrong reading of accents."""
    runs = len(_OTHER.findall(text))
    return runs > 0 and len(_LATIN_NEXT_TO_OTHER.findall(text)) > 0.2 * runs
