"""How a text file is opened, where its owner says so: the encoding of its bytes, and the line of its header.

Who says so has the columns found anew: they may have other names then, so that nothing said of them before holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.outcome import RecipeStep
from ingest.recipes.vocabulary import RecipeInvalidError

ENCODINGS = (
    "utf-8", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254",
    "cp1257", "koi8_r", "mac_roman", "cp850",
)  # fmt: skip
LINES = 20
"""The header is one of the first lines."""


@dataclass(frozen=True, slots=True)
class Opening:
    """``encoding`` is one of ``ENCODINGS``, "" where the bytes say. ``header`` is the header's physical line, 0 for a
    file without one, None where the lines say.
    """

    encoding: str = ""
    header: int | None = None

    @property
    def steps(self) -> list[RecipeStep]:
        found: list[RecipeStep] = []
        if self.encoding:
            found.append({"step": "decode", "encoding": self.encoding, "by": "owner"})
        if self.header is not None:
            found.append({"step": "read-header", "line": self.header, "rows": int(self.header != 0), "by": "owner"})
        return found


AS_FOUND = Opening()


def opening_of(recipe: Sequence[Mapping[str, Any]]) -> Opening:
    """What the owner said in the recipe. Raises RecipeInvalidError for an encoding or a line that can't be."""
    encoding, header = "", None
    for step in recipe:
        if step.get("by") != "owner":
            continue
        if step.get("step") == "decode":
            encoding = step.get("encoding", "")
            if encoding not in ENCODINGS:
                raise RecipeInvalidError(f"Files are not read as {encoding!r}.")
        elif step.get("step") == "read-header":
            header = step.get("line") if step.get("rows", 1) else 0
            if not isinstance(header, int) or not 0 <= header <= LINES:
                raise RecipeInvalidError(
                    f"The header is in one of the first {LINES} lines, and not in line {header!r}."
                )
    return Opening(encoding, header)


def is_doubtful(step: Mapping[str, Any]) -> bool:
    """Whether only its owner knows if the file was opened rightly: its bytes or lines do not say so themselves."""
    if step.get("by") == "owner":
        return False
    if step.get("step") == "decode":
        return not str(step.get("encoding", "utf-8")).startswith("utf")
    return step.get("step") == "read-header" and not step.get("rows", 1)
