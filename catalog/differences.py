"""The stored difference between two versions, as the core's pages read it. What computes and keeps it is `quality`.

The arrow points down (architecture, "Layers"): `quality` hands its shelf over when the site starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from django.utils.translation import gettext as _

from catalog.errors import Unavailable
from catalog.models import Version

State = Literal["queued", "running", "done", "errored"]

# What of a column's drift anybody may know, as of a profile: shares and counts, never values.
_OPEN_DRIFT = ("name", "kind", "level", "psi", "psi_of", "nulls_share", "distinct", "distinct_approximate")
_OPEN_CELLS = ("name", "before_name", "changed", "filled", "emptied", "uncompared")
_VALUES_OF_ROWS = ("added_examples", "removed_examples")


@dataclass(frozen=True, slots=True)
class StoredDifference:
    """What is known of the way from ``base`` to ``version``. ``result`` is empty until it was computed once.

    ``is_current`` says that it is of the two versions as they are now: a draft may have changed since. ``result`` has
    ``added``, ``removed`` (names of tables), ``words``, and ``tables`` by name, each as the engine gives it
    (quality/difference) with ``file``: sha256 and bytes of the file of all changes.
    """

    version: Version
    base: Version
    state: State
    is_current: bool
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_waiting(self) -> bool:
        """Whether something is still to come."""
        return self.state in ("queued", "running")

    @property
    def tables(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.result.get("tables", {})
        return found


class Shelf(Protocol):
    """Where differences are kept, and who is asked for one."""

    def find(self, *, version: Version, base: Version) -> StoredDifference | None: ...

    def want(self, *, version: Version, base: Version) -> StoredDifference: ...


_shelves: list[Shelf] = []


def register_shelf(shelf: Shelf) -> None:
    """Take the shelf that keeps differences."""
    _shelves[:] = [shelf]


def difference_of(version: Version, base: Version) -> StoredDifference | None:
    """The difference from ``base`` to ``version``, as far as it is known; None where nobody asked for it yet.

    Whoever shows it has been shown both versions, and asks whether values may be seen (``without_values``).
    """
    return _shelves[0].find(version=version, base=base) if _shelves else None


def want_difference(version: Version, base: Version) -> StoredDifference:
    """The same, and have it computed where it is not there or out of date. Raises Unavailable."""
    if not _shelves:
        raise Unavailable(_("Differences are not computed on this site."))
    return _shelves[0].want(version=version, base=base)


def without_values(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result with names and counts alone: what anybody may know of a table whose values they may not have."""
    return {**result, "tables": {name: _closed(table) for name, table in result.get("tables", {}).items()}}


def _closed(table: Mapping[str, Any]) -> dict[str, Any]:
    rows, cells = dict(table["rows"]), table["cells"]
    rows |= {name: [] for name in _VALUES_OF_ROWS}
    rows["unusable"] = {**rows["unusable"], "examples": []}
    if cells is not None:
        columns = [{name: column[name] for name in _OPEN_CELLS} for column in cells["columns"]]
        cells = {**cells, "columns": columns}
    drift = [{name: column[name] for name in _OPEN_DRIFT} for column in table["drift"]]
    return {**table, "rows": rows, "cells": cells, "drift": drift, "file": None}
