"""The owner's rules of a dataset: what every table must satisfy beyond its schema."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalog import audit
from catalog.actor import Actor
from catalog.models import Dataset
from catalog.permissions import Action, require
from catalog.services.resources import request_check
from catalog.transitions import lock
from quality.rule import rules_from_json

MAX_RULES = 500


@transaction.atomic
def set_rules(*, actor: Actor, dataset: Dataset, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replace the dataset's rules and have its draft's tables checked again.

    Raises NotFound, Forbidden, InvalidRule (with every problem).
    """
    require(actor, Action.EDIT, dataset)
    checked = [rule.to_json() for rule in rules_from_json(rules, origin="owner")]
    row = lock(dataset)
    row.rules = checked
    row.save(update_fields=["rules", "modified"])
    audit.record(actor=actor, action="rules.set", subject=row, dataset_id=row.pk, count=len(checked))
    for version in row.versions.filter(state="draft"):
        for resource in version.resources.all():
            request_check(actor=actor, resource=resource)
    return checked
