"""What operators do with jobs: put back what failed for a reason of ours."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, NotFound
from catalog.events import raise_event
from catalog.jobs.board import JobPutBack, JobState, board_of, boards
from catalog.transitions import move

MOST_AT_ONCE = 500


class JobNotFailed(Conflict):
    code = "job-not-failed"
    title = gettext_lazy("This job has not failed")


def run_again(*, actor: Actor, noun: str, pk: str) -> str:
    """Put a failed job back among those that wait, as if it had never been tried; what it is about.

    Raises NotFound for all but staff, JobNotFailed where it waits, runs or has ended well meanwhile.
    """
    if not actor.is_staff:
        raise NotFound
    board = board_of(noun)
    row = board.get(pk)
    words = board.tell(row)
    if not board.found(JobState.FAILED).filter(pk=row.pk).exists():
        raise JobNotFailed(
            _("%(what)s does not stand among the failed jobs.") % {"what": words.what},
            remedy=_("See the list of jobs."),
        )
    dataset = words.dataset.pk
    try:
        with transaction.atomic():
            fresh = {"attempts": 0, "failures": 0, "queued_at": None, "finished_at": None, **board.again()}
            move(row, to=board.kind.waiting, actor=actor, dataset_id=dataset, label=words.what, **fresh)
            audit.record(actor=actor, action="job.run_again", subject=row, dataset_id=dataset, label=words.what)
            raise_event(JobPutBack(noun=noun, pk=row.pk, lane=board.kind.lane_of(row.pk)))
    except IntegrityError:
        # Of a table's checks one waits at most: what was asked for is on its way.
        raise JobNotFailed(
            _("Another job for %(what)s waits already.") % {"what": words.what}, remedy=_("See the list of jobs.")
        ) from None
    return words.what


def run_all_again(*, actor: Actor) -> int:
    """Put back whatever failed, at most ``MOST_AT_ONCE`` of a kind; how many. Raises NotFound for all but staff."""
    if not actor.is_staff:
        raise NotFound
    count = 0
    for board in boards():
        for pk in board.found(JobState.FAILED).values_list("pk", flat=True)[:MOST_AT_ONCE]:
            try:
                run_again(actor=actor, noun=board.noun, pk=str(pk))
            except (JobNotFailed, NotFound):
                continue
            count += 1
    return count
