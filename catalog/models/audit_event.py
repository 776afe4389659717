from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.db import models

from catalog.actor import Actor
from catalog.models.dataset import Dataset
from catalog.models.organization import Role
from catalog.models.user import User

if TYPE_CHECKING:
    from catalog.models.audit_link import AuditLink


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, actor: Actor) -> AuditEventQuerySet:
        """Of the datasets that the actor maintains; staff see those too that concern no dataset."""
        if not actor.may("read"):
            return self.none()
        if actor.is_staff and actor.limit is None:
            return self
        return self.filter(dataset_id__in=Dataset.objects.of_role(actor, Role.MAINTAINER).values("pk"))


class AuditEvent(models.Model):
    """Who did what to what, reads included. Append-only: the database refuses UPDATE, DELETE and TRUNCATE."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    token_id = models.BigIntegerField(null=True, blank=True)
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64)
    dataset_id = models.BigIntegerField(null=True, blank=True)
    label = models.CharField(max_length=300)
    detail = models.JSONField(default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["dataset_id", "-id"], name="audit_by_dataset"),
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.label}"

    @property
    def chained(self) -> AuditLink | None:
        """Its place in the hash chain; None until the sweep has linked it."""
        try:
            return self.link
        except ObjectDoesNotExist:
            return None
