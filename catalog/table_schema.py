"""Table Schema as typed values: what a resource's columns are called, mean and must satisfy.

The descriptor is Data Package's Table Schema (https://specs.frictionlessdata.io/table-schema/, v1 with the
v2 additions that we use). Seven properties are ours and are kept beside the standard ones, as the standard
allows: ``unit`` (a UCUM or plain unit), ``arrow`` (the exact Arrow type in the Parquet), ``sourceName``
(the header as it stood in the original file) and ``semantic`` (what the values mean beside their type: "email",
"country-alpha2"; ingest/semantics), ``disclosure`` (how far the column tells of persons, as its owner says; one of
``DISCLOSURES``), ``limits`` (what one should know before one uses it), and ``aliases`` (other names under which the
column may stand in a file).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import CatalogError

FieldType = Literal[
    "string",
    "integer",
    "number",
    "boolean",
    "date",
    "datetime",
    "time",
    "year",
    "yearmonth",
    "duration",
    "object",
    "array",
    "geojson",
    "any",
]
FIELD_TYPES: tuple[str, ...] = get_args(FieldType)

DISCLOSURES = ("", "quasi-identifier", "sensitive", "none")
"""Unsaid; singles persons out together with others; nobody may learn it of a person; neither."""

NAME_LIMIT = 255
PATTERN_LIMIT = 1_000


class InvalidSchema(CatalogError):
    """A schema descriptor that breaks Table Schema's rules; ``problems`` lists every one of them."""

    code = "invalid-schema"
    title = gettext_lazy("The schema is not a valid Table Schema")

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems), remedy=_("Correct the fields named and send the schema again."))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Constraints:
    """What every value of a field must satisfy. ``None`` and empty mean "not asked"."""

    required: bool = False
    unique: bool = False
    minimum: float | str | None = None
    maximum: float | str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    enum: tuple[Any, ...] = ()

    @classmethod
    def from_descriptor(cls, descriptor: Mapping[str, Any]) -> Constraints:
        return cls(
            required=bool(descriptor.get("required", False)),
            unique=bool(descriptor.get("unique", False)),
            minimum=descriptor.get("minimum"),
            maximum=descriptor.get("maximum"),
            min_length=descriptor.get("minLength"),
            max_length=descriptor.get("maxLength"),
            pattern=descriptor.get("pattern"),
            enum=tuple(descriptor.get("enum") or ()),
        )

    def to_descriptor(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {
            "required": self.required or None,
            "unique": self.unique or None,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "minLength": self.min_length,
            "maxLength": self.max_length,
            "pattern": self.pattern,
            "enum": list(self.enum) or None,
        }
        return {name: value for name, value in pairs.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its name, logical type, meaning, unit and constraints.

    ``group`` is true where its values are groups (of people, of places) that the profile should compare.
    ``categories`` are pairs of a value and what it stands for (Data Package 2, "categories").
    """

    name: str
    type: FieldType = "any"
    title: str = ""
    description: str = ""
    unit: str = ""
    format: str = ""
    constraints: Constraints = field(default_factory=Constraints)
    missing_values: tuple[str, ...] | None = None
    arrow: str = ""
    source_name: str = ""
    semantic: str = ""
    disclosure: str = ""
    aliases: tuple[str, ...] = ()
    group: bool = False
    categories: tuple[tuple[Any, str], ...] = ()
    limits: str = ""

    @classmethod
    def from_descriptor(cls, descriptor: Mapping[str, Any]) -> Field:
        missing = descriptor.get("missingValues")
        return cls(
            name=str(descriptor["name"]),
            type=descriptor.get("type", "any"),
            title=descriptor.get("title", ""),
            description=descriptor.get("description", ""),
            unit=descriptor.get("unit", ""),
            format=descriptor.get("format", ""),
            constraints=Constraints.from_descriptor(descriptor.get("constraints") or {}),
            missing_values=None if missing is None else tuple(missing),
            arrow=descriptor.get("arrow", ""),
            source_name=descriptor.get("sourceName", ""),
            semantic=descriptor.get("semantic", ""),
            disclosure=descriptor.get("disclosure", ""),
            aliases=tuple(descriptor.get("aliases") or ()),
            group=descriptor.get("group") is True,
            categories=_categories(descriptor.get("categories") or ()),
            limits=descriptor.get("limits", ""),
        )

    def to_descriptor(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "title": self.title,
            "description": self.description,
            "unit": self.unit,
            "format": self.format,
            "constraints": self.constraints.to_descriptor(),
            "missingValues": None if self.missing_values is None else list(self.missing_values),
            "arrow": self.arrow,
            "sourceName": self.source_name,
            "semantic": self.semantic,
            "disclosure": self.disclosure,
            "aliases": list(self.aliases) or None,
            "group": self.group or None,
            "categories": [{"value": value, "label": label} for value, label in self.categories] or None,
            "limits": self.limits,
        }
        return {key: value for key, value in pairs.items() if value not in ("", None, {})}


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``fields`` of this resource point at ``reference_fields`` of another resource of the same version."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]

    @classmethod
    def from_descriptor(cls, descriptor: Mapping[str, Any]) -> ForeignKey:
        reference = descriptor["reference"]
        return cls(_names(descriptor["fields"]), reference.get("resource", ""), _names(reference["fields"]))

    def to_descriptor(self) -> dict[str, Any]:
        return {
            "fields": list(self.fields),
            "reference": {"resource": self.resource, "fields": list(self.reference_fields)},
        }


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The fields of one table in order, its keys, and the tokens that mean "no value"."""

    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    missing_values: tuple[str, ...] = ("",)

    @classmethod
    def from_descriptor(cls, descriptor: Mapping[str, Any]) -> TableSchema:
        """Read a Table Schema descriptor.

        Raises InvalidSchema with every problem found, not only the first.
        """
        problems = list(_problems(descriptor))
        if problems:
            raise InvalidSchema(problems)
        return cls(
            fields=tuple(Field.from_descriptor(item) for item in descriptor["fields"]),
            primary_key=_names(descriptor.get("primaryKey") or ()),
            unique_keys=tuple(_names(key) for key in descriptor.get("uniqueKeys") or ()),
            foreign_keys=tuple(ForeignKey.from_descriptor(key) for key in descriptor.get("foreignKeys") or ()),
            missing_values=tuple(descriptor.get("missingValues", ("",))),
        )

    def to_descriptor(self) -> dict[str, Any]:
        descriptor: dict[str, Any] = {
            "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
            "fields": [item.to_descriptor() for item in self.fields],
            "missingValues": list(self.missing_values),
        }
        if self.primary_key:
            descriptor["primaryKey"] = list(self.primary_key)
        if self.unique_keys:
            descriptor["uniqueKeys"] = [list(key) for key in self.unique_keys]
        if self.foreign_keys:
            descriptor["foreignKeys"] = [key.to_descriptor() for key in self.foreign_keys]
        return descriptor

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.fields)

    def __getitem__(self, name: str) -> Field:
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    def with_field(self, changed: Field) -> TableSchema:
        """The same schema with the field of that name replaced."""
        return replace(self, fields=tuple(changed if item.name == changed.name else item for item in self.fields))


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    """Table Schema writes a key of one field as a plain string."""
    return (value,) if isinstance(value, str) else tuple(value)


def _categories(given: Iterable[Any]) -> tuple[tuple[Any, str], ...]:
    """Values with their labels; Data Package lets a value stand without one, and it is its own label then."""
    return tuple(
        (item["value"], str(item.get("label", item["value"]))) if isinstance(item, Mapping) else (item, str(item))
        for item in given
    )


def _problems(descriptor: Mapping[str, Any]) -> Iterable[str]:
    fields = descriptor.get("fields")
    if not isinstance(fields, list) or not fields:
        yield "fields must be a list with at least one field"
        return
    yield from _field_problems(fields)
    known = {item["name"] for item in fields if isinstance(item, Mapping) and isinstance(item.get("name"), str)}
    yield from _key_problems(descriptor, known)
    if not _is_texts(descriptor.get("missingValues", [])):
        yield "missingValues must be a list of texts"


def _field_problems(fields: list[Any]) -> Iterable[str]:
    seen: set[str] = set()
    for position, item in enumerate(fields, start=1):
        if not isinstance(item, Mapping) or not isinstance(item.get("name"), str) or not item["name"]:
            yield f"field {position} has no name"
            continue
        name = item["name"]
        if len(name) > NAME_LIMIT:
            yield f"field {position}: the name is longer than {NAME_LIMIT} characters"
        if name in seen:
            yield f"field {name!r} stands twice"
        seen.add(name)
        if item.get("type", "any") not in FIELD_TYPES:
            yield f"field {name!r}: type {item.get('type')!r} is none of {', '.join(FIELD_TYPES)}"
        yield from _word_problems(name, item)
        yield from _constraint_problems(name, item.get("constraints", {}))


def _word_problems(name: str, item: Mapping[str, Any]) -> Iterable[str]:
    for text in ("title", "description", "unit", "format", "arrow", "sourceName", "semantic", "limits"):
        if not isinstance(item.get(text, ""), str):
            yield f"field {name!r}: {text} must be a text"
    if item.get("disclosure", "") not in DISCLOSURES:
        yield f"field {name!r}: disclosure {item.get('disclosure')!r} is none of {', '.join(DISCLOSURES[1:])}"
    if not _is_categories(item.get("categories") or []):
        yield f"field {name!r}: categories must be a list of values, or of objects with a value and a label"
    if not _is_texts(item.get("aliases") or []):
        yield f"field {name!r}: aliases must be a list of texts"
    if not _is_texts(item.get("missingValues") or []):
        yield f"field {name!r}: missingValues must be a list of texts"


def _key_problems(descriptor: Mapping[str, Any], known: set[str]) -> Iterable[str]:
    unique = descriptor.get("uniqueKeys") or []
    if not isinstance(unique, list):
        yield "uniqueKeys must be a list of keys"
        unique = []
    keys = [("primaryKey", descriptor.get("primaryKey") or []), *(("uniqueKeys", key) for key in unique)]
    for key in descriptor.get("foreignKeys") or []:
        reference = key.get("reference") if isinstance(key, Mapping) else None
        if not isinstance(key, Mapping) or not isinstance(reference, Mapping) or not _is_key(reference.get("fields")):
            yield "a foreign key needs fields and reference.fields"
            continue
        keys.append(("foreignKeys", key.get("fields")))
    for label, key in keys:
        if not _is_key(key):
            yield f"{label} must name fields"
            continue
        yield from (f"{label} names {name!r}, which is no field" for name in _names(key) if name not in known)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_categories(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    values = [item.get("value") if isinstance(item, Mapping) else item for item in value]
    return all(isinstance(item, str | int | float) for item in values)


def _is_key(value: Any) -> bool:
    return isinstance(value, str) or _is_texts(value)


def _constraint_problems(name: str, constraints: Any) -> Iterable[str]:
    if not isinstance(constraints, Mapping):
        yield f"field {name!r}: constraints must be an object"
        return
    pattern = constraints.get("pattern")
    if pattern is not None:
        if not isinstance(pattern, str) or len(pattern) > PATTERN_LIMIT:
            yield f"field {name!r}: pattern must be a text of at most {PATTERN_LIMIT} characters"
        else:
            try:
                re.compile(pattern)
            except re.error as error:
                yield f"field {name!r}: pattern is no regular expression ({error})"
    for label in ("minimum", "maximum"):
        if isinstance(constraints.get(label), list | dict | bool):
            yield f"field {name!r}: {label} must be a number, or a date or time as text"
    for label in ("minLength", "maxLength"):
        value = constraints.get(label)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            yield f"field {name!r}: {label} must be a whole number of at least 0"
    if not isinstance(constraints.get("enum") or [], list):
        yield f"field {name!r}: enum must be a list"
