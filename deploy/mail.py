"""Mail by one URL: ``smtp://user:password@host:587/?tls=1``."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend


class UrlEmailBackend(EmailBackend):
    """SMTP configured from EMAIL_URL; ``smtps://`` is TLS from the start, ``?tls=1`` is STARTTLS."""

    def __init__(self, **kwargs: Any) -> None:
        parts = urlsplit(settings.EMAIL_URL)
        options = parse_qs(parts.query)
        super().__init__(
            host=parts.hostname,
            port=parts.port or (465 if parts.scheme == "smtps" else 587),
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            use_tls=options.get("tls", ["0"])[0] == "1",
            use_ssl=parts.scheme == "smtps",
            timeout=20,
            fail_silently=bool(kwargs.get("fail_silently", False)),
        )
