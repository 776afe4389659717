"""A whole table in another format, made from its one Parquet master as it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.actor import Actor
from catalog.connections import give_back_connections
from catalog.errors import TooLarge
from catalog.hashes import sha256_of_json
from catalog.models import Resource
from catalog.querying.asking import Asking
from catalog.querying.messages import Format, Question
from catalog.querying.workbook import MAX_COLUMNS
from catalog.querying.workbook import MAX_ROWS as MAX_SHEET_ROWS
from catalog.rows.preview import opened
from catalog.rows.query import RowQuery
from catalog.rows.sql import table_sql
from catalog.services.delivering.entitlements import require_bytes
from catalog.services.delivering.reads import record_read
from catalog.services.delivering.rows import files_of, table_of

MAKING = 1
"""Of the way in which files are made: another number, another ETag."""


class SheetTooLarge(TooLarge):
    code = "sheet-too-large"
    title = gettext_lazy("This does not fit in an Excel sheet")


@dataclass(frozen=True, slots=True)
class Export:
    """``chunks`` are the bytes, made while they are asked for; to be closed by whoever has them."""

    chunks: Iterator[bytes]


def export_etag(*, resource: Resource, form: Format, faithful: bool) -> str:
    """Weak: the same rows of the same bytes, whatever the bytes of their compression."""
    parts = [part.sha256 for part in resource.parts.all()]
    return f'W/"{sha256_of_json([parts, form, faithful, MAKING])[:32]}"'


def require_export(*, actor: Actor, resource: Resource, form: Format) -> None:
    """Raises as require_bytes does, and SheetTooLarge."""
    require_bytes(actor=actor, resource=resource)
    if form == "xlsx" and (resource.rows > MAX_SHEET_ROWS or resource.columns > MAX_COLUMNS):
        raise SheetTooLarge(
            _(
                "A sheet has %(max_sheet_rows)s rows and %(max_columns)s columns at most, with the names; "
                "this table has %(rows)s rows and %(columns)s columns."
            )
            % {
                "max_sheet_rows": f"{MAX_SHEET_ROWS + 1:,}",
                "max_columns": f"{MAX_COLUMNS:,}",
                "rows": f"{resource.rows:,}",
                "columns": f"{resource.columns:,}",
            },
            remedy=_("Take it as CSV or Parquet, or fewer rows with /rows?format=xlsx."),
        )


def export_table(
    *, actor: Actor, resource: Resource, form: Format, faithful: bool = False, tick: Callable[[], None] = lambda: None
) -> Export:
    """Begin to write the table in a format. What is wrong is raised here, before the first byte.

    Raises as require_export does, and what a question to a cell raises (catalog/querying/asking.py).
    """
    require_export(actor=actor, resource=resource, form=form)
    table = table_of(resource)
    with opened(table, [(0, table.parts[0])]) as files:
        columns = files.columns
    asked = table_sql("t", {column.name: column for column in columns}, columns, query=RowQuery())
    question = Question(
        sql=asked,
        format=form,
        names=tuple(column.name for column in columns),
        faithful=faithful,
        shape="records",
    )
    chunks = _chunks(question, resource, tick)
    # The first piece is waited for: until then there may be a refusal, and after it only an end that comes too early.
    first = next(chunks, b"")
    # How large it becomes nobody knows yet: it counts like the Parquet that it is made of.
    record_read(actor=actor, resource=resource, protocol="export", rows=resource.rows, size=resource.bytes, format=form)
    give_back_connections()
    return Export(_behind(first, chunks))


def _chunks(question: Question, resource: Resource, tick: Callable[[], None]) -> Iterator[bytes]:
    with Asking("export", tick=tick) as asking:
        yield from asking.answer(question, [files_of(table_of(resource))])


def _behind(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks
