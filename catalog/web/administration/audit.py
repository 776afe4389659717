"""The audit trail as a page: of one dataset for its maintainers, of all for staff, and whether its chain holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import AuditEvent, Dataset
from catalog.models.audit_event import AuditEventQuerySet
from catalog.permissions import Action, require
from catalog.selectors.audit import last_check, list_events
from catalog.services.audit_chain import extend_chain, record_verification, verify_chain
from catalog.storage import attachment
from catalog.transport.csv_lines import csv_line, harmless
from catalog.web.administration.audit_words import more_of, what_was_done
from catalog.web.dataset.head import open_head
from catalog.web.forms.audit import AuditForm
from catalog.web.frame.refusals import page_for_users

SHOWN = 50
VERIFIED = 100_000
"""Events that are verified while somebody waits for the page (some seconds); the command and the clock verify all."""
_COLUMNS = ("number", "at", "person", "token", "address", "action", "what", "dataset", "detail", "position", "sha256")


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its words; ``position`` and ``sha256`` are None for the few seconds until it is linked."""

    event: AuditEvent
    done: str
    more: list[str]
    position: int | None
    sha256: str | None


@page_for_users
def of_dataset(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponseBase:
    """What was done with a dataset, reads included."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="access")
    require(actor, Action.READ_AUDIT, head.dataset)
    return _answer(request, actor, head.dataset, {"nav": "datasets", "head": head})


@page_for_users
def of_all(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The whole trail, and the state of its chain."""
    _require_staff(actor)
    return _answer(request, actor, None, {"nav": "audit", "check": last_check()})


@require_POST
@page_for_users
def verify(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Hold the newest events to the chain now."""
    _require_staff(actor)
    extend_chain()
    found = verify_chain(newest=VERIFIED)
    record_verification(actor=actor, verification=found)
    count = found.last - found.first + 1
    if found.is_whole:
        said = ngettext("%(count)s event is as it was written.", "%(count)s events are as they were written.", count)
        messages.success(request, said % {"count": f"{count:,}"})
    else:
        said = ngettext("%(count)s entry does not fit.", "%(count)s entries do not fit.", found.faults_count)
        messages.error(request, said % {"count": f"{found.faults_count:,}"})
    return redirect("catalog:audit")


def _require_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotFound


def _answer(
    request: HttpRequest, actor: Actor, dataset: Dataset | None, context: dict[str, object]
) -> HttpResponseBase:
    form = AuditForm(request.GET)
    form.is_valid()
    rows = list_events(actor=actor, dataset=dataset, asked=form.asked)
    if request.GET.get("format") == "csv":
        name = "audit.csv" if dataset is None else f"{dataset.slug}.audit.csv"
        headers = {"Content-Disposition": attachment(name)}
        return StreamingHttpResponse(_csv(rows), headers=headers, content_type="text/csv; charset=utf-8")
    if form.place is not None:
        rows = rows.filter(pk__lt=form.place)
    found = list(rows[: SHOWN + 1])
    context |= {
        "form": form,
        "entries": [_entry(event) for event in found[:SHOWN]],
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
    }
    return render(request, "catalog/audit.html", context)


def _entry(event: AuditEvent) -> Entry:
    link = event.chained
    return Entry(
        event=event,
        done=what_was_done(event),
        more=more_of(event),
        position=None if link is None else link.position,
        sha256=None if link is None else link.sha256,
    )


def _csv(rows: AuditEventQuerySet) -> Iterator[str]:
    yield csv_line(_COLUMNS)
    for event in rows.iterator(chunk_size=2_000):
        link = event.chained
        cells = [
            event.pk,
            event.at.isoformat(),
            "" if event.actor is None else event.actor.username,
            event.token_id,
            event.address,
            event.action,
            event.label,
            event.dataset_id,
            json.dumps(event.detail, ensure_ascii=False, sort_keys=True),
            None if link is None else link.position,
            None if link is None else link.sha256,
        ]
        yield csv_line([harmless(cell) for cell in cells])
