"""Access grants as they count, and whom they concern."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from catalog.actor import Actor
from catalog.models import Access, AccessGrant, Dataset, Membership, Role, User, Version

WARNED_DAYS = (14, 3)
"""How many days before its end a grant's holder is warned, each time once."""


def grant_behind(*, actor: Actor, version: Version) -> AccessGrant | None:
    """The grant by which alone the actor has the version's bytes, of several the one that lasts longest.

    None where they are had without one: open, registered, a member's, staff's.
    """
    dataset = version.dataset
    if actor.user is None or actor.is_staff or dataset.access in {Access.PUBLIC, Access.REGISTERED}:
        return None
    if Membership.objects.filter(user=actor.user, organization=dataset.organization_id).exists():
        return None
    grants = AccessGrant.objects.in_force().held_by(actor.user).covering(version.pk, dataset.pk)
    return grants.order_by(F("expires_at").desc(nulls_first=True), "pk").first()


def grants_of(dataset: Dataset) -> QuerySet[AccessGrant]:
    """The grants in force, with what a list shows of them."""
    return (
        dataset.access_grants.in_force()
        .select_related("user", "organization", "granted_by")
        .prefetch_related("versions")
        .order_by("user__username", "organization__slug")
    )


def ended_grants_of(dataset: Dataset, *, limit: int) -> list[AccessGrant]:
    """Those that ran out or were revoked, the newest first."""
    rows = dataset.access_grants.exclude(pk__in=dataset.access_grants.in_force().values("pk"))
    return list(rows.select_related("user", "organization", "granted_by").order_by("-pk")[:limit])


def held_grants(actor: Actor) -> QuerySet[AccessGrant]:
    """The grants in force that the actor holds, the first to end before the others."""
    if actor.user is None:
        return AccessGrant.objects.none()
    return (
        AccessGrant.objects.in_force()
        .held_by(actor.user)
        .filter(dataset__in=Dataset.objects.within(actor).values("pk"))
        .select_related("dataset__organization", "organization")
        .prefetch_related("versions")
        .order_by(F("expires_at").asc(nulls_last=True), "pk")
    )


def ends_soon(grant: AccessGrant) -> bool:
    """Whether its end is as near as the first warning."""
    return grant.expires_at is not None and grant.expires_at <= timezone.now() + timedelta(days=WARNED_DAYS[0])


def people_of(grant: AccessGrant) -> list[User]:
    """Who is told of a grant: the person, or the maintainers and owners of the organization."""
    if grant.user is not None:
        return [grant.user] if grant.user.is_active else []
    rows = Membership.objects.filter(organization=grant.organization_id, role__in=Role.at_least(Role.MAINTAINER))
    return [row.user for row in rows.filter(user__is_active=True).select_related("user")]


def maintainers_of(dataset: Dataset) -> list[User]:
    """Who decides on the dataset's access, as far as they are active."""
    rows = Membership.objects.filter(organization=dataset.organization_id, role__in=Role.at_least(Role.MAINTAINER))
    return [row.user for row in rows.filter(user__is_active=True).select_related("user").order_by("user__pk")]
