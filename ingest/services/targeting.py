"""Which table an upload is for, by what schema it is read, and what is said when that can't be told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from catalog.findings import Finding, FindingGroup
from catalog.models import Resource, SourceMode
from catalog.services.cataloguing.aliases import standard_schema
from catalog.services.publishing.combining import Base
from catalog.services.publishing.resources import StoredPart
from catalog.services.publishing.starting import tables_to_work_on
from catalog.table_schema import TableSchema
from ingest.combining.targets import UnclearTarget, table_for
from ingest.models import Upload
from ingest.outcome import RejectionError


@dataclass(frozen=True, slots=True)
class Target:
    """The table that a file is added to, as it stood when it was looked at."""

    name: str
    schema: TableSchema
    base: Base
    parts: tuple[StoredPart, ...]
    originals: tuple[tuple[str, str], ...]
    first_filename: str
    findings_count: int
    findings: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, resource: Resource) -> Target:
        sources = list(resource.sources.all())
        return cls(
            name=resource.name,
            schema=TableSchema.from_descriptor(resource.schema),
            base=Base.of(resource),
            parts=tuple(StoredPart(part.sha256, part.bytes, part.rows) for part in resource.parts.all()),
            originals=tuple(
                (source.sha256, source.filename)
                for source in sources
                if source.mode in {SourceMode.REPLACE, SourceMode.APPEND}
            ),
            first_filename=resource.original_filename,
            findings_count=resource.findings_count,
            findings=tuple(resource.findings),
        )


def find_target(upload: Upload) -> Target | None:
    """The table that the upload is added to; None when it is to stand alone, or the dataset has no table yet.

    Raises RejectionError (``table-not-found``).
    """
    if upload.mode == SourceMode.REPLACE:
        return None
    tables = {resource.name: resource for resource in tables_to_work_on(upload.dataset)}
    try:
        name = table_for(list(tables), asked=upload.resource_name, filename=upload.filename)
    except UnclearTarget as unclear:
        raise RejectionError(Finding("table-not-found", params={"tables": ", ".join(unclear.tables)})) from None
    if name is None and upload.mode == SourceMode.DELETE:
        raise RejectionError(Finding("table-not-found", params={"tables": "–"}))
    return None if name is None else Target.of(tables[name])


def key_of(upload: Upload, schema: TableSchema | None) -> tuple[str, ...]:
    """The columns by which rows are found: the upload's, else the schema's. Raises RejectionError (``key-needed``)."""
    if upload.mode not in {SourceMode.UPSERT, SourceMode.DELETE}:
        return ()
    key = tuple(upload.key) or (schema.primary_key if schema is not None else ())
    if not key:
        raise RejectionError(Finding("key-needed"))
    if schema is not None and (missing := [name for name in key if name not in schema.names]):
        raise RejectionError(Finding("key-column-absent", params={"missing": ", ".join(missing)}))
    return key


def schema_to_read_by(upload: Upload, target: Target | None) -> TableSchema | None:
    """The schema by which the file is read: the table's where it is added to one, else the dataset's standard one.

    Only what the file must have is required of it: an update may lack columns, and a list of keys has nothing else.
    """
    if target is None:
        return standard_schema(upload.dataset)
    schema = target.schema
    key = key_of(upload, schema)
    if upload.mode == SourceMode.APPEND:
        return schema
    fields = tuple(
        replace(field, constraints=replace(field.constraints, required=False))
        for field in schema.fields
        if upload.mode == SourceMode.UPSERT or field.name in key
    )
    return replace(schema, fields=fields, primary_key=key, unique_keys=(), foreign_keys=())


def rejection_groups(error: RejectionError) -> list[dict[str, Any]]:
    """The findings of a refusal by code, with samples; where a finding says how many there are, that is the count."""
    groups: dict[str, list[Finding]] = {}
    for finding in error.findings:
        groups.setdefault(finding.code, []).append(finding)
    return [
        FindingGroup(
            code, int(found[0].params.get("number", len(found))), found[0].column, found[0].params, tuple(found)
        ).to_json()
        for code, found in groups.items()
    ]
