"""A version's sums and its verdict, which follow from its tables."""

from __future__ import annotations

from django.db.models import Sum

from catalog.models import VerdictStatus, Version

_WORST_FIRST = (
    VerdictStatus.PENDING,
    VerdictStatus.ERRORED,
    VerdictStatus.FAILED,
    VerdictStatus.WARNINGS,
    VerdictStatus.PASSED,
)


def summarize(version: Version) -> None:
    """Write a version's sums (rows, columns, bytes) and its verdict, which is the worst of its tables'."""
    sums = version.resources.aggregate(
        rows=Sum("rows", default=0), columns=Sum("columns", default=0), bytes=Sum("bytes", default=0)
    )
    for name, value in sums.items():
        setattr(version, name, value)
    verdicts = set(version.resources.values_list("verdict", flat=True)) or {VerdictStatus.PENDING.value}
    version.verdict = next(status for status in _WORST_FIRST if status.value in verdicts)
    version.save(update_fields=["rows", "columns", "bytes", "verdict"])
