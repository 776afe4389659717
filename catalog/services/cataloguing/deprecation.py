"""Deprecated: still served, and everybody is told why it should not be used any more, and what to use instead."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.models import Dataset, NoticeKind, Version, VersionState
from catalog.permissions import Action, require
from catalog.services.notifying.following import tell_followers
from catalog.transitions import lock

REASON_LIMIT = 5_000


@transaction.atomic
def deprecate_dataset(*, actor: Actor, dataset: Dataset, reason: str, successor: Dataset | None = None) -> Dataset:
    """Say that the dataset should not be used any more. Raises NotFound, Forbidden, Invalid."""
    require(actor, Action.DEPRECATE, dataset)
    words = _reason(reason)
    if successor is not None:
        require(actor, Action.VIEW, successor)
        _require_no_circle(dataset, successor)
    locked = lock(dataset)
    is_news = locked.deprecated_at is None
    locked.deprecated_at = locked.deprecated_at or timezone.now()
    locked.deprecated_reason, locked.successor = words, successor
    locked.save(update_fields=["deprecated_at", "deprecated_reason", "successor", "modified"])
    name = f"{successor.organization.slug}/{successor.slug}" if successor else None
    audit.record(
        actor=actor, action="dataset.deprecated", subject=locked, dataset_id=locked.pk, reason=words, successor=name
    )
    if is_news:
        tell_followers(locked, NoticeKind.FOLLOWED_DEPRECATED, actor.user, quote=words, successor=name)
    return locked


@transaction.atomic
def restore_dataset(*, actor: Actor, dataset: Dataset) -> Dataset:
    """Take the deprecation back. Raises NotFound, Forbidden."""
    require(actor, Action.DEPRECATE, dataset)
    locked = lock(dataset)
    locked.deprecated_at, locked.deprecated_reason, locked.successor = None, "", None
    locked.save(update_fields=["deprecated_at", "deprecated_reason", "successor", "modified"])
    audit.record(actor=actor, action="dataset.restored", subject=locked, dataset_id=locked.pk)
    return locked


@transaction.atomic
def deprecate_version(*, actor: Actor, version: Version, reason: str, successor: Version | None = None) -> Version:
    """Say that a published version should not be used any more. Raises NotFound, Forbidden, Invalid, Conflict."""
    require(actor, Action.DEPRECATE, version.dataset)
    words = _reason(reason)
    locked = lock(version)
    if locked.state != VersionState.PUBLISHED:
        raise Conflict(_("Only a published version can be deprecated."))
    if successor is not None and (
        successor.dataset_id != locked.dataset_id or successor.pk == locked.pk or successor.state != locked.state
    ):
        raise Invalid(fields={"successor": [_("Name another published version of the dataset.")]})
    is_news = locked.deprecated_at is None
    locked.deprecated_at = locked.deprecated_at or timezone.now()
    locked.deprecated_reason, locked.successor = words, successor
    locked.save(update_fields=["deprecated_at", "deprecated_reason", "successor"])
    number = successor.number if successor else None
    audit.record(
        actor=actor,
        action="version.deprecated",
        subject=locked,
        dataset_id=locked.dataset_id,
        reason=words,
        successor=number,
    )
    if is_news:
        told = {"number": locked.number, "successor": number}
        tell_followers(locked.dataset, NoticeKind.FOLLOWED_DEPRECATED, actor.user, quote=words, **told)
    return locked


@transaction.atomic
def restore_version(*, actor: Actor, version: Version) -> Version:
    """Take the deprecation back. Raises NotFound, Forbidden."""
    require(actor, Action.DEPRECATE, version.dataset)
    locked = lock(version)
    locked.deprecated_at, locked.deprecated_reason, locked.successor = None, "", None
    locked.save(update_fields=["deprecated_at", "deprecated_reason", "successor"])
    audit.record(actor=actor, action="version.restored", subject=locked, dataset_id=locked.dataset_id)
    return locked


def _reason(text: str) -> str:
    words = text.strip()
    if not words:
        raise Invalid(fields={"reason": [_("Say why: everybody who uses it reads it.")]})
    if len(words) > REASON_LIMIT:
        raise Invalid(
            fields={"reason": [_("Use %(reason_limit)s characters at most.") % {"reason_limit": f"{REASON_LIMIT:,}"}]}
        )
    return words


def _require_no_circle(dataset: Dataset, successor: Dataset) -> None:
    seen = {dataset.pk}
    step: Dataset | None = successor
    while step is not None:
        if step.pk in seen:
            raise Invalid(fields={"successor": [_("It would lead back to this dataset: name one that is in use.")]})
        seen.add(step.pk)
        step = step.successor
