"""Annotations: what people say about a table's columns and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from commonfield._parse import Json, moment, need, number, text

Kind = Literal["column", "correction", "label"]
Aspect = Literal["meaning", "unit", "codes", "limits"]


@dataclass(frozen=True)
class Annotation:
    """One of them. Rows are told by `row_key`, or by `row` from 1; `before` is what the cell said when it was seen."""

    id: int
    kind: str
    state: str
    table: str
    column: str
    aspect: str
    label: str
    row_key: Mapping[str, Any] | None
    row: int | None
    before: Any
    value: Any
    reason: str
    author: str
    created: datetime | None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Annotation:
        key = data.get("row_key")
        return cls(
            id=int(need(data, "id")),
            kind=str(need(data, "kind")),
            state=str(need(data, "state")),
            table=text(data, "table"),
            column=text(data, "column"),
            aspect=text(data, "aspect"),
            label=text(data, "label"),
            row_key=dict(key) if isinstance(key, Mapping) else None,
            row=number(data, "row"),
            before=data.get("before"),
            value=data.get("value"),
            reason=text(data, "reason"),
            author=text(data, "author"),
            created=moment(data, "created"),
            raw=data,
        )
