"""What people are told: a row in the transaction that it tells of, shown on their page of notices, and a mail.

The mail is sent by the sweep, in the reader's language, again while the server refuses it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone, translation

from catalog.actor import Actor
from catalog.models import Notice, NoticeKind, User, mail_group
from catalog.permissions import require_user
from catalog.services.notifying.letters import letter_of
from catalog.services.notifying.mailing import MAX_TRIES, mail_of, send_waiting

ROWS_AT_ONCE = 1_000


def tell(users: Iterable[User], kind: NoticeKind, *, dataset: int, **params: Any) -> None:
    """Have these people told of something about the dataset. ``params`` must be JSON."""
    told = {**params, "dataset": dataset}
    rows = [Notice(user=user, dataset_id=dataset, kind=kind, params=told) for user in users]
    Notice.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def tell_once(users: Iterable[User], kind: NoticeKind, *, dataset: int, **params: Any) -> None:
    """As ``tell``, of what comes in numbers: whoever has not read the last notice of it gets no other one."""
    asked = list(users)
    unread = Notice.objects.unread().filter(user__in=asked, kind=kind, dataset=dataset)
    waiting = set(unread.values_list("user_id", flat=True))
    tell([user for user in asked if user.pk not in waiting], kind, dataset=dataset, **params)


def mark_read(*, actor: Actor, ids: Collection[int] | None = None) -> int:
    """Mark the actor's notices as read, those of ``ids`` or all; how many were not before. Raises NotSignedIn."""
    require_user(actor, scope="read")
    rows = Notice.objects.shown_to(actor).unread()
    return (rows if ids is None else rows.filter(pk__in=ids)).update(read_at=timezone.now())


def purge_old() -> int:
    """Delete what was told longer than NOTICE_DAYS ago, but for mails that still wait; how many."""
    over = Notice.objects.filter(created__lt=timezone.now() - timedelta(days=settings.NOTICE_DAYS))
    done = over.exclude(sent_at__isnull=True, failures__lt=MAX_TRIES)
    return done.delete()[0]


def send_due() -> int:
    """Send what waits, oldest first; how many went out. A mail that the server refuses is tried again later."""
    return send_waiting(Notice.objects.select_related("user", "dataset__organization"), _mail)


def _mail(notice: Notice, connection: BaseEmailBackend) -> EmailMultiAlternatives | None:
    if not _is_wanted(notice):
        return None
    with translation.override(notice.user.language or settings.LANGUAGE_CODE):
        letter = letter_of(notice)
        return None if letter is None else mail_of(letter, to=notice.user.email, connection=connection)


def _is_wanted(notice: Notice) -> bool:
    """Whether the person is still here, wants mails of this group, and still sees what it is about."""
    user = notice.user
    if not user.is_active or not user.email or mail_group(NoticeKind(notice.kind)) in user.unwanted_mail:
        return False
    return Notice.objects.shown_to(Actor(user)).filter(pk=notice.pk).exists()
