"""Following a dataset: one's own wish to be told of new versions, embargoes that end, withdrawals and deprecations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.actor import Actor
from catalog.models import Dataset, Follow, NoticeKind, User, Version, VersionState
from catalog.permissions import Action, require, require_user
from catalog.services.notifying.letters import QUOTE_LIMIT
from catalog.services.notifying.notices import tell


def follow_dataset(*, actor: Actor, dataset: Dataset) -> Follow:
    """Raises NotFound, NotSignedIn, ScopeMissing. Who follows it already goes on doing so."""
    require(actor, Action.VIEW, dataset)
    follow, _ = Follow.objects.get_or_create(user=require_user(actor, scope="read"), dataset=dataset)
    return follow


def unfollow_dataset(*, actor: Actor, dataset: Dataset) -> None:
    """Raises NotFound, NotSignedIn, ScopeMissing. Who does not follow it is left as they are."""
    require(actor, Action.VIEW, dataset)
    Follow.objects.filter(user=require_user(actor, scope="read"), dataset=dataset).delete()


def tell_followers(dataset: Dataset, kind: NoticeKind, *besides: User | None, quote: str = "", **params: Any) -> None:
    """Tell those who follow the dataset, but for the people ``besides``, who did it or are told in other words."""
    knowing = [person.pk for person in besides if person is not None]
    people = User.objects.filter(follows__dataset=dataset, is_active=True).exclude(pk__in=knowing).order_by("pk")
    tell(people, kind, dataset=dataset.pk, quote=quote[:QUOTE_LIMIT], **params)


@transaction.atomic
def tell_opened(row: Dataset | Version, *besides: User | None) -> None:
    """Tell those who follow it that an embargo has ended, if there are published data that it alone held back."""
    now = timezone.now()
    if isinstance(row, Version):
        if row.state == VersionState.PUBLISHED and not _is_ahead(row.dataset.embargo_until, now):
            tell_followers(row.dataset, NoticeKind.FOLLOWED_OPENED, *besides, number=row.number)
        return
    if any(not _is_ahead(version.embargo_until, now) for version in row.versions.published()):
        tell_followers(row, NoticeKind.FOLLOWED_OPENED, *besides)


def _is_ahead(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now
