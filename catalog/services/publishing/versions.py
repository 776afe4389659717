"""Versions: opened as drafts, submitted, published, withdrawn. Publishing is one transaction and copies no bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit, keys, storage
from catalog import manifest as manifests
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.events import VersionPublished, raise_event
from catalog.models import (
    Dataset,
    NoticeKind,
    Review,
    ReviewPolicy,
    ReviewState,
    VerdictStatus,
    Version,
    VersionState,
)
from catalog.numbering import Proposal, TableState, chosen, propose
from catalog.permissions import Action, require, require_user
from catalog.personal.reading import Held
from catalog.selectors.reviews import stewards_of
from catalog.services import audit_chain
from catalog.services.annotating.overlay import reopen
from catalog.services.cataloguing.search_index import index_dataset
from catalog.services.notifying.following import tell_followers
from catalog.services.notifying.letters import QUOTE_LIMIT
from catalog.services.notifying.notices import tell
from catalog.services.publishing.starting import LATEST, fill, find_start
from catalog.services.reviewing.personal import held_version
from catalog.services.reviewing.reports import judge_reports_again
from catalog.transitions import lock, move


class NotReady(Conflict):
    """``missing`` names what has to be there before a version can be submitted."""

    code = "version-not-ready"
    title = gettext_lazy("The version is not ready to be submitted")


class DraftOpen(Conflict):
    code = "draft-open"
    title = gettext_lazy("The dataset has an open version already")


def open_draft(*, actor: Actor, dataset: Dataset, start_from: str | None = None) -> Version:
    """The dataset's open version, made if there is none.

    A new one starts with the tables of ``start_from``: a number, ``empty`` or, if nothing is said, ``latest``.
    Raises NotFound, Forbidden, VersionWithdrawn, and DraftOpen when a start is named and a version is open already.
    """
    require(actor, Action.UPLOAD, dataset)
    person = require_user(actor)
    found = dataset.versions.open().first()
    if found is None:
        start = find_start(dataset, start_from or LATEST)
        try:
            with transaction.atomic():
                found = Version.objects.create(dataset=dataset, created_by=person)
                fill(found, start)
                audit.record(
                    actor=actor,
                    action="version.draft",
                    subject=found,
                    dataset_id=dataset.pk,
                    started_from=None if start is None else start.number,
                )
        except IntegrityError:
            return dataset.versions.open().get()
    elif start_from is not None:
        raise DraftOpen(
            _("It is %(state)s.") % {"state": found.get_state_display().lower()},
            remedy=_("Change the version that is open, or let it start again from another one."),
        )
    return found


@transaction.atomic
def restart_draft(*, actor: Actor, version: Version, start_from: str) -> Version:
    """Take all that a draft has out of it and put in what ``start_from`` has: ``latest``, ``empty`` or a number.

    Raises NotFound, Forbidden, VersionWithdrawn, Conflict when it is no draft any more.
    """
    version = lock(version)
    require(actor, Action.EDIT, version.dataset)
    if version.state != VersionState.DRAFT:
        raise Conflict(_("Only a draft can start again."), remedy=_("Take the version back from review first."))
    start = find_start(version.dataset, start_from)
    reopen(actor=actor, version=version, tables=version.resources.values_list("name", flat=True))
    version.resources.all().delete()
    version.documents.all().delete()
    fill(version, start)
    number = None if start is None else start.number
    audit.record(
        actor=actor, action="version.restarted", subject=version, dataset_id=version.dataset_id, started_from=number
    )
    return version


@transaction.atomic
def edit_note(*, actor: Actor, version: Version, note: str) -> Version:
    """Change a draft's note. Raises Conflict when it is no draft any more."""
    version = lock(version)
    require(actor, Action.EDIT, version.dataset)
    if version.state != VersionState.DRAFT:
        raise Conflict(_("Only a draft's note can be changed."), remedy=_("Take the version back from review first."))
    version.note = note.strip()
    version.save(update_fields=["note"])
    return version


def propose_number(version: Version) -> Proposal:
    """The number that the difference to the last published version asks for, with reasons."""
    previous = last_published(version.dataset)
    return propose(
        None if previous is None else previous.number,
        _states(previous),
        _states(version),
        documents=(_documents(previous), _documents(version)),
    )


def last_published(dataset: Dataset) -> Version | None:
    """The version with the highest sequence, withdrawn ones included: their numbers are taken for ever."""
    return dataset.versions.filter(sequence__isnull=False).order_by("-sequence").first()


@transaction.atomic
def submit_version(
    *, actor: Actor, version: Version, note: str, number: str | None = None, declared: bool = False
) -> Version:
    """Hand a draft to the stewards, or publish it directly where the organization's policy says so.

    What may be personal data, and what was not searched for it, always goes to a steward. ``declared`` says that a
    person has ticked on the page that they may share the data; that goes on record.
    Raises NotReady, NumberTooLow, MoveRefused.
    """
    version = lock(version)
    dataset = version.dataset
    require(actor, Action.SUBMIT, dataset)
    person = require_user(actor)
    _require_ready(version, note)
    version = judge_reports_again(actor=actor, version=version)
    version = move(
        version,
        to=VersionState.IN_REVIEW,
        actor=actor,
        dataset_id=dataset.pk,
        note=note.strip(),
        number=chosen(propose_number(version), number),
        submitted_by=person,
        submitted_at=timezone.now(),
    )
    if declared:
        audit.record(actor=actor, action="version.declared", subject=version, dataset_id=dataset.pk)
    held = held_version(version)
    if is_published_directly(version, held):
        version = move(version, to=VersionState.APPROVED, actor=actor, dataset_id=dataset.pk)
        policy = {
            "policy": dataset.organization.review_policy,
            "by": None,
            "at": timezone.now().isoformat(),
        }
        return publish_version(actor=actor, version=version, decision=policy)
    review = Review.objects.create(version=version, opened_by=person)
    audit.record(
        actor=actor,
        action="review.open",
        subject=review,
        dataset_id=dataset.pk,
        held_for=[item.kind.value for item in held],
    )
    _tell_stewards(review, version)
    return version


def _tell_stewards(review: Review, version: Version) -> None:
    """Tell those who decide, but for who sent it: that person may not."""
    maker = review.opened_by
    told = {"review": review.pk, "number": version.number, "maker": maker.shown_name}
    people = [person for person in stewards_of(version.dataset) if person.pk != maker.pk]
    quote = version.note[:QUOTE_LIMIT]
    tell(people, NoticeKind.REVIEW_OPENED, dataset=version.dataset_id, quote=quote, **told)


def is_published_directly(version: Version, held: Sequence[Held]) -> bool:
    """Whether no steward is asked, by the organization's policy; ``held`` is what may be personal data."""
    policy = version.dataset.organization.review_policy
    is_green = version.verdict == VerdictStatus.PASSED
    return not held and (policy == ReviewPolicy.DIRECT or (policy == ReviewPolicy.DIRECT_WHEN_PASSED and is_green))


@transaction.atomic
def take_back(*, actor: Actor, version: Version) -> Version:
    """Take a submitted version back to draft; its open review is cancelled. Raises MoveRefused."""
    require(actor, Action.SUBMIT, version.dataset)
    version = move(version, to=VersionState.DRAFT, actor=actor, dataset_id=version.dataset_id)
    for review in version.reviews.filter(state=ReviewState.OPEN):
        move(review, to=ReviewState.CANCELLED, actor=actor, dataset_id=version.dataset_id)
    return version


@transaction.atomic
def publish_version(*, actor: Actor, version: Version, decision: dict[str, Any]) -> Version:
    """Freeze an approved version: number, sequence, manifest (in the bucket, its sha256 here), latest.

    The manifest is written before the row commits (architecture, section 5): if the commit fails, the next try
    writes it anew. Raises StorageUnavailable, MoveRefused; nothing is changed then.
    """
    dataset = lock(version.dataset)
    previous = last_published(dataset)
    taken = dataset.versions.aggregate(last=Max("sequence"))["last"] or 0
    version = lock(version)
    version.sequence, version.published_by, version.published_at = taken + 1, actor.user, timezone.now()
    value = manifests.build(version=version, previous=previous, decision=decision, audit=asdict(audit_chain.head()))
    # Readable bytes: the manifest outlives this application, and its sha256 is of these very bytes.
    data = (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=False, allow_nan=False) + "\n").encode()
    number = version.number or ""
    storage.replace_bytes(keys.manifest(dataset.pk, number), data, content_type="application/json")
    version = move(
        version,
        to=VersionState.PUBLISHED,
        actor=actor,
        dataset_id=dataset.pk,
        label=f"{dataset.organization.slug}/{dataset.slug} {number}",
        sequence=version.sequence,
        published_by=version.published_by,
        published_at=version.published_at,
        manifest_sha256=hashlib.sha256(data).hexdigest(),
    )
    dataset.latest = version
    dataset.save(update_fields=["latest", "modified"])
    index_dataset(dataset)
    knowing = (actor.user, version.submitted_by)
    tell_followers(dataset, NoticeKind.FOLLOWED_PUBLISHED, *knowing, number=number, quote=version.note)
    raise_event(VersionPublished(version_id=version.pk))
    return version


@transaction.atomic
def withdraw_version(*, actor: Actor, version: Version, reason: str) -> Version:
    """Withdraw a published version: it keeps resolving as a tombstone with the reason, its bytes are not served.

    Raises Invalid without a reason, MoveRefused, Forbidden.
    """
    require(actor, Action.WITHDRAW, version.dataset)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why: the reason stays on the version's page.")]})
    version = move(
        version,
        to=VersionState.WITHDRAWN,
        actor=actor,
        dataset_id=version.dataset_id,
        withdrawn_at=timezone.now(),
        withdrawn_reason=reason.strip(),
    )
    dataset = lock(version.dataset)
    remaining = dataset.versions.published().order_by("-sequence").first()
    # With nothing left, the tombstone itself stays the latest, so that the address goes on resolving.
    dataset.latest = remaining or version
    dataset.save(update_fields=["latest", "modified"])
    index_dataset(dataset)
    reason = version.withdrawn_reason
    tell_followers(dataset, NoticeKind.FOLLOWED_WITHDRAWN, actor.user, quote=reason, number=version.number)
    return version


def _require_ready(version: Version, note: str) -> None:
    missing = []
    resources = list(version.resources.all())
    if not resources:
        missing.append(_("a table: upload a file first"))
    if not version.dataset.license:
        missing.append(_("a licence of the dataset"))
    if not note.strip():
        missing.append(_("a note that says what this version is or changes"))
    if any(resource.verdict == VerdictStatus.PENDING for resource in resources):
        missing.append(_("the result of the checks, which are still running"))
    if missing:
        raise NotReady(
            _("The version lacks %(missing)s.") % {"missing": "; ".join(missing)},
            remedy=_("Add it and submit again."),
            missing=missing,
        )


def _states(version: Version | None) -> dict[str, TableState]:
    if version is None:
        return {}
    return {
        resource.name: TableState(resource.schema, [part.sha256 for part in resource.parts.all()])
        for resource in version.resources.prefetch_related("parts")
    }


def _documents(version: Version | None) -> dict[str, str]:
    return {} if version is None else dict(version.documents.values_list("name", "sha256"))
