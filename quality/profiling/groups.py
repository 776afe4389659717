"""How the groups of a declared column are represented, and what is missing for which of them.

Whether a table is fair to the people or places in it can't be computed; who is rare in it, and of whom less is known,
can.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from quality.table import PLAIN, Column, Family, Table, quoted
from quality.values import shown

GROUPS = 50
COLUMNS = 200
# Shares of smaller groups move by chance.
LEAST_ROWS = 30
# Differences in what is missing from here on are told.
UNEVEN = 0.1
UNEVEN_COLUMNS = 20

_AS_THEY_ARE: frozenset[Family] = frozenset({"text", "integer", "bool", "float", "decimal"})
"""Families whose values JSON can say; moments are told by the engine."""


@dataclass(frozen=True, slots=True)
class Group:
    """``missing`` are the nulls of other columns in the group's rows, where there are any. A null value is a group."""

    value: Any
    rows: int
    missing: dict[str, int]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The largest groups of a column (at most 50), over all rows; ``others`` are the groups and rows beyond."""

    column: str
    groups: tuple[Group, ...]
    rows: int
    others: tuple[int, int]

    def to_json(self) -> dict[str, Any]:
        """``uneven``: the columns that one group lacks in 10 % of its rows more than another (of 30 rows or more)."""
        groups, rows = self.others
        return {
            "column": self.column,
            "groups": [
                {
                    "value": group.value,
                    "rows": group.rows,
                    "share": _share(group.rows, self.rows),
                    "missing": group.missing,
                }
                for group in self.groups
            ],
            "others": {"groups": groups, "rows": rows},
            "uneven": list(self._uneven()),
        }

    def _uneven(self) -> list[dict[str, Any]]:
        large = [group for group in self.groups if group.rows >= LEAST_ROWS]
        found = []
        for name in dict.fromkeys(name for group in large for name in group.missing):
            shares = [(_share(group.missing.get(name, 0), group.rows), group.value) for group in large]
            least, most = min(shares, key=_first), max(shares, key=_first)
            if most[0] - least[0] >= UNEVEN:
                found.append((most[0] - least[0], {"column": name, "least": _told(least), "most": _told(most)}))
        found.sort(key=lambda item: -item[0])
        return [told for _difference, told in found[:UNEVEN_COLUMNS]]


def groupings(table: Table, declared: Iterable[str]) -> list[Grouping]:
    """Count by each declared column that the table has. Lists and structs make no groups."""
    columns = [table.column(name) for name in declared]
    return [
        _grouping(table, column)
        for column in columns
        if column is not None and column.family not in ("nested", "other")
    ]


def _grouping(table: Table, column: Column) -> Grouping:
    others = [other for other in table.columns if other.name != column.name][:COLUMNS]
    counts = "".join(f", count(*) - count({quoted(other.name)})" for other in others)
    name = quoted(column.name)
    if column.family not in _AS_THEY_ARE:
        name = f"{name}::VARCHAR"
    rows = table.connection.execute(
        f"SELECT {name}, count(*){counts}, count(*) OVER () FROM {PLAIN} GROUP BY {name} "
        f"ORDER BY count(*) DESC, {name} NULLS LAST LIMIT {GROUPS}"
    ).fetchall()
    groups = tuple(_group(row, others) for row in rows)
    all_groups = rows[0][-1] if rows else 0
    return Grouping(
        column.name,
        groups,
        table.rows,
        (all_groups - len(groups), table.rows - sum(group.rows for group in groups)),
    )


def _group(row: Sequence[Any], others: Sequence[Column]) -> Group:
    value, rows, *nulls = row[:-1]
    missing = {other.name: count for other, count in zip(others, nulls, strict=True) if count}
    return Group(shown(value, 200), rows, missing)


def _first(item: tuple[float, Any]) -> float:
    return item[0]


def _told(item: tuple[float, Any]) -> dict[str, Any]:
    return {"value": item[1], "share": item[0]}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
