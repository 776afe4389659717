"""Words that a steward must say of each thing that holds a version: what is missing or misplaced is refused at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from catalog.errors import Invalid

NOTE_LIMIT = 2_000
"""Characters of a steward's note that are kept."""

K = TypeVar("K")
Thing = TypeVar("Thing")
Call = TypeVar("Call")


def settle(
    *,
    known: Mapping[K, Thing],
    said: Mapping[K, Call],
    unknown: Callable[[K], str],
    problem: Callable[[Thing, Call | None], str],
    field: Callable[[K], str],
    refusal: type[Invalid],
    remedy: str,
) -> list[tuple[Thing, Call]]:
    """Each thing with the word on it, in the order of the things; those without a word are left out.

    ``unknown`` is the sentence on a word about a thing that is not there (it is about another version), ``problem``
    what is wrong with the word on a thing, or with there being none; empty where nothing is. ``field`` names the
    thing in the refusal's ``fields``. Raises ``refusal`` with all of the problems.
    """
    problems: dict[str, list[str]] = {field(key): [unknown(key)] for key in said if key not in known}
    for key, thing in known.items():
        sentence = problem(thing, said.get(key))
        if sentence:
            problems[field(key)] = [sentence]
    if problems:
        raise refusal(" ".join(line for lines in problems.values() for line in lines), remedy=remedy, fields=problems)
    return [(thing, said[key]) for key, thing in known.items() if key in said]


def kept_note(note: str) -> str:
    """A note as it is kept with the review and in the manifest."""
    return note.strip()[:NOTE_LIMIT]
