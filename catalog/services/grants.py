"""Access grants: who beside the members may have a restricted dataset's bytes, and until when."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import AccessGrant, Dataset, User
from catalog.permissions import Action, NotSignedIn, require


@transaction.atomic
def grant_access(*, actor: Actor, dataset: Dataset, username: str, expires_at: datetime | None = None) -> AccessGrant:
    """Give a person the bytes of the dataset's published versions, or change until when.

    Raises Forbidden, Invalid.
    """
    require(actor, Action.GRANT, dataset)
    if actor.user is None:
        raise NotSignedIn
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Invalid(fields={"username": [f"Nobody here is called “{username}”."]})
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid(fields={"expires_at": ["This time is over already."]})
    grant, _ = AccessGrant.objects.update_or_create(
        dataset=dataset,
        user=user,
        revoked_at=None,
        defaults={"expires_at": expires_at, "granted_by": actor.user},
    )
    audit.record(
        actor=actor,
        action="grant.given",
        subject=grant,
        dataset_id=dataset.pk,
        label=username,
        until=expires_at.isoformat() if expires_at else None,
    )
    return grant


@transaction.atomic
def revoke_access(*, actor: Actor, dataset: Dataset, username: str) -> None:
    """End a grant at once. Raises Forbidden, NotFound."""
    require(actor, Action.GRANT, dataset)
    grant = dataset.access_grants.in_force().filter(user__username=username).first()
    if grant is None:
        raise NotFound(f"“{username}” has no grant for this dataset.")
    grant.revoked_at = timezone.now()
    grant.save(update_fields=["revoked_at"])
    audit.record(actor=actor, action="grant.revoked", subject=grant, dataset_id=dataset.pk, label=username)
