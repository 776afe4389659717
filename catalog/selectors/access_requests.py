"""Requests for access, as those who made them and those who decide see them."""

from __future__ import annotations

import math
import statistics

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import AccessRequest, AccessRequestState, Agreement, Dataset, Signature

ANSWERS_COUNTED = 100


def visible_requests(actor: Actor, *, state: str | None = None) -> QuerySet[AccessRequest]:
    """The actor's own and those for datasets that the actor maintains, newest first; waiting ones oldest first."""
    found = (
        AccessRequest.objects.visible_to(actor)
        .select_related("dataset__organization", "user", "decided_by", "agreement", "signature", "grant")
        .prefetch_related("versions")
    )
    if state:
        found = found.filter(state=state)
    return found.order_by("created", "pk") if state == AccessRequestState.PENDING else found.order_by("-created", "-pk")


def get_request(*, actor: Actor, request_id: int) -> AccessRequest:
    """Raises NotFound."""
    found = visible_requests(actor).filter(pk=request_id).first()
    if found is None:
        raise NotFound(_("There is no request of this number that you can see."))
    return found


def own_requests(actor: Actor, *, limit: int = 50) -> list[AccessRequest]:
    """What the actor asked for, newest first."""
    return list(visible_requests(actor).filter(user=actor.user)[:limit])


def own_request_for(actor: Actor, dataset: Dataset) -> AccessRequest | None:
    """The actor's last request for the dataset."""
    if actor.user is None:
        return None
    return visible_requests(actor).filter(user=actor.user, dataset=dataset).first()


def waiting_requests(actor: Actor, *, dataset: Dataset | None = None) -> QuerySet[AccessRequest]:
    """Those that wait for the actor's decision, the oldest first."""
    waiting = visible_requests(actor, state=AccessRequestState.PENDING)
    waiting = waiting.filter(pk__in=AccessRequest.objects.decided_by_role(actor).values("pk"))
    return waiting if dataset is None else waiting.filter(dataset=dataset)


def ended_requests_of(dataset: Dataset, *, limit: int) -> list[AccessRequest]:
    """Declined, cancelled and expired requests of a dataset, newest first."""
    rows = dataset.access_requests.exclude(state__in=[AccessRequestState.PENDING, AccessRequestState.GRANTED])
    return list(rows.select_related("user", "decided_by").order_by("-pk")[:limit])


def get_agreement(*, dataset: Dataset, number: int | None = None) -> Agreement:
    """The agreement of this number, or the one in force. Raises NotFound."""
    rows = dataset.agreements.select_related("created_by")
    found = rows.order_by("-number").first() if number is None else rows.filter(number=number).first()
    if found is None:
        raise NotFound(_("This dataset has no such agreement."), remedy=_("Whoever asks for its data signs nothing."))
    return found


def signatures_of(dataset: Dataset) -> QuerySet[Signature]:
    """Who signed what, newest first."""
    return dataset.signatures.select_related("user", "agreement").order_by("-pk")


def median_days(dataset: Dataset) -> int | None:
    """How many days an answer took, the median of the last ANSWERS_COUNTED; None where nobody was answered yet."""
    answered = dataset.access_requests.filter(
        state__in=[AccessRequestState.GRANTED, AccessRequestState.DENIED], decided_at__isnull=False
    )
    times = answered.order_by("-decided_at").values_list("created", "decided_at")[:ANSWERS_COUNTED]
    days = [(end - start).total_seconds() / 86_400 for start, end in times if end is not None]
    return math.ceil(statistics.median(days)) if days else None
