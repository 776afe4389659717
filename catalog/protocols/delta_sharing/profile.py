"""The profile file that a Delta Sharing client reads first: where the server is, and the token to send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

NAME = "commonfield.share"


def profile(secret: str, expires: datetime | None) -> str:
    """The file's text. Without a secret it is good for open data alone."""
    content: dict[str, Any] = {
        "shareCredentialsVersion": 1,
        "endpoint": f"{settings.BASE_URL}/delta-sharing/",
        "bearerToken": secret,
    }
    if expires is not None:
        content["expirationTime"] = expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return json.dumps(content, indent=2) + "\n"
