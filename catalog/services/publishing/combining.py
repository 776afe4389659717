"""A table that another file was added to: its row, parts and chain of originals, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from catalog import audit
from catalog.actor import Actor
from catalog.events import ResourceStored, raise_event
from catalog.models import Dataset, Part, Resource, ResourceSource, SourceMode, VerdictStatus
from catalog.services.publishing.referring import recheck_referring
from catalog.services.publishing.resources import Original, StoredPart, StoredTable, draft_for, source_columns
from catalog.services.publishing.summaries import summarize
from catalog.table_schema import Field, TableSchema

COMBINING = frozenset({"append-rows", "upsert-rows", "delete-rows", "add-columns"})
"""The steps that a file's recipe ends with when it was added to a table; the table's own recipe lists them."""


class BaseMoved(Exception):
    """The table is not any more what the file was combined with: it has to be combined anew."""


@dataclass(frozen=True, slots=True)
class Base:
    """What of a table decides on the result when a file is combined with it."""

    parts: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    findings_sha256: str

    @classmethod
    def of(cls, resource: Resource) -> Base:
        fields = TableSchema.from_descriptor(resource.schema).fields
        return cls(
            parts=tuple(part.sha256 for part in resource.parts.all()),
            columns=tuple((field.name, field.arrow) for field in fields),
            findings_sha256=resource.findings_sha256,
        )


@dataclass(frozen=True, slots=True)
class Combination:
    """What a file made of a table. ``parts`` are all of the table's afterwards, but where the mode is append: there
    they are the new ones, and where ``rewritten`` is given, the old ones in their new form.

    ``added`` are columns that the table did not have; ``findings*`` are of all files of the table.
    """

    mode: SourceMode
    key: tuple[str, ...]
    counts: dict[str, int]
    base: Base
    parts: tuple[StoredPart, ...]
    findings_count: int
    findings: list[dict[str, Any]]
    findings_sha256: str
    added: tuple[Field, ...] = ()
    rewritten: tuple[StoredPart, ...] | None = None


@transaction.atomic
def combine_resource(
    *,
    actor: Actor,
    dataset: Dataset,
    name: str,
    table: StoredTable,
    original: Original,
    combination: Combination,
    pipeline_version: str,
    upload_id: UUID,
) -> Resource:
    """Add a file to the table ``name`` of the dataset's draft; ``table`` says how the file itself was read.

    Raises BaseMoved when the table has changed since, VersionNotDraft when the version was submitted meanwhile.
    """
    version = draft_for(actor, dataset)
    resource = version.resources.select_for_update(of=("self",)).filter(name=name).first()
    if resource is None or Base.of(resource) != combination.base:
        raise BaseMoved(name)
    later = _later(resource, combination, original)
    _put_parts(resource, combination, behind=sum(source.part_count for source in later))
    _put_source(
        resource,
        combination,
        later,
        source_columns(table=table, original=original, pipeline_version=pipeline_version, upload_id=upload_id),
    )
    _describe(resource, combination)
    resource.upload_id = upload_id
    resource.save()
    recheck_referring(version, name=resource.name)
    summarize(version)
    audit.record(
        actor=actor,
        action=f"resource.{combination.mode}",
        subject=resource,
        dataset_id=dataset.pk,
        original_sha256=original.sha256,
        counts=combination.counts,
    )
    raise_event(ResourceStored(resource_id=resource.pk, upload_id=upload_id))
    return resource


def _later(resource: Resource, combination: Combination, original: Original) -> list[ResourceSource]:
    """The files at the table's end that were received after this one: it goes before them, whoever was read first."""
    later: list[ResourceSource] = []
    if combination.mode != SourceMode.APPEND or original.received_at is None:
        return later
    for source in resource.sources.order_by("-position"):
        is_added = source.mode == SourceMode.APPEND and not source.inherited and source.part_count
        if not is_added or source.received_at is None or source.received_at <= original.received_at:
            break
        later.append(source)
    return later


def _put_parts(resource: Resource, combination: Combination, *, behind: int) -> None:
    parts: Sequence[StoredPart] = combination.parts
    if combination.mode == SourceMode.APPEND:
        old = combination.rewritten
        if old is None:
            old = tuple(StoredPart(part.sha256, part.bytes, part.rows) for part in resource.parts.all())
        at = len(old) - behind
        parts = (*old[:at], *combination.parts, *old[at:])
    resource.parts.all().delete()
    Part.objects.bulk_create(
        Part(resource=resource, position=position, sha256=part.sha256, bytes=part.bytes, rows=part.rows)
        for position, part in enumerate(parts)
    )
    resource.rows = sum(part.rows for part in parts)
    resource.bytes = sum(part.bytes for part in parts)


def _put_source(
    resource: Resource, combination: Combination, later: list[ResourceSource], columns: dict[str, Any]
) -> None:
    position = resource.sources.count()
    for source in later:
        source.position += 1
        source.save(update_fields=["position"])
        position -= 1
    ResourceSource.objects.create(
        resource=resource,
        position=position,
        mode=combination.mode,
        key=list(combination.key),
        counts=combination.counts,
        # Where old parts are written anew, those of earlier files are no more what they were.
        part_count=len(combination.parts) if combination.mode == SourceMode.APPEND else 0,
        **columns,
    )
    if combination.mode != SourceMode.APPEND:
        resource.sources.update(part_count=0)


def _describe(resource: Resource, combination: Combination) -> None:
    first, *others = resource.sources.order_by("position")
    told = [step for source in others for step in source.recipe if step.get("step") in COMBINING]
    resource.recipe = [*first.recipe, *told]
    if combination.added:
        schema = TableSchema.from_descriptor(resource.schema)
        resource.schema = replace(schema, fields=(*schema.fields, *combination.added)).to_descriptor()
        resource.columns = len(schema.fields) + len(combination.added)
    resource.findings_count = combination.findings_count
    resource.findings = combination.findings
    resource.findings_sha256 = combination.findings_sha256
    resource.verdict = VerdictStatus.PENDING
    resource.check_stage = ""
