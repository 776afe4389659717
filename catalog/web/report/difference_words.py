"""The words of a stored difference (catalog/differences.py): what its codes mean, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.outcomes import read_outcomes
from catalog.templatetags.kit import num, percent, shown

_CHANGES: Mapping[str, Promise] = {
    "added": gettext_lazy("added"),
    "removed": gettext_lazy("removed"),
    "renamed": gettext_lazy("renamed"),
    "retyped": gettext_lazy("another type"),
    "stored": gettext_lazy("stored otherwise"),
    "tightened": gettext_lazy("stricter"),
    "loosened": gettext_lazy("less strict"),
    "constrained": gettext_lazy("other rules"),
    "key": gettext_lazy("another key"),
    "title": gettext_lazy("another title"),
    "description": gettext_lazy("another description"),
    "unit": gettext_lazy("another unit"),
    "format": gettext_lazy("another format"),
    "meaning": gettext_lazy("another meaning"),
    "moved": gettext_lazy("another order of columns"),
}
_EVIDENCE: Mapping[str, Promise] = {
    "source": gettext_lazy("The same header in the file."),
    "alias": gettext_lazy("The schema names it as another name of this column."),
    "rows": gettext_lazy("A guess: the same values in the same rows."),
    "profile": gettext_lazy("A guess: the two profiles are the same."),
}
_UNKEYED: Mapping[str, Promise] = {
    "no-key": gettext_lazy("Rows cannot be matched: the table has no key. Only totals are compared."),
    "key-missing": gettext_lazy("Rows cannot be matched: a column of the key is in one version only."),
    "key-unsuited": gettext_lazy("Rows cannot be matched: a column of the key changed in kind, or cannot be a key."),
}
_RULES: Mapping[str, tuple[Promise, str]] = {
    "failing": (gettext_lazy("fails now"), "bad"),
    "unchecked": (gettext_lazy("could not be checked now"), "bad"),
    "worse": (gettext_lazy("fails more often"), "warn"),
    "added": (gettext_lazy("new check"), "info"),
    "passing": (gettext_lazy("passes now"), "ok"),
    "better": (gettext_lazy("fails less often"), "ok"),
    "gone": (gettext_lazy("not checked any more"), "plain"),
}
_WORDS: Mapping[str, Promise] = {
    "title": gettext_lazy("Title"),
    "description": gettext_lazy("Description"),
    "methods": gettext_lazy("Methods"),
    "known_limits": gettext_lazy("Known limits"),
    "license": gettext_lazy("Licence"),
    "attribution": gettext_lazy("Attribution"),
    "keywords": gettext_lazy("Keywords"),
    "contact": gettext_lazy("Contact"),
    "publisher": gettext_lazy("Organization"),
    "access": gettext_lazy("Access"),
    "note": gettext_lazy("What is new"),
}
_LEVELS: Mapping[str, tuple[Promise, str]] = {
    "major": (gettext_lazy("moved far"), "bad"),
    "moderate": (gettext_lazy("moved"), "warn"),
    "none": (gettext_lazy("stayed"), "ok"),
}


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A line of what changed: ``mark`` is the class of its chip."""

    label: str
    what: str
    before: str = ""
    after: str = ""
    note: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class ShownWords:
    """A text about the dataset, by pieces (same, removed, added) where it is one."""

    label: str
    before: str
    after: str
    pieces: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShownDistribution:
    """Shares of the same classes before and now; ``classes`` name them, of a range only its ends (``is_range``)."""

    before: tuple[float, ...]
    after: tuple[float, ...]
    classes: tuple[str, ...]
    is_range: bool

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """The named classes with their shares, for whoever does not see the picture."""
        if self.is_range:
            return []
        return [
            (*row[:1], percent(row[1]), percent(row[2]))
            for row in zip(self.classes, self.before, self.after, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class ShownDrift:
    """How far a column moved; texts are empty where the reader may not have the values."""

    name: str
    label: str
    mark: str
    index: float | None
    missing: tuple[str, str]
    mean: tuple[str, str]
    moved: float | None
    arrived: str
    gone: str
    is_approximate: bool
    distribution: ShownDistribution | None = None

    @property
    def is_notable(self) -> bool:
        return self.mark != "ok" or bool(self.arrived or self.gone)


@dataclass(frozen=True, slots=True)
class ShownTable:
    """One table's difference. ``rows`` and ``cells`` are as stored; ``why`` says why rows were not matched."""

    name: str
    is_breaking: bool
    columns: tuple[ShownChange, ...]
    rows: Mapping[str, Any]
    cells: Mapping[str, Any] | None
    why: str
    drift: tuple[ShownDrift, ...]
    checks: tuple[ShownChange, ...]
    has_file: bool
    records: int
    added: tuple[Mapping[str, Any], ...] = field(default=())
    removed: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def notable(self) -> list[ShownDrift]:
        return [item for item in self.drift if item.is_notable]

    @property
    def still(self) -> list[ShownDrift]:
        """The columns that stayed as they were."""
        return [item for item in self.drift if not item.is_notable]


def shown_words(changes: Sequence[Mapping[str, Any]]) -> tuple[ShownWords, ...]:
    """What is said about the dataset, that was not said so before."""
    return tuple(
        ShownWords(
            label=str(_WORDS.get(change["name"], change["name"])),
            before=_told(change["before"]),
            after=_told(change["after"]),
            pieces=tuple((kind, text) for kind, text in change["pieces"]),
        )
        for change in changes
    )


def shown_tables(result: Mapping[str, Any]) -> tuple[ShownTable, ...]:
    """The tables of a stored difference, which says what its reader may see (``without_values``)."""
    return tuple(_table(name, table) for name, table in result.get("tables", {}).items())


def _table(name: str, table: Mapping[str, Any]) -> ShownTable:
    rows = table["rows"]
    why = "" if rows["keyed"] else str(_UNKEYED[rows["unkeyed"]])
    if rows["added"] is None:
        why = _("The two have no column in common whose values could be compared.")
    return ShownTable(
        name=name,
        is_breaking=table["breaking"],
        columns=tuple(_column(change) for change in table["columns"]),
        rows=rows,
        cells=table["cells"],
        why=why,
        drift=tuple(_drift(column) for column in table["drift"]),
        checks=tuple(_checks(table["quality"])),
        has_file=bool(table["file"]) and bool(table["records"]),
        records=table["records"],
        added=tuple(_row(example) for example in rows["added_examples"]),
        removed=tuple(_row(example) for example in rows["removed_examples"]),
    )


def _row(example: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"row": example["row"], "values": list(example["values"].items())}


def _column(change: Mapping[str, Any]) -> ShownChange:
    label = str(_CHANGES[change["change"]])
    note = str(_EVIDENCE[change["evidence"]]) if change.get("evidence") else ""
    if change.get("share") is not None:
        note = f"{note} ({percent(change['share'])})"
    return ShownChange(
        label=f"{label}: {change['constraint']}" if change.get("constraint") else label,
        what=change["column"],
        before=_told(change["before"]),
        after=_told(change["after"]),
        note=note,
        mark="warn" if change["breaking"] else "",
    )


def _told(value: Any) -> str:
    """A JSON value of a schema or a description as text."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, list):
        return ", ".join(_told(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(_told(item) for item in value.values() if item)
    return shown(value)


def _drift(column: Mapping[str, Any]) -> ShownDrift:
    label, mark = _LEVELS[column["level"]]
    before, after = column["nulls_share"]
    means = column.get("mean") or (None, None)
    return ShownDrift(
        name=column["name"],
        label=str(label),
        mark=mark,
        index=column["psi"],
        missing=(percent(before), percent(after)),
        mean=(num(means[0]), num(means[1])) if None not in means else ("", ""),
        moved=column.get("mean_moved_sd"),
        arrived=_values(column.get("new_values") or ()),
        gone=_values(column.get("vanished_values") or ()),
        is_approximate=bool(column.get("values_approximate")),
        distribution=_distribution(column.get("distribution")),
    )


def _distribution(stored: Mapping[str, Any] | None) -> ShownDistribution | None:
    """None also for differences from before it was kept, and for those who may not have the values."""
    if not stored:
        return None
    classes = tuple(_("others") if label is None else shown(label) for label in stored["labels"])
    return ShownDistribution(tuple(stored["before"]), tuple(stored["after"]), classes, stored["of"] == "histogram")


def _values(items: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{shown(item['value'])} ({num(item['count'])})" for item in items)


def _checks(changes: Sequence[Mapping[str, Any]]) -> Iterator[ShownChange]:
    for change in changes:
        label, mark = _RULES[change["change"]]
        sides = (change["before"], change["after"])
        told = [_failing(side) for side in sides]
        yield ShownChange(str(label), _sentence(change), told[0], told[1], mark=mark)


def _sentence(change: Mapping[str, Any]) -> str:
    """What the check asks, as the report words it."""
    # What was observed is not kept here, and what could not be checked has nothing observed.
    asked: dict[str, Any] = {
        "status": "errored",
        "obstacle": "engine",
        "error": "",
        "observed": None,
        "samples": [],
        "checked": None,
    }
    outcome = {**asked, "rule": change["rule"], "failing_count": None, "failing_share": None}
    return read_outcomes([outcome], with_values=False)[0].sentence


def _failing(side: Mapping[str, Any] | None) -> str:
    if side is None:
        return ""
    if side["status"] == "passed":
        return _("Pass")
    if side["status"] == "errored":
        return _("Not checked")
    return _("Fail") if side["failing_count"] is None else _("%(n)s failing") % {"n": num(side["failing_count"])}
