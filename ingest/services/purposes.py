"""Whether a file can be added as its owner asks, told before a byte of it travels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.errors import Invalid
from catalog.models import Dataset, SourceMode, VersionState
from catalog.services.publishing.resources import VersionNotDraft
from catalog.services.publishing.starting import tables_to_work_on
from ingest.combining.targets import UnclearTarget, table_for
from ingest.models import NewColumns

KEYED = (SourceMode.UPSERT, SourceMode.DELETE)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a file is to do to a table. ``key`` are the columns by which rows are found, empty for the schema's own."""

    mode: str = SourceMode.REPLACE
    key: tuple[str, ...] = ()
    new_columns: str = NewColumns.REFUSE


def require_draft(dataset: Dataset) -> None:
    """Raises VersionNotDraft while a version is with the stewards."""
    version = dataset.versions.open().first()
    if version is not None and version.state != VersionState.DRAFT:
        raise VersionNotDraft(
            _("The version is %(state)s.") % {"state": version.get_state_display().lower()},
            remedy=_("Take it back from review first."),
        )


def check_purpose(dataset: Dataset, *, filename: str, resource: str, purpose: Purpose) -> None:
    """Raises VersionNotDraft while a version is in review, Invalid when table or key can't be what is meant.

    The worker looks again: what is there may have changed until then.
    """
    mode, key = purpose.mode, purpose.key
    if mode == SourceMode.REPLACE:
        return
    require_draft(dataset)
    tables = {table.name: table for table in tables_to_work_on(dataset)}
    name = _table(list(tables), resource, filename)
    if name is None and mode == SourceMode.DELETE:
        raise Invalid(fields={"mode": [_("There is no table yet to delete rows of.")]})
    if mode not in KEYED:
        return
    schema = tables[name].schema if name is not None else None
    declared = (schema or {}).get("primaryKey") or []
    if not key and not declared:
        raise Invalid(
            fields={"key": [_("Name the columns that tell rows apart; the table's schema declares no primary key.")]},
            remedy=_("Send the key's columns, or declare a primary key in the schema."),
        )
    if schema is not None:
        columns = [field["name"] for field in schema["fields"]]
        if unknown := [item for item in key if item not in columns]:
            raise Invalid(
                fields={
                    "key": [
                        _("%(name)s has no column %(unknown)s; it has %(columns)s.")
                        % {"name": name, "unknown": ", ".join(unknown), "columns": ", ".join(columns)}
                    ]
                }
            )


def _table(tables: Sequence[str], resource: str, filename: str) -> str | None:
    try:
        return table_for(tables, asked=resource, filename=filename)
    except UnclearTarget as unclear:
        shown = ", ".join(unclear.tables)
        raise Invalid(
            fields={"resource": [_("Say which table the file is for: %(shown)s.") % {"shown": shown}]},
            remedy=_("To make a new table of the file, upload it without a mode."),
        ) from None
