"""A letter as a mail: text and HTML, in the active language; and rows whose mails wait, sent by the sweep."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from catalog.services.notifying.letters import Letter

logger = logging.getLogger(__name__)
MAX_TRIES = 10
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
AT_ONCE = 200


Write = Callable[[Any, BaseEmailBackend], EmailMultiAlternatives | None]
"""Makes the mail of a row; None where nobody wants it any more."""


def mail_of(letter: Letter, *, to: str, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The mail, not sent yet."""
    context = {"letter": letter, "site": settings.BASE_URL}
    text = render_to_string("catalog/mail/letter.txt", context)
    html = render_to_string("catalog/mail/letter.html", context)
    # RFC 2369: mail programs show a button of their own. It leads to a page, so that no scanner of links unfollows.
    headers = {"List-Unsubscribe": f"<{letter.stop_link}>"} if letter.stop_link else {}
    mail = EmailMultiAlternatives(letter.subject, text, to=[to], connection=connection, headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def send_waiting(rows: QuerySet[Any], write: Write) -> int:
    """Send the mails of ``rows``, oldest first; how many went out. One that the server refuses is tried again later.

    A row may be sent from its ``try_after`` on, is once it has ``sent_at``, and counts refusals in ``failures``.
    """
    connection = get_connection()
    sent = 0
    try:
        for _ in range(AT_ONCE):
            found = _send_next(rows, write, connection)
            if found is None:
                break
            sent += found
    finally:
        connection.close()
    return sent


@transaction.atomic
def _send_next(
    rows: QuerySet[Any],
    write: Write,
    connection: BaseEmailBackend,
) -> bool | None:
    # The row stays locked while its mail is sent, so that no two sweeps send it; a killed one sends it again.
    due = rows.filter(sent_at__isnull=True, try_after__lte=timezone.now(), failures__lt=MAX_TRIES)
    row = due.order_by("try_after", "pk").select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return None
    own = rows.model.objects.filter(pk=row.pk)
    try:
        mail = write(row, connection)
        if mail is not None:
            mail.send()
    except OSError as error:
        # smtplib's errors are OSErrors too: refused, unreachable, timed out.
        logger.warning("the mail of %s %s could not be sent: %s", row._meta.model_name, row.pk, type(error).__name__)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**row.failures)
        own.update(failures=F("failures") + 1, try_after=timezone.now() + pause)
        return False
    own.update(sent_at=timezone.now())
    return True
