"""Which tabs of an organization, and which buttons, a reader has."""

from __future__ import annotations

from typing import TypedDict

from catalog.actor import Actor
from catalog.models import Organization, Role
from catalog.permissions import has_role


class Tabs(TypedDict):
    """The context of parts/organization_head.html."""

    nav: str
    organization: Organization
    may_edit: bool
    is_member: bool
    may_upload: bool
    may_verify: bool


def tabs_of(actor: Actor, organization: Organization) -> Tabs:
    """What the reader's role opens."""
    return {
        "nav": "organizations",
        "organization": organization,
        "may_edit": has_role(actor, organization, Role.OWNER),
        "is_member": has_role(actor, organization, Role.READER),
        "may_upload": has_role(actor, organization, Role.CONTRIBUTOR),
        "may_verify": actor.is_staff,
    }
