"""What is different between two lists of rules, as their readers think of it: added, changed, removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quality.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """``changed`` are pairs (before, after) of rules of one type about the same columns."""

    added: tuple[Rule, ...] = ()
    removed: tuple[Rule, ...] = ()
    changed: tuple[tuple[Rule, Rule], ...] = ()
    same: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)


def changes_between(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> RuleChanges:
    """The changes from one list of stored rules to another.

    A rule is the same where it asks the same at the same level. One of the others is taken for changed where the same
    is asked at another level, else where there is exactly one of its type and columns left on either side.
    """
    old, new = [Rule.from_stored(item) for item in before], [Rule.from_stored(item) for item in after]
    kept = {(rule.question, rule.level) for rule in old} & {(rule.question, rule.level) for rule in new}
    gone = [rule for rule in old if (rule.question, rule.level) not in kept]
    come = [rule for rule in new if (rule.question, rule.level) not in kept]
    changed = [*_paired(gone, come, by_question=True), *_paired(gone, come, by_question=False)]
    return RuleChanges(tuple(come), tuple(gone), tuple(changed), len(kept))


def _paired(gone: list[Rule], come: list[Rule], *, by_question: bool) -> list[tuple[Rule, Rule]]:
    """Pairs of what has exactly one counterpart; they are taken out of both lists."""

    def name(rule: Rule) -> object:
        return rule.question if by_question else (rule.type, rule.columns)

    pairs = []
    for rule in list(come):
        olds = [item for item in gone if name(item) == name(rule)]
        news = [item for item in come if name(item) == name(rule)]
        if len(olds) == len(news) == 1:
            pairs.append((olds[0], rule))
            gone.remove(olds[0])
            come.remove(rule)
    return pairs
