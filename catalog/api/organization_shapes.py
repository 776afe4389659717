"""What the API says of an organization and its members."""

from __future__ import annotations

from typing import TypedDict

from django.conf import settings

from catalog.api.manners.represent import API
from catalog.models import Organization


class VerifiedShape(TypedDict):
    """Why staff hold the organization for who it says it is, and since when."""

    reason: str
    at: str


class OrganizationShape(TypedDict):
    slug: str
    title: str
    description: str
    review_policy: str
    verified: VerifiedShape | None
    datasets: int
    links: dict[str, str]


class MemberShape(TypedDict):
    username: str
    name: str
    role: str
    is_steward: bool


def _verified(organization: Organization) -> VerifiedShape | None:
    if organization.verified_at is None:
        return None
    return {"reason": organization.verified_reason, "at": organization.verified_at.isoformat()}


def organization_shape(organization: Organization, *, datasets: int) -> OrganizationShape:
    return {
        "slug": organization.slug,
        "title": organization.title,
        "description": organization.description,
        "review_policy": organization.review_policy,
        "verified": _verified(organization),
        "datasets": datasets,
        "links": {
            "self": f"{API}/organizations/{organization.slug}",
            "html": f"{settings.BASE_URL}/{organization.slug}/",
        },
    }
