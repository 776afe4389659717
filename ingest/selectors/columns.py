"""What is known of the columns of a draft's table: how each was read, what its cells were, and what is open about it.

All of it lies in the table's row of the database but the first values of a text file, which one short read of the
original gives. Nothing here grows with the table's rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from catalog.models import Resource
from ingest.outcome import RecipeStep
from ingest.recipes.vocabulary import KEPT
from ingest.selectors.beginnings import first_values
from ingest.text.names import slug

Match = Literal["", "name", "choice", "absent", "none"]
"""To a column of the standard schema: none is asked for, by its name, by another name that is known for it; the file
lacks the column, or the schema does."""

VALUES = 3
LEFT_OUT = ("drop-columns", "drop-empty-columns")


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column of the table at ``place``, with what its row of the page shows.

    ``cleaned_name`` is the one by which cleaning knows it, before a standard schema names it. ``is_typed`` where the
    file gave the type or the schema does, so that nobody can choose it; ``is_text`` where its cells can be cleaned.
    ``unit_said`` is the schema's, which stands whatever is typed. ``missing`` is a share, None before the check.
    """

    place: int
    name: str
    source_name: str
    cleaned_name: str
    type: str
    is_typed: bool
    is_text: bool
    is_trimmed: bool
    unit: str
    unit_said: bool
    missing: float | None
    match: Match
    is_asked: bool
    refused: int
    values: tuple[str, ...]
    values_from: Literal["", "file", "top", "range"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Columns that one step leaves out; ``place`` is the step's among the recipe's."""

    place: int
    names: tuple[str, ...]


class ReadColumns:
    """The columns of one table; those asked for are looked up in what is read once."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._fields: list[dict[str, Any]] = resource.schema.get("fields", [])

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(field["name"] for field in self._fields)

    @cached_property
    def standard_names(self) -> tuple[str, ...]:
        """The columns of the standard schema by which the table was read; none without one."""
        return tuple(self._standard)

    @cached_property
    def absent(self) -> frozenset[str]:
        """Columns that the standard schema has and the file has not: any other column may take their names."""
        groups = self._resource.findings
        return frozenset(str(group["column"]) for group in groups if group.get("code") == "column-absent")

    def places(self, wanted: str = "") -> list[int]:
        """Where the columns stand whose name, here or in the file, holds the words; all without words."""
        sought = wanted.strip().casefold()
        return [
            place
            for place, field in enumerate(self._fields)
            if sought in field["name"].casefold() or sought in field.get("sourceName", "").casefold()
        ]

    def at(self, places: Iterable[int]) -> list[ReadColumn]:
        """The columns at these places."""
        chosen = [(place, self._fields[place]) for place in places]
        seen = first_values(self._resource, [field.get("sourceName", "") for _, field in chosen], VALUES)
        return [self._column(place, field, values) for (place, field), values in zip(chosen, seen, strict=True)]

    def left_out(self) -> list[LeftOut]:
        """What is not in the table any more though it is in the file, a step at a time."""
        return [
            LeftOut(place, tuple(step["columns"]))
            for place, step in enumerate(self._resource.recipe)
            if step["step"] in LEFT_OUT
        ]

    def _column(self, place: int, field: Mapping[str, Any], values: tuple[str, ...]) -> ReadColumn:
        name, source = str(field["name"]), str(field.get("sourceName", ""))
        match = self._match(name, source)
        standard = self._standard.get(name, {})
        profile = self._profile.get(name, {})
        comes_typed = name not in self._as_text and name not in self._casts
        more: tuple[tuple[str, ...], Literal["", "file", "top", "range"]]
        more = (values, "file") if values else _values_of(profile) if match != "absent" else ((), "")
        total = profile.get("count", 0) + profile.get("nulls", 0)
        return ReadColumn(
            place=place,
            name=name,
            source_name=source,
            cleaned_name=self._cleaned_name(name, source) if match in {"name", "choice"} else name,
            type=str(field.get("type", "any")),
            is_typed=comes_typed or (match in {"name", "choice", "absent"} and standard.get("type", "any") != "any"),
            is_text=match != "absent" and (not comes_typed or field.get("type") == "string"),
            is_trimmed=name in self._trimmed,
            unit=str(field.get("unit", "")),
            unit_said=bool(standard.get("unit")),
            missing=profile.get("nulls", 0) / total if total else None,
            match=match,
            is_asked=name in self._asked,
            refused=int(self._casts.get(name, {}).get("refused") or 0),
            values=more[0],
            values_from=more[1],
        )

    def _match(self, name: str, source: str) -> Match:
        if not self._standard:
            return ""
        if name in self.absent:
            return "absent"
        if name not in self._standard:
            return "none"
        is_same = source.strip().casefold() == name.casefold() or slug(source) == slug(name)
        return "name" if is_same else "choice"

    def _cleaned_name(self, name: str, source: str) -> str:
        """The name that the column had when the schema was held against it."""
        known = self._named.get(source, source)
        for step in self._renamings:
            known = next((slug(str(new)) for old, new in step["columns"] if old == known), known)
        return known if source and self._sources.count(source) == 1 else name

    @cached_property
    def _standard(self) -> dict[str, Mapping[str, Any]]:
        standard = self._resource.conforms_to
        return {} if standard is None else {field["name"]: field for field in standard.descriptor["fields"]}

    @cached_property
    def _sources(self) -> list[str]:
        return [field.get("sourceName", "") for field in self._fields]

    @cached_property
    def _profile(self) -> dict[str, Mapping[str, Any]]:
        return {item["name"]: item for item in self._resource.profile.get("columns", [])}

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(item["column"] for item in self._resource.questions)

    @cached_property
    def _as_text(self) -> frozenset[str]:
        return frozenset(name for step in self._steps(KEPT) for name in step["columns"])

    @cached_property
    def _casts(self) -> dict[str, RecipeStep]:
        return {step["column"]: step for step in self._steps("cast")}

    @cached_property
    def _trimmed(self) -> frozenset[str]:
        return frozenset(step["column"] for step in self._steps("trim-text"))

    @cached_property
    def _named(self) -> dict[str, str]:
        return {source: name for step in self._steps("rename") for source, name in step["columns"]}

    @cached_property
    def _renamings(self) -> list[RecipeStep]:
        return self._steps("rename-columns")

    def _steps(self, name: str) -> list[RecipeStep]:
        return [step for step in self._resource.recipe if step["step"] == name]


def _values_of(profile: Mapping[str, Any]) -> tuple[tuple[str, ...], Literal["", "top", "range"]]:
    """Values that the profile kept: the most frequent ones, or the lowest and the highest."""
    top: Sequence[Mapping[str, Any]] = profile.get("top") or ()
    if top:
        return tuple(str(item["value"]) for item in top[:VALUES]), "top"
    low, high = profile.get("min"), profile.get("max")
    if low is None or high is None:
        return (), ""
    return tuple(dict.fromkeys((str(low), str(high)))), "range"
