"""Whether a client already has what it asks for (RFC 9110, 13.1.2)."""

from __future__ import annotations


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether the header names ``etag``, or anything by ``*``; compared weakly, as the RFC asks for this header."""
    known = {item.strip().removeprefix("W/") for item in if_none_match.split(",")}
    return "*" in known or etag.removeprefix("W/") in known
