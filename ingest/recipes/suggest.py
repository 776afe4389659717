"""Cleaning that a table could do with: proposed with counts and examples, never done unasked.

What is seen is what the types were chosen from: all values of a small file, a spread sample of a large one
(``whole`` says which).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ingest.columns.infer import Sample
from ingest.columns.plan import ColumnPlan
from ingest.recipes.cleaning.step import EXAMPLES
from ingest.writings.missing import PADDING

Suggestion = dict[str, Any]

# More values than these are no list of categories, and comparing their spellings would not help anybody.
MOST_SPELLINGS = 2_000
MOST_MERGED = 200
LONGEST = 200

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u3000]{2,}|[\t\n\u00a0\u2000-\u200b\u3000]")
_WIDE = re.compile("[０-９]")
_LETTER = re.compile(r"[^\W\d_]")


def suggest_steps(plans: Sequence[ColumnPlan], samples: Sequence[Sample], empty: Sequence[str]) -> list[Suggestion]:
    """Steps for the columns of text, and for ``empty``, the names of columns without a value."""
    found: list[Suggestion] = []
    for plan in plans:
        if plan.kind == "string" and plan.position is not None and plan.native is None:
            found += _of_text(plan.name, samples[plan.position])
    if empty:
        found.append({"step": "drop-empty-columns", "columns": list(empty), "count": len(empty), "whole": True})
    return found


def _of_text(name: str, sample: Sample) -> Iterator[Suggestion]:
    values = {value: count for value, count in sample.counts.items() if len(value) <= LONGEST}
    for step, changed in _CELL_STEPS.items():
        if touched := {value: count for value, count in values.items() if changed(value)}:
            yield {
                "step": step,
                "column": name,
                "count": sum(touched.values()),
                "values": list(touched)[:EXAMPLES],
                "whole": sample.whole,
            }
    if spelling := one_spelling(values):
        yield {
            "step": "spell",
            "column": name,
            "values": spelling,
            "count": sum(values[value] for value in spelling),
            "whole": sample.whole,
        }


_CELL_STEPS: Mapping[str, Callable[[str], bool]] = {
    "trim-text": lambda value: value != value.strip(PADDING),
    "collapse-spaces": lambda value: _SPACES.search(value.strip(PADDING)) is not None,
    "normalise-unicode": lambda value: not unicodedata.is_normalized("NFC", value),
    "narrow-digits": lambda value: _WIDE.search(value) is not None,
}


def one_spelling(values: Mapping[str, int]) -> dict[str, str]:
    """For values that differ only in case, spaces, width and full stops: the spelling that most cells have.

    ``values`` are a column's values with how often each stands. Only values with a letter are compared: 1.0 and 10
    are different things.
    """
    if not 1 < len(values) <= MOST_SPELLINGS:
        return {}
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for value, count in values.items():
        if _LETTER.search(value):
            groups[_folded(value)][value] = count
    merged: dict[str, str] = {}
    for group in groups.values():
        # Of spellings as frequent as each other the one without white space around it, then the first by alphabet.
        best = min(group, key=lambda value: (-group[value], value != value.strip(), value))
        merged |= {value: best for value in sorted(group) if value != best}
    return merged if len(merged) <= MOST_MERGED else {}


def _folded(value: str) -> str:
    plain = unicodedata.normalize("NFKC", value).casefold()
    return " ".join(plain.replace(".", " ").replace("_", " ").split())
