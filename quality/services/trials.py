"""Rules proposed for a table, and rules tried on it; nothing of either is kept."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from catalog import keys
from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import Dataset, Resource, Version
from catalog.services.delivering.entitlements import require_bytes
from catalog.table_schema import TableSchema
from catalog.transport.object_cache import CachedObject, PreviewTooLarge, held
from quality.checking.asked import Circumstances
from quality.checking.outcome import RuleOutcome
from quality.checking.trying import Bounds, try_rules
from quality.rules.proposals import Proposal, proposals
from quality.rules.rule import Rule, RuleType, rules_from_json
from quality.services.earlier import earlier_profiles

MAX_TRIED = 50
"""Rules that are tried at once, at most."""
MAX_ROWS = 20_000_000
"""Larger tables are checked by a worker: add the rules to a draft."""


def choose_table(version: Version, name: str) -> Resource:
    """The table of that name, or the only one. Raises NotFound, Invalid."""
    tables = list(version.resources.prefetch_related("parts"))
    if not name and len(tables) == 1:
        return tables[0]
    found = next((table for table in tables if table.name == name), None)
    if found is None and not name:
        said = _("Name one of %(names)s.") % {"names": ", ".join(table.name for table in tables)}
        raise Invalid(fields={"resource": [said]})
    if found is None:
        raise NotFound(_("The version has no table %(name)s.") % {"name": name})
    return found


def propose_rules(*, actor: Actor, resource: Resource) -> list[Proposal]:
    """What the table's profile suggests. It tells values: raises as require_bytes does."""
    require_bytes(actor=actor, resource=resource)
    known = [Rule.from_stored(item) for item in resource.version.dataset.all_rules]
    mine = [rule for rule in known if rule.table in ("", resource.name)]
    found = proposals(resource.profile, TableSchema.from_descriptor(resource.schema), mine)
    tables = resource.version.resources.exclude(pk=resource.pk)
    others = [{item["name"] for item in table.schema.get("fields", [])} for table in tables]
    # What another table has columns for as well is meant of this one, whose profile suggests it.
    return [
        item.of_table(resource.name) if any(set(item.rule.reads) <= names for names in others) else item
        for item in found
    ]


def preview_rules(*, actor: Actor, resource: Resource, rules: list[dict[str, Any]]) -> list[RuleOutcome]:
    """What would fail of the table. Raises as require_bytes does, InvalidRule, PreviewTooLarge, StorageUnavailable."""
    require_bytes(actor=actor, resource=resource)
    asked = rules_from_json(rules, origin="owner")
    if len(asked) > MAX_TRIED:
        raise Invalid(fields={"rules": [_("Try at most %(n)s rules at once.") % {"n": MAX_TRIED}]})
    dataset = resource.version.dataset
    names = {rule.params["resource"] for rule in asked if rule.type is RuleType.FOREIGN_KEY}
    others = list(resource.version.resources.filter(name__in=names).prefetch_related("parts"))
    if sum(table.rows for table in (resource, *others)) > MAX_ROWS:
        raise PreviewTooLarge(
            _("Rules are tried on up to %(n)s rows at once.") % {"n": f"{MAX_ROWS:,}"},
            remedy=_("Set them on a draft: it is checked by a worker."),
        )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trial-")))
        parquet = _parts(stack, dataset, resource)
        around = Circumstances(
            promised=dataset.update_frequency,
            earlier=earlier_profiles(resource),
            others={table.name: _parts(stack, dataset, table) for table in others},
            table=resource.name,
        )
        return try_rules(parquet=parquet, rules=asked, workdir=folder, circumstances=around, bounds=Bounds())


def _parts(stack: ExitStack, dataset: Dataset, table: Resource) -> list[Path]:
    return [
        stack.enter_context(held(CachedObject(keys.parquet(dataset.pk, part.sha256), part.sha256, part.bytes)))
        for part in table.parts.all()
    ]
