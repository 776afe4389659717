from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.organization import Organization
from catalog.models.user import User


class QuotaKind(models.TextChoices):
    """What is counted. Storage is of an organization; the others are of a person, or of all readers of one's data."""

    STORAGE = "storage", _("Bytes kept")
    DOWNLOADS = "downloads", _("Bytes downloaded in 30 days")
    REQUESTS = "requests", _("Requests in a day")


class Quota(models.Model):
    """An amount other than the site's own for a person or an organization; ``amount`` null is without end."""

    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="quotas"
    )
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="quotas")
    kind = models.CharField(max_length=16, choices=QuotaKind)
    amount = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind"], name="quota_once_per_organization"),
            models.UniqueConstraint(fields=["user", "kind"], name="quota_once_per_person"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, organization__isnull=True)
                | models.Q(user__isnull=True, organization__isnull=False),
                name="quota_of_a_person_or_an_organization",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=QuotaKind.values), name="quota_kind_is_known"),
            models.CheckConstraint(
                condition=~models.Q(kind=QuotaKind.STORAGE) | models.Q(organization__isnull=False),
                name="quota_storage_is_an_organizations",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.organization or self.user}: {'no end' if self.amount is None else self.amount}"
