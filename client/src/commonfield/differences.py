"""What is different between two versions, as the registry computed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from commonfield._parse import Json, many, need, number, text, words


@dataclass(frozen=True)
class ColumnChange:
    """One thing that changed in the schema: added, removed, renamed, retyped …; before and after are JSON values."""

    column: str
    change: str
    breaking: bool
    before: Any
    after: Any
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> ColumnChange:
        return cls(
            text(data, "column"),
            str(need(data, "change")),
            bool(data.get("breaking")),
            data.get("before"),
            data.get("after"),
            data,
        )


@dataclass(frozen=True)
class ColumnDrift:
    """How far a column's values moved: `psi` is the population stability index, `level` none, moderate or major."""

    name: str
    level: str
    psi: float | None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> ColumnDrift:
        psi = data.get("psi")
        return cls(
            str(need(data, "name")), text(data, "level"), float(psi) if isinstance(psi, int | float) else None, data
        )


@dataclass(frozen=True)
class TableDifference:
    """One table's; counts of rows and cells are None where the two could not be compared so.

    `key` are the columns by which rows are matched, empty where there is no key and rows are counted as wholes.
    """

    name: str
    breaking: bool
    columns: tuple[ColumnChange, ...]
    key: tuple[str, ...]
    rows_before: int
    rows_after: int
    rows_added: int | None
    rows_removed: int | None
    rows_changed: int | None
    cells_changed: int | None
    drift: tuple[ColumnDrift, ...]
    records: int
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, name: str, data: Json) -> TableDifference:
        rows, cells = need(data, "rows"), data.get("cells") or {}
        return cls(
            name=name,
            breaking=bool(data.get("breaking")),
            columns=many(ColumnChange.from_json, data.get("columns")),
            key=words(rows, "key"),
            rows_before=number(rows, "before") or 0,
            rows_after=number(rows, "after") or 0,
            rows_added=number(rows, "added"),
            rows_removed=number(rows, "removed"),
            rows_changed=number(rows, "changed"),
            cells_changed=number(cells, "changed"),
            drift=many(ColumnDrift.from_json, data.get("drift")),
            records=number(data, "records") or 0,
            raw=data,
        )


@dataclass(frozen=True)
class DocumentChange:
    """A document that was added, changed or removed; `before` and `after` are its sha256, None where there is none."""

    name: str
    change: str
    before: str | None
    after: str | None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> DocumentChange:
        before, after = (side.get("sha256") if (side := data.get(name)) else None for name in ("before", "after"))
        return cls(str(need(data, "name")), str(need(data, "change")), before, after, data)


@dataclass(frozen=True)
class Difference:
    """From `base` to `version`: tables and documents added or removed, words changed, and each table of both."""

    dataset: str
    base: str
    version: str
    breaking: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]
    words: tuple[Json, ...]
    tables: Mapping[str, TableDifference]
    documents: tuple[DocumentChange, ...] = ()
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Difference:
        tables = need(data, "tables")
        return cls(
            dataset=text(data, "dataset"),
            base=str(need(data, "base")),
            version=str(need(data, "version")),
            breaking=bool(data.get("breaking")),
            added=words(data, "added"),
            removed=words(data, "removed"),
            words=tuple(data.get("words") or ()),
            tables={name: TableDifference.from_json(name, table) for name, table in tables.items()},
            documents=many(DocumentChange.from_json, data.get("documents")),
            raw=data,
        )
