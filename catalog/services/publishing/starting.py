"""A draft that starts from a published version: the same tables and documents by reference; no byte is copied."""

from __future__ import annotations

from django.utils.translation import gettext as _

from catalog.errors import NotFound
from catalog.events import SchemaChanged, raise_event
from catalog.models import Dataset, Document, Part, Resource, ResourceSource, VerdictStatus, Version
from catalog.personal.reading import is_scanned
from catalog.services.delivering.entitlements import refuse_withdrawn
from catalog.services.publishing.summaries import summarize

LATEST = "latest"
EMPTY = "empty"
DEPENDENT_ON_TIME = frozenset({"fresh", "drift"})


def find_start(dataset: Dataset, start_from: str) -> Version | None:
    """The version that ``start_from`` means: ``latest``, ``empty`` or a number; None when the draft begins empty.

    The latest is the newest that is not withdrawn. Raises NotFound, VersionWithdrawn.
    """
    if start_from == EMPTY:
        return None
    if start_from == LATEST:
        return dataset.versions.published().order_by("-sequence").first()
    found = dataset.versions.filter(number=start_from, sequence__isnull=False).first()
    if found is None:
        raise NotFound(
            _("There is no published version “%(start_from)s” to start from.") % {"start_from": start_from},
            remedy=_("Give a number from the list of versions, or latest, or empty."),
        )
    refuse_withdrawn(found, remedy=_("Start from another version."))
    return found


def fill(draft: Version, start: Version | None) -> None:
    """Put what ``start`` has into an empty draft: same parts, originals, recipes, schemas, findings, documents.

    A report holds as long as bytes, schema and rules are the ones that were judged; else the table is checked again.
    To be called inside a transaction that has the draft's row.
    """
    draft.started_from = start
    draft.save(update_fields=["started_from"])
    if start is not None:
        for resource in start.resources.select_related("report").prefetch_related("parts", "sources"):
            _copy(resource, draft)
        _copy_documents(start, draft)
    summarize(draft)


def tables_to_work_on(dataset: Dataset) -> list[Resource]:
    """The tables that the dataset's open version has, or would begin with if it were opened now, in their order."""
    version = dataset.versions.open().first() or find_start(dataset, LATEST)
    if version is None:
        return []
    return list(version.resources.prefetch_related("parts", "sources"))


def _copy(resource: Resource, draft: Version) -> None:
    parts, sources = list(resource.parts.all()), list(resource.sources.all())
    judged = _is_judged(resource, [part.sha256 for part in parts], draft)
    resource.pk, resource.version = None, draft
    resource.upload_id, resource.check_stage = None, ""
    if not judged:
        resource.verdict = VerdictStatus.PENDING
    resource.save(force_insert=True)
    for part in parts:
        part.pk, part.resource = None, resource
    for source in sources:
        source.pk, source.resource, source.inherited = None, resource, True
    Part.objects.bulk_create(parts)
    ResourceSource.objects.bulk_create(sources)
    if not judged:
        raise_event(SchemaChanged(resource_id=resource.pk))


def _copy_documents(start: Version, draft: Version) -> None:
    documents = list(start.documents.all())
    for document in documents:
        document.pk, document.version, document.upload_id = None, draft, None
    Document.objects.bulk_create(documents)


def _is_judged(resource: Resource, parts: list[str], draft: Version) -> bool:
    report = resource.report
    if report is None or report.verdict == VerdictStatus.ERRORED or not is_scanned(report.personal):
        return False
    rules = draft.dataset.all_rules
    # What such a rule says of the same table depends on the day, or on the version before.
    depends_on_time = any(rule.get("type") in DEPENDENT_ON_TIME for rule in rules)
    return bool(report.parts == parts and report.rules == rules) and not depends_on_time
