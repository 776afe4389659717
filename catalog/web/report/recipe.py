"""A recipe in words: what was done to the file on the way in. Steps on columns are told once for all columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.services.publishing.combining import COMBINING
from catalog.templatetags.kit import num

TOKENS_SHOWN = 8
_COUNTED = {"trim-text", "collapse-spaces", "normalise-unicode", "narrow-digits", "spell", "clear", "split"}


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
    "read-foreign-digits": gettext_lazy("Digits of other scripts were read as numbers."),
    "read-truth-words": gettext_lazy("Words for yes and no were read as true and false."),
    "cast": gettext_lazy("Texts became values of a type."),
    "keep-text": gettext_lazy("The other columns are text."),
    "trim-text": gettext_lazy("Spaces around texts are taken away."),
    "collapse-spaces": gettext_lazy("Runs of white space become one space."),
    "normalise-unicode": gettext_lazy("Characters that look the same are written in one way."),
    "narrow-digits": gettext_lazy("Full-width digits become ordinary ones."),
    "spell": gettext_lazy("Spellings of the same thing become one."),
    "clear": gettext_lazy("Values that mean “missing” become missing."),
    "rename-columns": gettext_lazy("Columns are renamed: %(columns)s."),
    "drop-columns": gettext_lazy("Columns are left out: %(columns)s."),
    "drop-empty-columns": gettext_lazy("Columns without a value are left out: %(columns)s."),
    "split": gettext_lazy("A column is taken apart at “%(by)s” into %(into)s."),
    "merge": gettext_lazy("Columns are joined into %(into)s: %(columns)s."),
    "drop-empty-rows": gettext_lazy("Rows without a value are left out (%(count)s)."),
    "drop-duplicates": gettext_lazy("Rows that repeat an earlier one are left out (%(count)s)."),
    "write-parquet": gettext_lazy("%(rows)s rows were written as Parquet by pipeline %(pipeline)s."),
    "add-columns": gettext_lazy("Columns that a later file brought were added: %(columns)s."),
    "append-rows": gettext_lazy("%(inserted)s rows of %(file)s were added."),
    "upsert-rows": gettext_lazy(
        "By %(key)s, %(file)s updated %(updated)s rows and added %(inserted)s; %(unchanged)s were the same already."
    ),
    "delete-rows": gettext_lazy("By %(key)s, %(deleted)s rows that %(file)s lists were taken out."),
}
_CORRECTIONS = gettext_lazy(
    "By %(key)s, %(updated)s rows were corrected: corrections %(corrections)s, people %(people)s."
)


_BOUNDS: Mapping[str, str] = {"least": "≥ ", "most": "≤ "}
_COLUMN_STEPS: Mapping[str, int] = {
    "normalise-type": 1,
    "trim": 2,
    "read-as-missing": 3,
    "read-written-numbers": 4,
    "read-written-dates": 5,
    "read-truth-words": 5,
    "cast": 6,
    "keep-text": 7,
    "write-parquet": 8,
}


def steps_of(recipe: Sequence[Mapping[str, Any]], *, with_values: bool) -> tuple[Step, ...]:
    """The steps in order. ``with_values`` only for those who may have the bytes: placeholders are values."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    # Of the steps on columns, each column has its own selection: they are told in the order of the pipeline.
    for item in sorted(recipe, key=lambda item: _COLUMN_STEPS.get(str(item.get("step", "")), 0)):
        grouped.setdefault(str(item.get("step", "")), []).append(item)
    later = [item for item in recipe if item.get("step") in COMBINING]
    first = [_step(name, items, with_values=with_values) for name, items in grouped.items() if name not in COMBINING]
    return (*first, *(_combining(item) for item in later))


def told(item: Mapping[str, Any], *, with_values: bool) -> Step:
    """One step by itself."""
    return _step(str(item.get("step", "")), [item], with_values=with_values)


def _combining(item: Mapping[str, Any]) -> Step:
    """A file that was added to the table: each is told, in the order in which they came."""
    name = str(item["step"])
    shown = {key: ", ".join(map(str, value)) if isinstance(value, list) else num(value) for key, value in item.items()}
    sentence = _CORRECTIONS if "corrections" in item else _SENTENCES[name]
    return Step(name, str(sentence) % _Shown(shown))


def _step(name: str, items: Sequence[Mapping[str, Any]], *, with_values: bool) -> Step:
    shown = {key: _listed(value) for key, value in items[0].items() if not isinstance(value, Mapping)}
    # A suggestion about rows may know no more than a bound of how many would go.
    shown["count"] = _BOUNDS.get(str(items[0].get("bound", "")), "") + shown["count"] if "count" in shown else "–"
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
    if name in _COUNTED:
        return _("%(count)s cells") % {"count": num(item["count"])} if "count" in item else ""
    if name == "read-written-dates":
        return ", ".join(str(item) for item in item.get("formats", []))
    return ""


def _listed(value: Any) -> str:
    """A number, a text, or names one after the other; a pair is an old and a new name."""
    if not isinstance(value, list):
        return num(value)
    return ", ".join(" → ".join(map(str, item)) if isinstance(item, list) else str(item) for item in value)


class _Shown(dict[str, str]):
    """A step may lack what its sentence names (another pipeline made it); it then reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
