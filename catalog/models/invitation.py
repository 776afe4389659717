from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Now

from catalog.models.organization import Organization, Role
from catalog.models.user import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> InvitationQuerySet:
        """Neither accepted nor taken back; its time may be over."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def pending(self) -> InvitationQuerySet:
        """Those that can be accepted."""
        return self.waiting().filter(expires_at__gt=Now())


class Invitation(models.Model):
    """Somebody is asked by mail to become a member. Who opens the mail's link, signed in, may accept: once.

    The link is signed and holds this row's id (catalog/services/membership/invitations.py), so that nothing secret is
    kept here.
    ``try_after`` is when the mail may be sent, or tried again; ``failures`` counts refusals of the mail server.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role, default=Role.READER)
    is_steward = models.BooleanField(default=False)
    language = models.CharField(max_length=16, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    try_after = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_waits_once_per_address",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_is_known"),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitation_ends_once",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["try_after"], condition=models.Q(sent_at__isnull=True), name="invitation_next_to_send")
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organization_id}"
