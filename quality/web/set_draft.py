"""The rules of a set's next version while somebody works on them, kept in the session: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.errors import Invalid, NotFound
from quality.models import RuleSet, RuleSetVersion
from quality.rules.rule import Rule
from quality.selectors.rule_sets import get_rule_set_version
from quality.services.rules import MAX_RULES, find_rule

RuleJson = Mapping[str, Any]


class SetDraft:
    """``base`` is the version that it began from; ``on`` the address of the table at hand, which names columns."""

    def __init__(self, request: HttpRequest, rule_set: RuleSet) -> None:
        self._session = request.session
        self._name = f"rule-set-draft-{rule_set.pk}"
        kept = self._session.get(self._name) or {}
        self.rule_set = rule_set
        self.newest = get_rule_set_version(rule_set, "")
        self.base = self._base(kept.get("base", ""))
        self.rules: list[dict[str, Any]] = kept["rules"] if "rules" in kept else list(self.base.rules)
        self.on: str = kept.get("on", "")

    @property
    def is_behind(self) -> bool:
        """Whether somebody made a version meanwhile."""
        return self.base.pk != self.newest.pk

    def find(self, rule_id: str) -> Rule:
        """Raises NotFound."""
        return find_rule(self.rules, rule_id)

    def add(self, rules: Iterable[RuleJson]) -> int:
        """How many are new; what is asked already is left as it is. Raises Invalid."""
        asked = {Rule.from_stored(item).question for item in self.rules}
        new = [item for item in map(_of_set, rules) if Rule.from_stored(item).question not in asked]
        if len(self.rules) + len(new) > MAX_RULES:
            raise Invalid(fields={"rules": [_("A rule set has at most %(n)s rules.") % {"n": MAX_RULES}]})
        self._keep([*self.rules, *new])
        return len(new)

    def replace(self, rule_id: str, rule: RuleJson) -> bool:
        """Put a rule in the place of another; whether it is there now and in no other place. Raises NotFound."""
        self.find(rule_id)
        new = _of_set(rule)
        others = [item for item in self.rules if _id(item) != rule_id]
        if Rule.from_stored(new).question in {Rule.from_stored(item).question for item in others}:
            return False
        self._keep([new if _id(item) == rule_id else item for item in self.rules])
        return True

    def remove(self, rule_id: str) -> None:
        """Raises NotFound."""
        self.find(rule_id)
        self._keep([item for item in self.rules if _id(item) != rule_id])

    def look_at(self, on: str) -> None:
        """Remember the table at hand."""
        self.on = on
        self._keep(self.rules)

    def discard(self) -> None:
        self._session.pop(self._name, None)

    def _keep(self, rules: list[dict[str, Any]]) -> None:
        self.rules = rules
        self._session[self._name] = {"base": self.base.number, "rules": rules, "on": self.on}

    def _base(self, number: str) -> RuleSetVersion:
        try:
            return get_rule_set_version(self.rule_set, number)
        except NotFound:
            return self.newest


def _of_set(rule: RuleJson) -> dict[str, Any]:
    return Rule.from_stored({**rule, "origin": "set"}).to_json()


def _id(stored: RuleJson) -> str:
    return Rule.from_stored(stored).id
