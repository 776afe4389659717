"""How a version came to be published: a steward's decision, or the organization's policy."""

from __future__ import annotations

from typing import Any

from catalog.models import Review, ReviewState, Version
from catalog.models.version import PUBLIC_STATES


def approving_review(version: Version) -> Review | None:
    """The review in which the version was approved, if it was reviewed."""
    approved = version.reviews.filter(state=ReviewState.APPROVED).select_related("decided_by")
    return approved.order_by("-decided_at").first()


def decision_of(version: Version) -> dict[str, Any] | None:
    """The decision as JSON (as the manifest has it); None while there is none."""
    if version.state not in PUBLIC_STATES:
        return None
    review = approving_review(version)
    if review is None:
        by = version.published_by.username if version.published_by else None
        at = version.published_at.isoformat() if version.published_at else None
        return {"policy": "direct", "by": by, "at": at}
    return {
        "policy": "review",
        "review": review.pk,
        "by": review.decided_by.username if review.decided_by else None,
        "at": review.decided_at.isoformat() if review.decided_at else None,
        "reason": review.reason,
        "personal": review.personal,
        "failures": review.failures,
    }
