from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.actor import Limit
from catalog.models.user import User


class Scope(models.TextChoices):
    READ = "read", _("Read what you can see, and download it")
    UPLOAD = "upload", _("Register datasets and upload")
    REVIEW = "review", _("Decide on submitted versions")
    MANAGE = "manage", _("Manage organizations, members and access")


class TokenQuerySet(models.QuerySet["Token"]):
    def in_force(self) -> TokenQuerySet:
        return self.filter(revoked_at__isnull=True, expires_at__gt=Now(), user__is_active=True)


class Token(models.Model):
    """A scoped, expiring API key. Only the sha256 of its secret is kept.

    One that ``is_limited`` sees the datasets named, and those of the organizations named, and no other.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    last_four = models.CharField(max_length=4)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope))
    is_limited = models.BooleanField(default=False)
    # Ids and no foreign keys: a request with a token asks one table, and what a token was limited to never widens.
    dataset_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    organization_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created")), name="token_expires_after_it_was_made"
            ),
            models.CheckConstraint(
                condition=models.Q(is_limited=True) | models.Q(dataset_ids=[], organization_ids=[]),
                name="token_unlimited_names_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (cfd_…{self.last_four})"

    @property
    def limit(self) -> Limit | None:
        """What an Actor of this token is limited to; None where it may see all that its user sees."""
        if not self.is_limited:
            return None
        return Limit(frozenset(self.dataset_ids), frozenset(self.organization_ids))
