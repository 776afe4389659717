"""Counters of a window of time, in the broker (Valkey or Redis), so that all processes of the site count together.

If the broker does not answer, nothing is counted and everybody is let through: a limit protects the site from too
much, and must not be what takes it down.
"""

from __future__ import annotations

import functools
import logging
import math
import time
from dataclasses import dataclass, replace

from django.conf import settings
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter

logger = logging.getLogger(__name__)
ANSWER_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of an allowance: ``limit`` and ``remaining`` in its unit, ``reset`` in seconds from now."""

    limit: int
    window: int
    remaining: int
    reset: int
    is_over: bool


def spend(allowance: str, *key: str, cost: int = 1) -> Spent | None:
    """Take ``cost`` out of an allowance such as ``600/minute``, counted evenly over the time that passes.

    None where nothing could be counted.
    """
    return _take(SlidingWindowCounterRateLimiter(_storage()), parse(allowance), key, cost)


def spend_until_reset(amount: int, days: int, *key: str, cost: int) -> Spent | None:
    """Take ``cost`` out of ``amount`` for a number of days, all given back at once when they are over."""
    found = look_until_reset(amount, days, *key)
    if found is not None and found.remaining < cost:
        # The counter goes up by what is refused too: a file that is too large is not to take the rest from the small.
        return replace(found, is_over=True)
    return _take(FixedWindowRateLimiter(_storage()), parse(f"{amount} per {days} days"), key, cost)


def look_until_reset(amount: int, days: int, *key: str) -> Spent | None:
    """What is left of it, with nothing taken out."""
    item = parse(f"{amount} per {days} days")
    try:
        return _spent(item, *FixedWindowRateLimiter(_storage()).get_window_stats(item, *key), is_over=False)
    except StorageError as error:
        logger.warning("allowances can't be looked at: %s", error)
        return None


def _take(
    limiter: FixedWindowRateLimiter | SlidingWindowCounterRateLimiter,
    item: RateLimitItem,
    key: tuple[str, ...],
    cost: int,
) -> Spent | None:
    try:
        is_given = limiter.hit(item, *key, cost=cost)
        reset, remaining = limiter.get_window_stats(item, *key)
    except StorageError as error:
        logger.warning("allowances are not counted: %s", error)
        return None
    return _spent(item, reset, remaining, is_over=not is_given)


def _spent(item: RateLimitItem, reset: float, remaining: int, *, is_over: bool) -> Spent:
    seconds = max(1, math.ceil(reset - time.time()))
    return Spent(item.amount, item.get_expiry(), max(0, remaining), min(seconds, item.get_expiry()), is_over)


@functools.cache
def _storage() -> RedisStorage:
    return RedisStorage(
        settings.BROKER_URL,
        key_prefix="allowances",
        wrap_exceptions=True,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
    )
