from __future__ import annotations

from django.db import models

from catalog.actor import Actor
from catalog.models import Dataset, Organization, User
from catalog.models.schema import validate_number
from catalog.slugs import SLUG_LENGTH, validate_slug


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def visible_to(self, actor: Actor) -> RuleSetQuerySet:
        """Shared ones, and those of organizations that the actor belongs to."""
        if not actor.may("read") and not actor.is_anonymous:
            return self.none()
        if actor.is_staff and actor.limit is None:
            return self
        seen = models.Q(is_shared=True)
        if actor.user is not None:
            own = models.Q(organization__in=actor.user.memberships.values("organization"))
            seen |= own if actor.limit is None else own & models.Q(organization__in=actor.limit.organizations)
        return self.filter(seen)


class RuleSet(models.Model):
    """Rules that an organization keeps together for many datasets, under a name; what they are stands in versions.

    ``is_shared`` sets are for everybody, others for the organization's members.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="rule_sets")
    name = models.CharField(max_length=SLUG_LENGTH, validators=[validate_slug])
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    is_shared = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        ordering = ["organization__slug", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="ruleset_name_once_per_organization")
        ]

    def __str__(self) -> str:
        return f"{self.organization.slug}/{self.name}"


class RuleSetVersion(models.Model):
    """The rules of a set as they were under one number; never changed once made."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="versions")
    number = models.CharField(max_length=32, validators=[validate_number])
    rules = models.JSONField()
    note = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "number"], name="rulesetversion_number_once_per_set")
        ]

    def __str__(self) -> str:
        return f"{self.rule_set}@{self.number}"


class RuleSetUse(models.Model):
    """A set that a dataset has attached, in the version that it is pinned to."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="rule_set_uses")
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="uses")
    version = models.ForeignKey(RuleSetVersion, on_delete=models.PROTECT, related_name="+")
    attached_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["attached_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["dataset", "rule_set"], name="rulesetuse_once_per_dataset")]

    def __str__(self) -> str:
        return str(self.version)
