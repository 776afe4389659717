"""Great Expectations' suites as JSON: ours written as one, others' read as rules. Nothing is dropped without a word.

A suite is ``{"name": …, "expectations": [{"type": …, "kwargs": {…}, "meta": {…}, "severity": …}]}`` (1.x; 0.x says
``expectation_type``). This is JSON alone: Great Expectations itself is not loaded for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from quality.rules.problem import Problem
from quality.rules.rule import InvalidRule, Level, Rule, RuleType

LEVEL_OF: Mapping[str, Level] = {"critical": "error", "warning": "warning", "info": "info"}
SEVERITY_OF: Mapping[Level, str] = {"error": "critical", "warning": "warning", "info": "info"}

# What a suite may say beside the question: how it is run, and of which batch.
_BESIDE = frozenset({"batch_id", "result_format", "catch_exceptions", "include_config", "auto", "profiler_config"})
_COUNTS = frozenset(
    {RuleType.LENGTH_BETWEEN, RuleType.ROW_COUNT_BETWEEN, RuleType.COLUMN_COUNT, RuleType.DISTINCT_COUNT_BETWEEN}
)
_WHOLE = re.compile(r"\^\(\?:(.*)\)\$", re.DOTALL)
_MISSING = {"any_value_is_missing", "either_value_is_missing"}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An expectation or a rule that has no counterpart: its place (from 1), its type and the reason."""

    number: int
    type: str
    why: str

    def to_json(self) -> dict[str, Any]:
        return {"number": self.number, "type": self.type, "why": self.why}


@dataclass(frozen=True, slots=True)
class _Pair:
    """A type of rule and its expectation: parameters of the one by arguments of the other; the rest is fixed.

    ``columns`` is the argument that names the columns: one, a list, or those of a pair.
    """

    rule: RuleType
    expectation: str
    columns: str = "column"
    arguments: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


_RANGE = {"min_value": "min", "max_value": "max"}
_STRICT = {"strict_min": "strict_min", "strict_max": "strict_max"}
_MOSTLY = {"mostly": "mostly"}


def _range(rule: RuleType, name: str) -> _Pair:
    return _Pair(rule, f"expect_column_{name}_to_be_between", "column", _RANGE)


_PAIRS: tuple[_Pair, ...] = (
    _Pair(RuleType.NOT_NULL, "expect_column_values_to_not_be_null", "column", _MOSTLY),
    _Pair(RuleType.UNIQUE, "expect_column_values_to_be_unique"),
    _Pair(
        RuleType.UNIQUE_TOGETHER,
        "expect_compound_columns_to_be_unique",
        "column_list",
        {},
        {"ignore_row_if": "any_value_is_missing"},
    ),
    _Pair(RuleType.IN_SET, "expect_column_values_to_be_in_set", "column", {"value_set": "values", **_MOSTLY}),
    _Pair(RuleType.BETWEEN, "expect_column_values_to_be_between", "column", {**_RANGE, **_STRICT, **_MOSTLY}),
    _Pair(RuleType.MATCHES, "expect_column_values_to_match_regex", "column", {"regex": "pattern", **_MOSTLY}),
    _Pair(RuleType.LENGTH_BETWEEN, "expect_column_value_lengths_to_be_between", "column", {**_RANGE, **_MOSTLY}),
    _Pair(RuleType.ROW_COUNT_BETWEEN, "expect_table_row_count_to_be_between", "", _RANGE),
    _Pair(RuleType.COLUMN_COUNT, "expect_table_column_count_to_equal", "", {"value": "value"}),
    _Pair(
        RuleType.COLUMN_PAIR,
        "expect_column_pair_values_a_to_be_greater_than_b",
        "column_A column_B",
        {"or_equal": "or_equal", **_MOSTLY},
        {"ignore_row_if": "either_value_is_missing"},
    ),
    _range(RuleType.MEAN_BETWEEN, "mean"),
    _range(RuleType.MEDIAN_BETWEEN, "median"),
    _range(RuleType.STDEV_BETWEEN, "stdev"),
    _range(RuleType.SUM_BETWEEN, "sum"),
    _range(RuleType.DISTINCT_COUNT_BETWEEN, "unique_value_count"),
    _Pair(RuleType.DISTINCT_IN_SET, "expect_column_distinct_values_to_be_in_set", "column", {"value_set": "values"}),
    _Pair(RuleType.INCREASING, "expect_column_values_to_be_increasing", "column", {"strictly": "strictly"}),
    _Pair(
        RuleType.SUM_EQUALS,
        "expect_multicolumn_sum_to_equal",
        "column_list",
        {"sum_total": "total"},
        {"ignore_row_if": "any_value_is_missing"},
    ),
    _Pair(
        RuleType.COLUMNS_MATCH,
        "expect_table_columns_to_match_ordered_list",
        "column_list",
        {},
        {},
    ),
    _Pair(RuleType.COLUMNS_MATCH, "expect_table_columns_to_match_set", "column_set", {}, {"exact_match": True}),
)
_BY_EXPECTATION = {pair.expectation: pair for pair in _PAIRS}


def to_suite(rules: Sequence[Rule], *, name: str) -> tuple[dict[str, Any], tuple[LeftOut, ...]]:
    """The rules as a suite, and those that have no expectation that runs everywhere."""
    expectations, left = [], []
    for number, rule in enumerate(rules, start=1):
        why = _obstacle(rule)
        if why:
            left.append(LeftOut(number, rule.type.value, why))
            continue
        expectations.append(_expectation(rule))
    return {"name": name, "expectations": expectations, "meta": {"notes": "Exported by Commonfield."}}, tuple(left)


def _obstacle(rule: Rule) -> str:
    if rule.type is RuleType.TYPE:
        return _("types have other names in each engine that runs a suite")
    if not any(pair.rule is rule.type for pair in _PAIRS):
        return _("Great Expectations has no expectation for it that runs on every engine")
    if rule.params.get("group"):
        return _("Great Expectations does not look at groups of rows")
    if rule.type is RuleType.SUM_EQUALS and (isinstance(rule.params["total"], str) or rule.params.get("tolerance")):
        return _("Great Expectations compares a sum with one exact number")
    if rule.type is RuleType.SUM_EQUALS and rule.mostly < 1:
        return _("Great Expectations takes no share of rows here")
    return ""


def _expectation(rule: Rule) -> dict[str, Any]:
    ordered = bool(rule.params.get("ordered"))
    pairs = [pair for pair in _PAIRS if pair.rule is rule.type]
    pair = pairs[0] if rule.type is not RuleType.COLUMNS_MATCH or ordered else pairs[1]
    kwargs: dict[str, Any] = {}
    names = pair.columns.split()
    if len(names) == 2:
        kwargs.update(zip(names, rule.columns, strict=True))
    elif names:
        kwargs[names[0]] = rule.columns[0] if names[0] == "column" else list(rule.columns)
    for argument, parameter in pair.arguments.items():
        if rule.params.get(parameter) is not None:
            kwargs[argument] = rule.params[parameter]
    kwargs.update(pair.fixed)
    if rule.type is RuleType.MATCHES:
        # Ours is the whole value, Great Expectations searches. ($ lets a last line end pass, which \z would not, but
        # not every engine knows \z.)
        kwargs["regex"] = f"^(?:{rule.params['pattern']})$"
    return {
        "type": pair.expectation,
        "kwargs": kwargs,
        "meta": {"commonfield": rule.to_json()},
        "severity": SEVERITY_OF[rule.level],
    }


def from_suite(suite: Any) -> tuple[tuple[Rule, ...], tuple[LeftOut, ...]]:
    """A suite's expectations as an owner's rules, and those that can't be. Raises InvalidRule for what is no suite."""
    expectations = suite.get("expectations") if isinstance(suite, Mapping) else None
    if not isinstance(expectations, list):
        raise InvalidRule([Problem("", _("a suite is an object with a list of expectations"))])
    rules: dict[str, Rule] = {}
    left = []
    for number, item in enumerate(expectations, start=1):
        try:
            rule = _rule(item)
        except _UnmappedError as error:
            left.append(LeftOut(number, error.type, error.why))
            continue
        if rule.id in rules:
            left.append(LeftOut(number, _type_of(item), _("it asks the same as an earlier one")))
        rules.setdefault(rule.id, rule)
    return tuple(rules.values()), tuple(left)


class _UnmappedError(Exception):
    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.type, self.why = kind, why


def _type_of(item: Any) -> str:
    found = (item.get("type") or item.get("expectation_type")) if isinstance(item, Mapping) else None
    return found if isinstance(found, str) else ""


def _rule(item: Any) -> Rule:
    kind, kwargs = _read(item)
    pair = _BY_EXPECTATION.get(kind)
    if pair is None:
        raise _UnmappedError(kind, _("there is no type of rule for it"))
    data: dict[str, Any] = {"type": pair.rule.value, **_columns(pair, kwargs)}
    _take_fixed(kind, kwargs, data)
    if kwargs.get("mostly") == 1:
        # Suites often say so though it is what is meant without.
        kwargs.pop("mostly")
    for argument, parameter in pair.arguments.items():
        if argument in kwargs:
            data[parameter] = _counted(pair.rule, kwargs.pop(argument))
    if kwargs:
        raise _UnmappedError(kind, _("a rule can't say %(words)s") % {"words": ", ".join(sorted(kwargs))})
    if pair.rule is RuleType.MATCHES:
        data["pattern"] = _as_whole(data.get("pattern"))
    level = LEVEL_OF.get(str(item.get("severity") or "critical"))
    if level is None:
        raise _UnmappedError(kind, _("its severity is none of %(words)s") % {"words": ", ".join(LEVEL_OF)})
    try:
        return Rule.from_json({**data, "level": level}, origin="owner")
    except InvalidRule as error:
        raise _UnmappedError(kind, error.sentence) from None


def _counted(rule: RuleType, value: Any) -> Any:
    """A number of things as a whole one: Great Expectations writes some of them as 7.0."""
    is_whole = rule in _COUNTS and isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


def _read(item: Any) -> tuple[str, dict[str, Any]]:
    """The type and the arguments that ask something."""
    kind = _type_of(item)
    kwargs = item.get("kwargs", {}) if kind else None
    if not isinstance(kwargs, Mapping):
        raise _UnmappedError(kind, _("it is no expectation: it needs a type and kwargs"))
    return _restated(kind, {key: value for key, value in kwargs.items() if value is not None and key not in _BESIDE})


def _take_fixed(kind: str, kwargs: dict[str, Any], data: dict[str, Any]) -> None:
    """What a rule has no parameter for, as it always asks it so."""
    if kwargs.pop("ignore_row_if", None) not in {None, *_MISSING}:
        raise _UnmappedError(kind, _("it looks at rows with missing values, which rules do not"))
    if kind == "expect_table_columns_to_match_set" and kwargs.pop("exact_match", True) is not True:
        raise _UnmappedError(kind, _("a rule about columns names all of them"))
    if kind == "expect_table_columns_to_match_ordered_list":
        data["ordered"] = True


def _columns(pair: _Pair, kwargs: dict[str, Any]) -> dict[str, Any]:
    names = pair.columns.split()
    if len(names) == 2:
        return {"columns": [kwargs.pop(name, None) for name in names]}
    if not names:
        return {}
    found = kwargs.pop(names[0], None)
    if names[0] == "column":
        return {"column": found}
    return {"columns": list(found) if isinstance(found, list | tuple | set) else found}


def _as_whole(pattern: Any) -> Any:
    """A pattern that is searched, as one that the whole value has to match."""
    if not isinstance(pattern, str):
        return pattern
    match = _WHOLE.fullmatch(pattern)
    if match is not None and _compiles(match[1]):
        return match[1]
    return rf"[\s\S]*(?:{pattern})[\s\S]*"


def _compiles(pattern: str) -> bool:
    """Whether a pattern stands alone: what is between ``^(?:a)|(?:b)$`` does not."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _restated(kind: str, kwargs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Expectations that are a case of another one, said as that one."""
    restate = _CASES.get(kind)
    return (kind, kwargs) if restate is None else restate(kind, kwargs)


def _equal(target: str, argument: str) -> Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]:
    def restate(_kind: str, kwargs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        rest = {key: value for key, value in kwargs.items() if key != argument}
        return target, {**rest, "min_value": kwargs.get(argument), "max_value": kwargs.get(argument)}

    return restate


def _limit(own: str, other: str) -> Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]:
    """The largest value below a limit: all values below it. A limit on the other side says something else."""

    def restate(kind: str, kwargs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if other in kwargs or own not in kwargs:
            raise _UnmappedError(kind, _("a rule can say it with %(word)s alone") % {"word": own})
        return "expect_column_values_to_be_between", kwargs

    return restate


_CASES: Mapping[str, Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "expect_column_value_lengths_to_equal": _equal("expect_column_value_lengths_to_be_between", "value"),
    "expect_table_row_count_to_equal": _equal("expect_table_row_count_to_be_between", "value"),
    "expect_column_max_to_be_between": _limit("max_value", "min_value"),
    "expect_column_min_to_be_between": _limit("min_value", "max_value"),
}
