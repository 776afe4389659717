"""The types of rules in words, in the groups in which a person looks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from quality.rules.rule import RuleType

LABELS: Mapping[RuleType, Any] = {
    RuleType.NOT_NULL: _("A value in every row"),
    RuleType.UNIQUE: _("No value twice"),
    RuleType.IN_SET: _("Every value is one of a list"),
    RuleType.BETWEEN: _("Every value is in a range: numbers, dates or moments"),
    RuleType.MATCHES: _("Every text matches a pattern"),
    RuleType.LENGTH_BETWEEN: _("The number of characters of every text"),
    RuleType.TYPE: _("Every value is of a type"),
    RuleType.UNIQUE_TOGETHER: _("No combination of columns twice"),
    RuleType.COLUMN_PAIR: _("One column is greater than another"),
    RuleType.SUM_EQUALS: _("Columns add up to a total"),
    RuleType.FOREIGN_KEY: _("Every value is found in a column of a table"),
    RuleType.WITHIN_AREA: _("Every place lies in an area"),
    RuleType.INCREASING: _("Values rise from row to row"),
    RuleType.INCREASING_TOGETHER: _("Combinations of columns rise from row to row"),
    RuleType.NO_GAPS: _("No gap between one value and the next"),
    RuleType.FRESH: _("The newest value is recent"),
    RuleType.MEAN_BETWEEN: _("The mean is in a range"),
    RuleType.MEDIAN_BETWEEN: _("The median is in a range"),
    RuleType.STDEV_BETWEEN: _("The standard deviation is in a range"),
    RuleType.SUM_BETWEEN: _("The sum is in a range"),
    RuleType.DISTINCT_COUNT_BETWEEN: _("The number of different values"),
    RuleType.DISTINCT_IN_SET: _("The different values are all among a list"),
    RuleType.DRIFT: _("Values are spread as in the last published version"),
    RuleType.ROW_COUNT_BETWEEN: _("The number of rows"),
    RuleType.COLUMN_COUNT: _("The number of columns"),
    RuleType.COLUMNS_MATCH: _("The table has exactly these columns"),
}

GROUPS: tuple[tuple[Any, tuple[RuleType, ...]], ...] = (
    (
        _("The values of a column"),
        (
            RuleType.NOT_NULL,
            RuleType.UNIQUE,
            RuleType.IN_SET,
            RuleType.BETWEEN,
            RuleType.MATCHES,
            RuleType.LENGTH_BETWEEN,
            RuleType.TYPE,
        ),
    ),
    (
        _("Several columns"),
        (
            RuleType.UNIQUE_TOGETHER,
            RuleType.COLUMN_PAIR,
            RuleType.SUM_EQUALS,
            RuleType.FOREIGN_KEY,
            RuleType.WITHIN_AREA,
        ),
    ),
    (
        _("Order and time"),
        (RuleType.INCREASING, RuleType.INCREASING_TOGETHER, RuleType.NO_GAPS, RuleType.FRESH),
    ),
    (
        _("Figures of a column"),
        (
            RuleType.MEAN_BETWEEN,
            RuleType.MEDIAN_BETWEEN,
            RuleType.STDEV_BETWEEN,
            RuleType.SUM_BETWEEN,
            RuleType.DISTINCT_COUNT_BETWEEN,
            RuleType.DISTINCT_IN_SET,
            RuleType.DRIFT,
        ),
    ),
    (_("The whole table"), (RuleType.ROW_COUNT_BETWEEN, RuleType.COLUMN_COUNT, RuleType.COLUMNS_MATCH)),
)
