"""What runs in a cell: reads statements and answers questions, until it is large or nobody is there any more."""

from __future__ import annotations

import errno
import functools
import re
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from catalog.querying.engine import aliased, columns_of, open_engine, replace_relations, shut_in
from catalog.querying.messages import Column, End, Question, Relation, Wrong, gettext_noop
from catalog.querying.statement import Statement, StatementRefused, read_statement, write_statement
from catalog.querying.writers import write_answer
from catalog.sandbox.cell import ANSWER
from catalog.sandbox.codec import decode, encode
from catalog.sandbox.frames import FrameReader, pack, write

LOAD = f"{__name__}:load"
TARGET = f"{__name__}:serve"
_LARGE = 256 << 20
"""Bytes that a cell that stays has at most had at any time. Some 100 MB are what it shares with its warden."""
_PATH = re.compile(r"(/[\w.\-]+){2,}")


def load() -> None:
    """What the warden loads is this module, what it imports, and an engine, which its cells get with the fork.

    It has one thread and nothing else in it. The one that DuckDB opens by itself when it is imported has as many
    threads as the machine has processors, and is ended: with a second thread a fork may deadlock.
    """
    duckdb.default_connection().close()
    _engine()


@functools.cache
def _engine() -> duckdb.DuckDBPyConnection:
    return open_engine()


def serve(payload: dict[str, Any], _report: Callable[[Any], None]) -> None:
    """Get ready, then answer what is asked until the other side is gone, or has what it wants.

    A cell that took much memory, or whose question failed, ends with that; the others wait for another question.
    """
    folder = Path(payload["folder"])
    connection = shut_in(
        _engine(),
        memory=payload["memory"],
        temporary=folder / "tmp",
        temporary_bytes=payload["temporary_bytes"],
        readable=folder / "in",
    )
    _say({"ready": True})
    _Service(connection).run()


class _Service:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._statement: Statement | None = None
        self._relations: tuple[Relation, ...] = ()

    def run(self) -> None:
        for message in _heard():
            try:
                if self._do(message):
                    return
            except StatementRefused as refused:
                _say_wrong(Wrong("invalid", refused.sentence, refused.remedy, refused.is_escape))
            except (duckdb.OutOfMemoryException, MemoryError):
                _say_wrong(Wrong("memory", gettext_noop("The query needs more memory than one may use.")))
            except duckdb.Error as error:
                _say_wrong(_of_engine(error))
            except OSError as error:
                if error.errno not in {errno.EFBIG, errno.ENOSPC}:
                    raise
                _say_wrong(Wrong("disk", gettext_noop("The answer is larger than one may be.")))

    def _do(self, message: dict[str, Any]) -> bool:
        if "read" in message:
            self._statement = read_statement(str(message["read"]), by=self._connection)
            _say({"read": {"tables": list(self._statement.tables), "stable": self._statement.is_stable}})
            return False
        if "write" in message and self._statement is not None:
            text = write_statement(self._statement, full=message["write"], by=self._connection)
            _say({"written": text})
            return False
        return not self._answer(decode(Question, message["answer"]))

    def _answer(self, question: Question) -> bool:
        """Whether there is an answer to the next one, too."""
        resource.setrlimit(
            resource.RLIMIT_CPU,
            (_spent() + question.cpu_seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]),
        )
        if question.relations != self._relations:
            replace_relations(self._connection, self._relations, question.relations)
            self._relations = question.relations
        columns = columns_of(self._connection, question.sql)
        if question.names:
            columns = tuple(Column(name, item.type) for name, item in zip(question.names, columns, strict=True))
        rows, partial = write_answer(self._connection, question, columns=columns, known=aliased(columns), send=_send)
        stays = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10 < _LARGE
        _say({"end": encode(End(rows, partial, columns, stays))})
        return stays


def _spent() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int(used.ru_utime + used.ru_stime)


def _of_engine(error: duckdb.Error) -> Wrong:
    """The engine's sentence for the author of the query, without what it says of our files."""
    text = str(error).split("\n\nLINE ")[0].strip()
    if isinstance(error, duckdb.IOException) and "max_temp_directory_size" in text:
        return Wrong("disk", gettext_noop("The query needs more temporary space than one may use."))
    if isinstance(error, duckdb.PermissionException):
        return Wrong("invalid", gettext_noop("Files can't be read from a query."), is_escape=True)
    if isinstance(error, duckdb.IOException | duckdb.InternalException | duckdb.FatalException):
        return Wrong("broken", gettext_noop("The tables can't be read."))
    if "\n" in text:
        text = text.split("\n")[0]
    return Wrong("invalid", _PATH.sub("…", text)[:1_000])


def _heard() -> Iterator[dict[str, Any]]:
    reader = FrameReader(ANSWER)
    while not reader.ended:
        yield from reader.read()


def _say(message: dict[str, Any]) -> None:
    write(ANSWER, pack(message))


def _say_wrong(wrong: Wrong) -> None:
    _say({"wrong": encode(wrong)})


def _send(piece: bytes | memoryview) -> None:
    if len(piece):
        _say({"piece": len(piece)})
        view = memoryview(piece)
        while view:
            from_here = view[: 1 << 20]
            write(ANSWER, from_here)  # type: ignore[arg-type]
            view = view[len(from_here) :]
