"""Rows of ours as the API's answers. No query is made here that the selector has not prefetched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from catalog import findings, markdown
from catalog.actor import Actor
from catalog.api.access_shapes import DeprecatedShape
from catalog.api.manners import shapes
from catalog.findings import FindingGroup
from catalog.licenses import License, get_license
from catalog.models import (
    Access,
    Dataset,
    Document,
    Remark,
    Resource,
    ResourceSource,
    Review,
    StandardSchema,
    Version,
)
from catalog.models.version import PUBLIC_STATES
from catalog.permissions import Action, allowed
from catalog.recipes import without_values

API = f"{settings.BASE_URL}/api/v1"


def dataset_url(dataset: Dataset) -> str:
    return f"{API}/datasets/{dataset.organization.slug}/{dataset.slug}"


def version_url(version: Version) -> str:
    return f"{dataset_url(version.dataset)}/versions/{version.address}"


def resource_url(resource: Resource) -> str:
    return f"{version_url(resource.version)}/resources/{resource.name}"


def part_url(resource: Resource, position: int, *, several: bool) -> str:
    return f"{resource_url(resource)}/parts/{position}.parquet" if several else f"{resource_url(resource)}.parquet"


def document_url(document: Document) -> str:
    return f"{version_url(document.version)}/{document.address}"


def document_shape(document: Document) -> shapes.DocumentShape:
    return {
        "name": document.name,
        "title": document.title,
        "description": document.description,
        "media_type": document.media_type,
        "bytes": document.bytes,
        "sha256": document.sha256,
        "created": document.created.isoformat(),
        "url": document_url(document),
    }


def license_shape(found: License, *, full: bool = False) -> shapes.LicenseShape:
    base: shapes.LicenseShape = {"id": found.id, "name": found.name, "url": found.url}
    return {**base, "recommended": found.recommended, "summary": str(found.summary)} if full else base


def dataset_shape(dataset: Dataset) -> shapes.DatasetShape:
    found = get_license(dataset.license)
    latest = dataset.latest
    if latest is not None:
        latest.dataset = dataset
    html = f"{settings.BASE_URL}/{dataset.organization.slug}/{dataset.slug}/"
    url = dataset_url(dataset)
    return {
        "id": f"{dataset.organization.slug}/{dataset.slug}",
        "owner": dataset.organization.slug,
        "slug": dataset.slug,
        "title": dataset.title,
        "description": dataset.description,
        "description_html": str(markdown.render(dataset.description)),
        "methods": dataset.methods,
        "known_limits": dataset.known_limits,
        "license": license_shape(found) if found else None,
        "attribution": dataset.attribution,
        "keywords": dataset.keywords,
        "contact": {"name": dataset.contact_name, "email": dataset.contact_email},
        "access": dataset.access,
        "conforms_to": str(dataset.conforms_to) if dataset.conforms_to else None,
        "max_refused_percent": dataset.max_refused_percent,
        "update_frequency": dataset.update_frequency,
        "embargo_until": _still(dataset.embargo_until),
        "deprecated": _deprecated(dataset, shown_successor(dataset)),
        "created": dataset.created.isoformat(),
        "modified": dataset.modified.isoformat(),
        "latest": version_summary(latest) if latest is not None else None,
        "links": {"self": url, "html": html, "versions": f"{url}/versions"},
    }


def shown_successor(dataset: Dataset) -> str | None:
    """What to use instead, as owner/name; None too where it is not for everybody to know of."""
    successor = dataset.successor
    if successor is None or successor.latest_id is None or successor.access == Access.PRIVATE:
        return None
    return f"{successor.organization.slug}/{successor.slug}"


def _deprecated(row: Dataset | Version, successor: str | None) -> DeprecatedShape | None:
    if row.deprecated_at is None:
        return None
    return {"at": row.deprecated_at.isoformat(), "reason": row.deprecated_reason, "successor": successor}


def _still(moment: datetime | None) -> str | None:
    """A time that is to come; one that is over means nothing any more."""
    return moment.isoformat() if moment is not None and moment > timezone.now() else None


def dataset_for(actor: Actor, dataset: Dataset) -> shapes.DatasetShape:
    """One dataset with what the actor may do with it, and its draft where the actor may see it."""
    shape = dataset_shape(dataset)
    draft = Version.objects.visible_to(actor).open().filter(dataset=dataset).first()
    if draft is not None:
        draft.dataset = dataset
    shape["draft"] = None if draft is None else version_summary(draft)
    actions = (
        Action.DOWNLOAD,
        Action.EDIT,
        Action.UPLOAD,
        Action.SUBMIT,
        Action.REVIEW,
        Action.WITHDRAW,
        Action.GRANT,
        Action.EMBARGO,
        Action.DEPRECATE,
        Action.RENAME,
    )
    shape["permissions"] = {action.value: may for action, may in allowed(actor, actions, dataset).items()}
    return shape


def version_summary(version: Version) -> shapes.VersionSummary:
    url = version_url(version)
    links = {"self": url, "files": f"{url}/files.json"}
    if version.state in PUBLIC_STATES:
        links["manifest"] = f"{url}/manifest"
    return {
        "number": version.number,
        "sequence": version.sequence,
        "state": version.state,
        "note": version.note,
        "created": version.created.isoformat(),
        "published_at": version.published_at.isoformat() if version.published_at else None,
        "embargo_until": _still(version.embargo_until),
        "deprecated": _deprecated(version, version.successor.number if version.successor else None),
        "verdict": version.verdict,
        "rows": version.rows,
        "columns": version.columns,
        "bytes": version.bytes,
        "links": links,
    }


def version_shape(version: Version) -> shapes.VersionShape:
    resources = list(version.resources.select_related("report", "conforms_to").prefetch_related("parts", "sources"))
    checks = {"passed": 0, "warnings": 0, "failed": 0, "errored": 0}
    for resource in resources:
        resource.version = version
        for name, count in (resource.report.counts if resource.report else {}).items():
            checks[name] = checks.get(name, 0) + int(count)
    documents = list(version.documents.all())
    for document in documents:
        document.version = version
    review = version.reviews.select_related("decided_by").order_by("-opened_at").first()
    return {
        **version_summary(version),
        "dataset": f"{version.dataset.organization.slug}/{version.dataset.slug}",
        "published_by": version.published_by.username if version.published_by else None,
        "manifest_sha256": version.manifest_sha256 or None,
        "withdrawn_reason": version.withdrawn_reason or None,
        "started_from": version.started_from.number if version.started_from else None,
        "checks": checks,
        "resources": [resource_shape(resource) for resource in resources],
        "documents": [document_shape(document) for document in documents],
        "review": None
        if review is None
        else {
            "id": review.pk,
            "state": review.state,
            "reason": review.reason,
            "decided_by": review.decided_by.username if review.decided_by else None,
            "decided_at": review.decided_at.isoformat() if review.decided_at else None,
        },
    }


def resource_shape(resource: Resource) -> shapes.ResourceShape:
    url = resource_url(resource)
    parts = list(resource.parts.all())
    return {
        "name": resource.name,
        "title": resource.title,
        "rows": resource.rows,
        "columns": resource.columns,
        "bytes": resource.bytes,
        "fingerprint": resource.fingerprint,
        "fields": resource.schema.get("fields", []),
        "schema": resource.schema,
        "verdict": resource.verdict,
        "original": {
            "filename": resource.original_filename,
            "bytes": resource.original_bytes,
            "sha256": resource.original_sha256,
            "media_type": resource.original_media_type,
            "url": f"{url}/original",
        },
        "sources": [_source_shape(source, url) for source in resource.sources.all()],
        "parquet": [
            {
                "position": part.position,
                "rows": part.rows,
                "bytes": part.bytes,
                "sha256": part.sha256,
                "url": part_url(resource, part.position, several=len(parts) > 1),
            }
            for part in parts
        ],
        "findings": {
            "count": resource.findings_count,
            "url": f"{url}/findings",
            "csv": f"{url}/findings.csv",
            "parquet": f"{url}/findings.parquet" if resource.findings_sha256 else None,
        },
        "recipe": without_values(resource.recipe),
        "source": resource.source,
        "pipeline_version": resource.pipeline_version,
        "conforms_to": str(resource.conforms_to) if resource.conforms_to else None,
        "links": {"self": url, "report": f"{url}/report", "rows": f"{url}/rows", "recipe": f"{url}/recipe"},
    }


def _source_shape(source: ResourceSource, resource: str) -> shapes.SourceShape:
    return {
        "position": source.position,
        "mode": source.mode,
        "key": source.key,
        "counts": source.counts,
        "rows": source.rows,
        "filename": source.filename,
        "bytes": source.bytes,
        "sha256": source.sha256,
        "media_type": source.media_type,
        "findings": source.findings_count,
        "recipe": without_values(source.recipe),
        "pipeline_version": source.pipeline_version,
        "inherited": source.inherited,
        "url": f"{resource}/originals/{source.position}",
    }


def finding_groups(groups: list[dict[str, Any]], *, with_values: bool) -> list[shapes.FindingGroupShape]:
    """Stored groups with their sentences in the reader's language; cell values only for those who may have them."""
    shown = []
    for data in groups:
        group = FindingGroup.from_json(data)
        samples: list[shapes.FindingShape] = [
            {
                "row": sample.row,
                "line": sample.line,
                "column": sample.column,
                "value": sample.value,
                "sentence": findings.sentence(sample),
            }
            for sample in group.samples
        ]
        entry: shapes.FindingGroupShape = {
            "code": group.code,
            "severity": findings.severity(group.code),
            "title": findings.title(group.code),
            "sentence": findings.sentence(group) if with_values else findings.title(group.code),
            "remedy": findings.remedy(group.code),
            "column": group.column,
            "file": group.params.get("file"),
            "count": group.count,
            "samples": samples if with_values else [],
        }
        shown.append(entry)
    return shown


def schema_shape(schema: StandardSchema) -> shapes.SchemaShape:
    return {
        "name": schema.name,
        "version": schema.version,
        "title": schema.title,
        "description": schema.description,
        "organization": schema.organization.slug,
        "sha256": schema.sha256,
        "descriptor": schema.descriptor,
        "created": schema.created.isoformat(),
        "links": {"self": f"{API}/schemas/{schema.name}/{schema.version}"},
    }


def review_shape(review: Review) -> shapes.ReviewShape:
    version = review.version
    return {
        "id": review.pk,
        "state": review.state,
        "dataset": f"{version.dataset.organization.slug}/{version.dataset.slug}",
        "version": version_summary(version),
        "opened_by": review.opened_by.username,
        "opened_at": review.opened_at.isoformat(),
        "decided_by": review.decided_by.username if review.decided_by else None,
        "decided_at": review.decided_at.isoformat() if review.decided_at else None,
        "reason": review.reason,
        "personal": review.personal,
        "failures": review.failures,
        "claimed_by": review.claimed_by.username if review.claimed_by else None,
        "claimed_at": review.claimed_at.isoformat() if review.claimed_at else None,
        "links": {"self": f"{API}/reviews/{review.pk}", "version": version_url(version)},
    }


def remark_shape(remark: Remark) -> shapes.RemarkShape:
    return {
        "id": remark.pk,
        "author": remark.author.username,
        "created": remark.created.isoformat(),
        "text": remark.text,
    }
