"""Slugs: ``[a-z0-9-]``, no dots. They become Delta Sharing shares, Hugging Face repo ids and addresses."""

from __future__ import annotations

import re

from django.core.validators import RegexValidator
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

SLUG_LENGTH = 96
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,94}[a-z0-9])?")
validate_slug = RegexValidator(
    rf"^{SLUG.pattern}\Z",
    _("Use small letters, digits and hyphens, beginning and ending with a letter or digit."),
)

# First path segments of the site; an organisation of that name would hide a page or be hidden by it.
RESERVED_OWNERS: frozenset[str] = frozenset(
    [
        "about",
        "account",
        "accounts",
        "admin",
        "administration",
        "api",
        "assets",
        "audit",
        "queries",
        "catalog.jsonld",
        "datasets",
        "delta-sharing",
        "docs",
        "draft",
        "favicon.ico",
        "healthz",
        "help",
        "hf",
        "i18n",
        "invitations",
        "languages",
        "latest",
        "login",
        "logout",
        "me",
        "new",
        "notices",
        "oai",
        "organizations",
        "readyz",
        "review",
        "reviews",
        "robots.txt",
        "schemas",
        "search",
        "send-again",
        "settings",
        "share",
        "signup",
        "sitemap.xml",
        "sql",
        "static",
        "tokens",
        "uploads",
        "users",
        "v",
        "work",
    ]
)


def slug_of(text: str, *, fallback: str) -> str:
    """The slug nearest to ``text``; ``fallback`` where nothing of it is left (a title in Chinese)."""
    slug = slugify(text)[:SLUG_LENGTH].replace("_", "-").strip("-")
    slug = re.sub(r"-{2,}", "-", slug)
    return slug or fallback
