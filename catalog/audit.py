"""The audit trail's one door: who did what to what, in the same transaction as the act itself."""

from __future__ import annotations

from typing import Any

from django.db import models

from catalog.actor import Actor
from catalog.models import AuditEvent


def record(
    *,
    actor: Actor,
    action: str,
    subject: models.Model,
    dataset_id: int | None = None,
    label: str = "",
    **detail: Any,
) -> AuditEvent:
    """Append one event. ``action`` is ``noun.verb`` ("version.published"); ``detail`` must be JSON."""
    return AuditEvent.objects.create(
        actor=actor.user,
        token_id=actor.token_id,
        address=actor.address,
        action=action,
        object_type=subject._meta.model_name or "",
        object_id=str(subject.pk),
        dataset_id=dataset_id,
        label=(label or str(subject))[:300],
        detail=detail,
    )
