"""What changed in a table's schema, change by change, and whether it breaks what was built on the older one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from catalog.table_schema import Constraints, Field, TableSchema
from quality.difference.renames import Rename

Change = Literal[
    "added",
    "removed",
    "renamed",
    "retyped",
    "stored",  # the same type, kept in another one of Arrow's
    "tightened",
    "loosened",
    "constrained",  # a constraint became another, neither narrower nor wider
    "key",
    "title",
    "description",
    "unit",
    "format",
    "meaning",  # the semantic type
    "moved",  # the same columns stand in another order
]

# The same that make a version number rise to the next major one (catalog/numbering.py).
BREAKING: frozenset[Change] = frozenset({"removed", "renamed", "retyped", "key"})

_WORDS: Mapping[Change, str] = {
    "title": "title",
    "description": "description",
    "unit": "unit",
    "format": "format",
    "meaning": "semantic",
}


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """``column`` is the newer name, or that of a removed one; empty for the table's key and order.

    ``before`` and ``after`` are JSON values; ``constraint`` says which one. ``guess`` is true where a renaming was
    concluded from values; ``evidence`` says from what, ``share`` how many of the compared cells agree.
    """

    change: Change
    column: str = ""
    before: Any = None
    after: Any = None
    constraint: str = ""
    guess: bool = False
    evidence: str = ""
    share: float | None = None

    @property
    def is_breaking(self) -> bool:
        return self.change in BREAKING

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "change": self.change,
            "column": self.column,
            "breaking": self.is_breaking,
            "before": self.before,
            "after": self.after,
        }
        if self.constraint:
            found["constraint"] = self.constraint
        if self.evidence:
            found |= {"guess": self.guess, "evidence": self.evidence, "share": self.share}
        return found


def compare_schemas(before: TableSchema, after: TableSchema, *, renames: Sequence[Rename]) -> tuple[ColumnChange, ...]:
    """All changes, the breaking ones first."""
    by_new = {rename.after: rename for rename in renames}
    old = {item.name: item for item in before.fields}
    moved_away = {rename.before for rename in renames}
    found = [
        ColumnChange("removed", item.name, before=item.type)
        for item in before.fields
        if item.name not in after.names and item.name not in moved_away
    ]
    for item in after.fields:
        rename = by_new.get(item.name)
        earlier = old.get(rename.before if rename else item.name)
        if earlier is None:
            found.append(ColumnChange("added", item.name, after=item.type))
            continue
        if rename:
            found.append(_renamed(rename))
        found += _changes(earlier, item)
    found += _of_table(before, after, by_new)
    return tuple(sorted(found, key=lambda change: not change.is_breaking))


def _renamed(rename: Rename) -> ColumnChange:
    return ColumnChange(
        "renamed",
        rename.after,
        before=rename.before,
        after=rename.after,
        guess=rename.is_guess,
        evidence=rename.evidence,
        share=rename.share,
    )


def _changes(before: Field, after: Field) -> Iterator[ColumnChange]:
    if before.type != after.type:
        yield ColumnChange("retyped", after.name, before.type, after.type)
    elif before.arrow != after.arrow and before.arrow and after.arrow:
        yield ColumnChange("stored", after.name, before.arrow, after.arrow)
    for change, attribute in _WORDS.items():
        old, new = getattr(before, attribute), getattr(after, attribute)
        if old != new:
            yield ColumnChange(change, after.name, old, new)
    yield from _constraints(after.name, before.constraints, after.constraints)


def _constraints(column: str, before: Constraints, after: Constraints) -> Iterator[ColumnChange]:
    old, new = before.to_descriptor(), after.to_descriptor()
    for name in (*old, *(name for name in new if name not in old)):
        if old.get(name) != new.get(name):
            change = _direction(name, old.get(name), new.get(name))
            yield ColumnChange(change, column, old.get(name), new.get(name), constraint=name)


def _direction(name: str, old: Any, new: Any) -> Change:
    """Whether fewer values satisfy the newer constraint (tightened), more (loosened), or simply others."""
    if old is None:
        return "tightened"
    if new is None:
        return "loosened"
    if name == "enum":
        return _of_sets(old, new)
    if name == "pattern" or isinstance(old, str) != isinstance(new, str):
        return "constrained"
    is_floor = name in ("minimum", "minLength")
    return "tightened" if (new > old) == is_floor else "loosened"


def _of_sets(old: Sequence[Any], new: Sequence[Any]) -> Change:
    before, after = {repr(value) for value in old}, {repr(value) for value in new}
    if before == after:
        return "constrained"
    if after < before:
        return "tightened"
    return "loosened" if before < after else "constrained"


def _of_table(before: TableSchema, after: TableSchema, renames: Mapping[str, Rename]) -> Iterator[ColumnChange]:
    renamed_back = [renames[name].before if name in renames else name for name in after.primary_key]
    if list(before.primary_key) != renamed_back:
        yield ColumnChange("key", before=list(before.primary_key), after=list(after.primary_key))
    kept = [renames[name].before if name in renames else name for name in after.names]
    common = [name for name in kept if name in before.names]
    if common != [name for name in before.names if name in common]:
        yield ColumnChange("moved", before=list(before.names), after=list(after.names))
