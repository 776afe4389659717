"""Mail to people: a row in the transaction that it tells of, sent by the sweep, again while the server refuses it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation

from catalog.models import Notice, NoticeKind, User
from catalog.services.letters import Letter, letter_of

logger = logging.getLogger(__name__)
MAX_TRIES = 10
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
AT_ONCE = 200


def tell(users: Iterable[User], kind: NoticeKind, **params: Any) -> None:
    """Have these people written to. ``params`` must be JSON."""
    Notice.objects.bulk_create([Notice(user=user, kind=kind, params=params) for user in users if user.email])


def send_due() -> int:
    """Send what waits, oldest first; how many went out. A mail that the server refuses is tried again later."""
    connection = get_connection()
    sent = 0
    try:
        for _ in range(AT_ONCE):
            found = _send_next(connection)
            if found is None:
                break
            sent += found
    finally:
        connection.close()
    return sent


@transaction.atomic
def _send_next(connection: BaseEmailBackend) -> bool | None:
    # The row stays locked while its mail is sent, so that no two sweeps send it; a killed one sends it again.
    due = Notice.objects.filter(sent_at__isnull=True, try_after__lte=timezone.now(), failures__lt=MAX_TRIES)
    notice = due.select_for_update(skip_locked=True, of=("self",)).order_by("try_after", "pk").first()
    if notice is None:
        return None
    try:
        letter = letter_of(notice)
        if letter is not None and notice.user.is_active:
            _mail(letter, notice.user.email, connection)
    except OSError as error:
        # smtplib's errors are OSErrors too: refused, unreachable, timed out.
        logger.warning("mail %s could not be sent: %s", notice.pk, type(error).__name__)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**notice.failures)
        Notice.objects.filter(pk=notice.pk).update(failures=F("failures") + 1, try_after=timezone.now() + pause)
        return False
    Notice.objects.filter(pk=notice.pk).update(sent_at=timezone.now())
    return True


def _mail(letter: Letter, to: str, connection: BaseEmailBackend) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        context = {"letter": letter, "site": settings.BASE_URL}
        text = render_to_string("catalog/mail/letter.txt", context)
        html = render_to_string("catalog/mail/letter.html", context)
    mail = EmailMultiAlternatives(letter.subject, text, to=[to], connection=connection)
    mail.attach_alternative(html, "text/html")
    mail.send()
