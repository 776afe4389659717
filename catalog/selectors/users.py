"""People as staff see them."""

from __future__ import annotations

from django.db.models import Max, Prefetch, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Membership, Organization, Role, User


def list_users(*, actor: Actor, text: str = "", show: str = "") -> QuerySet[User]:
    """People by name, each with memberships and ``seen_at``: the last sign-in or use of a token, whichever is later.

    ``show`` is "active", "inactive", "staff" or empty for all. Raises NotFound for all but staff.
    """
    if not actor.is_staff:
        raise NotFound
    memberships = Membership.objects.select_related("organization").order_by("organization__title")
    found = User.objects.prefetch_related(Prefetch("memberships", queryset=memberships))
    if text:
        found = found.filter(Q(username__icontains=text) | Q(name__icontains=text) | Q(email__icontains=text))
    chosen = {"active": Q(is_active=True), "inactive": Q(is_active=False), "staff": Q(is_staff=True)}.get(show)
    if chosen is not None:
        found = found.filter(chosen)
    # PostgreSQL's GREATEST leaves NULLs out.
    return found.annotate(seen_at=Greatest("last_login", Max("tokens__last_used_at"))).order_by("username")


def get_user(*, actor: Actor, username: str) -> User:
    """One of them. Raises NotFound."""
    found = None if "\0" in username else list_users(actor=actor).filter(username=username).first()
    if found is None:
        raise NotFound(_("Nobody here is called “%(username)s”.") % {"username": username})
    return found


def solely_owned(user: User) -> QuerySet[Organization]:
    """Organizations whose only active owner is this person."""
    others = Membership.objects.filter(role=Role.OWNER, user__is_active=True).exclude(user=user)
    owned = user.memberships.filter(role=Role.OWNER).values("organization")
    return Organization.objects.filter(pk__in=owned).exclude(pk__in=others.values("organization")).order_by("title")
