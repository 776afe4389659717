"""What a file does to a table of the dataset, or that it explains one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from commonfield.errors import BadArgument

Mode = Literal["replace", "append", "upsert", "delete"]
NewColumns = Literal["refuse", "add"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Purpose:
    """`key` are the columns that tell rows apart; empty means the primary key of the table's schema."""

    mode: Mode = "replace"
    key: tuple[str, ...] = ()
    new_columns: NewColumns = "refuse"

    @classmethod
    def of(cls, mode: Mode, key: str | Sequence[str] | None, new_columns: NewColumns) -> Purpose:
        """Raises BadArgument for what no registry could mean."""
        columns = (key,) if isinstance(key, str) else tuple(key or ())
        if mode not in MODES:
            raise BadArgument(f"mode={mode!r} is unknown.", f"Use one of {', '.join(map(repr, MODES))}.")
        if new_columns not in get_args(NewColumns):
            raise BadArgument(f"new_columns={new_columns!r} is unknown.", "Use 'refuse' or 'add'.")
        if columns and mode not in {"upsert", "delete"}:
            raise BadArgument(f"A key says nothing to mode={mode!r}.", "Use mode='upsert' or mode='delete' with it.")
        return cls(mode, columns, new_columns)

    def to_json(self) -> dict[str, Any]:
        """What the registry is told; nothing where the file simply stands for itself."""
        if self.mode == "replace":
            return {}
        return {"mode": self.mode, "key": list(self.key), "new_columns": self.new_columns}


@dataclass(frozen=True)
class DocumentPurpose:
    """The file is a document, with what is said of it."""

    title: str = ""
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        """What the registry is told."""
        said = {"title": self.title, "description": self.description}
        return {"kind": "document", **{name: text for name, text in said.items() if text}}
