"""Which datasets words are found in: by word first; where that finds nothing by parts of words, then by likeness.

Everything here is a question that an index answers; the words are asked for in a function of the database (migration
0015), which has the planner use it. Parts of words are looked for anywhere, words that are nearly the
same in titles. Scripts without spaces between words are searched in pairs of signs (catalog/unspaced.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable, SearchRank
from django.db import connection, transaction
from django.db.models import F, Q

from catalog.models import Dataset
from catalog.selectors.facet_columns import Columns, Mask
from catalog.unspaced import in_pairs, is_unspaced

SHORTEST_PART = 3
"""Signs that a part of a word has at least: the index is of three at a time."""
TYPO_SIMILARITY = 0.45
_OPERATORS = re.compile(r'(^|\s)-\w|"')


@dataclass(frozen=True, eq=False)
class Matches:
    """``rows`` of the columns that match; ``in_title`` those with the words in the title. ``asked`` ranks them."""

    rows: Mask
    in_title: Mask
    asked: SearchQueryCombinable


def find_matches(words: str, columns: Columns, seen: Mask) -> Matches:
    """``words`` is not empty. What is not ``seen`` counts as not found, and may be among the matches all the same."""
    wanted = in_pairs(words)
    asked = SearchQuery(wanted, config="english", search_type="websearch") | SearchQuery(
        wanted, config="simple", search_type="websearch"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT anywhere, in_title FROM catalog_datasets_with(%s)", [wanted])
        anywhere, titled = cursor.fetchone()
    rows, in_title = columns.among(anywhere or []), columns.among(titled or [])
    if not (rows & seen).any() and (len(words) >= SHORTEST_PART or is_unspaced(words)):
        rows = _found(columns, Q(search_text__contains=words.casefold()))
        # Who writes -word or "a phrase" means it; likeness would bring back what was excluded.
        if not (rows & seen).any() and not _OPERATORS.search(words):
            rows = _alike(columns, words)
    return Matches(rows, in_title, asked)


def ranks_of(matches: Matches, pks: Sequence[int]) -> dict[int, float]:
    """How well each of these fits: where in it the words stand, and how often."""
    ranked = Dataset.objects.filter(pk__in=pks).order_by().annotate(rank=SearchRank(F("search_vector"), matches.asked))
    return dict(ranked.values_list("pk", "rank"))


def _alike(columns: Columns, words: str) -> Mask:
    """Those with a title that nearly has the words. The index knows one limit, which is set for this question alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(TYPO_SIMILARITY)])
        return _found(columns, Q(title__trigram_word_similar=words))


def _found(columns: Columns, condition: Q) -> Mask:
    return columns.among(list(Dataset.objects.filter(condition).order_by().values_list("pk", flat=True)))
