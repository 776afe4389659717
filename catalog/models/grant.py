from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from catalog.models.organization import Organization
from catalog.models.user import User


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def in_force(self) -> AccessGrantQuerySet:
        return self.filter(models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=Now()), revoked_at__isnull=True)

    def held_by(self, user: User) -> AccessGrantQuerySet:
        """Given to the person, or to an organization that the person belongs to."""
        return self.filter(models.Q(user=user) | models.Q(organization__in=user.memberships.values("organization")))

    def covering(self, version_id: int, dataset_id: int) -> AccessGrantQuerySet:
        """Of all versions of the dataset, or of this one by name."""
        named = models.Q(pk__in=self.model.versions.through.objects.filter(version=version_id).values("accessgrant"))
        return self.filter(named | models.Q(all_versions=True), dataset=dataset_id)


class AccessGrant(models.Model):
    """A person or an organization may have a dataset's bytes, until a date or until it is revoked (odrl:hasPolicy).

    It is of all published versions, those to come among them, or of the ``versions`` named. ``warned_days`` is the
    nearest of the warnings that were sent before its end; ``ended_noted_at`` is when the sweep put its end on record.
    """

    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.CASCADE, related_name="access_grants")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="access_grants")
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="access_grants"
    )
    all_versions = models.BooleanField(default=True)
    versions = models.ManyToManyField("catalog.Version", blank=True, related_name="+")
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    warned_days = models.PositiveSmallIntegerField(null=True, blank=True)
    ended_noted_at = models.DateTimeField(null=True, blank=True)

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "user"],
                condition=models.Q(revoked_at__isnull=True),
                name="accessgrant_one_unrevoked_per_person",
            ),
            models.UniqueConstraint(
                fields=["dataset", "organization"],
                condition=models.Q(revoked_at__isnull=True),
                name="accessgrant_one_unrevoked_per_organization",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, organization__isnull=True)
                | models.Q(user__isnull=True, organization__isnull=False),
                name="accessgrant_to_a_person_or_an_organization",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=models.Q(revoked_at__isnull=True), name="accessgrant_next_to_end"
            )
        ]

    def __str__(self) -> str:
        return f"{self.holder} may have {self.dataset_id}"

    @property
    def holder(self) -> str:
        """The user name or the organization's short name."""
        if self.user is not None:
            return self.user.username
        return "" if self.organization is None else self.organization.slug
