"""Tables of a draft: what ingest stores, and what their owner says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.carried import carry, new_names
from catalog.errors import Conflict, Invalid
from catalog.events import ResourceStored, SchemaChanged, raise_event
from catalog.models import (
    Dataset,
    Part,
    Resource,
    ResourceSource,
    SourceMode,
    StandardSchema,
    VerdictStatus,
    Version,
    VersionState,
)
from catalog.permissions import Action, require
from catalog.services.annotating.overlay import reopen
from catalog.services.publishing.referring import recheck_referring
from catalog.services.publishing.summaries import summarize
from catalog.services.publishing.versions import open_draft
from catalog.table_schema import TableSchema
from catalog.transitions import lock


class VersionNotDraft(Conflict):
    code = "version-not-draft"
    title = gettext_lazy("Only a draft can be changed")


class ColumnsDiffer(Invalid):
    code = "columns-differ"
    title = gettext_lazy("The schema's columns are not the table's")


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A Parquet file that lies in the bucket already. ``bytes`` is its size."""

    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One table as ingest hands it over: bytes in the bucket, everything known about them here.

    ``read_by`` is the descriptor of the schema by which the file was read; None where its values gave the types.
    ``lines`` and ``lines_sha256`` tell where its rows stand in the file, as ResourceSource keeps it.
    """

    name: str
    title: str
    rows: int
    schema: TableSchema
    parts: tuple[StoredPart, ...]
    recipe: list[dict[str, Any]]
    source: dict[str, Any]
    findings_count: int
    findings: list[dict[str, Any]]
    findings_sha256: str
    read_by: dict[str, Any] | None = None
    questions: tuple[dict[str, Any], ...] = ()
    suggestions: tuple[dict[str, Any], ...] = ()
    lines: tuple[tuple[int, int], ...] = ()
    lines_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """The file as it was uploaded; it lies in the bucket under its sha256. ``bytes`` is its size.

    ``received_at`` is when its last byte was there: files that are added to a table stand in that order.
    """

    filename: str
    sha256: str
    bytes: int
    media_type: str
    received_at: datetime | None = None


@transaction.atomic
def add_resource(
    *,
    actor: Actor,
    dataset: Dataset,
    table: StoredTable,
    original: Original,
    pipeline_version: str,
    upload_id: UUID,
    conforms_to: StandardSchema | None = None,
) -> Resource:
    """Put a stored table into the dataset's draft, in the place of one of the same name.

    What was said of that one's columns is said of the new ones too (catalog/carried.py).
    The same upload stored twice (a worker killed after it wrote) gives the same row once. Raises VersionNotDraft
    when the version has been submitted meanwhile.
    """
    version = draft_for(actor, dataset)
    position = version.resources.count()
    schema = table.schema
    for old in version.resources.filter(name=table.name):
        position = old.position
        schema = _carried(old, table, original, conforms_to)
        reopen(actor=actor, version=version, tables=[old.name])
        old.delete()
    resource = Resource.objects.create(
        version=version,
        name=table.name,
        title=table.title,
        position=position,
        rows=table.rows,
        columns=len(schema.fields),
        bytes=sum(part.bytes for part in table.parts),
        schema=schema.to_descriptor(),
        conforms_to=conforms_to,
        recipe=table.recipe,
        questions=list(table.questions),
        suggestions=list(table.suggestions),
        source=table.source,
        format=str(table.source.get("format", ""))[:16],
        pipeline_version=pipeline_version,
        original_filename=original.filename,
        original_sha256=original.sha256,
        original_bytes=original.bytes,
        original_media_type=original.media_type,
        findings_count=table.findings_count,
        findings=table.findings,
        findings_sha256=table.findings_sha256,
        upload_id=upload_id,
    )
    Part.objects.bulk_create(
        Part(resource=resource, position=position, sha256=part.sha256, bytes=part.bytes, rows=part.rows)
        for position, part in enumerate(table.parts)
    )
    ResourceSource.objects.create(
        resource=resource,
        position=0,
        mode=SourceMode.REPLACE,
        **source_columns(table=table, original=original, pipeline_version=pipeline_version, upload_id=upload_id),
    )
    recheck_referring(version, name=resource.name)
    summarize(version)
    audit.record(
        actor=actor,
        action="resource.stored",
        subject=resource,
        dataset_id=dataset.pk,
        rows=table.rows,
        original_sha256=original.sha256,
    )
    raise_event(ResourceStored(resource_id=resource.pk, upload_id=upload_id))
    return resource


def _carried(old: Resource, table: StoredTable, original: Original, standard: StandardSchema | None) -> TableSchema:
    """The new table's schema with what was said of the old one's columns; a standard schema's units stand."""
    schema = carry(
        TableSchema.from_descriptor(old.schema),
        to=table.schema,
        names=new_names(old.recipe, table.recipe),
        same_file=old.original_sha256 == original.sha256,
    )
    given = {} if standard is None else {item["name"]: item.get("unit") for item in standard.descriptor["fields"]}
    return replace(
        schema, fields=tuple(replace(item, unit=given.get(item.name) or item.unit) for item in schema.fields)
    )


def draft_for(actor: Actor, dataset: Dataset) -> Version:
    """The dataset's draft, locked; opened if there is none. Raises VersionNotDraft, NotFound, Forbidden."""
    version = lock(open_draft(actor=actor, dataset=dataset))
    if version.state != VersionState.DRAFT:
        raise VersionNotDraft(
            _("The version is %(state)s.") % {"state": version.get_state_display().lower()},
            remedy=_("Take it back from review first."),
        )
    return version


def source_columns(*, table: StoredTable, original: Original, pipeline_version: str, upload_id: UUID) -> dict[str, Any]:
    """What a ResourceSource keeps of a file and of how it was read."""
    return {
        "rows": table.rows,
        "filename": original.filename,
        "sha256": original.sha256,
        "bytes": original.bytes,
        "media_type": original.media_type,
        "schema": table.read_by,
        "source": table.source,
        "recipe": table.recipe,
        "findings_count": table.findings_count,
        "findings_sha256": table.findings_sha256,
        "lines": [list(run) for run in table.lines],
        "lines_sha256": table.lines_sha256,
        "pipeline_version": pipeline_version,
        "upload_id": upload_id,
        "received_at": original.received_at,
    }


@transaction.atomic
def edit_resource(
    *, actor: Actor, resource: Resource, title: str | None = None, schema: dict[str, Any] | None = None
) -> Resource:
    """Change a draft table's title, and the meaning, unit, constraints and keys of its columns.

    Names and types are facts of the Parquet and stay. Raises VersionNotDraft, InvalidSchema, ColumnsDiffer.
    """
    version = lock_for_change(actor, resource.version)
    if title is not None:
        resource.title = title.strip()[:200]
    if schema is not None:
        resource.schema = _merged(TableSchema.from_descriptor(resource.schema), TableSchema.from_descriptor(schema))
        resource.verdict = VerdictStatus.PENDING
    resource.save()
    if schema is not None:
        summarize(version)
        raise_event(SchemaChanged(resource_id=resource.pk))
    audit.record(actor=actor, action="resource.changed", subject=resource, dataset_id=version.dataset_id)
    return resource


@transaction.atomic
def remove_resource(*, actor: Actor, resource: Resource) -> None:
    """Take a table out of a draft. Its bytes stay until no version and no upload refers to them."""
    version = lock_for_change(actor, resource.version)
    audit.record(actor=actor, action="resource.removed", subject=resource, dataset_id=version.dataset_id)
    reopen(actor=actor, version=version, tables=[resource.name])
    resource.delete()
    recheck_referring(version, name=resource.name)
    summarize(version)


@transaction.atomic
def request_check(*, actor: Actor, resource: Resource) -> None:
    """Have a draft's table checked again (the rules changed, or the last run could not check)."""
    version = lock_for_change(actor, resource.version)
    resource.verdict = VerdictStatus.PENDING
    resource.save(update_fields=["verdict"])
    summarize(version)
    raise_event(SchemaChanged(resource_id=resource.pk))


def lock_for_change(actor: Actor, draft: Version) -> Version:
    """The draft, locked for a change of its tables or documents. Raises NotSignedIn, Forbidden, VersionNotDraft."""
    version = lock(draft)
    require(actor, Action.EDIT, version.dataset)
    if version.state != VersionState.DRAFT:
        raise VersionNotDraft(
            _("Version %(version)s is %(state)s.") % {"version": version, "state": version.get_state_display().lower()},
            remedy=_("Make a new version to change it."),
        )
    return version


def _merged(old: TableSchema, new: TableSchema) -> dict[str, Any]:
    if old.names != new.names:
        raise ColumnsDiffer(
            _("The table has %(names)s; the schema has %(names_2)s.")
            % {"names": ", ".join(old.names), "names_2": ", ".join(new.names)},
            remedy=_("Send all of the table's columns, in its order."),
        )
    retyped = [mine.name for mine, theirs in zip(old.fields, new.fields, strict=True) if mine.type != theirs.type]
    if retyped:
        raise ColumnsDiffer(
            _("The type of %(retyped)s can't be changed here: the Parquet has it already.")
            % {"retyped": ", ".join(retyped)},
            remedy=_("Declare the type in a schema of the dataset and upload the file again."),
        )
    kept = tuple(
        replace(theirs, arrow=mine.arrow, source_name=mine.source_name)
        for mine, theirs in zip(old.fields, new.fields, strict=True)
    )
    return replace(new, fields=kept).to_descriptor()
