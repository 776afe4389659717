"""Lengths of time in ISO 8601 (``P1D``, ``PT15M``, ``P1M``): months are of the calendar, the rest is of the clock."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?"
)


@dataclass(frozen=True, slots=True)
class Duration:
    """Months of the calendar, days, and seconds; at least one of them is not zero."""

    months: int
    days: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Raises ValueError for what is no duration, or none of any length."""
        match = _DURATION.fullmatch(text)
        if match is None:
            raise ValueError(text)
        years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        found = cls(12 * years + months, 7 * weeks + days, 3600 * hours + 60 * minutes + seconds)
        if found == cls(0, 0, 0):
            raise ValueError(text)
        return found

    def before(self, moment: datetime) -> datetime:
        """The moment so long before; a day that its month does not have is the month's last.

        Moments before the first year are its beginning.
        """
        at = 12 * moment.year + moment.month - 1 - self.months
        year, month = at // 12, at % 12 + 1
        if year < 1:
            return datetime.min  # noqa: DTZ901 (all clocks here are UTC, without saying so)
        day = min(moment.day, calendar.monthrange(year, month)[1])
        try:
            return moment.replace(year=year, month=month, day=day) - timedelta(days=self.days, seconds=self.seconds)
        except OverflowError:
            return datetime.min  # noqa: DTZ901

    def after(self, moment: str) -> str:
        """The moment so long after another one, both as SQL; the last day of a month is followed by a last day."""
        later = f"{moment} + to_days({self.days:d}) + to_seconds({self.seconds:d})"
        if not self.months:
            return f"({later})"
        # A clock may stand beside the day, which last_day forgets.
        clock = f"(CAST({moment} AS TIMESTAMP) - date_trunc('day', CAST({moment} AS TIMESTAMP)))"
        moved = f"CAST({moment} + to_months({self.months:d}) AS TIMESTAMP)"
        is_last = f"CAST({moment} AS DATE) = last_day({moment})"
        ahead = f"CASE WHEN {is_last} THEN CAST(last_day({moved}) AS TIMESTAMP) + {clock} ELSE {moved} END"
        return f"({ahead} + to_days({self.days:d}) + to_seconds({self.seconds:d}))"
