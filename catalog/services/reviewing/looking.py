"""Who has a review open at this moment: a courtesy, kept in the cache for a minute and a half and nowhere else."""

from __future__ import annotations

import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

from catalog.actor import Actor
from catalog.models import Review

logger = logging.getLogger(__name__)
SECONDS = 90
"""So long after the page last said so somebody counts as looking; the page says so every 30 seconds."""


def look_at(review: Review, *, actor: Actor) -> list[str]:
    """Note that the actor has the review open; the names of the others who have."""
    key = f"review-looking-{review.pk}"
    now = time.time()
    try:
        found: dict[int, tuple[str, float]] = cache.get(key) or {}
        fresh = {pk: item for pk, item in found.items() if now - item[1] < SECONDS}
        if actor.user is not None:
            # Two who write at once may lose one of them for 30 seconds, which nobody minds.
            cache.set(key, {**fresh, actor.user.pk: (actor.user.shown_name, now)}, timeout=SECONDS)
    except RedisError as error:
        logger.warning("who looks at review %s is not known: %s", review.pk, type(error).__name__)
        return []
    return sorted(name for pk, (name, _at) in fresh.items() if pk != actor.user_id)
