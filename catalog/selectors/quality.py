"""What is known of the quality of a dataset's versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.models import Dataset, QualityReport, Resource, Version

HISTORY = 8
"""So many versions are looked back at: more would be a picture that nobody reads."""


@dataclass(frozen=True, slots=True)
class VersionQuality:
    """A version's checks, summed over its tables; ``score`` (0 to 100) is their mean, None where one has none."""

    version: Version
    counts: dict[str, int]
    score: float | None


def checks_by_version(versions: Iterable[Version]) -> dict[int, dict[str, int]]:
    """For each version's id, the sums of its tables' checks: passed, warnings, failed, errored."""
    return {quality.version.pk: quality.counts for quality in quality_of(versions)}


def quality_of(versions: Iterable[Version]) -> list[VersionQuality]:
    """The quality of those of the versions that were checked, in their order; one query."""
    known = {version.pk: version for version in versions}
    rows = Resource.objects.filter(version__in=known, report__isnull=False)
    counts: dict[int, dict[str, int]] = {}
    scores: dict[int, list[float | None]] = {}
    for pk, counted, score in rows.values_list("version", "report__counts", "report__score"):
        summed = counts.setdefault(pk, {"passed": 0, "warnings": 0, "failed": 0, "errored": 0})
        for name in summed:
            summed[name] += int(counted.get(name, 0))
        scores.setdefault(pk, []).append(score)
    return [VersionQuality(version, counts[pk], _mean(scores[pk])) for pk, version in known.items() if pk in counts]


def quality_history(dataset: Dataset, until: Version) -> list[VersionQuality]:
    """The quality of the last published versions up to one, and of that one, oldest first."""
    published = dataset.versions.filter(sequence__isnull=False).exclude(pk=until.pk)
    if until.sequence is not None:
        published = published.filter(sequence__lt=until.sequence)
    earlier = list(published.order_by("-sequence")[: HISTORY - 1])
    return quality_of([*reversed(earlier), until])


def _mean(scores: Sequence[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if len(known) == len(scores) else None


def later_look(resource: Resource) -> QualityReport | None:
    """What was seen of a published table after its publication; None where its own report has all that one would.

    A report from before there was a search for personal data has none.
    """
    report = resource.report
    if report is None or report.personal:
        return None
    return resource.reports.filter(created__gt=report.created).exclude(personal={}).first()
