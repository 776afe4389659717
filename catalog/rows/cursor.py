"""Where a page of rows ended, so that the next one begins there however far that is: keyset paging.

The cursor is opaque to clients. It carries the question's hash, so that it continues the question that it came from and
no other, and the number of rows that the question leaves, so that they are not counted again for every page.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.hashes import sha256_of_json
from catalog.rows.query import QueryInvalid, RowQuery


@dataclass(frozen=True, slots=True)
class Position:
    """The row of this number; ``value`` is that of the column that is sorted by, as text, None where it is missing."""

    number: int
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    position: Position
    total: int

    def write(self, question: str) -> str:
        """As it stands in an address."""
        data = [question, self.position.number, self.position.value, self.total]
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def read_cursor(text: str, question: str) -> Cursor:
    """Raises QueryInvalid where it is none, or of another question."""
    try:
        data = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        of, number, value, total = data
        is_sound = isinstance(number, int) and isinstance(total, int) and (value is None or isinstance(value, str))
        # What JSON can say and UTF-8 can't is no value of ours.
        (value or "").encode()
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        is_sound, of = False, ""
    if not is_sound or of != question or not 0 <= number < 2**62:
        raise QueryInvalid(
            _("The cursor is not of this question."), remedy=_("Take “next” as it is, or begin without a cursor.")
        )
    return Cursor(Position(number, value), total)


def question_of(query: RowQuery, *, parts: list[str]) -> str:
    """Names what is asked of which bytes; ``parts`` are the sha256 of the table's files."""
    filters = [[item.column, item.operator, item.value] for item in query.filters]
    sort = None if query.sort is None else [query.sort.column, query.sort.descending]
    return sha256_of_json([filters, sort, query.search, parts])[:16]
