"""API tokens: made once, shown once, kept as a hash, limited in scope and time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog import audit
from catalog.actor import Actor, Limit
from catalog.errors import Invalid, NotFound
from catalog.models import Organization, Scope, Token
from catalog.permissions import ScopeMissing, require_user
from catalog.selectors.datasets import get_dataset

PREFIX = "cfd_"
MAX_DAYS = 365
DEFAULT_DAYS = 90
MAX_LIMIT = 100
"""Datasets and organizations that a token can be limited to by name."""


def create_token(
    *,
    actor: Actor,
    name: str,
    scopes: list[str],
    days: int = DEFAULT_DAYS,
    datasets: Sequence[str] = (),
    organizations: Sequence[str] = (),
) -> tuple[Token, str]:
    """A new token and its secret, which is not kept and can't be shown again.

    ``datasets`` ("owner/name") and ``organizations`` are what it is limited to; with none of either it is not limited.
    Raises NotSignedIn, Invalid, ScopeMissing (a token can't make one that may more than itself).
    """
    person = require_user(actor)
    problems = _problems(name, scopes, days)
    limit = _limit(actor, datasets, organizations, problems)
    if problems:
        raise Invalid(fields=problems)
    if not set(scopes) <= actor.scopes:
        raise ScopeMissing(
            gettext("A token can't make one with more scopes than its own."),
            remedy=gettext("Sign in and make it there."),
        )
    if actor.limit is not None and (limit is None or not actor.limit.holds(limit)):
        raise ScopeMissing(
            gettext("A token can't make one for more datasets than its own."),
            remedy=gettext("Sign in and make it there."),
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            user=person,
            name=name.strip(),
            last_four=secret[-4:],
            sha256=hash_of(secret),
            scopes=sorted(set(scopes)),
            expires_at=timezone.now() + timedelta(days=days),
            is_limited=limit is not None,
            dataset_ids=sorted(limit.datasets) if limit else [],
            organization_ids=sorted(limit.organizations) if limit else [],
        )
        audit.record(
            actor=actor,
            action="token.created",
            subject=token,
            scopes=token.scopes,
            limit=[*datasets, *organizations] if limit else None,
        )
    return token, secret


def _problems(name: str, scopes: list[str], days: int) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not name.strip() or len(name) > 100:
        problems["name"] = ["Give the token a name of at most 100 characters, such as what uses it."]
    if not scopes or not set(scopes) <= set(Scope.values):
        problems["scopes"] = [f"Choose at least one of {', '.join(Scope.values)}."]
    if not 1 <= days <= MAX_DAYS:
        problems["days"] = [f"A token lasts from 1 to {MAX_DAYS} days."]
    return problems


def _limit(
    actor: Actor, datasets: Sequence[str], organizations: Sequence[str], problems: dict[str, list[str]]
) -> Limit | None:
    """The ids of what is named, among what the actor can see; what is not found is put into ``problems``."""
    if len(datasets) + len(organizations) > MAX_LIMIT:
        problems["datasets"] = [f"Name at most {MAX_LIMIT} datasets and organizations."]
        return None
    chosen: set[int] = set()
    for name in datasets:
        owner, _, slug = name.strip().partition("/")
        try:
            chosen.add(get_dataset(actor=actor, owner=owner, slug=slug).pk)
        except NotFound as refusal:
            problems.setdefault("datasets", []).append(refusal.sentence)
    found = dict(Organization.objects.filter(slug__in=organizations).values_list("slug", "pk"))
    if missing := [slug for slug in organizations if slug not in found]:
        problems["organizations"] = [f"There is no organization {', '.join(missing)}."]
    if not datasets and not organizations:
        return None
    return Limit(frozenset(chosen), frozenset(found.values()))


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> None:
    """End one of the actor's own tokens at once. Raises NotFound."""
    token = Token.objects.filter(pk=token_id, user=actor.user, revoked_at__isnull=True).first()
    if token is None:
        raise NotFound
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record(actor=actor, action="token.revoked", subject=token)


def authenticate(secret: str) -> Token | None:
    """The token in force with this secret. Its last use is noted at most once a minute."""
    if not secret.startswith(PREFIX):
        return None
    token = Token.objects.in_force().select_related("user").filter(sha256=hash_of(secret)).first()
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def hash_of(secret: str) -> str:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
