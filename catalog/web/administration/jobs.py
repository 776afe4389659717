"""Jobs for operators: how many wait in which lane, what runs, what failed and why, and another try."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.jobs.board import JobBoard, JobState, ShownJob, boards
from catalog.jobs.lanes import Lane
from catalog.services.jobs import run_again, run_all_again
from catalog.web.administration.staff import page_for_staff
from catalog.web.forms.administration import JobsForm

SHOWN = 50
"""Jobs of each kind and state on the page; the table above counts all."""
_STATES = (JobState.FAILED, JobState.RUNNING, JobState.WAITING)
Counts = list[tuple[JobBoard[Any], dict[Lane, dict[JobState, int]]]]


@page_for_staff
def jobs(request: HttpRequest, _actor: Actor) -> HttpResponse:
    """The board. With ``?part=counts`` only its table, which draws itself anew."""
    counts = [(board, board.counts()) for board in boards()]
    lanes = [(lane, [_cell(counts, lane, state) for state in reversed(_STATES)]) for lane in Lane]
    totals = {state: sum(rows[lane][state] for _board, rows in counts for lane in Lane) for state in JobState}
    context: dict[str, Any] = {"nav": "administration", "lanes": lanes, "totals": totals}
    if request.GET.get("part") == "counts":
        return render(request, "catalog/parts/job_counts.html", context)
    form = JobsForm(request.GET)
    form.is_valid()
    found = _found(form)
    context |= {
        "form": form,
        "jobs": found,
        "is_cut": any(len([job for job in found if (job.noun, job.state) == key]) == SHOWN for key in _keys(found)),
        "shown": SHOWN,
        "query": request.GET.urlencode(),
    }
    return render(request, "catalog/jobs.html", context)


@require_POST
@page_for_staff
def again(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Put one failed job back, or all of them."""
    if request.POST.get("all"):
        count = run_all_again(actor=actor)
        said = ngettext("%(count)s job waits again.", "%(count)s jobs wait again.", count) % {"count": f"{count:,}"}
        messages.success(request, said)
    else:
        try:
            what = run_again(actor=actor, noun=request.POST.get("kind", ""), pk=request.POST.get("job", ""))
        except CatalogError as refusal:
            messages.error(request, refusal.words)
        else:
            messages.success(request, _("%(what)s waits again.") % {"what": what})
    query = request.POST.get("query", "")
    return redirect(f"{reverse('catalog:jobs')}?{query}" if query else "catalog:jobs")


def _cell(counts: Counts, lane: Lane, state: JobState) -> tuple[int, list[tuple[str, int]]]:
    """How many jobs of a lane are in a state, and of which kinds."""
    kinds = [(str(board.title), rows[lane][state]) for board, rows in counts if rows[lane][state]]
    return sum(count for _title, count in kinds), kinds


def _found(form: JobsForm) -> list[ShownJob]:
    states = [form.asked_state] if form.asked_state else list(_STATES)
    lane: Lane | None = form.asked_lane
    return [
        job
        for state in states
        for board in boards()
        if form.asked_kind in ("", board.noun)
        for job in board.shown(state, lane=lane, most=SHOWN)
    ]


def _keys(found: list[ShownJob]) -> set[tuple[str, JobState]]:
    return {(job.noun, job.state) for job in found}
