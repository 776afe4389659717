from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.models.dataset import Dataset, dataset_is_visible_to
from catalog.models.user import MailGroup, User


class NoticeKind(models.TextChoices):
    REQUEST_MADE = "request_made", _("Somebody asks for access")
    REQUEST_REMARK = "request_remark", _("A word on a request")
    REQUEST_GRANTED = "request_granted", _("A request was granted")
    REQUEST_DENIED = "request_denied", _("A request was declined")
    REQUEST_ENDS = "request_ends", _("A request is about to expire")
    REQUEST_EXPIRED = "request_expired", _("A request expired")
    GRANT_GIVEN = "grant_given", _("Access was given")
    GRANT_ENDS = "grant_ends", _("Access is about to end")
    GRANT_ENDED = "grant_ended", _("Access has ended")
    GRANT_REVOKED = "grant_revoked", _("Access was taken back")
    REVIEW_OPENED = "review_opened", _("A version waits for review")
    REVIEW_REMARK = "review_remark", _("A word on a review")
    REVIEW_APPROVED = "review_approved", _("Your version is published")
    REVIEW_RETURNED = "review_returned", _("Changes are asked for")
    REVIEW_DECLINED = "review_declined", _("Your version was declined")
    REVIEW_NOT_DECIDED = "review_not_decided", _("Your decision was not carried out")
    CHECK_DONE = "check_done", _("A check is done")
    UPLOAD_REJECTED = "upload_rejected", _("A file could not be read")
    ANNOTATION_MADE = "annotation_made", _("Somebody suggests something")
    ANNOTATION_DECIDED = "annotation_decided", _("A suggestion was looked at")
    FOLLOWED_PUBLISHED = "followed_published", _("A new version")
    FOLLOWED_OPENED = "followed_opened", _("An embargo has ended")
    FOLLOWED_WITHDRAWN = "followed_withdrawn", _("A version was withdrawn")
    FOLLOWED_DEPRECATED = "followed_deprecated", _("Should not be used any more")


FOLLOWED = frozenset(
    {
        NoticeKind.FOLLOWED_PUBLISHED,
        NoticeKind.FOLLOWED_OPENED,
        NoticeKind.FOLLOWED_WITHDRAWN,
        NoticeKind.FOLLOWED_DEPRECATED,
    }
)
"""Told to followers, as far as they still see the dataset. Other notices are of what concerns the person anyhow."""
_GROUPS: dict[str, MailGroup] = {
    "request": MailGroup.ACCESS,
    "grant": MailGroup.ACCESS,
    "review": MailGroup.REVIEWS,
    "annotation": MailGroup.REVIEWS,
    "check": MailGroup.DRAFTS,
    "upload": MailGroup.DRAFTS,
    "followed": MailGroup.FOLLOWING,
}


def mail_group(kind: NoticeKind) -> MailGroup:
    """The group of mails by which a person may do without this one; the word that a kind begins with tells it."""
    return _GROUPS[kind.value.partition("_")[0]]


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_to(self, actor: Actor) -> NoticeQuerySet:
        """The actor's own: of what is followed only what is still seen; a limited token's, of its datasets alone."""
        if actor.user is None:
            return self.none()
        is_seen = models.Q(dataset_is_visible_to(actor))
        own = self.filter(~models.Q(kind__in=FOLLOWED) | is_seen, user=actor.user, dataset__isnull=False)
        return own if actor.limit is None else own.filter(dataset__in=Dataset.objects.within(actor).values("pk"))

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """What a person is told, on a page and by mail, written in the transaction that it tells of.

    ``params`` are what its words are made of (catalog/services/notifying/letters.py). The mail is sent by the sweep
    (catalog/tasks.py): ``try_after`` is when it may be sent, or tried again, ``failures`` counts refusals of the mail
    server, ``sent_at`` is when it went out, or when it was found that the person wants none. ``read_at`` is the page's.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24, choices=NoticeKind)
    params = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    try_after = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=NoticeKind.values), name="notice_kind_is_known")
        ]
        indexes = [
            models.Index(fields=["try_after"], condition=models.Q(sent_at__isnull=True), name="notice_next_to_send"),
            models.Index(fields=["user", "-created"], name="notice_newest"),
            models.Index(fields=["user"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"
