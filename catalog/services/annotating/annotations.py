"""What people say of columns and rows: proposed, withdrawn, accepted or declined, and served beside the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Forbidden, Invalid, NotFound
from catalog.models import (
    Annotation,
    AnnotationAspect,
    AnnotationKind,
    AnnotationState,
    Dataset,
    NoticeKind,
    Resource,
    User,
)
from catalog.models.version import OPEN_STATES
from catalog.permissions import Action, can, require_user
from catalog.rows.cell_values import cell_value, is_storable
from catalog.selectors.grants import maintainers_of
from catalog.selectors.reviews import stewards_of
from catalog.services.annotating.annotated_rows import SeenRow, find_row
from catalog.services.notifying.notices import tell_once
from catalog.table_schema import TableSchema
from catalog.transitions import move

TEXT_LIMIT = 5_000
UNIT_LIMIT = 100
LABEL_LIMIT = 100
LABEL_VALUE_LIMIT = 1_000
CODES_LIMIT = 1_000

Decision = Literal["accept", "decline"]
_TAKEN = gettext_lazy("Another one for the same place is accepted.")


class AnnotationExists(Conflict):
    code = "annotation-exists"
    title = gettext_lazy("There is one already")


class OwnProposal(Forbidden):
    code = "own-proposal"
    title = gettext_lazy("You proposed this yourself")


@dataclass(frozen=True, slots=True)
class RowMeant:
    """A row by its key, or by its number from 1."""

    row_key: Mapping[str, Any] | None = None
    row: int | None = None


def propose_description(
    *, actor: Actor, resource: Resource, column: str, aspect: str, value: Any, reason: str = ""
) -> Annotation:
    """Say what a column means, its unit, codes or a limit. For whoever sees the dataset and is signed in.

    Raises NotFound, NotSignedIn, ScopeMissing, Invalid.
    """
    author = _author(actor, resource.version.dataset)
    _require_column(resource, column)
    if aspect not in AnnotationAspect.values:
        raise Invalid(
            fields={
                "aspect": [
                    _("Use one of %(annotationaspect)s.") % {"annotationaspect": ", ".join(AnnotationAspect.values)}
                ]
            }
        )
    return _create(
        actor,
        resource,
        author=author,
        kind=AnnotationKind.COLUMN,
        column=column,
        aspect=aspect,
        value=_said(aspect, value),
        reason=_words(reason, "reason"),
    )


def propose_correction(
    *, actor: Actor, resource: Resource, meant: RowMeant, column: str, value: Any, reason: str
) -> Annotation:
    """Say that a cell is wrong and what it should be (None: missing). For whoever may have the bytes.

    The cell as it is now is read from the data and kept. Raises as find_row does; NotSignedIn, Invalid, ValueRefused.
    """
    author = _author(actor, resource.version.dataset)
    field = _require_column(resource, column)
    words = _words(reason, "reason")
    if not words:
        raise Invalid(fields={"reason": [_("Say why the value is wrong, or how you know the right one.")]})
    seen = find_row(actor=actor, resource=resource, row_key=meant.row_key, row=meant.row)
    if seen.key is not None and column in seen.key:
        raise Invalid(
            fields={"column": [_("%(column)s is part of the key by which rows are found.") % {"column": column}]},
            remedy=_("Ask the owner to replace the row."),
        )
    if column in seen.clipped or not _is_kept(seen.cells[column]):
        raise Invalid(
            fields={"column": [_("The text of this cell is too long, or has characters that can't be kept.")]}
        )
    proposed = cell_value(value, field=field, family=seen.families[column])
    before = seen.cells[column]
    if proposed == before and isinstance(proposed, bool) == isinstance(before, bool):
        raise Invalid(fields={"value": [_("This is the value that stands there already.")]})
    return _create(
        actor,
        resource,
        author=author,
        kind=AnnotationKind.CORRECTION,
        column=column,
        before=before,
        value=proposed,
        reason=words,
        **_place(seen),
    )


def propose_label(
    *, actor: Actor, resource: Resource, meant: RowMeant, label: str, value: Any, reason: str = ""
) -> Annotation:
    """Give a row a label. For whoever may have the bytes; several people may label the same row.

    Raises as find_row does; NotSignedIn, Invalid, AnnotationExists.
    """
    author = _author(actor, resource.version.dataset)
    name = " ".join(label.split())
    if not name or len(name) > LABEL_LIMIT or not name.isprintable():
        raise Invalid(
            fields={
                "label": [_("Name the label, in %(label_limit)s characters at most.") % {"label_limit": LABEL_LIMIT}]
            }
        )
    text = _text(value, "value", LABEL_VALUE_LIMIT)
    if not text:
        raise Invalid(fields={"value": [_("Say which label the row has.")]})
    seen = find_row(actor=actor, resource=resource, row_key=meant.row_key, row=meant.row)
    return _create(
        actor,
        resource,
        author=author,
        kind=AnnotationKind.LABEL,
        label=name,
        value=text,
        reason=_words(reason, "reason"),
        **_place(seen),
    )


@transaction.atomic
def withdraw_annotation(*, actor: Actor, annotation: Annotation, reason: str = "") -> Annotation:
    """Take a proposal back, for its author; take back what was accepted, for its author and for those who decide.

    Raises NotFound, Forbidden, ScopeMissing, MoveRefused.
    """
    dataset = _of_visible(actor, annotation)
    is_author = annotation.author_id == actor.user_id
    require_user(actor, scope="upload" if is_author or not can(actor, Action.REVIEW, dataset) else "review")
    if not is_author and (annotation.state == AnnotationState.PROPOSED or not may_decide(actor, dataset)):
        raise Forbidden(_("You may not withdraw this."), remedy=_("Its author may; others decline it."))
    note = _words(reason, "reason") or annotation.decision_note
    return move(annotation, to=AnnotationState.WITHDRAWN, actor=actor, dataset_id=dataset.pk, decision_note=note)


@transaction.atomic
def decide_annotation(*, actor: Actor, annotation: Annotation, decision: Decision, reason: str = "") -> Annotation:
    """Accept or decline a proposal; declining needs a reason. For contributors and stewards, never for its author.

    Raises NotFound, Forbidden, OwnProposal, Invalid, AnnotationExists, MoveRefused.
    """
    dataset = _of_visible(actor, annotation)
    require_user(actor, scope="review" if can(actor, Action.REVIEW, dataset) else "upload")
    if not may_decide(actor, dataset):
        raise Forbidden(
            _("You may not decide on this."), remedy=_("Contributors and stewards of the organization decide.")
        )
    if annotation.author_id == actor.user_id:
        raise OwnProposal(remedy=_("Another contributor or steward of the organization decides."))
    note = _words(reason, "reason")
    if decision == "decline" and not note:
        raise Invalid(fields={"reason": [_("Say why: its author reads it.")]})
    to = AnnotationState.ACCEPTED if decision == "accept" else AnnotationState.DECLINED
    changes: dict[str, Any] = {"decided_by": actor.user, "decided_at": timezone.now(), "decision_note": note}
    try:
        if decision == "accept":
            _require_alone(annotation)
        with transaction.atomic():
            decided = move(annotation, to=to, actor=actor, dataset_id=dataset.pk, **changes)
            tell_once([annotation.author], NoticeKind.ANNOTATION_DECIDED, dataset=dataset.pk, page="annotations/")
    except IntegrityError:
        raise AnnotationExists(str(_TAKEN), remedy=_("Withdraw that one, or decline this.")) from None
    return decided


def _require_alone(annotation: Annotation) -> None:
    """Raises AnnotationExists where the open draft has another one: when it loses its table, that one comes back."""
    if annotation.kind == AnnotationKind.LABEL or annotation.aspect == AnnotationAspect.LIMIT:
        return
    place = {name: getattr(annotation, name) for name in ("dataset", "table", "kind", "column", "aspect", "row_hash")}
    drafted = Annotation.objects.filter(state=AnnotationState.APPLIED, applied_in__state__in=OPEN_STATES, **place)
    if drafted.exists():
        raise AnnotationExists(str(_TAKEN), remedy=_("Decide when the draft is published, or decline this."))


def may_decide(actor: Actor, dataset: Dataset) -> bool:
    """Contributors and those above them, and stewards, of the organization."""
    return can(actor, Action.EDIT, dataset) or can(actor, Action.REVIEW, dataset)


# ---------------------------------------------------------------- proposing
def _author(actor: Actor, dataset: Dataset) -> User:
    if not can(actor, Action.VIEW, dataset):
        raise NotFound
    require_user(actor, scope="upload")
    if actor.user is None:
        raise NotFound
    return actor.user


@transaction.atomic
def _create(actor: Actor, resource: Resource, **columns: Any) -> Annotation:
    dataset_id = resource.version.dataset_id
    try:
        with transaction.atomic():
            annotation = Annotation.objects.create(
                dataset_id=dataset_id, version=resource.version, table=resource.name, **columns
            )
    except IntegrityError:
        raise AnnotationExists(
            _("You have labelled this row so already."), remedy=_("Withdraw your label to give another one.")
        ) from None
    audit.record(
        actor=actor,
        action="annotation.proposed",
        subject=annotation,
        dataset_id=dataset_id,
        kind=annotation.kind,
        column=annotation.column or annotation.label,
    )
    _tell_deciders(actor, resource.version.dataset)
    return annotation


def _tell_deciders(actor: Actor, dataset: Dataset) -> None:
    """Once until it is read, however many there are: people label rows by the hundred."""
    deciding = {person.pk: person for person in [*maintainers_of(dataset), *stewards_of(dataset)]}
    people = [person for person in deciding.values() if person.pk != actor.user_id]
    tell_once(people, NoticeKind.ANNOTATION_MADE, dataset=dataset.pk, page="annotations/")


def _is_kept(cell: Any) -> bool:
    return not isinstance(cell, str) or is_storable(cell)


def _place(seen: SeenRow) -> dict[str, Any]:
    if not all(_is_kept(value) for value in (seen.key or {}).values()):
        raise Invalid(fields={"row_key": [_("The row's key has characters that can't be kept.")]})
    return {"row_key": seen.key, "row_number": None if seen.key is not None else seen.number, "row_hash": seen.hash}


def _require_column(resource: Resource, column: str) -> Any:
    schema = TableSchema.from_descriptor(resource.schema)
    if column not in schema.names:
        raise Invalid(
            fields={
                "column": [_("%(name)s has no column “%(column)s”.") % {"name": resource.name, "column": column[:100]}]
            }
        )
    return schema[column]


def _said(aspect: str, value: Any) -> Any:
    """What is said of a column: a text, or for codes what each value stands for."""
    if aspect != AnnotationAspect.CODES:
        text = _text(value, "value", UNIT_LIMIT if aspect == AnnotationAspect.UNIT else TEXT_LIMIT)
        if not text:
            raise Invalid(fields={"value": [_("Write something.")]})
        return text
    if not isinstance(value, dict) or not value or len(value) > CODES_LIMIT:
        raise Invalid(
            fields={
                "value": [
                    _("Give 1 to %(codes_limit)s values, each with what it stands for.")
                    % {"codes_limit": f"{CODES_LIMIT:,}"}
                ]
            }
        )
    codes = {_code(code): _text(meaning, "value", LABEL_VALUE_LIMIT) for code, meaning in value.items()}
    if empty := [code for code, meaning in codes.items() if not meaning]:
        raise Invalid(fields={"value": [_("Say what “%(empty)s” stands for.") % {"empty": empty[0]}]})
    return codes


def _code(code: Any) -> str:
    text = _text(code, "value", LABEL_VALUE_LIMIT)
    if not text:
        raise Invalid(fields={"value": [_("A value is empty.")]})
    return text


def _text(given: Any, name: str, limit: int) -> str:
    if isinstance(given, dict | list) or given is None:
        raise Invalid(fields={name: [_("Write a text.")]})
    text = str(given).strip()
    if not is_storable(text):
        raise Invalid(fields={name: [_("The text has characters that no text can hold (NUL, or half of a pair).")]})
    if len(text) > limit:
        raise Invalid(fields={name: [_("Use %(limit)s characters at most.") % {"limit": f"{limit:,}"}]})
    return text


def _words(given: str, name: str) -> str:
    return _text(given, name, TEXT_LIMIT)


def _of_visible(actor: Actor, annotation: Annotation) -> Dataset:
    if not Annotation.objects.visible_to(actor).filter(pk=annotation.pk).exists():
        raise NotFound
    return annotation.dataset
