"""A letter as a mail: text and HTML, in the active language."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from catalog.services.letters import Letter


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
