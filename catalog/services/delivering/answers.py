"""An answer as a whole, in memory while small and on disk otherwise: what it is can be said before its first byte."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import IO

from django.conf import settings

from catalog.querying.asking import Asking, QueryFailed, TableFiles
from catalog.querying.messages import End, Question

_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Collected:
    """``file`` stands at its beginning, and is closed by whoever sends it."""

    file: IO[bytes]
    bytes: int
    end: End


def collect(
    question: Question, tables: Sequence[TableFiles], *, tenant: str = "", tick: Callable[[], None] = lambda: None
) -> Collected:
    """Have it answered in a cell, within the site's limits; ``tenant`` as of Asking. Raises as Asking does."""
    with Asking(tenant=tenant, tick=tick) as asking:
        return collected(asking, question, tables)


def collected(asking: Asking, question: Question, tables: Sequence[TableFiles]) -> Collected:
    """The same in a cell that has read the question's text."""
    rows = settings.QUERY_ROWS if question.max_rows is None else min(question.max_rows, settings.QUERY_ROWS)
    limited = replace(question, max_rows=rows, max_bytes=settings.QUERY_BYTES)
    return _gathered(asking, asking.answer(limited, tables))


def _gathered(asking: Asking, pieces: Iterable[bytes]) -> Collected:
    file: IO[bytes] = io.BytesIO()
    size = 0
    with ExitStack() as stack:
        for piece in pieces:
            if size <= _IN_MEMORY < size + len(piece):
                file = stack.enter_context(_on_disk(file))
            size += file.write(piece)
        if asking.end is None:
            raise QueryFailed
        file.seek(0)
        stack.pop_all()
        return Collected(file, size, asking.end)


def _on_disk(held: IO[bytes]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the caller closes it
    held.seek(0)
    shutil.copyfileobj(held, file)
    return file
