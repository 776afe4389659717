from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from catalog.models.dataset import Dataset
from catalog.models.user import User


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def in_force(self) -> AccessGrantQuerySet:
        return self.filter(models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=Now()), revoked_at__isnull=True)


class AccessGrant(models.Model):
    """A person may have a dataset's bytes, until a date or until it is revoked (odrl:hasPolicy)."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="access_grants")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_grants")
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "user"],
                condition=models.Q(revoked_at__isnull=True),
                name="accessgrant_one_unrevoked_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} may have {self.dataset_id}"
