"""True and false in the words of a column: yes/no, ja/nein, да/нет. 1 and 0 stay numbers.

A column has one pair (or two that agree, as "Y" beside "yes"). Other words than true and false are taken for a
pair only when both of them stand in the column: NO alone may be Norway.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# The first word of each is true. Those of one row may stand in one column. S/N and O/N are as often points of the
# compass, and are left out.
_PAIRS: tuple[tuple[str, str], ...] = (
    ("true t", "false f"),
    ("yes y", "no n"),
    ("ja j", "nein n"),
    ("ja j", "nee n"),
    ("ja j", "nej n"),
    ("ja j", "nei n"),
    ("oui", "non"),
    ("sí si", "no"),
    ("sì si", "no"),
    ("sim", "não nao"),
    ("da", "nu"),
    ("tak", "nie"),
    ("ano", "ne"),
    ("да", "нет"),
    ("是", "否"),
    ("真", "假"),
    ("はい", "いいえ"),
    ("예", "아니요"),
    ("evet", "hayır"),
    ("wahr", "falsch"),
    ("vrai", "faux"),
    ("verdadero", "falso"),
    ("verdadeiro", "falso"),
    ("vero", "falso"),
    ("waar", "onwaar"),
    ("истина", "ложь"),
)
_ROWS = tuple((frozenset(true.split()), frozenset(false.split())) for true, false in _PAIRS)
KNOWN: frozenset[str] = frozenset(word for true, false in _ROWS for word in true | false)
"""All words, in lower case, that may be a truth value."""
# These say what they mean in a column without the other one too.
_PLAIN = frozenset({"true", "false"})


@dataclass(frozen=True, slots=True)
class BooleanWords:
    """Which words of a column are true and which false, in lower case."""

    true: tuple[str, ...]
    false: tuple[str, ...]

    @classmethod
    def from_step(cls, step: Mapping[str, Any]) -> BooleanWords:
        """The words of a ``read-truth-words`` step."""
        return cls(tuple(step["true"]), tuple(step["false"]))

    def describe(self) -> dict[str, list[str]]:
        return {"true": list(self.true), "false": list(self.false)}

    def cast(self, cells: Any) -> Any:
        """A bool array of a string array: null where a cell is none of the words, in one of their three cases."""
        true, false = _in_all_cases(self.true), _in_all_cases(self.false)
        index = pc.index_in(cells, value_set=pa.array([*true, *false]))
        return pc.less(index, len(true))


def _in_all_cases(words: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(form for word in words for form in (word, word.capitalize(), word.upper())))


TRUE_FALSE = BooleanWords(("true",), ("false",))


def words_for(values: Collection[str]) -> BooleanWords | None:
    """The pair that all ``values`` are words of and of which both sides are there; None when there is none.

    "true" and "false" need not both be there.
    """
    found = {value.casefold() for value in values}
    if not found:
        return None
    if found <= _PLAIN:
        return TRUE_FALSE
    for true, false in _ROWS:
        if found <= true | false and found & true and found & false:
            return BooleanWords(tuple(sorted(true)), tuple(sorted(false)))
    return None


def words_with(values: Collection[str]) -> BooleanWords | None:
    """The first pair that has one of ``values``, where it is known that the column is one of truth values."""
    found = {value.casefold() for value in values}
    pairs = sorted(_ROWS, key=lambda pair: -len(found & (pair[0] | pair[1])))
    true, false = pairs[0]
    return BooleanWords(tuple(sorted(true)), tuple(sorted(false))) if found & (true | false) else None
