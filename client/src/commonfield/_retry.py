"""When to ask again, and after how long."""

from __future__ import annotations

import email.utils
import random
from dataclasses import dataclass
from datetime import datetime, timezone

RETRY_STATUSES = frozenset({429, 502, 503, 504})
STORE_RETRY_STATUSES = RETRY_STATUSES | {408, 500}
"""S3 says of its InternalError and RequestTimeout that the request should be sent again."""


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential back-off with full jitter, so that many clients do not come back at the same instant.

    `attempts` counts requests, not repetitions; `base`, `cap` and `patience` are seconds. A Retry-After
    longer than `patience` is not waited for: the error names the time instead.
    """

    attempts: int = 6
    base: float = 0.5
    cap: float = 20.0
    patience: float = 120.0

    def delay(self, failures: int, retry_after: float | None = None) -> float:
        """Seconds to wait after the `failures`-th failure in a row (1, 2, …)."""
        backoff = random.uniform(0, min(self.cap, self.base * 2 ** (failures - 1)))  # noqa: S311 -- no secret
        return max(backoff, retry_after or 0.0)

    def gives_up(self, failures: int, retry_after: float | None = None) -> bool:
        return failures >= self.attempts or (retry_after or 0.0) > self.patience


def parse_retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header, which is a number or an HTTP date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return max(0.0, (when - datetime.now(timezone.utc)).total_seconds())
