from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.user import User
from catalog.slugs import SLUG_LENGTH, validate_slug


class Role(models.TextChoices):
    """Each role may do all that the one before it may."""

    READER = "reader", _("Reader")
    CONTRIBUTOR = "contributor", _("Contributor")
    MAINTAINER = "maintainer", _("Maintainer")
    OWNER = "owner", _("Owner")

    @classmethod
    def at_least(cls, role: Role) -> list[str]:
        ladder = list(cls)
        return [item.value for item in ladder[ladder.index(role) :]]


class ReviewPolicy(models.TextChoices):
    ALWAYS = "always", _("A steward decides on every version")
    DIRECT_WHEN_PASSED = "direct_when_passed", _("Versions that pass every check are published directly")
    DIRECT = "direct", _("Versions are published directly, with their report")


class Organization(models.Model):
    """A publisher (dct:publisher): owns datasets, has members with roles.

    ``verified_at`` is when staff said that it is who it says it is, ``verified_reason`` how they know; null and empty
    where nobody did.
    """

    slug = models.CharField(max_length=SLUG_LENGTH, unique=True, validators=[validate_slug])
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    review_policy = models.CharField(max_length=24, choices=ReviewPolicy, default=ReviewPolicy.ALWAYS)
    created = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    verified_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    members: models.ManyToManyField[User, Membership] = models.ManyToManyField(
        User, through="Membership", related_name="organizations"
    )

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verified_at__isnull=True, verified_reason="")
                | (models.Q(verified_at__isnull=False) & ~models.Q(verified_reason="")),
                name="organization_verified_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class Membership(models.Model):
    """What a person is in an organisation. Steward stands beside the ladder: one may be both or either."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.READER)
    is_steward = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once_per_organization"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organization_id}: {self.role}"
