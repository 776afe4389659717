"""Embargo: published, and until a date the bytes are for members alone.

It ends by itself, since every question compares it with the clock; the sweep only puts its end on record.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.models import Dataset, Version, VersionState
from catalog.permissions import Action, require
from catalog.services.notifying.following import tell_opened
from catalog.transitions import lock


class AlreadyOpen(Conflict):
    code = "already-open"
    title = gettext_lazy("The version's data are out already")


@transaction.atomic
def set_dataset_embargo(*, actor: Actor, dataset: Dataset, until: datetime | None) -> Dataset:
    """Hold the bytes of all versions back until then; None lifts it now. Raises NotFound, Forbidden, Invalid."""
    require(actor, Action.EMBARGO, dataset)
    _require_future(until)
    locked = lock(dataset)
    before, is_news = locked.embargo_until, _is_lifted(locked, until)
    locked.embargo_until, locked.embargo_noted_at = until, None
    locked.save(update_fields=["embargo_until", "embargo_noted_at", "modified"])
    _record(actor, locked, dataset_id=locked.pk, before=before, until=until)
    if is_news:
        tell_opened(locked, actor.user)
    return locked


@transaction.atomic
def set_version_embargo(*, actor: Actor, version: Version, until: datetime | None) -> Version:
    """Hold one version back until then; None lifts it now.

    What is published and not held back any more can't be: who has it has it. Raises NotFound, Forbidden, Invalid,
    AlreadyOpen.
    """
    require(actor, Action.EMBARGO, version.dataset)
    _require_future(until)
    locked = lock(version)
    is_held = locked.embargo_until is not None and locked.embargo_until > timezone.now()
    if locked.state == VersionState.WITHDRAWN:
        raise Conflict(_("The version is withdrawn: its bytes are not served at all."))
    if locked.state == VersionState.PUBLISHED and until is not None and not is_held:
        raise AlreadyOpen(
            _("An embargo is set before it is published."), remedy=_("Withdraw it if it must not be served.")
        )
    before, is_news = locked.embargo_until, _is_lifted(locked, until)
    locked.embargo_until, locked.embargo_noted_at = until, None
    locked.save(update_fields=["embargo_until", "embargo_noted_at"])
    _record(actor, locked, dataset_id=locked.dataset_id, before=before, until=until)
    if is_news:
        tell_opened(locked, actor.user)
    return locked


def note_lifted(*, actor: Actor) -> int:
    """Put on record which embargoes have ended; how many."""
    now = timezone.now()
    noted = 0
    for model in (Dataset, Version):
        over = model._default_manager.filter(embargo_until__lte=now, embargo_noted_at__isnull=True)
        noted += sum(_note_lifted(actor, row) for row in over)
    return noted


@transaction.atomic
def _note_lifted(actor: Actor, row: Dataset | Version) -> bool:
    locked = lock(row)
    if locked.embargo_until is None or locked.embargo_noted_at is not None or locked.embargo_until > timezone.now():
        return False
    locked.embargo_noted_at = timezone.now()
    # The description has not changed: "modified" stays.
    locked.save(update_fields=["embargo_noted_at"])
    dataset_id = locked.dataset_id if isinstance(locked, Version) else locked.pk
    audit.record(
        actor=actor, action="embargo.lifted", subject=locked, dataset_id=dataset_id, at=locked.embargo_until.isoformat()
    )
    tell_opened(locked)
    return True


def _is_lifted(row: Dataset | Version, until: datetime | None) -> bool:
    """Whether taking the embargo away is news: the sweep has not put its end on record, and told of it, already."""
    return until is None and row.embargo_until is not None and row.embargo_noted_at is None


def _record(
    actor: Actor, row: Dataset | Version, *, dataset_id: int, before: datetime | None, until: datetime | None
) -> None:
    audit.record(
        actor=actor,
        action="embargo.set" if until else "embargo.taken_away",
        subject=row,
        dataset_id=dataset_id,
        before=before.isoformat() if before else None,
        until=until.isoformat() if until else None,
    )


def _require_future(until: datetime | None) -> None:
    if until is not None and until <= timezone.now():
        raise Invalid(fields={"until": [_("This time is over already.")]})
