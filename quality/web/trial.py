"""Rules tried on a table that a person chooses: any version that they see, with what would fail. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.models import Version, VersionState
from catalog.outcomes import ShownOutcome, read_outcomes
from catalog.selectors.datasets import get_version
from catalog.web.dataset.head import Head
from catalog.web.forms.base import PageForm
from quality.rules.rule import Rule
from quality.services.trials import choose_table, preview_rules
from quality.web.forms.rule_fields import Known

VERSIONS = 30
"""The newest versions can be chosen; more would be a list that nobody reads."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: the version's address, the table's name and rows, and an outcome for each rule."""

    version: str
    table: str
    rows: int
    outcomes: tuple[ShownOutcome, ...]


class TrialForm(PageForm):
    """Which table of which version, the newest first."""

    on = forms.ChoiceField(
        label=_("Try it on"),
        error_messages={"required": _("Choose a table."), "invalid_choice": _("Choose a table of the list.")},
    )

    def __init__(self, *args: Any, head: Head, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tables = [(_label(version), _tables(version)) for version in _versions(head)]
        self.fields["on"].choices = [group for group in tables if group[1]]  # type: ignore[attr-defined]

    @property
    def has_tables(self) -> bool:
        """Whether there is anything to try rules on."""
        return bool(self.fields["on"].choices)  # type: ignore[attr-defined]


def try_on(*, actor: Actor, head: Head, chosen: str, rules: Sequence[Rule]) -> Trial:
    """Try rules on the table that the form names (``1.0.0/birds``). Raises as preview_rules does."""
    address, _sign, name = chosen.partition("/")
    version = get_version(actor=actor, dataset=head.dataset, version=address)
    table = choose_table(version, name)
    found = preview_rules(actor=actor, resource=table, rules=[rule.to_json() for rule in rules])
    # preview_rules refuses whoever may not have the values.
    outcomes = read_outcomes([outcome.to_json() for outcome in found], with_values=True)
    return Trial(version.address, table.name, table.rows, outcomes)


def known_of(head: Head) -> Known:
    """The columns and tables that rules can speak of: those of the draft, if there is one, and of the version shown."""
    shown = [version for version in head.versions if version.is_open or version == head.version]
    columns: dict[str, str] = {}
    tables: dict[str, None] = {}
    for version in shown:
        for resource in version.resources.all():
            tables[resource.name] = None
            for field in resource.schema.get("fields", []):
                columns.setdefault(field["name"], field.get("type", "any"))
    return Known(columns, tuple(tables))


def _versions(head: Head) -> list[Version]:
    return [version for version in head.versions if version.state != VersionState.WITHDRAWN][:VERSIONS]


def _label(version: Version) -> str:
    return version.number or version.get_state_display()


def _tables(version: Version) -> list[tuple[str, str]]:
    return [(f"{version.address}/{resource.name}", resource.name) for resource in version.resources.all()]
