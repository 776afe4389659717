"""What is applied, and what is not any more: the annotations of a draft's tables follow the tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from catalog.actor import Actor
from catalog.models import Annotation, AnnotationState, Resource, Version
from catalog.transitions import move


def mark_applied(*, actor: Actor, resource: Resource, ids: Collection[int], upload_id: UUID) -> None:
    """Say of corrections that the table has them by that upload; in the transaction that writes the table.

    Raises MoveRefused when one was withdrawn meanwhile, so that nothing of the file is written.
    """
    version = resource.version
    for item in Annotation.objects.filter(pk__in=ids, dataset=version.dataset_id).order_by("pk"):
        move(
            item,
            to=AnnotationState.APPLIED,
            actor=actor,
            dataset_id=version.dataset_id,
            applied_in=version,
            applied_by=upload_id,
        )


def reopen(*, actor: Actor, version: Version, tables: Iterable[str]) -> None:
    """Put back to *accepted* what was applied to tables that a draft is about to lose."""
    lost = Annotation.objects.filter(applied_in=version, table__in=list(tables), state=AnnotationState.APPLIED)
    for item in lost.order_by("pk"):
        changes: dict[str, Any] = {"applied_in": None, "applied_by": None}
        move(item, to=AnnotationState.ACCEPTED, actor=actor, dataset_id=version.dataset_id, **changes)
