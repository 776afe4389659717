"""Rules: what a resource must satisfy, as data. A rule says *what*; Great Expectations is met elsewhere.

In JSON a rule is flat: ``{"type": "between", "column": "age", "min": 0, "max": 130, "level": "error"}``.
Types that look at several columns have ``columns``, types that look at the table have neither.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import Invalid
from quality.rules.params import OF_ALL, PARAMS, Shape, problems_of
from quality.rules.problem import Problem

Level = Literal["error", "warning", "info"]
Origin = Literal["schema", "owner", "set"]
LEVELS: tuple[Level, ...] = get_args(Level)
ORIGINS: tuple[Origin, ...] = get_args(Origin)


class RuleType(StrEnum):
    TYPE = "type"
    NOT_NULL = "not_null"
    UNIQUE = "unique"
    UNIQUE_TOGETHER = "unique_together"
    IN_SET = "in_set"
    BETWEEN = "between"
    MATCHES = "matches"
    LENGTH_BETWEEN = "length_between"
    ROW_COUNT_BETWEEN = "row_count_between"
    COLUMN_COUNT = "column_count"
    COLUMNS_MATCH = "columns_match"
    COLUMN_PAIR = "column_pair"
    MEAN_BETWEEN = "mean_between"
    MEDIAN_BETWEEN = "median_between"
    STDEV_BETWEEN = "stdev_between"
    SUM_BETWEEN = "sum_between"
    DISTINCT_COUNT_BETWEEN = "distinct_count_between"
    DISTINCT_IN_SET = "distinct_in_set"
    INCREASING = "increasing"
    INCREASING_TOGETHER = "increasing_together"
    NO_GAPS = "no_gaps"
    FOREIGN_KEY = "foreign_key"
    SUM_EQUALS = "sum_equals"
    WITHIN_AREA = "within_area"
    FRESH = "fresh"
    DRIFT = "drift"


class InvalidRule(Invalid):
    """A rule, or a list of them, that cannot be meant; ``problems`` lists everything that is wrong."""

    code = "invalid-rule"
    title = gettext_lazy("A rule can't be understood")

    def __init__(self, problems: Sequence[Problem]) -> None:
        sentences = [problem.sentence for problem in problems]
        super().__init__(
            "; ".join(sentences),
            remedy=_("Correct the rules named and send all of them again."),
            fields={"rules": sentences},
        )
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``params`` holds the JSON values of its type's parameters and of ``OF_ALL`` (``params.PARAMS``)."""

    type: RuleType
    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    level: Level = "error"
    origin: Origin = "owner"

    def __hash__(self) -> int:
        return hash((self.id, self.level))

    @property
    def id(self) -> str:
        """16 hex digits that stay the same as long as the rule asks the same; the level may change."""
        return hashlib.sha256(_compact([self.origin, *self._asked]).encode()).hexdigest()[:16]

    @property
    def question(self) -> str:
        """What the rule asks, whoever asks it."""
        return _compact(self._asked)

    @property
    def demand(self) -> str:
        """What is asked of a table, in whichever words: a switch that is off and a share of all say nothing."""
        said = {name: value for name, value in self.params.items() if name not in OF_ALL and value is not False}
        if self.mostly >= 1:
            said.pop("mostly", None)
        return _compact([self.type.value, list(self.columns), said])

    @property
    def _asked(self) -> list[Any]:
        return [self.type.value, list(self.columns), dict(self.params)]

    @property
    def column(self) -> str | None:
        """The one column that the rule looks at, if it is one."""
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def table(self) -> str:
        """The one table of a version that it is asked of; empty for each that has all of its columns."""
        return str(self.params.get("table", ""))

    @property
    def judged(self) -> tuple[str, ...]:
        """The columns that must all have a value for a row to be looked at."""
        total = self.params.get("total")
        return (*self.columns, total) if isinstance(total, str) else self.columns

    @property
    def reads(self) -> tuple[str, ...]:
        """All columns that a table needs for the rule: those that are judged, and those by which rows are grouped."""
        return tuple(dict.fromkeys((*self.judged, *self.params.get("group", ()))))

    @property
    def mostly(self) -> float:
        """The share of values that must satisfy the rule."""
        return float(self.params.get("mostly", 1))

    def to_json(self) -> dict[str, Any]:
        shape = PARAMS[self.type].shape
        named: dict[str, Any] = {}
        if shape is Shape.COLUMN:
            named["column"] = self.columns[0]
        elif shape is not Shape.TABLE:
            named["columns"] = list(self.columns)
        return {
            "id": self.id,
            "type": self.type.value,
            **named,
            **self.params,
            "level": self.level,
            "origin": self.origin,
        }

    @classmethod
    def from_json(cls, data: Any, *, origin: Origin | None = None) -> Rule:
        """Read a rule; ``origin`` overrides what the data says of itself (an owner's list is the owner's).

        Raises InvalidRule with every problem found.
        """
        problems = list(_problems(data))
        if problems:
            raise InvalidRule(problems)
        return cls.from_stored({**data, "origin": origin or data.get("origin", "owner")})

    @classmethod
    def from_stored(cls, data: Mapping[str, Any]) -> Rule:
        """Read what ``to_json`` wrote, unproved: a schema may ask what an owner's rule may not."""
        rule_type = RuleType(data["type"])
        columns = (data["column"],) if "column" in data else tuple(data.get("columns", ()))
        params = {name: data[name] for name in PARAMS[rule_type].names if data.get(name) is not None}
        params |= {name: data[name] for name in OF_ALL if data.get(name)}
        return cls(rule_type, columns, params, data.get("level", "error"), data.get("origin", "owner"))


def rules_from_json(data: Any, *, origin: Origin | None = None) -> tuple[Rule, ...]:
    """Read a list of rules. Raises InvalidRule that names the number of every rule that is wrong."""
    if not isinstance(data, list):
        raise InvalidRule([Problem("", _("rules must be a list"))])
    problems: list[Problem] = []
    rules: dict[str, Rule] = {}
    for number, item in enumerate(data, start=1):
        try:
            rule = Rule.from_json(item, origin=origin)
        except InvalidRule as error:
            problems.extend(_numbered(number, problem.sentence) for problem in error.problems)
            continue
        if rule.id in rules:
            other = _("it asks the same as rule %(number)s") % {"number": list(rules).index(rule.id) + 1}
            problems.append(_numbered(number, other))
        rules.setdefault(rule.id, rule)
    if problems:
        raise InvalidRule(problems)
    return tuple(rules.values())


def _numbered(number: int, said: str) -> Problem:
    return Problem("", _("rule %(number)s: %(problem)s") % {"number": number, "problem": said})


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _problems(data: Any) -> Iterable[Problem]:
    if not isinstance(data, Mapping):
        yield Problem("", _("a rule must be an object"))
        return
    name = data.get("type")
    if not isinstance(name, str) or name not in set(RuleType):
        yield _none_of("type", name, RuleType)
        return
    if data.get("level", "error") not in LEVELS:
        yield _none_of("level", data.get("level"), LEVELS)
    if data.get("origin", "owner") not in ORIGINS:
        yield _none_of("origin", data.get("origin"), ORIGINS)
    known = {"id", "type", "level", "origin", "column", "columns", *OF_ALL, *PARAMS[name].names}
    for key in data:
        if key not in known:
            yield Problem(key, _("%(type)s has no parameter %(name)s") % {"type": name, "name": repr(key)})
    yield from problems_of(name, data)


def _none_of(name: str, given: Any, known: Iterable[str]) -> Problem:
    words = {"name": name, "given": repr(given), "known": ", ".join(known)}
    return Problem(name, _("%(name)s %(given)s is none of %(known)s") % words)
