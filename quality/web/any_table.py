"""Any table that a person may read, by its address: what rules of a set are tried on, and whose columns they name."""

from __future__ import annotations

from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Resource, Version
from catalog.models.version import OPEN_STATES
from catalog.outcomes import read_outcomes
from catalog.selectors.datasets import get_dataset, get_version
from quality.models import RuleSet, RuleSetUse
from quality.rules.rule import Rule
from quality.services.trials import choose_table, preview_rules
from quality.web.forms.rule_fields import Known
from quality.web.trial import Trial

OFFERED = 60
"""Datasets whose tables are offered; any other is named by its address."""


def find_table(*, actor: Actor, address: str) -> Resource:
    """The table at ``owner/dataset[/version[/table]]``; of no version means the latest. Raises NotFound, Invalid."""
    pieces = address.replace("\0", "").split("/")
    if not 2 <= len(pieces) <= 4:
        raise NotFound(_("“%(address)s” is no table.") % {"address": address}, remedy=_("Write owner/dataset."))
    owner, slug, number, name = [*pieces, "", ""][:4]
    dataset = get_dataset(actor=actor, owner=owner, slug=slug)
    return choose_table(get_version(actor=actor, dataset=dataset, version=number or "latest"), name)


def try_on_any(*, actor: Actor, address: str, rules: list[Rule]) -> Trial:
    """What would fail of the table. Raises as ``find_table`` and ``preview_rules`` do."""
    table = find_table(actor=actor, address=address)
    found = preview_rules(actor=actor, resource=table, rules=[rule.to_json() for rule in rules])
    # preview_rules refuses whoever may not have the values.
    outcomes = read_outcomes([outcome.to_json() for outcome in found], with_values=True)
    version = table.version
    return Trial(f"{version.dataset.title} {_said(version)}", table.name, table.rows, outcomes)


def offered_tables(*, actor: Actor, rule_set: RuleSet) -> list[tuple[str, list[tuple[str, str]]]]:
    """Tables to choose from: of the newest version and the draft, of who uses the set and of its organization."""
    using = RuleSetUse.objects.filter(rule_set=rule_set).values("dataset")
    versions = (
        Version.objects.downloadable_by(actor)
        .filter(Q(dataset__in=using) | Q(dataset__organization=rule_set.organization_id))
        .filter(Q(pk=F("dataset__latest")) | Q(state__in=OPEN_STATES))
        .select_related("dataset__organization")
        .prefetch_related(Prefetch("resources", queryset=Resource.objects.only("name", "version")))
        .order_by("dataset__title", "-created")
    )
    found = []
    for version in versions[: 2 * OFFERED]:
        home = f"{version.dataset.organization.slug}/{version.dataset.slug}/{version.address}"
        label = f"{version.dataset.title} {_said(version)}"
        tables = [(f"{home}/{table.name}", f"{label}: {table.name}") for table in version.resources.all()]
        if tables:
            found.append((label, tables))
    return found


def _said(version: Version) -> str:
    """Its number once that is its own; before, what it is."""
    return version.number or "" if version.sequence is not None else str(version.get_state_display())


def known_in(table: Resource | None) -> Known:
    """The columns of the table at hand: rules of a set may name others, since it is for many tables."""
    if table is None:
        return Known({}, is_whole=False)
    columns = {field["name"]: field.get("type", "any") for field in table.schema.get("fields", [])}
    return Known(columns, (), is_whole=False)
