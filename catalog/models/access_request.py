from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.models.agreement import Agreement, Signature
from catalog.models.dataset import Dataset
from catalog.models.grant import AccessGrant
from catalog.models.organization import Role
from catalog.models.user import User


class AccessRequestState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    GRANTED = "granted", _("Granted")
    DENIED = "denied", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


ACCESS_REQUEST_MOVES: dict[str, frozenset[str]] = {
    AccessRequestState.PENDING: frozenset(
        {
            AccessRequestState.GRANTED,
            AccessRequestState.DENIED,
            AccessRequestState.CANCELLED,
            AccessRequestState.EXPIRED,
        }
    ),
    AccessRequestState.GRANTED: frozenset(),
    AccessRequestState.DENIED: frozenset(),
    AccessRequestState.CANCELLED: frozenset(),
    AccessRequestState.EXPIRED: frozenset(),
}


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def visible_to(self, actor: Actor) -> AccessRequestQuerySet:
        """One's own, and those for datasets that one maintains."""
        if actor.user is None or not actor.may("read"):
            return self.none()
        within = self.filter(dataset__in=Dataset.objects.within(actor).values("pk"))
        return within.filter(models.Q(user=actor.user) | models.Q(pk__in=self.decided_by_role(actor).values("pk")))

    def decided_by_role(self, actor: Actor) -> AccessRequestQuerySet:
        """Those that the actor decides on, by being a maintainer."""
        return self.filter(dataset__in=Dataset.objects.of_role(actor, Role.MAINTAINER).values("pk"))


class AccessRequest(models.Model):
    """Somebody asks for the bytes of a dataset: what for, the owner's questions answered, the agreement signed.

    It is of the ``versions`` named, or of all. ``answers`` are ``{"key", "label", "kind", "value"}`` as the questions
    stood. Nobody answering, it expires at ``expires_at``; ``warned_at`` is when that was said.
    """

    MOVES = ACCESS_REQUEST_MOVES

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="access_requests")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="access_requests")
    state = models.CharField(max_length=16, choices=AccessRequestState, default=AccessRequestState.PENDING)
    purpose = models.TextField()
    answers = models.JSONField(default=list, blank=True)
    all_versions = models.BooleanField(default=True)
    versions = models.ManyToManyField("catalog.Version", blank=True, related_name="+")
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    signature = models.ForeignKey(Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    grant = models.ForeignKey(AccessGrant, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests")

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "user"],
                condition=models.Q(state=AccessRequestState.PENDING),
                name="accessrequest_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=AccessRequestState.values), name="accessrequest_state_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(purpose=""), name="accessrequest_says_what_for"),
            models.CheckConstraint(
                condition=~models.Q(state=AccessRequestState.DENIED) | ~models.Q(reason=""),
                name="accessrequest_denied_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "state"], name="accessrequest_of_dataset"),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state=AccessRequestState.PENDING),
                name="accessrequest_next_to_end",
            ),
        ]

    def __str__(self) -> str:
        return f"access request {self.pk}"


class AccessRemark(models.Model):
    """One turn of the conversation between the asker and the maintainers. It stays."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="remarks")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    text = models.TextField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="accessremark_says_something")]

    def __str__(self) -> str:
        return f"access remark {self.pk}"
