"""What is different between two versions, as the page of both and the steward's page show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.actor import Actor
from catalog.differences import difference_of, without_values
from catalog.document_changes import DocumentChange, changed_documents
from catalog.models import Resource, Version
from catalog.services.publishing.compared import current_difference, may_see_values
from catalog.web.report.difference_words import shown_tables, shown_words
from catalog.web.report.differences import Difference, compare, compare_rows
from catalog.web.table.columns import Column, columns_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """``result`` is None until somebody has looked into the tables; ``first`` is what the database says meanwhile.

    ``strips`` are the pictures of tables that both have, the older above the newer, by name.
    """

    base: Version
    version: Version
    with_values: bool
    is_waiting: bool
    is_failed: bool
    strips: Mapping[str, Sequence[Sequence[Column]]]
    result: Mapping[str, Any] | None = None
    tables: Sequence[Any] = ()
    words: Sequence[Any] = ()
    first: Sequence[Difference] = ()
    documents: Sequence[DocumentChange] = ()


def comparison_of(*, actor: Actor, older: Version, newer: Version, tables: list[Resource]) -> Comparison:
    """What is different in ``newer``, whose ``tables`` are given. Whoever may have the bytes has it computed.

    Values are for them alone. Raises Unavailable.
    """
    with_values = may_see_values(actor=actor, base=older, version=newer)
    known = current_difference(base=older, version=newer) if with_values else difference_of(newer, older)
    old = list(older.resources.select_related("report").prefetch_related("parts", "sources"))
    shown: dict[str, Any]
    if known is None or known.state != "done" or not known.is_current:
        shown = {"first": [*compare(old, tables), *compare_rows(old, tables)]}
    else:
        result = known.result if with_values else without_values(known.result)
        shown = {"result": result, "tables": shown_tables(result), "words": shown_words(result["words"])}
    return Comparison(
        base=older,
        version=newer,
        with_values=with_values,
        is_waiting=known is not None and known.is_waiting,
        is_failed=known is not None and known.state == "errored",
        strips=_strips(old, tables, with_values=with_values),
        documents=changed_documents(older.documents.all(), newer.documents.all()),
        **shown,
    )


def _strips(old: list[Resource], new: list[Resource], *, with_values: bool) -> dict[str, Any]:
    before = {table.name: table for table in old}
    return {
        table.name: [columns_of(item, with_values=with_values) for item in (before[table.name], table)]
        for table in new
        if table.name in before
    }
