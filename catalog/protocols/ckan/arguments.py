"""The arguments of an action: JSON of a body, or texts of an address that mean the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from catalog.protocols.parameters import ParameterInvalid

Arguments = Mapping[str, Any]


class ActionInvalid(ParameterInvalid):
    """An argument of an action can't be used; ``fields`` has CKAN's names with a sentence each."""

    def __init__(self, **fields: str) -> None:
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in fields.items()))
        self.fields = {name: [sentence] for name, sentence in fields.items()}


def text(given: Arguments, name: str, default: str = "") -> str:
    """Raises ActionInvalid for what is no text, and for NUL, which no text of ours holds."""
    value = given.get(name)
    if value is None:
        return default
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ActionInvalid(**{name: "Must be a text"})
    if "\0" in str(value):
        raise ActionInvalid(**{name: "Must be a text without the character NUL"})
    return str(value)


def required(given: Arguments, name: str) -> str:
    found = text(given, name)
    if not found:
        raise ActionInvalid(**{name: "Missing value"})
    return found


def whole(given: Arguments, name: str, default: int, *, most: int) -> int:
    """A whole number from 0, at most ``most``. Raises ActionInvalid."""
    value = given.get(name)
    if value in {None, ""} if isinstance(value, str | None) else False:
        return default
    digits = str(value)
    if isinstance(value, bool) or not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise ActionInvalid(**{name: "Must be a natural number"})
    return min(int(digits), most)


def flag(given: Arguments, name: str, *, default: bool) -> bool:
    value = given.get(name)
    if value is None or value == "":
        return default
    return str(value).lower() in {"true", "1", "yes", "t", "on"}


def words(given: Arguments, name: str) -> list[str]:
    """A list of texts: a JSON list, or texts with commas between them. Raises ActionInvalid."""
    value = structure(given, name)
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise ActionInvalid(**{name: "Must be a list of texts"})


def structure(given: Arguments, name: str) -> Any:
    """JSON, also where it stands in a text; a text that is none stays as it is."""
    value = given.get(name)
    if isinstance(value, str) and value[:1] in {"{", "[", '"'}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ActionInvalid(**{name: "Must be JSON"}) from None
    return value
