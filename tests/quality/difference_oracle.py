"""The difference of two small tables by plain Python: slow, and written without a look at the engine."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]


@dataclass
class Expected:
    """What the engine has to find; rows are numbered from 1."""

    added: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    changed: list[tuple[int, int]] = field(default_factory=list)
    cells: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    null_rows: tuple[int, int] = (0, 0)
    repeated_keys: int = 0
    repeated_rows: tuple[int, int] = (0, 0)


def canonical(value: Any) -> Any:
    """Values that are the same are equal: NaN is NaN, a zero has no sign; what is of another type differs."""
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else value + 0.0 if value else 0.0)
    if isinstance(value, list):
        return ("list", tuple(canonical(item) for item in value))
    if isinstance(value, Decimal):
        return ("decimal", value.normalize())
    return (type(value).__name__, value)


def by_key(before: Sequence[Row], after: Sequence[Row], key: Sequence[str]) -> Expected:
    """Both are looked up in dicts by key, as somebody without an engine would do it."""
    found = Expected()
    places: list[dict[Any, list[int]]] = []
    nulls = []
    for rows in (before, after):
        known: dict[Any, list[int]] = defaultdict(list)
        nulls.append(sum(any(row[name] is None for name in key) for row in rows))
        for number, row in enumerate(rows, start=1):
            if all(row[name] is not None for name in key):
                known[tuple(canonical(row[name]) for name in key)].append(number)
        places.append(known)
    old, new = places
    repeated = {item for known in places for item, numbers in known.items() if len(numbers) > 1}
    found.null_rows = (nulls[0], nulls[1])
    found.repeated_keys = len(repeated)
    found.repeated_rows = (
        sum(len(old.get(item, ())) for item in repeated),
        sum(len(new.get(item, ())) for item in repeated),
    )
    found.removed = sorted(numbers[0] for item, numbers in old.items() if item not in new and item not in repeated)
    found.added = sorted(numbers[0] for item, numbers in new.items() if item not in old and item not in repeated)
    for item in old.keys() & new.keys() - repeated:
        pair = (old[item][0], new[item][0])
        names = [name for name in before[0] if name in after[0] and name not in key]
        differing = [
            name for name in names if canonical(before[pair[0] - 1][name]) != canonical(after[pair[1] - 1][name])
        ]
        if differing:
            found.changed.append(pair)
        for name in differing:
            found.cells[name].append(pair)
    return found


def whole_rows(before: Sequence[Row], after: Sequence[Row]) -> tuple[int, int]:
    """How many rows are new and how many are gone, as multisets of whole rows."""
    names = [name for name in before[0] if name in after[0]] if before and after else []
    old, new = (Counter(tuple(canonical(row[name]) for name in names) for row in rows) for rows in (before, after))
    return (new - old).total(), (old - new).total()
