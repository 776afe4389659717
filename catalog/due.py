"""When a dataset's next version is due, by what its owner promises (dct:accrualPeriodicity)."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import datetime, timedelta

from catalog.models import Dataset, UpdateFrequency

_CLOCK: Mapping[str, timedelta] = {
    UpdateFrequency.HOURLY: timedelta(hours=1),
    UpdateFrequency.DAILY: timedelta(days=1),
    UpdateFrequency.WEEKLY: timedelta(weeks=1),
}
_MONTHS: Mapping[str, int] = {
    UpdateFrequency.MONTHLY: 1,
    UpdateFrequency.QUARTERLY: 3,
    UpdateFrequency.BIANNUAL: 6,
    UpdateFrequency.ANNUAL: 12,
}


def due_after(published: datetime, promised: str) -> datetime | None:
    """When the version after one of that time is due; None without a promise.

    A day that its month does not have is the month's last: a month after 31 January is 28 February.
    """
    if promised in _CLOCK:
        return published + _CLOCK[promised]
    if promised not in _MONTHS:
        return None
    at = 12 * published.year + published.month - 1 + _MONTHS[promised]
    year, month = at // 12, at % 12 + 1
    return published.replace(year=year, month=month, day=min(published.day, calendar.monthrange(year, month)[1]))


def due_of(dataset: Dataset) -> datetime | None:
    """When the dataset's next version is due; None without a promise, or before its first version."""
    latest = dataset.latest
    if latest is None or latest.published_at is None:
        return None
    return due_after(latest.published_at, dataset.update_frequency)
