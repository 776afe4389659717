"""The owner's rules of a dataset: what every table must satisfy beyond its schema."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.events import SchemaChanged, raise_event
from catalog.models import Dataset, VerdictStatus, Version, VersionState
from catalog.permissions import Action, require
from catalog.services.publishing.resources import request_check
from catalog.services.publishing.summaries import summarize
from catalog.transitions import lock
from quality.rules.rule import Rule, RuleType, rules_from_json

MAX_RULES = 500


@transaction.atomic
def set_rules(*, actor: Actor, dataset: Dataset, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replace the dataset's rules and have its draft's tables checked again.

    Raises NotFound, Forbidden, InvalidRule (with every problem), Invalid (too many).
    """
    require(actor, Action.EDIT, dataset)
    if len(rules) > MAX_RULES:
        said = _("A dataset has at most %(n)s rules of its own.") % {"n": MAX_RULES}
        raise Invalid(fields={"rules": [said]})
    checked = [rule.to_json() for rule in rules_from_json(rules, origin="owner")]
    row = lock(dataset)
    row.rules = checked
    row.save(update_fields=["rules", "modified"])
    audit.record(actor=actor, action="rules.set", subject=row, dataset_id=row.pk, count=len(checked))
    recheck_drafts(actor=actor, dataset=row)
    return checked


@transaction.atomic
def add_rules(*, actor: Actor, dataset: Dataset, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add rules to the dataset's own, whoever else adds some meanwhile; those that are really new.

    What the dataset's own rules ask already is left as it is. Raises as ``set_rules`` does.
    """
    require(actor, Action.EDIT, dataset)
    present = lock(dataset).rules
    asked = {Rule.from_stored(item).question for item in present}
    new = [rule.to_json() for rule in rules_from_json(rules, origin="owner") if rule.question not in asked]
    if new:
        set_rules(actor=actor, dataset=dataset, rules=[*present, *new])
    return new


@transaction.atomic
def replace_rule(*, actor: Actor, dataset: Dataset, rule_id: str, rule: dict[str, Any]) -> None:
    """Put a rule in the place of one of the dataset's own. Raises as ``set_rules`` does; NotFound when it is gone."""
    require(actor, Action.EDIT, dataset)
    present = lock(dataset).rules
    find_rule(present, rule_id)
    set_rules(actor=actor, dataset=dataset, rules=[rule if _id(item) == rule_id else item for item in present])


@transaction.atomic
def remove_rule(*, actor: Actor, dataset: Dataset, rule_id: str) -> None:
    """Take one of the dataset's own rules away. Raises NotFound (also when it is gone already), Forbidden."""
    require(actor, Action.EDIT, dataset)
    present = lock(dataset).rules
    find_rule(present, rule_id)
    set_rules(actor=actor, dataset=dataset, rules=[item for item in present if _id(item) != rule_id])


def find_rule(rules: list[dict[str, Any]], rule_id: str) -> Rule:
    """The rule of that id. Raises NotFound."""
    found = next((item for item in rules if _id(item) == rule_id), None)
    if found is None:
        remedy = _("Somebody may have changed it: see the list of rules.")
        raise NotFound(_("This rule is no longer there."), remedy=remedy)
    return Rule.from_stored(found)


def _id(stored: dict[str, Any]) -> str:
    return Rule.from_stored(stored).id


def recheck_drafts(*, actor: Actor, dataset: Dataset) -> None:
    """Have the tables of a dataset's draft checked again: its rules have changed."""
    for version in dataset.versions.filter(state="draft"):
        for resource in version.resources.all():
            request_check(actor=actor, resource=resource)


@transaction.atomic
def recheck_promised(*, dataset_id: int) -> None:
    """Have the draft's tables checked again of which a rule asks that they are as fresh as the dataset promises.

    The promise is the dataset's update frequency, which has changed.
    """
    for version in Version.objects.filter(dataset=dataset_id, state=VersionState.DRAFT):
        row = lock(version)
        held = [set(rule.columns) for rule in _held_to_promise(row.dataset)]
        tables = [
            resource.pk
            for resource in row.resources.all()
            if any(columns <= {field["name"] for field in resource.schema.get("fields", [])} for columns in held)
        ]
        if row.state != VersionState.DRAFT or not tables:
            continue
        row.resources.filter(pk__in=tables).update(verdict=VerdictStatus.PENDING)
        summarize(row)
        for resource_id in tables:
            raise_event(SchemaChanged(resource_id=resource_id))


def _held_to_promise(dataset: Dataset) -> list[Rule]:
    rules = [Rule.from_stored(item) for item in dataset.all_rules]
    return [rule for rule in rules if rule.type is RuleType.FRESH and not rule.params.get("within")]
