"""Staff say that an organization is who it says it is, and how they know; or take that back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import Organization
from catalog.transitions import lock

REASON_LIMIT = 500
"""Characters of a reason."""


@transaction.atomic
def verify_organization(*, actor: Actor, organization: Organization, reason: str) -> Organization:
    """Give the tick, or give it for another reason; the reason is for everybody to read.

    Raises NotFound for all but staff, Invalid without a reason.
    """
    organization = _locked(actor, organization)
    organization.verified_reason = _checked(reason)
    organization.verified_at, organization.verified_by = timezone.now(), actor.user
    organization.save(update_fields=["verified_at", "verified_by", "verified_reason"])
    audit.record(actor=actor, action="organization.verified", subject=organization, reason=organization.verified_reason)
    return organization


@transaction.atomic
def unverify_organization(*, actor: Actor, organization: Organization, reason: str) -> Organization:
    """Take the tick away; the reason goes on the audit trail. Nothing is done where there is none.

    Raises NotFound for all but staff, Invalid without a reason.
    """
    organization = _locked(actor, organization)
    said = _checked(reason)
    if organization.verified_at is None:
        return organization
    organization.verified_at, organization.verified_by, organization.verified_reason = None, None, ""
    organization.save(update_fields=["verified_at", "verified_by", "verified_reason"])
    audit.record(actor=actor, action="organization.unverified", subject=organization, reason=said)
    return organization


def _locked(actor: Actor, organization: Organization) -> Organization:
    if not actor.is_staff or not actor.may("manage") or actor.limit is not None:
        raise NotFound
    return lock(organization)


def _checked(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise Invalid(fields={"reason": [_("Say why.")]})
    if len(said) > REASON_LIMIT:
        raise Invalid(fields={"reason": [_("Use %(n)s characters at most.") % {"n": f"{REASON_LIMIT:,}"}]})
    return said
