"""What only the owner of a table can say, as data: a question about one column with the answers to choose from.

Answering is applying the chosen option's steps (``ingest.columns.choices``); they are written in the recipe's own
words, so that an answer becomes a part of the recipe and is replayed with it. A question has the code of the finding
that explains the doubt; an option's code is one of ``OPTIONS``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ingest.outcome import RecipeStep

OPTIONS: Mapping[str, Promise | str] = {
    "keep-text": _("Leave the column as text"),
    "day-first": _("The day comes first: %(value)s is %(reading)s"),
    "month-first": _("The month comes first: %(value)s is %(reading)s"),
    "years-posix": _("69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068: %(value)s is %(reading)s"),
    "years-1900": _("All years are of 1900 to 1999: %(value)s is %(reading)s"),
    "years-2000": _("All years are of 2000 to 2099: %(value)s is %(reading)s"),
    "decimal-point": _("The point is the decimal mark: %(value)s is %(reading)s"),
    "decimal-comma": _("The comma is the decimal mark: %(value)s is %(reading)s"),
    "round-to-float": _("Numbers of about 16 digits are enough: %(value)s becomes %(reading)s"),
    "with-unit": _("Numbers in %(unit)s; cells of another unit are kept on record and left empty"),
    "read-as-missing": _("%(tokens)s means that there is no value"),
    "keep-values": _("%(tokens)s is a value like the others"),
    "time-of-day": _("Times of day: %(value)s is %(reading)s"),
    "read-anew": _("Go on with the column as %(type)s"),
    "read-as-before": _("Read it as %(type)s, as before; values that do not fit are kept on record and left empty"),
}
"""What each option says, with the option's own parameters."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: ``steps`` are what it adds to the recipe, ``params`` what its sentence shows."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[RecipeStep, ...] = ()

    @property
    def sentence(self) -> str:
        """The answer for a person, in the active language."""
        return str(OPTIONS[self.code]) % self.params

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params), "steps": [dict(step) for step in self.steps]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Option:
        return cls(data["code"], dict(data["params"]), tuple(dict(step) for step in data["steps"]))


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt about ``column`` that its values do not settle; ``value`` is one that shows it.

    The first of ``options`` is what was done meanwhile.
    """

    column: str
    code: str
    value: str | None
    options: Sequence[Option]

    def option(self, code: str) -> Option:
        """The option of that code. Raises KeyError when the question has none such."""
        for item in self.options:
            if item.code == code:
                return item
        raise KeyError(code)

    def to_json(self) -> dict[str, Any]:
        options = [item.to_json() for item in self.options]
        return {"column": self.column, "code": self.code, "value": self.value, "options": options}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Question:
        options = tuple(Option.from_json(item) for item in data["options"])
        return cls(data["column"], data["code"], data["value"], options)
