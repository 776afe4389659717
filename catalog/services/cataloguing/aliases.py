"""Names that an organization's files have for the columns of a standard schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from catalog import audit
from catalog.actor import Actor
from catalog.models import ColumnAlias, Dataset
from catalog.permissions import Action, require
from catalog.table_schema import TableSchema


def remember_aliases(*, actor: Actor, dataset: Dataset, names: Mapping[str, str]) -> int:
    """Remember for the dataset's organization and standard schema that ``names`` (header to column) mean the same.

    Names that are no column of the schema are passed over; the newest word counts. Returns how many were new.
    Raises Forbidden.
    """
    require(actor, Action.UPLOAD, dataset)
    schema = dataset.conforms_to
    if schema is None or actor.user is None:
        return 0
    columns = set(TableSchema.from_descriptor(schema.descriptor).names)
    made = 0
    for alias, field in names.items():
        if field not in columns or alias in columns:
            continue
        row, is_new = ColumnAlias.objects.update_or_create(
            organization=dataset.organization,
            schema_name=schema.name,
            alias=alias[:255],
            defaults={"field": field, "created_by": actor.user},
        )
        made += is_new
        audit.record(actor=actor, action="alias.set", subject=row, dataset_id=dataset.pk, alias=alias, field=field)
    return made


def standard_schema(dataset: Dataset) -> TableSchema | None:
    """The schema that the dataset's tables must meet, with what its organization calls the columns."""
    standard = dataset.conforms_to
    if standard is None:
        return None
    schema = TableSchema.from_descriptor(standard.descriptor)
    known: defaultdict[str, list[str]] = defaultdict(list)
    rows = ColumnAlias.objects.filter(organization=dataset.organization, schema_name=standard.name).order_by("pk")
    for field, alias in rows.values_list("field", "alias"):
        known[field].append(alias)
    fields = tuple(
        replace(field, aliases=(*field.aliases, *known[field.name])) if field.name in known else field
        for field in schema.fields
    )
    return replace(schema, fields=fields)
