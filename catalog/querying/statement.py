"""What a query may be: one SELECT over named tables. Read by DuckDB's own parser, looked at as the tree that it makes.

The text that runs is written anew from the tree that was looked at, so that there is no second reading of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from catalog.querying.messages import gettext_noop
from catalog.querying.vocabulary import TABLE_FUNCTIONS, TABLE_REFERENCES, UNSTABLE, is_refused
from catalog.sql import literal

MAX_CHARACTERS = 100_000


class StatementRefused(Exception):
    """``is_escape``: it asked for something beyond its tables, and is written down; otherwise it is a slip."""

    def __init__(self, sentence: str, remedy: str = "", *, is_escape: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy
        self.is_escape = is_escape


@dataclass(frozen=True, slots=True)
class Statement:
    """A query's tree, the names of the tables in it as they were written, and whether it always answers the same."""

    tree: Mapping[str, Any]
    tables: tuple[str, ...]
    is_stable: bool


def read_statement(text: str, *, by: duckdb.DuckDBPyConnection) -> Statement:
    """Parse and look. Raises StatementRefused."""
    if len(text) > MAX_CHARACTERS:
        raise StatementRefused(f"A query has at most {MAX_CHARACTERS:,} characters.")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
        raise StatementRefused(gettext_noop("A query has no NUL characters, and no halves of pairs."))
    written = by.execute(f"SELECT json_serialize_sql({literal(text)})").fetchall()[0][0]
    try:
        tree = json.loads(written)
    except RecursionError:
        raise StatementRefused(
            gettext_noop("The query is nested too deeply."), gettext_noop("Use WITH to name its steps.")
        ) from None
    if tree.get("error"):
        raise _unreadable(tree)
    statements = tree["statements"]
    if not statements:
        raise StatementRefused(gettext_noop("There is no query."), gettext_noop("Write one SELECT."))
    if len(statements) != 1:
        raise StatementRefused(
            gettext_noop("One SELECT at a time."), gettext_noop("Send each statement by itself."), is_escape=True
        )
    look = _Look()
    try:
        look.at(statements[0], frozenset())
    except RecursionError:
        raise StatementRefused(
            gettext_noop("The query is nested too deeply."), gettext_noop("Use WITH to name its steps.")
        ) from None
    return Statement(tree, tuple(look.tables), look.is_stable)


def write_statement(statement: Statement, *, full: Mapping[str, str], by: duckdb.DuckDBPyConnection) -> str:
    """The query as DuckDB writes it, its tables (``statement.tables``) under their ``full`` names."""
    tree = json.loads(json.dumps(statement.tree))
    look = _Look(lambda name: full[name])
    look.at(tree["statements"][0], frozenset())
    text: str = by.execute(f"SELECT json_deserialize_sql({literal(json.dumps(tree))})").fetchall()[0][0]
    return text


def _unreadable(tree: Mapping[str, Any]) -> StatementRefused:
    message = str(tree.get("error_message", "")).strip()
    if tree.get("error_type") == "not implemented":
        return StatementRefused(
            gettext_noop("Only SELECT is answered here: nothing else is read or run."),
            gettext_noop("Write one SELECT (or FROM, WITH, VALUES, DESCRIBE, SUMMARIZE)."),
            is_escape=True,
        )
    return StatementRefused(
        f"The query can't be read: {message}.", gettext_noop("Check its spelling; the dialect is DuckDB's.")
    )


class _Look:
    """A walk over the tree: whatever it does not know is refused, tables are named, common table expressions scoped."""

    def __init__(self, rename: Callable[[str], str] | None = None) -> None:
        self._rename = rename
        self.tables: dict[str, None] = {}
        self.is_stable = True

    def at(self, node: Any, scope: frozenset[str]) -> None:
        if isinstance(node, list):
            for item in node:
                self.at(item, scope)
        elif isinstance(node, dict):
            self._visit(node, scope)

    def _visit(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        if "cte_map" in node:
            scope = self._expressions(node["cte_map"], scope)
        if node.get("type") == "RECURSIVE_CTE_NODE":
            scope = scope | {str(node.get("cte_name", "")).lower()}
        if (sample := node.get("sample")) and sample.get("seed", -1) in {-1, None}:
            self.is_stable = False
        self._look(node, scope)
        for key, value in node.items():
            if key not in {"cte_map", "function"}:
                self.at(value, scope)

    def _look(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        match node:
            case {"catalog_name": _, "table_name": _, "at_clause": _}:
                self._table(node, scope)
            case {"type": "SHOW_REF"} if not node.get("query"):
                raise _escape("What the engine holds is not shown.", "DESCRIBE or SUMMARIZE a table.")
            case {"type": "TABLE_FUNCTION", "function": function}:
                self._table_function(function)
                self.at(function.get("children"), scope)
            case {"class": "FUNCTION", "function_name": _}:
                self._function(node)
            case {"class": "PARAMETER"}:
                raise StatementRefused(
                    gettext_noop("There is no value for a parameter."), gettext_noop("Write the value into the query.")
                )
            case {"class": "COLUMN_REF", "column_names": [name]} if str(name).lower() in UNSTABLE:
                self.is_stable = False
            case {"alias": _, "sample": _, "type": kind} if "class" not in node and kind not in TABLE_REFERENCES:
                raise _escape(f"“{kind}” is not answered here.")

    def _expressions(self, found: Mapping[str, Any], scope: frozenset[str]) -> frozenset[str]:
        """Each sees those before it; the query after them sees all."""
        for item in found["map"]:
            self.at(item["value"], scope)
            scope = scope | {str(item["key"]).lower()}
        return scope

    def _table(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        schema, catalog, name = node["schema_name"], node["catalog_name"], node["table_name"]
        if node.get("at_clause") is not None:
            raise _escape("A table is asked for by its version, not by time.", "Write “owner/dataset@1.0.0/table”.")
        if schema or catalog:
            raise _escape(
                f"There is no “{'.'.join(part for part in (catalog, schema, name) if part)}”.",
                'Tables have no schema in front: write "owner/dataset@1.0.0/table" in double quotes.',
            )
        if str(name).lower() in scope:
            return
        self.tables.setdefault(name)
        if self._rename is not None:
            node["alias"] = node["alias"] or name
            node["table_name"] = self._rename(name)

    def _table_function(self, function: Mapping[str, Any]) -> None:
        name = str(function.get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS or function.get("catalog") or function.get("schema") not in {"", "main"}:
            allowed = ", ".join(sorted(TABLE_FUNCTIONS))
            raise _escape(f"“{name}” can't be read from.", f"In FROM stand tables, and {allowed}.")

    def _function(self, node: Mapping[str, Any]) -> None:
        name = str(node["function_name"]).lower()
        if is_refused(name):
            raise _escape(
                f"“{name}” can't be called here.", gettext_noop("Functions that look at the engine or its files can't.")
            )
        if name in UNSTABLE:
            self.is_stable = False


def _escape(sentence: str, remedy: str = "") -> StatementRefused:
    return StatementRefused(sentence, remedy, is_escape=True)


__all__ = ["MAX_CHARACTERS", "Statement", "StatementRefused", "read_statement", "write_statement"]
