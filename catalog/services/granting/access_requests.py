"""Asking for a dataset's bytes: made by a person, talked about, and granted, declined, cancelled or expired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid, NotFound
from catalog.models import (
    Access,
    AccessGrant,
    AccessRemark,
    AccessRequest,
    AccessRequestState,
    Dataset,
    NoticeKind,
    Scope,
    Version,
)
from catalog.permissions import Action, can, require, require_user
from catalog.selectors.grants import maintainers_of
from catalog.services.granting.agreements import current_agreement, sign
from catalog.services.granting.grants import grant_access, published_versions, told_of
from catalog.services.granting.questions import Question, check_answers
from catalog.services.notifying.letters import told_of_request
from catalog.services.notifying.notices import tell
from catalog.transitions import lock, move

PURPOSE_LIMIT = 5_000
REASON_LIMIT = 5_000
REMARK_LIMIT = 10_000
Answer = Literal["grant", "deny"]


class NothingToAsk(Conflict):
    code = "nothing-to-ask"
    title = gettext_lazy("There is nothing to ask for")


class RequestOpen(Conflict):
    code = "request-open"
    title = gettext_lazy("You have asked already")


class RequestEnded(Conflict):
    code = "request-ended"
    title = gettext_lazy("This request has ended")


@transaction.atomic
def ask_access(
    *,
    actor: Actor,
    dataset: Dataset,
    purpose: str,
    answers: Mapping[str, Any] | None = None,
    agreed: str = "",
    versions: Sequence[str] | None = None,
) -> AccessRequest:
    """Ask for the bytes of the versions named, or of all. ``agreed`` is the sha256 of the agreement that was read.

    Raises NotFound, NotSignedIn, ScopeMissing, NothingToAsk, RequestOpen, Invalid, AgreementChanged.
    """
    person = require_user(actor, scope=Scope.MANAGE)
    require(actor, Action.VIEW, dataset)
    words = purpose.strip()
    if not words:
        raise Invalid(fields={"purpose": [_("Say what you want the data for.")]})
    if len(words) > PURPOSE_LIMIT:
        raise Invalid(
            fields={
                "purpose": [_("Use %(purpose_limit)s characters at most.") % {"purpose_limit": f"{PURPOSE_LIMIT:,}"}]
            }
        )
    named = None if versions is None else published_versions(dataset, versions)
    require_something_to_ask(actor, dataset, named)
    # Two requests at once of one person: the second waits here, and finds the first.
    lock(dataset)
    if AccessRequest.objects.filter(dataset=dataset, user=person, state=AccessRequestState.PENDING).exists():
        raise RequestOpen(_("Your request waits for an answer."), remedy=_("Write to the maintainers in that request."))
    agreement = current_agreement(dataset)
    questions = [] if agreement is None else [Question.from_json(item) for item in agreement.questions]
    kept = check_answers(questions, answers or {})
    numbers = [str(version.number) for version in named or ()]
    signature = (
        None
        if agreement is None
        else sign(actor=actor, person=person, agreement=agreement, agreed=agreed, versions=numbers)
    )
    request = AccessRequest.objects.create(
        dataset=dataset,
        user=person,
        purpose=words,
        answers=kept,
        all_versions=named is None,
        agreement=agreement,
        signature=signature,
        expires_at=_next_end(),
    )
    request.versions.set(named or [])
    _tell_of(actor, request, numbers)
    return request


def _tell_of(actor: Actor, request: AccessRequest, numbers: Sequence[str]) -> None:
    """Put a new request on the audit trail, and write to those who decide."""
    audit.record(
        actor=actor,
        action="accessrequest.made",
        subject=request,
        dataset_id=request.dataset_id,
        label=_label(request),
        versions=[*numbers] or None,
        agreement=request.agreement.number if request.agreement else None,
    )
    told = told_of_request(request, quote=request.purpose)
    tell(maintainers_of(request.dataset), NoticeKind.REQUEST_MADE, **told)


def require_something_to_ask(actor: Actor, dataset: Dataset, named: Sequence[Version] | None = None) -> None:
    """Raises NothingToAsk unless there are published versions that the actor may be given on request."""
    if dataset.access != Access.RESTRICTED:
        until = dataset.embargo_until
        if dataset.access != Access.PRIVATE and until is not None and until > timezone.now():
            day = f"{until:%Y-%m-%d %H:%M} UTC"
            raise NothingToAsk(
                _("The data are for everybody from %(day)s on.") % {"day": day}, remedy=_("Come back then.")
            )
        raise NothingToAsk(_("This dataset is not given on request."), remedy=_("Its page says who has the data."))
    wanted = dataset.versions.published()
    if named is not None:
        wanted = wanted.filter(pk__in=[version.pk for version in named])
    if not wanted.exists():
        raise NothingToAsk(_("No version of it is published."), remedy=_("Ask when there is one."))
    if actor.user is None:
        return
    grants = AccessGrant.objects.in_force().held_by(actor.user).filter(dataset=dataset)
    held = grants.filter(all_versions=False, versions__isnull=False).values("versions")
    is_member = actor.user.memberships.filter(organization=dataset.organization_id).exists() or actor.is_staff
    # Who has some versions may ask for all of them, those to come among them.
    has_named = named is not None and not wanted.exclude(pk__in=held).exists()
    if is_member or has_named or grants.filter(all_versions=True).exists():
        raise NothingToAsk(_("You may have these data already."), remedy=_("Download them."))


def may_ask(actor: Actor, dataset: Dataset) -> bool:
    """Whether somebody has something to ask for, once signed in; a request that waits is none of the reasons not to."""
    try:
        require_something_to_ask(actor, dataset)
    except NothingToAsk:
        return False
    return True


@transaction.atomic
def decide_request(
    *,
    actor: Actor,
    request: AccessRequest,
    answer: Answer,
    reason: str = "",
    expires_at: datetime | None = None,
    versions: Sequence[str] | None = None,
) -> AccessRequest:
    """Grant the request until ``expires_at``, for ``versions`` or what was asked for; or decline it with a reason.

    What the asker holds by an earlier grant in force stays theirs. Raises NotFound, Forbidden, Invalid, MoveRefused.
    """
    request = _locked(actor, request)
    dataset = request.dataset
    require(actor, Action.GRANT, dataset)
    words = reason.strip()
    if len(words) > REASON_LIMIT:
        raise Invalid(
            fields={"reason": [_("Use %(reason_limit)s characters at most.") % {"reason_limit": f"{REASON_LIMIT:,}"}]}
        )
    if answer == "deny" and not words:
        raise Invalid(fields={"reason": [_("Say why: the asker reads it.")]})
    decided = {"decided_by": actor.user, "decided_at": timezone.now(), "reason": words}
    if answer == "deny":
        request = move(
            request, to=AccessRequestState.DENIED, actor=actor, dataset_id=dataset.pk, label=_label(request), **decided
        )
        tell([request.user], NoticeKind.REQUEST_DENIED, **told_of_request(request, quote=words))
        return request
    _require_open(request)
    grant = grant_access(
        actor=actor,
        dataset=dataset,
        username=request.user.username,
        expires_at=expires_at,
        versions=_granted_versions(request, versions),
        is_told=False,
    )
    request = move(
        request,
        to=AccessRequestState.GRANTED,
        actor=actor,
        dataset_id=dataset.pk,
        label=_label(request),
        grant=grant,
        **decided,
    )
    told = {**told_of_request(request, quote=words), **told_of(grant)}
    tell([request.user], NoticeKind.REQUEST_GRANTED, **told)
    return request


def _granted_versions(request: AccessRequest, chosen: Sequence[str] | None) -> list[str] | None:
    """The versions that the grant is of: what is given now, and what the asker has by the grant that there is."""
    asked = None if request.all_versions else [str(version.number) for version in request.versions.all()]
    given = asked if chosen is None else list(chosen)
    held = AccessGrant.objects.in_force().filter(dataset=request.dataset_id, user=request.user_id).first()
    if given is None or (held is not None and held.all_versions):
        return None
    earlier = [] if held is None else [str(version.number) for version in held.versions.all()]
    return [*dict.fromkeys([*earlier, *given])]


@transaction.atomic
def cancel_request(*, actor: Actor, request: AccessRequest) -> AccessRequest:
    """Take one's own request back. Raises NotFound, NotSignedIn, ScopeMissing, MoveRefused."""
    person = require_user(actor, scope=Scope.MANAGE)
    request = _locked(actor, request)
    if request.user_id != person.pk:
        require(actor, Action.GRANT, request.dataset)
        raise Conflict(_("Only the asker takes a request back."), remedy=_("Grant it or decline it."))
    return move(
        request,
        to=AccessRequestState.CANCELLED,
        actor=actor,
        dataset_id=request.dataset_id,
        label=_label(request),
        decided_at=timezone.now(),
    )


@transaction.atomic
def add_access_remark(*, actor: Actor, request: AccessRequest, text: str) -> AccessRemark:
    """Ask or answer, while the request waits; each turn puts its expiry off. The other side gets a mail.

    Raises NotFound, ScopeMissing, Invalid, RequestEnded.
    """
    person = require_user(actor, scope=Scope.MANAGE)
    request = _locked(actor, request)
    _require_open(request)
    words = text.strip()
    if not words:
        raise Invalid(fields={"text": [_("Write something.")]})
    if len(words) > REMARK_LIMIT:
        raise Invalid(
            fields={"text": [_("Use %(remark_limit)s characters at most.") % {"remark_limit": f"{REMARK_LIMIT:,}"}]}
        )
    remark = AccessRemark.objects.create(request=request, author=person, text=words)
    request.expires_at, request.warned_at = _next_end(), None
    request.save(update_fields=["expires_at", "warned_at"])
    audit.record(
        actor=actor,
        action="accessrequest.remarked",
        subject=request,
        dataset_id=request.dataset_id,
        label=_label(request),
    )
    others = maintainers_of(request.dataset) if person.pk == request.user_id else [request.user]
    told = {**told_of_request(request, quote=words), "author": person.shown_name}
    tell(others, NoticeKind.REQUEST_REMARK, **told)
    return remark


# ---------------------------------------------------------------- small questions
def may_decide(actor: Actor, request: AccessRequest) -> bool:
    """Whether the actor is one of those who answer the request."""
    return request.state == AccessRequestState.PENDING and can(actor, Action.GRANT, request.dataset)


def _require_open(request: AccessRequest) -> None:
    if request.state != AccessRequestState.PENDING:
        raise RequestEnded(
            _("It is %(state)s.") % {"state": request.get_state_display().lower()},
            remedy=_("Ask anew if it is needed."),
        )


def _locked(actor: Actor, request: AccessRequest) -> AccessRequest:
    if not AccessRequest.objects.visible_to(actor).filter(pk=request.pk).exists():
        raise NotFound
    rows = AccessRequest.objects.select_for_update(of=("self",)).select_related("dataset__organization", "user")
    return rows.get(pk=request.pk)


def _label(request: AccessRequest) -> str:
    return request.user.username


def _next_end() -> datetime:
    return timezone.now() + timedelta(days=settings.ACCESS_REQUEST_DAYS)
