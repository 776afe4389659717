"""The table's present view as SQL, for going on with it: what the address filters and sorts by, written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.rows.query import Filter, Sort
from catalog.web.table.columns import Column
from catalog.web.table.row_links import RowLinks

_SIGNS = {"min": ">=", "max": "<=", "below": "<"}
_ROWS = 100


def sql_of(links: RowLinks, *, table: str, columns: Sequence[Column]) -> str:
    """A SELECT that shows the same rows; it is understood by DuckDB and by the browser's engine."""
    kinds = {column.name: column.kind for column in columns}
    conditions = _conditions(links.query.filters, kinds)
    if links.search:
        texts = [name for name, kind in kinds.items() if kind in {"text", "cat"}]
        found = [f"STRPOS(LOWER({_name(name)}), LOWER({_text(links.search)})) > 0" for name in texts]
        conditions.append(f"({' OR '.join(found)})" if found else "1 = 0")
    lines = ["SELECT *", f"FROM {_name(table)}"]
    if conditions:
        lines.append("WHERE " + "\n  AND ".join(conditions))
    if links.query.sort is not None:
        lines.append(f"ORDER BY {_order(links.query.sort)}")
    return "\n".join([*lines, f"LIMIT {_ROWS}"])


def _conditions(filters: Sequence[Filter], kinds: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    equals: dict[str, list[str]] = {}
    for item in filters:
        name, value = _name(item.column), _value(item, kinds.get(item.column, "text"))
        if item.operator == "is":
            equals.setdefault(name, []).append(value)
        elif item.operator == "not":
            found.append(f"({name} <> {value} OR {name} IS NULL)")
        elif item.operator == "missing":
            found.append(f"{name} IS {'' if item.value == 'only' else 'NOT '}NULL")
        elif item.operator == "has":
            found.append(f"STRPOS(LOWER({name}), LOWER({_text(item.value)})) > 0")
        else:
            found.append(f"{name} {_SIGNS[item.operator]} {value}")
    for name, values in equals.items():
        found.append(f"{name} = {values[0]}" if len(values) == 1 else f"{name} IN ({', '.join(values)})")
    return found


def _order(sort: Sort) -> str:
    return _name(sort.column) + (" DESC" if sort.descending else "")


def _value(item: Filter, kind: str) -> str:
    """A number stands as it is if it is one; all else is a text, and the engine makes of it what the column holds."""
    if kind == "bool" and item.value.lower() in {"true", "false"}:
        return item.value.lower()
    if kind == "num":
        try:
            return repr(float(item.value)) if not item.value.lstrip("-").isdigit() else item.value
        except ValueError:
            return _text(item.value)
    return _text(item.value)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
