"""The quality of an organization's datasets: now, month by month, and which of them are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from catalog.due import due_of
from catalog.models import Dataset, VerdictStatus, Version, VersionState
from catalog.selectors.quality import VersionQuality, quality_of

MONTHS = 12
VERSIONS_LOOKED_AT = 5_000
"""The newest versions of an organization that the months are made of."""


@dataclass(frozen=True, slots=True)
class DatasetQuality:
    """A dataset as its latest version stands. ``due`` is when the next one is promised, None without a promise."""

    dataset: Dataset
    version: Version
    score: float | None
    due: datetime | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class MonthQuality:
    """The datasets as they stood when a month ended (or now): how many had which verdict, and their mean score."""

    end: datetime
    passed: int
    warnings: int
    failed: int
    score: float | None


def quality_now(datasets: Sequence[Dataset]) -> list[DatasetQuality]:
    """Each published dataset's latest version; those that are overdue first, then the lowest scores."""
    latest = {item.latest.pk: item for item in datasets if item.latest is not None}
    scores = {
        item.version.pk: item.score for item in quality_of(item.latest for item in latest.values() if item.latest)
    }
    now = timezone.now()
    found = []
    for pk, dataset in latest.items():
        version = dataset.latest
        if version is None or version.published_at is None:
            continue
        due = due_of(dataset)
        found.append(DatasetQuality(dataset, version, scores.get(pk), due, due is not None and due < now))
    return sorted(found, key=lambda item: (not item.is_overdue, item.score is None, item.score or 0.0))


def quality_by_month(datasets: Sequence[Dataset]) -> list[MonthQuality]:
    """The last months in which there was something published, the oldest first, the present one as it stands."""
    ids = [item.pk for item in datasets]
    versions = list(
        Version.objects.filter(dataset__in=ids, state=VersionState.PUBLISHED, published_at__isnull=False)
        .only("pk", "dataset", "published_at", "verdict")
        .order_by("-published_at")[:VERSIONS_LOOKED_AT]
    )
    known = {item.version.pk: item for item in quality_of(versions)}
    months = [_month(end, versions, known) for end in _ends(timezone.now())]
    return [month for month in months if month is not None]


def _ends(now: datetime) -> list[datetime]:
    """The last moments of the months before this one, and now; the oldest first."""
    found = [now]
    for _ in range(MONTHS - 1):
        first = timezone.localtime(found[-1]).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        found.append(first - timedelta(microseconds=1))
    return found[::-1]


def _month(end: datetime, versions: list[Version], known: dict[int, VersionQuality]) -> MonthQuality | None:
    standing: dict[int, Version] = {}
    for version in versions:
        if version.published_at is not None and version.published_at <= end:
            # The newest come first.
            standing.setdefault(version.dataset_id, version)
    if not standing:
        return None
    verdicts = [version.verdict for version in standing.values()]
    scores = [known[item.pk].score for item in standing.values() if item.pk in known]
    counted = [score for score in scores if score is not None]
    passed, warnings = verdicts.count(VerdictStatus.PASSED), verdicts.count(VerdictStatus.WARNINGS)
    mean = sum(counted) / len(counted) if counted else None
    return MonthQuality(end, passed, warnings, len(verdicts) - passed - warnings, mean)
