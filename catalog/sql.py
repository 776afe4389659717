"""Identifiers in SQL. Column names are foreign input: they are quoted here, and values are always bound."""

from __future__ import annotations


def quoted(identifier: str) -> str:
    """The identifier as SQL reads it literally, whatever is in it."""
    return '"' + identifier.replace('"', '""') + '"'
