"""Rules that a table meets already and that its owner may want to keep: proposed from its profile, asked by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from catalog.table_schema import TableSchema
from quality.rules.rule import Rule
from quality.rules.sentences import listed, plain, whole_sentence
from quality.rules.suite import rules_of

# Fewer rows say nothing about those to come.
LEAST_ROWS = 10
FEW_VALUES = 20
# A set is proposed where each of its values stands so often on average.
OFTEN = 5

_LATITUDE = frozenset({"lat", "latitude", "decimallatitude", "breite"})
_LONGITUDE = frozenset({"lon", "lng", "long", "longitude", "decimallongitude", "länge"})
WORLD = [-180, -90, 180, 90]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule and the fact that suggests it."""

    rule: Rule
    why: str

    def of_table(self, name: str) -> Proposal:
        """The same, asked of this table alone."""
        return replace(self, rule=replace(self.rule, params={**self.rule.params, "table": name}))

    def to_json(self) -> dict[str, Any]:
        return {"rule": self.rule.to_json(), "sentence": whole_sentence(self.rule), "why": self.why}


def proposals(profile: Mapping[str, Any], schema: TableSchema, known: Iterable[Rule]) -> list[Proposal]:
    """What a table's profile (``TableProfile.to_json``) suggests beyond its schema's rules and the given ones."""
    rows = int(profile.get("rows") or 0)
    if rows < LEAST_ROWS:
        return []
    asked = {rule.question for rule in (*rules_of(schema), *known)}
    # A column for which something of the kind is asked needs no proposal, whatever the figures.
    kinds = {(rule.type, rule.columns) for rule in (*rules_of(schema), *known)}
    found = list(_of_places(profile))
    for column in profile.get("columns", []):
        found.extend(_of_column(column, rows))
    return [
        item for item in found if item.rule.question not in asked and (item.rule.type, item.rule.columns) not in kinds
    ]


def _rule(**data: Any) -> Rule:
    return Rule.from_stored({"level": "warning", "origin": "owner", **data})


def _of_column(column: Mapping[str, Any], rows: int) -> Iterator[Proposal]:
    name, count = str(column["name"]), int(column["count"])
    if count == rows:
        why = _("It has a value in each of the %(rows)s rows.") % {"rows": plain(rows)}
        yield Proposal(_rule(type="not_null", column=name), why)
    if not count or column.get("distinct_approximate", True):
        return
    distinct = int(column.get("distinct") or 0)
    if (distinct == count == rows and column.get("kind") in ("text", "cat", "time")) or _is_whole_key(column, rows):
        why = _("Its %(count)s values are all different.") % {"count": plain(count)}
        yield Proposal(_rule(type="unique", column=name), why)
    elif column.get("kind") == "cat":
        yield from _of_set(column, name, distinct, count)
    elif column.get("kind") == "num" and column.get("min") is not None:
        low, high = column["min"], column["max"]
        why = _("Its values lie between %(low)s and %(high)s.") % {"low": plain(low), "high": plain(high)}
        yield Proposal(_rule(type="between", column=name, min=low, max=high), why)


def _is_whole_key(column: Mapping[str, Any], rows: int) -> bool:
    """Measured numbers are all different by chance; whole ones that are mean something."""
    return isinstance(column.get("min"), int) and column.get("distinct") == column["count"] == rows


def _of_set(column: Mapping[str, Any], name: str, distinct: int, count: int) -> Iterator[Proposal]:
    top = column.get("top") or []
    is_whole = len(top) == distinct and not any(item.get("clipped") for item in top)
    if is_whole and distinct <= FEW_VALUES and count >= OFTEN * distinct:
        values = sorted(str(item["value"]) for item in top)
        why = _("It has %(count)s different values: %(values)s.") % {
            "count": plain(distinct),
            "values": listed(values),
        }
        yield Proposal(_rule(type="in_set", column=name, values=values), why)


def _of_places(profile: Mapping[str, Any]) -> Iterator[Proposal]:
    numbers = [column for column in profile.get("columns", []) if column.get("kind") == "num"]
    latitudes = [column["name"] for column in numbers if column["name"].casefold() in _LATITUDE]
    longitudes = [column["name"] for column in numbers if column["name"].casefold() in _LONGITUDE]
    if len(latitudes) == len(longitudes) == 1:
        why = _("They look like coordinates.")
        yield Proposal(_rule(type="within_area", columns=[latitudes[0], longitudes[0]], box=WORLD), why)
