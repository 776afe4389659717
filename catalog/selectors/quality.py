"""Check results over the versions of a dataset."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Resource, Version


def checks_by_version(versions: Iterable[Version]) -> dict[int, dict[str, int]]:
    """For each version's id, the sums of its tables' checks: passed, warnings, failed, errored."""
    rows = Resource.objects.filter(version__in=[version.pk for version in versions], report__isnull=False)
    sums: dict[int, dict[str, int]] = {}
    for version_id, counts in rows.values_list("version", "report__counts"):
        summed = sums.setdefault(version_id, {"passed": 0, "warnings": 0, "failed": 0, "errored": 0})
        for name in summed:
            summed[name] += int(counts.get(name, 0))
    return sums
