"""Tables that were checked before a check looked at all that it looks at now, checked again by the usual jobs.

Of an open version the report is replaced. What is published stays as it was published: its tables are looked at again
(profile, personal data), and that is kept beside the report that the manifest binds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from catalog.models import QualityReport, Resource, VersionState
from catalog.models.version import OPEN_STATES
from quality.models import CheckRunState
from quality.services.checks import queue_check
from quality.version import LOOKS


@dataclass(frozen=True, slots=True)
class Rechecked:
    """A table and the run that checks it, or looks at it again where its version is published."""

    resource: Resource
    run_id: int


def recheck_outdated(*, pipeline: str) -> Iterator[Rechecked]:
    """Queue every table without a report of now; not those of drafts that another ``pipeline`` made: they are read."""
    present = QualityReport.objects.filter(resource=OuterRef("pk"), engine__checks=LOOKS)
    is_open = Q(version__state__in=OPEN_STATES, pipeline_version=pipeline)
    outdated = (
        Resource.objects.filter(is_open | Q(version__state=VersionState.PUBLISHED), ~Exists(present))
        .filter(report__isnull=False)
        .exclude(check_runs__state__in=[CheckRunState.QUEUED, CheckRunState.RUNNING])
        .select_related("version__dataset__organization")
        .order_by("pk")
    )
    for resource in outdated.iterator(chunk_size=200):
        run = queue_check(resource_id=resource.pk)
        if run is not None:
            yield Rechecked(resource, run.pk)
