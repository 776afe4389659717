"""A recipe in words: what was done to the file on the way in. Steps on columns are told once for all columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.templatetags.kit import num

TOKENS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Step:
    """``sentence`` says what was done; ``columns`` to which columns, each with its own words."""

    name: str
    sentence: str
    columns: tuple[tuple[str, str], ...] = ()


_SENTENCES: Mapping[str, Promise | str] = {
    "decode": gettext_lazy("The bytes were read as %(encoding)s text."),
    "skip-lines-before-header": gettext_lazy("%(count)s lines before the header were left out."),
    "read-header": gettext_lazy("The header gave the columns their names."),
    "read-sheet": gettext_lazy("The table was taken from the sheet “%(sheet)s”."),
    "read-objects": gettext_lazy("%(count)s objects were read, each as a row."),
    "normalise-type": gettext_lazy("Types were brought into the form that every reader knows."),
    "mend-rows": gettext_lazy("Rows whose fields did not fit the header were set aside or filled up."),
    "rename": gettext_lazy("Column names were made usable."),
    "trim": gettext_lazy("Spaces around values were taken away."),
    "read-as-missing": gettext_lazy("Placeholders became missing values."),
    "read-written-numbers": gettext_lazy("Numbers written for people were read as numbers."),
    "read-written-dates": gettext_lazy("Written dates were read as dates."),
    "cast": gettext_lazy("Texts became values of a type."),
    "write-parquet": gettext_lazy("%(rows)s rows were written as Parquet by pipeline %(pipeline)s."),
}


_COLUMN_STEPS: Mapping[str, int] = {
    "normalise-type": 1,
    "trim": 2,
    "read-as-missing": 3,
    "read-written-numbers": 4,
    "read-written-dates": 5,
    "cast": 6,
    "write-parquet": 7,
}


def steps_of(recipe: Sequence[Mapping[str, Any]], *, with_values: bool) -> tuple[Step, ...]:
    """The steps in order. ``with_values`` only for those who may have the bytes: placeholders are values."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    # Of the steps on columns, each column has its own selection: they are told in the order of the pipeline.
    for item in sorted(recipe, key=lambda item: _COLUMN_STEPS.get(str(item.get("step", "")), 0)):
        grouped.setdefault(str(item.get("step", "")), []).append(item)
    return tuple(_step(name, items, with_values=with_values) for name, items in grouped.items())


def _step(name: str, items: Sequence[Mapping[str, Any]], *, with_values: bool) -> Step:
    shown = {key: num(value) for key, value in items[0].items() if not isinstance(value, Mapping | list)}
    template = _SENTENCES.get(name)
    # A step of a newer pipeline than these words is told by its own name.
    sentence = str(template) % _Shown(shown) if template else name
    if name == "rename":
        columns = tuple((str(after), str(before)) for before, after in items[0].get("columns", []))
        return Step(name, sentence, columns)
    columns = tuple(
        (str(item["column"]), _detail(name, item, with_values=with_values)) for item in items if "column" in item
    )
    return Step(name, sentence, columns)


def _detail(name: str, item: Mapping[str, Any], *, with_values: bool) -> str:
    if name == "cast":
        words = _("as %(type)s") % {"type": item.get("type", "")}
        refused = item.get("refused") or 0
        if refused:
            words = f"{words}, " + _("%(count)s cells refused") % {"count": num(refused)}
        return words
    if name == "read-as-missing":
        tokens = item.get("tokens") or {}
        if not with_values:
            return _("%(count)s cells") % {"count": num(item.get("count", 0))}
        pairs = [f"“{token}” × {num(count)}" for token, count in list(tokens.items())[:TOKENS_SHOWN]]
        return ", ".join([*pairs, *(["…"] if len(tokens) > TOKENS_SHOWN else [])])
    if name == "read-written-dates":
        return ", ".join(str(item) for item in item.get("formats", []))
    return ""


class _Shown(dict[str, str]):
    """A step may lack what its sentence names (another pipeline made it); it then reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
