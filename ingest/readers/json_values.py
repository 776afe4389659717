"""The values of a JSON file one by one, whether it is one array, one object or a value a line.

Numbers are kept as they are written (``NumberText``), so that nothing is rounded before a type is chosen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.findings import Finding
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.text.file import TextFile

CHUNK = 1 << 20
_SPACE = " \t\r\n"


class NumberText(str):
    """A JSON number as it stands in the file."""

    __slots__ = ()


class Pairs(dict[str, Any]):
    """An object that had a key twice; the last value counts, ``repeated`` names the keys."""

    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """One value and the line on which it begins; ``fault`` says what is wrong with a line that is no JSON."""

    value: Any
    line: int
    fault: str = ""
    text: str = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = Pairs(found)
    counts = Counter(key for key, _value in pairs)
    repeated.repeated = tuple(sorted(key for key, count in counts.items() if count > 1))
    return repeated


DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=NumberText,
    strict=False,
)


class _Window:
    """A piece of the text that moves on as values are taken out of it."""

    def __init__(self, path: Path, start: int, limits: Limits) -> None:
        self._file = path.open("r", encoding="utf-8", newline="\n")
        self._file.seek(start)
        self._limits = limits
        self.text = ""
        self.at = 0
        self.line = 1
        self.ended = False

    def close(self) -> None:
        self._file.close()

    def grow(self) -> bool:
        """Read more behind what is there; False at the end of the file."""
        self.line += self.text.count("\n", 0, self.at)
        piece = self._file.read(max(CHUNK, len(self.text) - self.at))
        self.text = self.text[self.at :] + piece
        self.at = 0
        self.ended = not piece
        if len(self.text) > self._limits.max_cell_bytes + CHUNK:
            params = {"bytes": len(self.text), "limit": self._limits.max_cell_bytes}
            raise RejectionError(Finding("cell-too-large", line=self.line, params=params))
        return bool(piece)

    def peek(self) -> str:
        """The next character that is not white space; "" at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _SPACE:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.grow():
                return ""

    def take(self) -> Any:
        """The next value. A value that ends with the window may go on behind it: it is read again then."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if self.grow():
                    continue
                raise self._rejection(error) from error
            except RecursionError as error:
                params = {"limit": self._limits.max_nesting}
                raise RejectionError(Finding("nesting-too-deep", line=self.line, params=params)) from error
            if end == len(self.text) and not self.ended and self.grow():
                continue
            self.at = end
            return value

    def current_line(self) -> int:
        return self.line + self.text.count("\n", 0, self.at)

    def _rejection(self, error: json.JSONDecodeError) -> RejectionError:
        # A fault at the very end is one of what is missing; anything else one of what is there.
        rest = self.text[error.pos :].strip()
        line = self.line + error.lineno - 1 + 0 * len(rest)
        cut = not rest or "Unterminated" in error.msg or error.pos >= len(self.text.rstrip())
        code = "file-truncated" if cut else "format-damaged"
        return RejectionError(
            Finding(code, line=line, params={"format": "JSON", "reason": f"{error.msg} in line {line}"})
        )


def array_key(text: TextFile, limits: Limits) -> str:
    """The first key of the file's object under which an array of objects stands; "" when there is none.

    For files that are too large to be held: the values before it are passed over.
    """
    window = _Window(text.path, text.start, limits)
    try:
        _expect(window, "{")
        while window.peek() == '"':
            name = str(window.take())
            _expect(window, ":")
            if window.peek() == "[":
                window.at += 1
                return name if window.peek() == "{" else ""
            window.take()
            if window.peek() == ",":
                window.at += 1
        return ""
    finally:
        window.close()


def array_values(text: TextFile, limits: Limits, key: str = "") -> Iterator[Value]:
    """The elements of the file's array, or of the array under ``key`` of its object."""
    window = _Window(text.path, text.start, limits)
    try:
        if key:
            _enter_member(window, key)
        _expect(window, "[")
        if window.peek() == "]":
            window.at += 1
        else:
            yield from _elements(window)
        if not key and window.peek():
            reason = f"text after the end of the array in line {window.current_line()}"
            raise RejectionError(Finding("format-damaged", params={"format": "JSON", "reason": reason}))
    finally:
        window.close()


def _elements(window: _Window) -> Iterator[Value]:
    while True:
        window.peek()
        line = window.current_line() if window.at == 0 else 0
        yield Value(window.take(), line)
        mark = window.peek()
        if mark == ",":
            window.at += 1
        elif mark == "]":
            window.at += 1
            return
        else:
            _refuse(window, mark, "a comma or the end of the array")


def _enter_member(window: _Window, key: str) -> None:
    """Go to the value under ``key`` of the object that begins here."""
    _expect(window, "{")
    while window.peek() == '"':
        name = window.take()
        _expect(window, ":")
        if name == key:
            return
        window.peek()
        window.take()
        if window.peek() == ",":
            window.at += 1
    _refuse(window, window.peek(), f'the key "{key}"')


def _expect(window: _Window, mark: str) -> None:
    found = window.peek()
    if found != mark:
        _refuse(window, found, f'"{mark}"')
    window.at += 1


def _refuse(window: _Window, found: str, wanted: str) -> None:
    line = window.current_line()
    if not found:
        params = {"format": "JSON", "reason": f"{wanted} is missing after line {line}"}
        raise RejectionError(Finding("file-truncated", line=line, params=params))
    params = {"format": "JSON", "reason": f'"{found}" in line {line} where {wanted} should be'}
    raise RejectionError(Finding("format-damaged", line=line, params=params))


def line_values(text: TextFile, limits: Limits) -> Iterator[Value]:
    """The value of each line that is not blank."""
    with text.path.open("rb") as file:
        file.seek(text.start)
        for number, raw in enumerate(file, start=1):
            if len(raw) > limits.max_cell_bytes:
                params = {"bytes": len(raw), "limit": limits.max_cell_bytes}
                raise RejectionError(Finding("cell-too-large", line=number, params=params))
            line = raw.decode("utf-8").strip().removeprefix("\x1e")
            if not line:
                continue
            try:
                yield Value(DECODER.decode(line), number)
            except json.JSONDecodeError as error:
                yield Value(None, number, error.msg, line)
            except RecursionError as error:
                params = {"limit": limits.max_nesting}
                raise RejectionError(Finding("nesting-too-deep", line=number, params=params)) from error


def document(text: TextFile, limits: Limits) -> Any:
    """The whole file as one value; only for files that may be held in memory."""
    window = _Window(text.path, text.start, limits)
    try:
        return window.take()
    finally:
        window.close()


def plain(value: Any) -> Any:
    """A value with real numbers in it, for nested columns and for JSON text."""
    if isinstance(value, NumberText):
        try:
            return int(value)
        except ValueError:
            return float(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def compact(value: Any) -> str:
    """A value as JSON text, its numbers as they were written."""
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{compact(item)}" for key, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
