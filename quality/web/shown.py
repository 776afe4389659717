"""Rules as pages show them: a sentence in the reader's language, how much it weighs, and which columns it looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.models import Dataset
from quality.models import RuleSetUse, RuleSetVersion
from quality.rules.changes import changes_between
from quality.rules.rule import Level, Rule
from quality.rules.sentences import whole_sentence
from quality.selectors.rule_sets import uses_of


@dataclass(frozen=True, slots=True)
class ShownRule:
    """One rule in words."""

    id: str
    type: str
    level: Level
    columns: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class ShownUse:
    """An attached set with its rules. ``newest`` is the version that the dataset could take, if it has not."""

    use: RuleSetUse
    rules: tuple[ShownRule, ...]
    newest: RuleSetVersion | None


def shown_rule(rule: Rule) -> ShownRule:
    return ShownRule(rule.id, rule.type.value, rule.level, rule.reads, whole_sentence(rule))


def shown_rules(stored: Iterable[Mapping[str, Any]]) -> tuple[ShownRule, ...]:
    """Stored rules in words."""
    return tuple(shown_rule(Rule.from_stored(item)) for item in stored)


@dataclass(frozen=True, slots=True)
class ShownChanges:
    """What is different between two lists of rules, in words; ``changed`` are pairs (before, after)."""

    added: tuple[ShownRule, ...]
    removed: tuple[ShownRule, ...]
    changed: tuple[tuple[ShownRule, ShownRule], ...]
    same: int

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)


def shown_changes(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> ShownChanges:
    """The changes from one list of stored rules to another, in words."""
    found = changes_between(before, after)
    return ShownChanges(
        tuple(map(shown_rule, found.added)),
        tuple(map(shown_rule, found.removed)),
        tuple((shown_rule(old), shown_rule(new)) for old, new in found.changed),
        found.same,
    )


def shown_uses(dataset: Dataset) -> list[ShownUse]:
    """The sets that a dataset has attached, in the order in which it did."""
    return [_shown_use(use) for use in uses_of(dataset)]


def _shown_use(use: RuleSetUse) -> ShownUse:
    newest = next(iter(use.rule_set.versions.all()), None)
    is_newer = newest is not None and newest.pk != use.version.pk
    return ShownUse(use, shown_rules(use.version.rules), newest if is_newer else None)
