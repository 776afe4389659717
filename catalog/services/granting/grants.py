"""Access grants: which people and organizations beside the members may have a dataset's bytes, of which versions,
and until when. A grant ends by itself, since every question asks whether it is in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import AccessGrant, Dataset, NoticeKind, Organization, User, Version
from catalog.models.version import PUBLIC_STATES
from catalog.permissions import Action, require, require_user
from catalog.selectors.grants import WARNED_DAYS, people_of
from catalog.services.notifying.notices import tell
from catalog.transitions import lock


@transaction.atomic
def grant_access(
    *,
    actor: Actor,
    dataset: Dataset,
    username: str = "",
    organization: str = "",
    expires_at: datetime | None = None,
    versions: Sequence[str] | None = None,
    is_told: bool = True,
) -> AccessGrant:
    """Give a person or an organization (one of the two) the bytes, or change what they have and until when.

    ``versions`` are numbers of published versions; None is all of them, and those to come. Raises Forbidden, Invalid.
    """
    require(actor, Action.GRANT, dataset)
    person = require_user(actor)
    user, group = _holder(username, organization)
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid(fields={"expires_at": [gettext("This time is over already.")]})
    named = None if versions is None else published_versions(dataset, versions)
    lock(dataset)
    grant, _ = AccessGrant.objects.update_or_create(
        dataset=dataset,
        user=user,
        organization=group,
        revoked_at=None,
        defaults={
            "expires_at": expires_at,
            "granted_by": person,
            "all_versions": named is None,
            "warned_days": None,
            "ended_noted_at": None,
        },
    )
    grant.versions.set(named or [])
    audit.record(
        actor=actor,
        action="grant.given",
        subject=grant,
        dataset_id=dataset.pk,
        label=grant.holder,
        until=expires_at.isoformat() if expires_at else None,
        versions=None if named is None else [version.number for version in named],
    )
    if is_told:
        tell(people_of(grant), NoticeKind.GRANT_GIVEN, **told_of(grant))
    return grant


@transaction.atomic
def revoke_access(*, actor: Actor, dataset: Dataset, username: str = "", organization: str = "") -> None:
    """End a person's or an organization's grant at once. Raises Forbidden, NotFound."""
    require(actor, Action.GRANT, dataset)
    grants = dataset.access_grants.in_force().select_for_update(of=("self",))
    if username:
        grant = grants.filter(user__username=username).first()
    else:
        grant = grants.filter(organization__slug=organization).first()
    if grant is None:
        raise NotFound(
            gettext("“%(username)s” has no grant for this dataset.") % {"username": username or organization}
        )
    grant.revoked_at = timezone.now()
    grant.save(update_fields=["revoked_at"])
    audit.record(actor=actor, action="grant.revoked", subject=grant, dataset_id=dataset.pk, label=grant.holder)
    tell(people_of(grant), NoticeKind.GRANT_REVOKED, **told_of(grant))


def published_versions(dataset: Dataset, numbers: Sequence[str]) -> list[Version]:
    """The published versions of these numbers, oldest first. Raises Invalid."""
    wanted = set(numbers)
    found = list(dataset.versions.filter(number__in=wanted, state__in=PUBLIC_STATES).order_by("sequence"))
    missing = wanted - {version.number for version in found}
    if missing:
        raise Invalid(
            fields={
                "versions": [
                    gettext("There is no published version %(sorted)s.") % {"sorted": ", ".join(sorted(missing))}
                ]
            }
        )
    if not found:
        raise Invalid(fields={"versions": [gettext("Name at least one version, or none for all.")]})
    return found


def told_of(grant: AccessGrant) -> dict[str, Any]:
    """What a letter says of a grant."""
    return {
        "dataset": grant.dataset_id,
        "until": grant.expires_at.isoformat() if grant.expires_at else None,
        "versions": [] if grant.all_versions else [str(version.number) for version in grant.versions.all()],
        "organization": grant.organization.title if grant.organization else "",
    }


# ---------------------------------------------------------------- what time brings (called by the sweep)
def warn_of_ends() -> int:
    """Tell the holders of grants that end within WARNED_DAYS, once for each; how many were told."""
    told = 0
    for days in WARNED_DAYS:
        near = AccessGrant.objects.in_force().filter(expires_at__lte=timezone.now() + timedelta(days=days))
        due = near.exclude(warned_days__lte=days).values_list("pk", flat=True)
        told += sum(_warn(pk, days) for pk in list(due))
    return told


@transaction.atomic
def _warn(pk: int, days: int) -> bool:
    # Locked and looked at again: of two sweeps at once one warns.
    grant = AccessGrant.objects.in_force().select_for_update(of=("self",)).filter(pk=pk).first()
    if grant is None or grant.expires_at is None or (grant.warned_days is not None and grant.warned_days <= days):
        return False
    nearest = min(limit for limit in WARNED_DAYS if grant.expires_at <= timezone.now() + timedelta(days=limit))
    grant.warned_days = nearest
    grant.save(update_fields=["warned_days"])
    tell(people_of(grant), NoticeKind.GRANT_ENDS, **told_of(grant))
    return True


def note_ends(*, actor: Actor) -> int:
    """Put on record that grants have run out, and tell their holders; how many."""
    now = timezone.now()
    over = AccessGrant.objects.filter(revoked_at__isnull=True, ended_noted_at__isnull=True, expires_at__lte=now)
    return sum(_note_end(actor, pk) for pk in over.values_list("pk", flat=True))


@transaction.atomic
def _note_end(actor: Actor, pk: int) -> bool:
    over = AccessGrant.objects.filter(pk=pk, revoked_at__isnull=True, ended_noted_at__isnull=True)
    grant = over.filter(expires_at__lte=timezone.now()).select_for_update(of=("self",)).first()
    if grant is None or grant.expires_at is None:
        return False
    grant.ended_noted_at = timezone.now()
    grant.save(update_fields=["ended_noted_at"])
    audit.record(
        actor=actor,
        action="grant.ended",
        subject=grant,
        dataset_id=grant.dataset_id,
        label=grant.holder,
        at=grant.expires_at.isoformat(),
    )
    tell(people_of(grant), NoticeKind.GRANT_ENDED, **told_of(grant))
    return True


def _holder(username: str, organization: str) -> tuple[User | None, Organization | None]:
    if bool(username) == bool(organization):
        raise Invalid(fields={"username": [gettext("Name a person or an organization, one of the two.")]})
    if username:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise Invalid(
                fields={"username": [gettext("Nobody here is called “%(username)s”.") % {"username": username}]}
            )
        return user, None
    group = Organization.objects.filter(slug=organization).first()
    if group is None:
        raise Invalid(
            fields={
                "organization": [
                    gettext("No organization here is called “%(organization)s”.") % {"organization": organization}
                ]
            }
        )
    return None, group
