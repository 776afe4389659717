"""One question to a cell, from the web's side: a turn, a seat, the files, the answer, and an end in any case."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.connections import give_back_connections
from catalog.errors import Invalid, TooLarge, Unavailable
from catalog.querying.messages import End, Question, Relation, Wrong
from catalog.querying.seat import Asked, CellLost, Limits, Seat, TimeUp
from catalog.querying.seats import Seats, seats
from catalog.querying.slots import Lane, slot
from catalog.sandbox.codec import NotOfType, decode, encode
from catalog.sandbox.keeper import Cause
from catalog.transport.object_cache import CachedObject, ObjectDamaged, held

_CPU_SECONDS = 10**6
Tick = Callable[[], None]
_T = TypeVar("_T")


class QueryRefused(Invalid):
    """The query can't be answered as it is. ``is_escape`` in ``wrong``: it asked for more than tables."""

    code = "query-refused"
    title = gettext_lazy("This query is not answered")

    def __init__(self, wrong: Wrong) -> None:
        # A cell knows no language: its fixed sentences are in the catalogue, the engine's own are passed on.
        super().__init__(_(wrong.sentence), remedy=_(wrong.remedy) if wrong.remedy else "")
        self.wrong = wrong


class FormatUnknown(Invalid):
    code = "format-unknown"
    title = gettext_lazy("There is no such format")


class QueryTooLarge(TooLarge):
    """Over the limits of time, memory or disk."""

    code = "query-too-large"
    title = gettext_lazy("This query needs more than one may use")


class QueryFailed(Unavailable):
    """Our fault, or a kill from outside; the same question may be answered the next time."""

    code = "query-failed"
    title = gettext_lazy("The query could not be answered")


class QueryStopped(Exception):
    """Nobody waits for the answer any more: the client is gone, or it was cancelled."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a query's text says: its tables as they are written, and whether it always answers the same."""

    tables: tuple[str, ...]
    is_stable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """A table of a question: its name in the SQL, its Parquet objects in order; ``starts`` as of a Relation."""

    name: str
    objects: Sequence[CachedObject]
    starts: tuple[int, ...] = ()


class Asking:
    """A question from its turn to its end; to be used as a context. ``tick`` is called some ten times a second.

    What it raises ends the question. ``tenant`` names who asks: the cell may then answer the next question of the same
    one over the same files; without it, it answers nobody else. All methods raise QueryRefused, QueryTooLarge,
    QueryFailed.
    """

    def __init__(
        self, lane: Lane = "query", *, tenant: str = "", seconds: float | None = None, tick: Tick = lambda: None
    ) -> None:
        self._lane: Lane = lane
        usual = settings.QUERY_SECONDS if lane == "query" else settings.EXPORT_SECONDS
        self._seconds = usual if seconds is None else seconds
        self._tick = tick
        self._tenant = tenant
        self._stack = ExitStack()
        self._deadline = 0.0
        self._seat: Seat | None = None
        self.end: End | None = None

    def __enter__(self) -> Self:
        give_back_connections()
        count = settings.QUERY_SLOTS if self._lane == "query" else settings.EXPORT_SLOTS
        wait = settings.QUERY_WAIT_SECONDS
        with ExitStack() as stack:
            stack.enter_context(slot(_root() / "slots", lane=self._lane, count=count, seconds=wait, tick=self._tick))
            own = _own_seats()
            stack.callback(own.fill)
            self._seat = own.take_again(self._tenant) if self._tenant else None
            stack.callback(self._leave)
            self._deadline = time.monotonic() + self._seconds
            if self._seat is None:
                self._take_another()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End it, also before its answer is there. A second call does nothing."""
        self._stack.close()

    def read(self, text: str) -> Read:
        """Have a query's text read."""
        self._say({"read": text})
        found = self._hear("read")
        if not isinstance(found, dict) or not isinstance(found.get("tables"), list):
            raise QueryFailed
        return Read(tuple(str(name) for name in found["tables"]), found.get("stable") is True)

    def write(self, full: Mapping[str, str]) -> str:
        """The query that was read with its tables under their full names: what runs, and what is cited."""
        self._say({"write": dict(full)})
        return str(self._hear("written"))

    def answer(self, question: Question, tables: Sequence[TableFiles]) -> Iterator[bytes]:
        """The bytes of the answer as they come; ``end`` is there when they have. Also raises ObjectDamaged."""
        self._sit_by(tables)
        relations = tuple(self._given(table, number) for number, table in enumerate(tables))
        cpu = int(min(max(self._deadline - time.monotonic(), 1) + 5, _CPU_SECONDS))
        asked = Question(
            sql=question.sql,
            format=question.format,
            relations=relations,
            names=question.names,
            max_rows=question.max_rows,
            max_bytes=question.max_bytes,
            faithful=question.faithful,
            shape=question.shape,
            cpu_seconds=cpu,
        )
        give_back_connections()
        self._say({"answer": encode(asked)})
        seat = self._require_seat()
        while True:
            message = self._message()
            if "piece" in message:
                yield from self._guarded(seat.pieces(int(message["piece"]), deadline=self._deadline, tick=self._tick))
            elif "end" in message:
                try:
                    self.end = decode(End, message["end"])
                except NotOfType:
                    raise QueryFailed from None
                return

    def _sit_by(self, tables: Sequence[TableFiles]) -> None:
        """Have a cell that holds these files and no others; one that has other files is left."""
        wanted = tuple(tuple(item.sha256 for item in table.objects) for table in tables)
        seat = self._require_seat()
        if seat.given not in {None, wanted}:
            seat.close()
            seat = self._take_another()
        for number, table in enumerate(tables):
            for place, item in enumerate(table.objects):
                self._tick()
                there = _place(seat, number, place)
                if seat.given is not None:
                    # It is the cache's own file by another name: what is used is not dropped from there.
                    os.utime(there)
                    continue
                with held(item) as path:
                    os.link(path, there)
        seat.given = wanted

    def _given(self, table: TableFiles, number: int) -> Relation:
        seat = self._require_seat()
        files = tuple(str(_place(seat, number, place)) for place in range(len(table.objects)))
        return Relation(name=table.name, files=files, starts=table.starts)

    def _take_another(self) -> Seat:
        """A cell that nobody had, once it is ready."""
        try:
            self._seat = _own_seats().take()
        except CellLost as lost:
            raise _of_lost(lost, self._seconds) from None
        self._hear("ready")
        return self._seat

    def _leave(self) -> None:
        """Keep the cell for the same asker's next question, or end it, whatever it does."""
        seat, self._seat = self._seat, None
        if seat is None:
            return
        if self._tenant and self.end is not None and self.end.stays:
            _own_seats().park(self._tenant, seat)
        else:
            seat.close()

    def _say(self, message: dict[str, Any]) -> None:
        try:
            self._require_seat().say(message)
        except CellLost as lost:
            raise _of_lost(lost, self._seconds) from None

    def _hear(self, key: str) -> object:
        message = self._message()
        if key not in message:
            raise QueryFailed
        return message[key]

    def _message(self) -> dict[str, Any]:
        for message in self._guarded(self._one()):
            return message
        raise QueryFailed

    def _one(self) -> Iterator[dict[str, Any]]:
        yield self._require_seat().hear(deadline=self._deadline, tick=self._tick)

    def _guarded(self, items: Iterator[_T]) -> Iterator[_T]:
        try:
            yield from items
        except Asked as asked:
            raise _of_wrong(asked.wrong) from None
        except TimeUp:
            raise _too_long(self._seconds) from None
        except CellLost as lost:
            raise _of_lost(lost, self._seconds) from None

    def _require_seat(self) -> Seat:
        if self._seat is None:
            raise QueryFailed
        return self._seat


def warm() -> None:
    """Have this process' cells made, so that its first question does not wait for that."""
    _own_seats().fill()


def _place(seat: Seat, number: int, place: int) -> Path:
    """Where in the cell's folder a table's file lies."""
    return seat.readable / f"{number}-{place}.parquet"


def _root() -> Path:
    return Path(settings.VAR_DIR) / "querying"


def _own_seats() -> Seats:
    limits = Limits(
        memory=settings.QUERY_MEMORY_BYTES, temporary=settings.QUERY_TEMPORARY_BYTES, cpu_seconds=_CPU_SECONDS
    )
    return seats(_root() / "seats", limits, spare=settings.QUERY_SPARES, kept=settings.QUERY_KEPT)


def _of_wrong(wrong: Wrong) -> Exception:
    if wrong.code == "invalid":
        return QueryRefused(wrong)
    if wrong.code == "broken":
        return ObjectDamaged(_(wrong.sentence), remedy=_("Try again; if it stays, tell the operators."))
    remedy = _("Ask for fewer rows or columns, filter before you join or sort, or download the tables.")
    return QueryTooLarge(_(wrong.sentence), remedy=remedy)


def _of_lost(lost: CellLost, seconds: float) -> Exception:
    if lost.cause is Cause.CPU:
        return _too_long(seconds)
    if lost.cause is Cause.MEMORY:
        return _of_wrong(Wrong("memory", "The query needs more memory than one may use."))
    if lost.cause is Cause.DISK:
        return _of_wrong(Wrong("disk", "The query needs more temporary space than one may use."))
    return QueryFailed(_("The process that was to answer ended without an answer."), remedy=_("Try again."))


def _too_long(seconds: float) -> QueryTooLarge:
    remedy = _("Filter before you join or sort, ask for fewer rows, or download the tables.")
    return QueryTooLarge(_("It takes longer than %(seconds)s seconds.") % {"seconds": f"{seconds:.0f}"}, remedy=remedy)
