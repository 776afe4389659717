"""What of a recipe everybody may see who sees a dataset's description: all but the table's own values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_VALUES = frozenset({"examples", "cells", "values", "tokens", "spared", "kept"})


def without_values(recipe: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The steps without examples, spellings, placeholders and exceptions, which are cells of the table."""
    return [{key: value for key, value in step.items() if key not in _VALUES} for step in recipe]
