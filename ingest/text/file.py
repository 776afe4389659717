"""A text file as clean UTF-8: read where it lies, or rewritten once when it is anything else.

Whatever is changed on the way is a finding with its line: NUL bytes taken out, bytes that are no text in the
file's encoding replaced.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.findings import Finding
from ingest.outcome import RejectionError
from ingest.text.encoding import Encoding

BLOCK = 1 << 20
_BOM = codecs.BOM_UTF8


@dataclass(frozen=True, slots=True)
class TextFile:
    """UTF-8 text at ``path`` from byte ``start`` on; ``findings`` say what was changed to make it so.

    ``workdir`` is where a reader may put a copy of its own.
    """

    path: Path
    start: int
    size: int
    encoding: str
    rewritten: bool = False
    findings: tuple[Finding, ...] = ()
    workdir: Path | None = None

    def head(self, limit: int) -> bytes:
        """The first ``limit`` bytes of the text."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(limit)

    def lines(self, limit: int) -> Iterator[str]:
        """Its physical lines with their ends (LF, CRLF, CR).

        Raises UnicodeDecodeError where it is no UTF-8 after all, and RejectionError for a line of more than ``limit``
        characters.
        """
        with self.path.open("r", encoding="utf-8", newline="") as file:
            file.seek(self.start)
            number = 0
            while line := file.readline(limit):
                number += 1
                if len(line) >= limit:
                    params = {"bytes": f"more than {limit}", "limit": limit}
                    raise RejectionError(Finding("cell-too-large", line=number, params=params))
                yield line


def open_text(path: Path, encoding: Encoding, workdir: Path, *, has_nul: bool) -> TextFile:
    """The file itself if it is clean UTF-8, and a rewritten copy in ``workdir`` otherwise."""
    size = path.stat().st_size
    if encoding.is_utf8 and encoding.exact and not has_nul:
        start = len(_BOM) if encoding.name == "utf-8-sig" else 0
        return TextFile(path, start, size, encoding.name, workdir=workdir)
    target = workdir / f"{path.name}.utf8"
    findings: list[Finding] = []
    with target.open("wb") as out:
        for piece in _decoded(path, encoding, findings.append):
            out.write(piece.encode("utf-8"))
    size = target.stat().st_size
    return TextFile(target, 0, size, encoding.name, rewritten=True, findings=tuple(findings), workdir=workdir)


def _decoded(path: Path, encoding: Encoding, report: Callable[[Finding], None]) -> Iterator[str]:
    """The text in pieces, without NUL characters and with U+FFFD for what can't be decoded."""
    line = 1
    for piece in _faulty_utf8(path, encoding, report) if not encoding.exact else _exact(path, encoding):
        text = piece
        if "\0" in text:
            for offset, part in enumerate(text.split("\n")):
                if count := part.count("\0"):
                    report(Finding("nul-bytes-removed", line=line + offset, params={"bytes": count}))
            text = text.replace("\0", "")
        yield text
        line += piece.count("\n")


def _exact(path: Path, encoding: Encoding) -> Iterator[str]:
    """Whole lines in blocks of a megabyte."""
    with path.open("r", encoding=encoding.name, newline="") as file:
        while text := file.read(BLOCK):
            yield text


def _faulty_utf8(path: Path, encoding: Encoding, report: Callable[[Finding], None]) -> Iterator[str]:
    name = "utf-8" if encoding.is_utf8 else encoding.name
    if name != "utf-8":
        with path.open("r", encoding=name, errors="replace", newline="") as wide:
            while text := wide.read(BLOCK):
                yield text
        report(Finding("bytes-not-decoded", params={"encoding": name}))
        return
    with path.open("rb") as file:
        if file.read(len(_BOM)) != _BOM:
            file.seek(0)
        for number, raw in enumerate(file, start=1):
            try:
                yield raw.decode("utf-8")
            except UnicodeDecodeError:
                text = raw.decode("utf-8", errors="replace")
                shown = raw.rstrip(b"\r\n").decode("utf-8", errors="backslashreplace")
                bad = text.count("\ufffd")
                report(Finding("bytes-not-decoded", line=number, value=shown, params={"encoding": name, "bytes": bad}))
                yield text


def holds_nul(path: Path) -> bool:
    """Whether a NUL byte stands anywhere in the file."""
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            if b"\0" in block:
                return True
    return False
