"""Organisations and who is what in them."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext, gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.models import Membership, Organization, ReviewPolicy, Role, User
from catalog.permissions import require_role, require_unlimited, require_user
from catalog.slugs import RESERVED_OWNERS, SLUG


class SlugTaken(Conflict):
    code = "slug-taken"
    title = gettext_lazy("This short name is taken")


class LastOwner(Conflict):
    code = "last-owner"
    title = gettext_lazy("An organization keeps at least one owner")


def create_organization(
    *, actor: Actor, slug: str, title: str, description: str = "", review_policy: str = ReviewPolicy.ALWAYS
) -> Organization:
    """Make an organisation; the actor becomes its owner.

    Raises NotSignedIn, ScopeMissing, Invalid, SlugTaken.
    """
    person = require_user(actor, scope="manage")
    require_unlimited(actor)
    if slug in RESERVED_OWNERS or not SLUG.fullmatch(slug):
        raise Invalid(
            fields={"slug": [gettext("Use small letters, digits and hyphens; some names of pages are reserved.")]},
            remedy=gettext("Choose another short name."),
        )
    if not title.strip():
        raise Invalid(fields={"title": [gettext("An organization needs a name.")]})
    try:
        with transaction.atomic():
            organization = Organization.objects.create(
                slug=slug, title=title.strip(), description=description, review_policy=review_policy
            )
            Membership.objects.create(organization=organization, user=person, role=Role.OWNER)
            audit.record(actor=actor, action="organization.created", subject=organization)
    except IntegrityError:
        raise SlugTaken(
            gettext("“%(slug)s” belongs to another organization.") % {"slug": slug},
            remedy=gettext("Choose another short name."),
        ) from None
    return organization


@transaction.atomic
def update_organization(*, actor: Actor, organization: Organization, changes: dict[str, str]) -> Organization:
    """Change title, description or review policy. Raises NotSignedIn, ScopeMissing, Forbidden, Invalid."""
    require_role(actor, organization, Role.OWNER, scope="manage")
    if "title" in changes and not changes["title"].strip():
        raise Invalid(fields={"title": [gettext("An organization needs a name.")]})
    for name in ("title", "description", "review_policy"):
        if name in changes:
            setattr(organization, name, changes[name])
    organization.save()
    audit.record(actor=actor, action="organization.changed", subject=organization, fields=sorted(changes))
    return organization


@transaction.atomic
def set_member(
    *, actor: Actor, organization: Organization, username: str, role: str, is_steward: bool = False
) -> Membership:
    """Add a person or change what they are. Raises Invalid for an unknown person, LastOwner."""
    require_role(actor, organization, Role.OWNER, scope="manage")
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Invalid(
            fields={"username": [gettext("Nobody here is called “%(username)s”.") % {"username": username}]},
            remedy=gettext("Ask the person to sign up first."),
        )
    if role not in Role.values:
        raise Invalid(
            fields={
                "role": [
                    gettext("“%(role)s” is none of %(role_2)s.") % {"role": role, "role_2": ", ".join(Role.values)}
                ]
            }
        )
    _keep_an_owner(organization, leaving=user if role != Role.OWNER else None)
    membership, _ = Membership.objects.update_or_create(
        organization=organization, user=user, defaults={"role": role, "is_steward": is_steward}
    )
    audit.record(
        actor=actor,
        action="membership.set",
        subject=membership,
        label=f"{username} in {organization.slug}",
        role=role,
        is_steward=is_steward,
    )
    return membership


@transaction.atomic
def remove_member(*, actor: Actor, organization: Organization, username: str) -> None:
    """Take a person out; one may also leave by oneself. Raises LastOwner, Invalid."""
    membership = Membership.objects.filter(organization=organization, user__username=username).first()
    if actor.user is None or actor.user.username != username:
        require_role(actor, organization, Role.OWNER, scope="manage")
    if membership is None:
        raise Invalid(fields={"username": [gettext("“%(username)s” is no member.") % {"username": username}]})
    _keep_an_owner(organization, leaving=membership.user)
    audit.record(
        actor=actor,
        action="membership.removed",
        subject=membership,
        label=f"{username} in {organization.slug}",
    )
    membership.delete()


def _keep_an_owner(organization: Organization, *, leaving: User | None) -> None:
    owners = organization.memberships.select_for_update().filter(role=Role.OWNER)
    if leaving is not None and [membership.user_id for membership in owners] == [leaving.pk]:
        raise LastOwner(remedy=gettext("Make somebody else an owner first."))
