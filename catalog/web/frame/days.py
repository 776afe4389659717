"""Days as forms have them, moments as services do: a day in the site's zone has a first moment, and one after it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def start_of(day: date | None) -> datetime | None:
    """The first moment of the day."""
    return None if day is None else timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date | None) -> datetime | None:
    """The first moment after the day."""
    return None if day is None else start_of(day + timedelta(days=1))
