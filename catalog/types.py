"""One table of types: what each stored Arrow type is called in every other vocabulary that we speak.

The stored types are those of the normal Parquet (ingest/columns/arrow_types.py): signed, microseconds, no time of day,
no bytes. ``read_type`` reads the name that Arrow itself gives a type (the ``arrow`` of a field); the other functions
write it for others. Each was run through its real client (tests/clients/test_types_abroad.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

DEPTH_LIMIT = 40
"""Types nested deeper than this are read as text by those who ask for a name; no reader of ours makes any."""

CroissantVersion = Literal["1.0", "1.1"]


class Kind(StrEnum):
    """Every kind of column that a stored Parquet file can have."""

    BOOL = "bool"
    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT = "float"
    DOUBLE = "double"
    DECIMAL = "decimal"
    STRING = "string"
    DATE = "date"
    DATETIME = "datetime"
    INSTANT = "instant"
    LIST = "list"
    STRUCT = "struct"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class ArrowType:
    """A type with its parts: ``items`` are the element of a list, key and value of a map, the fields of a struct.

    ``DATETIME`` is a moment of an unknown zone, ``INSTANT`` one in UTC; both in microseconds.
    """

    kind: Kind
    precision: int = 0
    scale: int = 0
    items: tuple[tuple[str, ArrowType], ...] = ()

    @property
    def element(self) -> ArrowType:
        """What a list is made of."""
        return self.items[0][1]


TEXT = ArrowType(Kind.STRING)


class UnknownType(ValueError):
    """The name is none that Arrow gives to a type that we store."""


@dataclass(frozen=True, slots=True)
class Names:
    """A scalar's name in each vocabulary. ``{p}`` and ``{s}`` are a decimal's precision and scale.

    arrow: ``str(pyarrow type)``; spark: Delta's schema strings (https://github.com/delta-io/delta/blob/master/PROTOCOL.md);
    hugging_face: ``datasets.Value``; croissant_1_0, croissant_1_1: ``dataType`` (http://docs.mlcommons.org/croissant/);
    table_schema: Data Package's field types; ckan: the datastore's, which are PostgreSQL's; sql: DuckDB's.
    """

    arrow: str
    spark: str
    hugging_face: str
    croissant_1_0: str
    croissant_1_1: str
    table_schema: str
    ckan: str
    sql: str


_DECIMAL = Names(
    "decimal128({p}, {s})",
    "decimal({p},{s})",
    "decimal128({p}, {s})",
    "sc:Float",
    "sc:Float",
    "number",
    "numeric",
    "DECIMAL({p},{s})",
)
SCALARS: Mapping[Kind, Names] = {
    Kind.BOOL: Names("bool", "boolean", "bool", "sc:Boolean", "sc:Boolean", "boolean", "bool", "BOOLEAN"),
    Kind.INT8: Names("int8", "byte", "int8", "sc:Integer", "cr:Int8", "integer", "int2", "TINYINT"),
    Kind.INT16: Names("int16", "short", "int16", "sc:Integer", "cr:Int16", "integer", "int2", "SMALLINT"),
    Kind.INT32: Names("int32", "integer", "int32", "sc:Integer", "cr:Int32", "integer", "int4", "INTEGER"),
    Kind.INT64: Names("int64", "long", "int64", "sc:Integer", "cr:Int64", "integer", "int8", "BIGINT"),
    Kind.FLOAT: Names("float", "float", "float32", "sc:Float", "cr:Float32", "number", "float4", "FLOAT"),
    Kind.DOUBLE: Names("double", "double", "float64", "sc:Float", "cr:Float64", "number", "float8", "DOUBLE"),
    Kind.DECIMAL: _DECIMAL,
    Kind.STRING: Names("string", "string", "string", "sc:Text", "sc:Text", "string", "text", "VARCHAR"),
    Kind.DATE: Names("date32[day]", "date", "date32", "sc:Date", "sc:Date", "date", "date", "DATE"),
    Kind.DATETIME: Names(
        "timestamp[us]",
        "timestamp_ntz",
        "timestamp[us]",
        "sc:DateTime",
        "sc:DateTime",
        "datetime",
        "timestamp",
        "TIMESTAMP",
    ),
    Kind.INSTANT: Names(
        "timestamp[us, tz=UTC]",
        "timestamp",
        "timestamp[us, tz=UTC]",
        "sc:DateTime",
        "sc:DateTime",
        "datetime",
        "timestamptz",
        "TIMESTAMP WITH TIME ZONE",
    ),
}
_BY_ARROW = {names.arrow: kind for kind, names in SCALARS.items() if kind is not Kind.DECIMAL}
_SCALAR = re.compile(r"[a-z]+[0-9]*(?:\[[^\]<>]*\])?(?:\([0-9]+, -?[0-9]+\))?")
_DECIMAL_NAME = re.compile(r"decimal(?:32|64|128)\(([0-9]+), (-?[0-9]+)\)")
_NOT_NULL = " not null"
_TABLE_SCHEMA: Mapping[str, Kind] = {
    "integer": Kind.INT64,
    "year": Kind.INT64,
    "number": Kind.DOUBLE,
    "boolean": Kind.BOOL,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
}


# ---------------------------------------------------------------- reading
def column_type(field: Mapping[str, Any]) -> ArrowType:
    """The type of a schema's field: by its ``arrow``, else by its Table Schema type; text where neither is known."""
    try:
        return read_type(str(field["arrow"]))
    except (KeyError, UnknownType):
        return ArrowType(_TABLE_SCHEMA.get(str(field.get("type")), Kind.STRING))


def read_type(name: str) -> ArrowType:
    """The type that Arrow calls ``name``. Raises UnknownType."""
    found, end = _read(name, 0, 0)
    if end != len(name):
        raise UnknownType(name)
    return found


def _read(name: str, at: int, depth: int) -> tuple[ArrowType, int]:
    """The type that begins at a place, and the place behind it."""
    if depth > DEPTH_LIMIT:
        raise UnknownType(name)
    for kind in (Kind.STRUCT, Kind.LIST, Kind.MAP):
        if name.startswith(f"{kind}<", at):
            return _read_nested(name, at + len(kind) + 1, kind, depth)
    match = _SCALAR.match(name, at)
    if match is None:
        raise UnknownType(name)
    return _scalar(match[0]), match.end()


def _scalar(name: str) -> ArrowType:
    if kind := _BY_ARROW.get(name):
        return ArrowType(kind)
    if match := _DECIMAL_NAME.fullmatch(name):
        return ArrowType(Kind.DECIMAL, precision=int(match[1]), scale=int(match[2]))
    raise UnknownType(name)


def _read_nested(name: str, at: int, kind: Kind, depth: int) -> tuple[ArrowType, int]:
    items = []
    while not name.startswith(">", at):
        label = ""
        if kind is not Kind.MAP:
            colon = name.find(": ", at)
            if colon < 0:
                raise UnknownType(name)
            label, at = name[at:colon], colon + 2
        item, at = _read(name, at, depth + 1)
        items.append((label, item))
        at += len(_NOT_NULL) if name.startswith(_NOT_NULL, at) else 0
        # A map whose keys are sorted, or whose items have names of their own, says so behind its two types.
        if kind is Kind.MAP and len(items) == 2:
            at = max(name.find(">", at), at)
        if name.startswith(", ", at):
            at += 2
        elif not name.startswith(">", at):
            raise UnknownType(name)
    wanted = {Kind.LIST: {1}, Kind.MAP: {2}}.get(kind)
    if wanted is not None and len(items) not in wanted:
        raise UnknownType(name)
    if kind is not Kind.STRUCT:
        # What the items are called says nothing: writers call them as they like.
        labels = ("key", "value") if kind is Kind.MAP else ("element",)
        items = [(label, item) for label, (_, item) in zip(labels, items, strict=True)]
    return ArrowType(kind, items=tuple(items)), at + 1


# ---------------------------------------------------------------- writing
def _name(found: ArrowType, vocabulary: str) -> str:
    pattern: str = getattr(SCALARS[found.kind], vocabulary)
    return pattern.format(p=found.precision, s=found.scale)


def arrow_name(found: ArrowType) -> str:
    """As Arrow writes it; ``read_type`` reads it back."""
    match found.kind:
        case Kind.LIST:
            return f"list<element: {arrow_name(found.element)}>"
        case Kind.MAP:
            return f"map<{', '.join(arrow_name(item) for _, item in found.items)}>"
        case Kind.STRUCT:
            return f"struct<{', '.join(f'{name}: {arrow_name(item)}' for name, item in found.items)}>"
    return _name(found, "arrow")


def spark_type(found: ArrowType, *, ntz: bool) -> str | dict[str, Any]:
    """As Spark and Delta write it in a schema string.

    Without ``ntz`` a moment of unknown zone is called ``timestamp``: readers of Delta Sharing's Parquet answers refuse
    ``timestamp_ntz`` and read the files' own types anyway.
    """
    match found.kind:
        case Kind.LIST:
            return {"type": "array", "elementType": spark_type(found.element, ntz=ntz), "containsNull": True}
        case Kind.MAP:
            key, value = (spark_type(item, ntz=ntz) for _, item in found.items)
            return {"type": "map", "keyType": key, "valueType": value, "valueContainsNull": True}
        case Kind.STRUCT:
            return spark_struct(found.items, ntz=ntz)
        case Kind.DATETIME if not ntz:
            return SCALARS[Kind.INSTANT].spark
    return _name(found, "spark")


def spark_struct(
    items: tuple[tuple[str, ArrowType], ...], *, ntz: bool, comments: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A struct of Spark's, such as a whole table is; ``comments`` are what is said of its fields."""
    return {
        "type": "struct",
        "fields": [
            {
                "name": name,
                "type": spark_type(item, ntz=ntz),
                "nullable": True,
                "metadata": {"comment": comments[name]} if comments and comments.get(name) else {},
            }
            for name, item in items
        ],
    }


def has_local_time(found: ArrowType) -> bool:
    """Whether a moment of unknown zone is in it, which Delta readers must know ``timestamp_ntz`` for."""
    return found.kind is Kind.DATETIME or any(has_local_time(item) for _, item in found.items)


def hugging_face_feature(found: ArrowType) -> dict[str, Any] | None:
    """As ``dataset_info.features`` of a dataset card says it, without its name; None where ``datasets`` has no word.

    It has none for maps, and none for a struct without a field.
    """
    match found.kind:
        case Kind.MAP:
            return None
        case Kind.LIST:
            element = hugging_face_feature(found.element)
            if element is None:
                return None
            # Lists of scalars and of structs are written without a level of their own.
            return {"list": element.get("dtype", element.get("struct", element))}
        case Kind.STRUCT:
            fields = [(name, hugging_face_feature(item)) for name, item in found.items]
            if not fields or any(feature is None for _, feature in fields):
                return None
            return {"struct": [{"name": name, **feature} for name, feature in fields if feature is not None]}
    return {"dtype": _name(found, "hugging_face")}


def croissant_type(found: ArrowType, version: CroissantVersion) -> str | None:
    """The ``dataType`` of a field, of a list that of its innermost elements; None where a part is a struct or a map.

    Croissant has sub-fields for those, which its reader does not fill from a column of Parquet.
    """
    if found.kind is Kind.LIST:
        return croissant_type(found.element, version)
    if found.kind in {Kind.STRUCT, Kind.MAP}:
        return None
    return _name(found, "croissant_1_0" if version == "1.0" else "croissant_1_1")


def list_depth(found: ArrowType) -> int:
    """How many lists are in one another; 0 for what is none."""
    return 1 + list_depth(found.element) if found.kind is Kind.LIST else 0


def table_schema_type(found: ArrowType) -> str:
    """Data Package's type. A list is ``any``: frictionless finds each list of a Parquet file to be no ``array``."""
    if found.kind is Kind.LIST:
        return "any"
    return "object" if found.items or found.kind is Kind.STRUCT else _name(found, "table_schema")


def ckan_type(found: ArrowType) -> str:
    """The type of a field of CKAN's datastore."""
    return "json" if found.items or found.kind is Kind.STRUCT else _name(found, "ckan")


def sql_type(found: ArrowType) -> str:
    """The type as DuckDB writes it."""
    match found.kind:
        case Kind.LIST:
            return f"{sql_type(found.element)}[]"
        case Kind.MAP:
            return f"MAP({', '.join(sql_type(item) for _, item in found.items)})"
        case Kind.STRUCT:
            inner = ", ".join(f"{_quoted(name)} {sql_type(item)}" for name, item in found.items)
            return f"STRUCT({inner})"
    return _name(found, "sql")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
