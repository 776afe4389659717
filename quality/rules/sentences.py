"""Rules and outcomes in words, in the reader's language. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from quality.checking.outcome import Obstacle, RuleOutcome
from quality.rules.durations import Duration
from quality.rules.rule import Rule, RuleType
from quality.stability import MAJOR

LISTED = 10

TYPE_NAMES: Mapping[str, Any] = {
    "string": gettext_lazy("text"),
    "integer": gettext_lazy("whole number"),
    "number": gettext_lazy("number"),
    "boolean": gettext_lazy("true or false"),
    "date": gettext_lazy("date"),
    "datetime": gettext_lazy("date and time"),
    "time": gettext_lazy("time of day"),
    "year": gettext_lazy("year"),
    "yearmonth": gettext_lazy("year and month"),
    "duration": gettext_lazy("duration"),
    "object": gettext_lazy("object"),
    "array": gettext_lazy("list"),
    "geojson": gettext_lazy("GeoJSON geometry"),
    "any": gettext_lazy("anything"),
}

OBSTACLES: Mapping[Obstacle, Any] = {
    "column-missing": gettext_lazy("Could not check: there is no column %(detail)s."),
    "table-missing": gettext_lazy("Could not check: the version has no table %(detail)s."),
    "other-table": gettext_lazy(
        "Could not check: the rule is asked of the table %(detail)s alone, and this is another."
    ),
    "memory": gettext_lazy("Could not check: it needs more memory than this server gives to a check%(detail)s."),
    "too-long": gettext_lazy(
        "Could not check: it took too long to be tried%(detail)s. A check of a draft has the time."
    ),
    "not-tried": gettext_lazy("Could not check: a trial does not look at types%(detail)s. A check of a draft does."),
    "no-promise": gettext_lazy(
        "Could not check: neither the rule nor the dataset says how old %(detail)s may be. Set the dataset’s update "
        "frequency."
    ),
    "type-unsuited": gettext_lazy("Could not check: a column of type %(detail)s can't be asked this."),
    "value-unsuited": gettext_lazy("Could not check: %(detail)s is no value of this column's type."),
    "pattern-unsupported": gettext_lazy(
        "Could not check: the pattern uses something that the engine (RE2) does not know, such as a "
        "look-ahead or a back-reference (%(detail)s)."
    ),
    "no-values": gettext_lazy("Could not check: %(detail)s has too few values."),
    "engine": gettext_lazy("Could not check: the check broke off (%(detail)s)."),
}


def sentence(rule: Rule) -> str:
    """What the rule asks, as a whole sentence."""
    shown = {
        "column": rule.columns[0] if rule.columns else "",
        "columns": listed(rule.columns),
        "first": rule.columns[0] if rule.columns else "",
        "second": rule.columns[-1] if rule.columns else "",
        "expected": expected(rule),
    }
    in_order = rule.type is RuleType.COLUMNS_MATCH and rule.params.get("ordered")
    asked = str(_IN_ORDER if in_order else _SENTENCES[rule.type]) % shown
    if rule.mostly < 1:
        return _("%(sentence)s At least %(share)s of the values must do so.") % {
            "sentence": asked,
            "share": percent(rule.mostly),
        }
    return asked


def whole_sentence(rule: Rule) -> str:
    """The sentence, and of which table alone it is asked, for where no table is at hand."""
    if not rule.table:
        return sentence(rule)
    return _("%(sentence)s (Of the table %(table)s.)") % {"sentence": sentence(rule), "table": rule.table}


_SENTENCES: Mapping[RuleType, Any] = {
    RuleType.TYPE: gettext_lazy("Every value of %(column)s is of type %(expected)s."),
    RuleType.NOT_NULL: gettext_lazy("%(column)s has a value in every row."),
    RuleType.UNIQUE: gettext_lazy("No value of %(column)s stands twice."),
    RuleType.UNIQUE_TOGETHER: gettext_lazy("No combination of %(columns)s stands twice."),
    RuleType.IN_SET: gettext_lazy("Every value of %(column)s is one of: %(expected)s."),
    RuleType.BETWEEN: gettext_lazy("Every value of %(column)s is %(expected)s."),
    RuleType.MATCHES: gettext_lazy("Every value of %(column)s matches the pattern %(expected)s."),
    RuleType.LENGTH_BETWEEN: gettext_lazy("The number of characters of each %(column)s is %(expected)s."),
    RuleType.ROW_COUNT_BETWEEN: gettext_lazy("The number of rows is %(expected)s."),
    RuleType.COLUMN_COUNT: gettext_lazy("The number of columns is %(expected)s."),
    RuleType.COLUMNS_MATCH: gettext_lazy("The table has exactly these columns: %(expected)s."),
    RuleType.COLUMN_PAIR: gettext_lazy("In every row %(first)s is %(expected)s."),
    RuleType.MEAN_BETWEEN: gettext_lazy("The mean of %(column)s is %(expected)s."),
    RuleType.MEDIAN_BETWEEN: gettext_lazy("The median of %(column)s is %(expected)s."),
    RuleType.STDEV_BETWEEN: gettext_lazy("The standard deviation of %(column)s is %(expected)s."),
    RuleType.SUM_BETWEEN: gettext_lazy("The sum of %(column)s is %(expected)s."),
    RuleType.DISTINCT_COUNT_BETWEEN: gettext_lazy("The number of different values of %(column)s is %(expected)s."),
    RuleType.DISTINCT_IN_SET: gettext_lazy("The different values of %(column)s are all among: %(expected)s."),
    RuleType.INCREASING: gettext_lazy("The values of %(column)s are %(expected)s from row to row."),
    RuleType.INCREASING_TOGETHER: gettext_lazy("The combinations of %(columns)s are %(expected)s from row to row."),
    RuleType.NO_GAPS: gettext_lazy("The values of %(column)s follow each other without a gap: %(expected)s."),
    RuleType.FOREIGN_KEY: gettext_lazy("Every %(columns)s is found in %(expected)s."),
    RuleType.SUM_EQUALS: gettext_lazy("In every row the sum of %(columns)s is %(expected)s."),
    RuleType.WITHIN_AREA: gettext_lazy("Every place at %(first)s (latitude), %(second)s (longitude) is %(expected)s."),
    RuleType.FRESH: gettext_lazy("The newest value of %(column)s is %(expected)s."),
    RuleType.DRIFT: gettext_lazy(
        "The values of %(column)s are spread as in the last published version: the population stability index is "
        "%(expected)s."
    ),
}


_IN_ORDER = gettext_lazy("The table has exactly these columns, in this order: %(expected)s.")


def expected(rule: Rule) -> str:
    """What the rule expects, in a few words: the range, the values, the pattern."""
    return _EXPECTED.get(rule.type, _expected_range)(rule)


def _expected_range(rule: Rule) -> str:
    low, high = rule.params.get("min"), rule.params.get("max")
    if low is not None and low == high:
        return plain(low)
    words = []
    if low is not None:
        strict = _("above %(value)s") if rule.params.get("strict_min") else _("at least %(value)s")
        words.append(strict % {"value": plain(low)})
    if high is not None:
        strict = _("below %(value)s") if rule.params.get("strict_max") else _("at most %(value)s")
        words.append(strict % {"value": plain(high)})
    return _("%(low)s and %(high)s") % {"low": words[0], "high": words[1]} if len(words) == 2 else words[0]


def _expected_pair(rule: Rule) -> str:
    at_least = rule.params.get("or_equal")
    words = _("at least %(second)s") if at_least else _("greater than %(second)s")
    return words % {"second": rule.columns[1]}


def _expected_order(rule: Rule) -> str:
    words = _("always greater") if rule.params.get("strictly") else _("never smaller")
    return _in_groups(rule, words)


def _expected_steps(rule: Rule) -> str:
    words = _("at most %(step)s from one to the next") % {"step": _length(rule.params["step"])}
    return _in_groups(rule, words)


def _in_groups(rule: Rule, words: str) -> str:
    group = rule.params.get("group")
    return _("%(words)s for each %(group)s") % {"words": words, "group": listed(group)} if group else words


def _expected_reference(rule: Rule) -> str:
    fields = listed(rule.params["fields"])
    if not rule.params["resource"]:
        return fields
    return _("%(fields)s of the table %(table)s") % {"fields": fields, "table": rule.params["resource"]}


def _expected_total(rule: Rule) -> str:
    total, tolerance = plain(rule.params["total"]), rule.params.get("tolerance")
    if not tolerance:
        return total
    return _("%(total)s, give or take %(tolerance)s") % {"total": total, "tolerance": plain(tolerance)}


def _expected_area(rule: Rule) -> str:
    west, south, east, north = (plain(side) for side in rule.params["box"])
    return _("between %(south)s° and %(north)s° north, %(west)s° and %(east)s° east") % {
        "south": south,
        "north": north,
        "west": west,
        "east": east,
    }


def _expected_age(rule: Rule) -> str:
    within = rule.params.get("within")
    if not within:
        return _("not older than the promised update frequency")
    return _("not older than %(length)s") % {"length": _length(within)}


def _expected_drift(rule: Rule) -> str:
    return _("at most %(value)s") % {"value": plain(rule.params.get("max", MAJOR))}


def _length(step: Any) -> str:
    """A length of time in words; a number is itself."""
    if not isinstance(step, str):
        return plain(step)
    found = Duration.parse(step)
    minutes, seconds = divmod(found.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    words = {
        ngettext("%(n)s month", "%(n)s months", found.months): found.months,
        ngettext("%(n)s day", "%(n)s days", found.days): found.days,
        ngettext("%(n)s hour", "%(n)s hours", hours): hours,
        ngettext("%(n)s minute", "%(n)s minutes", minutes): minutes,
        ngettext("%(n)s second", "%(n)s seconds", seconds): seconds,
    }
    return " ".join(word % {"n": plain(count)} for word, count in words.items() if count)


_EXPECTED: Mapping[RuleType, Callable[[Rule], str]] = {
    RuleType.TYPE: lambda rule: str(TYPE_NAMES[rule.params["is"]]),
    RuleType.NOT_NULL: lambda _rule: _("a value"),
    RuleType.UNIQUE: lambda _rule: _("each value once"),
    RuleType.UNIQUE_TOGETHER: lambda _rule: _("each combination once"),
    RuleType.IN_SET: lambda rule: listed(rule.params["values"]),
    RuleType.DISTINCT_IN_SET: lambda rule: listed(rule.params["values"]),
    RuleType.MATCHES: lambda rule: str(rule.params["pattern"]),
    RuleType.COLUMN_COUNT: lambda rule: plain(rule.params["value"]),
    RuleType.COLUMNS_MATCH: lambda rule: listed(rule.columns),
    RuleType.COLUMN_PAIR: _expected_pair,
    RuleType.INCREASING: _expected_order,
    RuleType.INCREASING_TOGETHER: _expected_order,
    RuleType.NO_GAPS: _expected_steps,
    RuleType.FOREIGN_KEY: _expected_reference,
    RuleType.SUM_EQUALS: _expected_total,
    RuleType.WITHIN_AREA: _expected_area,
    RuleType.FRESH: _expected_age,
    RuleType.DRIFT: _expected_drift,
}


def observed(outcome: RuleOutcome) -> str:
    """What was found, in a few words; of a rule that could not be checked, why."""
    rule = outcome.rule
    if outcome.status == "errored":
        return str(OBSTACLES[outcome.obstacle or "engine"]) % {"detail": outcome.error}
    if rule.type is RuleType.COLUMNS_MATCH:
        return _observed_columns(outcome.observed)
    if rule.type is RuleType.DISTINCT_IN_SET:
        count = outcome.failing_count or 0
        return ngettext("%(count)s other value", "%(count)s other values", count) % {"count": plain(count)}
    if outcome.failing_count is not None:
        return _observed_failures(outcome)
    return plain(outcome.observed)


def _observed_columns(found: Mapping[str, Sequence[str]]) -> str:
    words = []
    if found["missing"]:
        words.append(_("missing: %(columns)s") % {"columns": listed(found["missing"])})
    if found["unexpected"]:
        words.append(_("not expected: %(columns)s") % {"columns": listed(found["unexpected"])})
    return "; ".join(words) if words else _("the same columns")


def _observed_failures(outcome: RuleOutcome) -> str:
    count, checked = outcome.failing_count or 0, outcome.checked
    if not count:
        return _("no value fails")
    if checked is None:
        return ngettext("%(count)s value fails", "%(count)s values fail", count) % {"count": plain(count)}
    words = ngettext(
        "%(count)s of %(checked)s value fails (%(share)s)",
        "%(count)s of %(checked)s values fail (%(share)s)",
        checked,
    )
    shown = {"count": plain(count), "checked": plain(checked), "share": percent(outcome.failing_share or 0)}
    return words % shown


def listed(values: Sequence[Any]) -> str:
    """The first values with commas, and how many more there are."""
    words = ", ".join(plain(value) for value in values[:LISTED])
    more = len(values) - LISTED
    if more <= 0:
        return words
    return ngettext("%(values)s and %(count)s more", "%(values)s and %(count)s more", more) % {
        "values": words,
        "count": more,
    }


def percent(share: float) -> str:
    """A share as a percentage of two digits that matter; what is not all is never told as 100 %."""
    value = 100 * share
    if 99 < value < 100:
        return f"{min(value, 99.99):.2f} %"
    return "< 0.01 %" if 0 < value < 0.01 else f"{value:.2g} %" if value < 10 else f"{value:.0f} %"


def plain(value: Any) -> str:
    """A value as a reader writes it: 5, not 5.0; true, not True."""
    if isinstance(value, bool):
        return _("true") if value else _("false")
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return "–" if value is None else str(value)
