"""The manifest: the frozen description of a published version. Its sha256 stands in the database and binds all.

It holds nothing that only those with access to the bytes may know (no values of cells), so that the manifest of
a restricted version can be cited and checked by anybody.
"""

from __future__ import annotations

from typing import Any

from catalog.models import Dataset, Document, Resource, ResourceSource, Version
from catalog.outcomes import OPEN_STATISTICS
from catalog.personal.reading import brief
from catalog.recipes import without_values

MANIFEST_VERSION = 1


def build(
    *, version: Version, previous: Version | None, decision: dict[str, Any], audit: dict[str, Any]
) -> dict[str, Any]:
    """The manifest's JSON value of a version that is about to be published (number and times are set)."""
    dataset = version.dataset
    if version.published_at is None or version.published_by is None:
        raise ValueError("a manifest is built of a version whose publication is being written")
    return {
        "manifest_version": MANIFEST_VERSION,
        "dataset": f"{dataset.organization.slug}/{dataset.slug}",
        "version": version.number,
        "sequence": version.sequence,
        "note": version.note,
        "published_at": version.published_at.isoformat(),
        "published_by": version.published_by.username,
        "submitted_by": version.submitted_by.username if version.submitted_by else None,
        "previous": None
        if previous is None
        else {"version": previous.number, "manifest_sha256": previous.manifest_sha256},
        **description(dataset),
        "embargo_until": version.embargoed_until.isoformat() if version.embargoed_until else None,
        "decision": decision,
        "verdict": version.verdict,
        # The newest link of the audit trail's chain: whoever keeps a manifest can say whether it was rewritten since.
        "audit": audit,
        "rows": version.rows,
        "bytes": version.bytes,
        "resources": [_resource(resource) for resource in version.resources.all()],
        "documents": [_document(document) for document in version.documents.all()],
    }


def description(dataset: Dataset) -> dict[str, Any]:
    """What is said about a dataset, under the names that it has in a manifest."""
    return {
        "title": dataset.title,
        "description": dataset.description,
        "methods": dataset.methods,
        "known_limits": dataset.known_limits,
        "license": dataset.license,
        "attribution": dataset.attribution,
        "keywords": dataset.keywords,
        "contact": {"name": dataset.contact_name, "email": dataset.contact_email},
        "publisher": {"slug": dataset.organization.slug, "title": dataset.organization.title},
        "access": dataset.access,
    }


def _source(source: ResourceSource) -> dict[str, Any]:
    """One original with all that is needed to read it again as it was read."""
    return {
        "mode": source.mode,
        "key": source.key,
        "counts": source.counts,
        "filename": source.filename,
        "sha256": source.sha256,
        "bytes": source.bytes,
        "media_type": source.media_type,
        "rows": source.rows,
        "read_by": source.schema,
        "source": source.source,
        "recipe": without_values(source.recipe),
        "pipeline_version": source.pipeline_version,
        "findings": {"count": source.findings_count, "sha256": source.findings_sha256 or None},
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "name": document.name,
        "title": document.title,
        "description": document.description,
        "media_type": document.media_type,
        "bytes": document.bytes,
        "sha256": document.sha256,
    }


def _resource(resource: Resource) -> dict[str, Any]:
    report = resource.report
    return {
        "name": resource.name,
        "title": resource.title,
        "rows": resource.rows,
        "bytes": resource.bytes,
        # Of the values, whatever file they lie in (docs/fingerprint.md): a reader can hold a copy to it.
        "fingerprint": resource.fingerprint,
        "schema": resource.schema,
        "conforms_to": str(resource.conforms_to) if resource.conforms_to else None,
        "parts": [
            {"position": part.position, "sha256": part.sha256, "bytes": part.bytes, "rows": part.rows}
            for part in resource.parts.all()
        ],
        "original": {
            "filename": resource.original_filename,
            "sha256": resource.original_sha256,
            "bytes": resource.original_bytes,
            "media_type": resource.original_media_type,
        },
        "sources": [_source(source) for source in resource.sources.all()],
        "source": resource.source,
        "recipe": without_values(resource.recipe),
        "pipeline_version": resource.pipeline_version,
        "findings": {"count": resource.findings_count, "sha256": resource.findings_sha256 or None},
        "statistics": [
            {key: column[key] for key in OPEN_STATISTICS if key in column}
            for column in resource.profile.get("columns", [])
        ],
        "check": None
        if report is None
        else {
            "report": report.pk,
            "verdict": report.verdict,
            "counts": report.counts,
            "expectations_sha256": report.expectations_sha256 or None,
            "engine": report.engine,
            "personal": brief(report.personal),
        },
    }
