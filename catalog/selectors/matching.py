"""Which datasets words are found in: by word first; where that finds nothing by parts of words, then by likeness.

Everything here is a question that an index answers, and what it answered is remembered for as long as no dataset has
changed: whoever looks at the second page of a search, or filters it, asks for the same words again. The words are asked
for in a function of the database (migration 0015), which has the planner use the index. Parts of words are looked for
anywhere, words that are nearly the same in titles. Scripts without spaces between words are searched in pairs of signs
(catalog/unspaced.py).
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable, SearchRank
from django.db import connection, transaction
from django.db.models import F, Q

from catalog.models import Dataset
from catalog.selectors.facet_columns import Columns, Mask
from catalog.unspaced import in_pairs, is_unspaced

SHORTEST_PART = 3
"""Signs that a part of a word has at least: the index is of three at a time."""
TYPO_SIMILARITY = 0.45
REMEMBERED = 40
"""Questions whose rows are remembered: of 100,000 datasets each takes 100 or 200 kB."""
_OPERATORS = re.compile(r'(^|\s)-\w|"')


@dataclass(frozen=True, eq=False)
class Matches:
    """``rows`` of the columns that match; ``in_title`` those with the words in the title. ``asked`` ranks them.

    ``ranks`` are those of the datasets that were ranked for it already, by their ids.
    """

    rows: Mask
    in_title: Mask
    asked: SearchQueryCombinable
    ranks: dict[int, float] = field(default_factory=dict)


_Question = tuple[str, str]
_answers: weakref.WeakKeyDictionary[Columns, dict[_Question, Matches]] = weakref.WeakKeyDictionary()
"""By the columns of one moment: as soon as a dataset has changed there are others, and these are forgotten."""
_turn = threading.Lock()


def find_matches(words: str, columns: Columns, seen: Mask) -> Matches:
    """``words`` is not empty. What is not ``seen`` counts as not found, and may be among the matches all the same."""
    matches = _remembered(columns, ("words", words), lambda: _with_words(words, columns))
    if not (matches.rows & seen).any() and (len(words) >= SHORTEST_PART or is_unspaced(words)):
        matches = _remembered(columns, ("part", words), lambda: _with_part(words, columns, matches))
        # Who writes -word or "a phrase" means it; likeness would bring back what was excluded.
        if not (matches.rows & seen).any() and not _OPERATORS.search(words):
            matches = _remembered(columns, ("alike", words), lambda: _alike(words, columns, matches))
    return matches


def ranks_of(matches: Matches, pks: Sequence[int]) -> dict[int, float]:
    """How well each of these fits: where in it the words stand, and how often."""
    if missing := [pk for pk in pks if pk not in matches.ranks]:
        datasets = Dataset.objects.filter(pk__in=missing).order_by()
        matches.ranks.update(
            datasets.annotate(rank=SearchRank(F("search_vector"), matches.asked)).values_list("pk", "rank")
        )
    return matches.ranks


def _remembered(columns: Columns, question: _Question, answer: Callable[[], Matches]) -> Matches:
    """What this was answered with before; otherwise the answer, in place of the oldest one if there are many."""
    with _turn:
        known = _answers.setdefault(columns, {})
        found = known.get(question)
    if found is None:
        found = answer()
        with _turn:
            while len(known) >= REMEMBERED:
                del known[next(iter(known))]
            known[question] = found
    return found


def _with_words(words: str, columns: Columns) -> Matches:
    wanted = in_pairs(words)
    asked = SearchQuery(wanted, config="english", search_type="websearch") | SearchQuery(
        wanted, config="simple", search_type="websearch"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT anywhere, in_title FROM catalog_datasets_with(%s)", [wanted])
        anywhere, titled = cursor.fetchone()
    return Matches(columns.among(anywhere or []), columns.among(titled or []), asked)


def _with_part(words: str, columns: Columns, found: Matches) -> Matches:
    rows = _found(columns, Q(search_text__contains=words.casefold()))
    return Matches(rows, found.in_title, found.asked)


def _alike(words: str, columns: Columns, found: Matches) -> Matches:
    """Those with a title that nearly has the words. The index knows one limit, which is set for this question alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(TYPO_SIMILARITY)])
        return Matches(_found(columns, Q(title__trigram_word_similar=words)), found.in_title, found.asked)


def _found(columns: Columns, condition: Q) -> Mask:
    return columns.among(list(Dataset.objects.filter(condition).order_by().values_list("pk", flat=True)))
