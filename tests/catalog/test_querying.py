"""The cells themselves: what a query could reach if its text were not looked at, and how it is ended."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from django.conf import settings as site

from catalog.actor import Actor
from catalog.querying.asking import Asking, QueryRefused, QueryStopped, QueryTooLarge
from catalog.querying.messages import Question
from catalog.querying.presence import watch
from catalog.querying.running import running, stop
from catalog.querying.slots import TooBusy, slot
from catalog.sandbox.keeper import keeper

ENDLESS = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"


def answer(sql: str, **more: object) -> bytes:
    with Asking(**more) as asking:
        return b"".join(asking.answer(Question(sql=sql, format="csv"), []))


def cells() -> list[psutil.Process]:
    """The wardens' branches and their cells; the first warden stays."""
    keeper("catalog.querying.cell:load").warm()
    ours = [item for item in psutil.Process().children() if "catalog.querying.cell:load" in item.cmdline()]
    found = [item for warden in ours for item in warden.children(recursive=True)]
    # A branch that ended is buried by the warden when it makes the next one.
    return [item for item in found if item.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/proc/self/environ')",
        "SELECT * FROM read_blob('/proc/1/cmdline')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM 'https://127.0.0.1:1/x.parquet'",
        "SELECT * FROM read_parquet('../../../preview/*.parquet')",
        "SELECT * FROM duckdb_secrets() WHERE error(current_setting('s3_secret_access_key')) = 1",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT getenv('PATH')",
        "FROM cells",
    ],
)
def test_the_engine_itself_lets_nothing_out(sql):
    """What the statement's check would refuse is put to the engine: the second wall stands without the first."""
    with pytest.raises(QueryRefused) as refused:
        answer(sql)
    assert "root:" not in refused.value.sentence
    assert str(site.VAR_DIR) not in refused.value.sentence


@pytest.mark.usefixtures("no_cells")
def test_a_cell_ends_with_its_question():
    assert answer("SELECT 1 AS a") == b"a\r\n1\r\n"
    until = time.monotonic() + 10
    while cells() and time.monotonic() < until:
        time.sleep(0.02)
    assert cells() == []
    assert not list((site.VAR_DIR / "querying" / "seats").glob(f"{os.getpid()}-*"))


def test_cells_share_an_engine_and_nothing_random():
    """They are forked with one engine in them: its own connection would say the same in each."""
    found = [answer("SELECT random(), uuid(), current_setting('TimeZone')") for _ in range(3)]
    assert len(set(found)) == 3
    assert all(b",UTC" in item for item in found)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_warden_is_light_and_has_one_thread():
    """A fork with a second thread may deadlock, and each fork costs what the warden has in memory."""
    answer("SELECT 1 AS a")
    keeper("catalog.querying.cell:load").warm()
    wardens = [item for item in psutil.Process().children() if "catalog.querying.cell:load" in item.cmdline()]
    assert [item.num_threads() for item in wardens] == [1] * len(wardens)
    assert wardens
    for item in wardens:
        assert "pyarrow" in (loaded := Path(f"/proc/{item.pid}/maps").read_text())
        assert "/pandas/" not in loaded


def test_whoever_asked_may_stop_a_query_and_nobody_else():
    asker, other = Actor(None, address="192.0.2.1"), Actor(None, address="192.0.2.2")
    begun, tried = time.monotonic(), []

    def tick() -> None:
        tried.append(stop("my-query-1", other))
        stop("my-query-1", asker)

    with (
        pytest.raises(QueryStopped),
        running("my-query-1", asker, tick=tick) as look,
        Asking(tick=look) as asking,
    ):
        list(asking.answer(Question(sql=ENDLESS, format="csv"), []))
    assert time.monotonic() - begun < 15
    assert set(tried) == {False}
    assert stop("my-query-1", asker) is False


def test_a_query_ends_when_the_client_hangs_up():
    ours, theirs = socket.socketpair()
    with ours:
        look = watch({"gunicorn.socket": ours})
        look()
        theirs.sendall(b"more")
        look()
        theirs.close()
        assert ours.recv(10) == b"more"
        with pytest.raises(QueryStopped):
            answer(ENDLESS, tick=look)


def test_time_is_limited():
    with pytest.raises(QueryTooLarge, match="longer than 1 seconds"):
        answer(ENDLESS, seconds=1)


def test_who_came_first_has_the_next_slot(tmp_path):
    served, waiting = [], []

    def wait(number: int) -> None:
        with slot(tmp_path, lane="query", count=1, seconds=20):
            served.append(number)

    with slot(tmp_path, lane="query", count=1, seconds=0):
        for number in range(8):
            waiting.append(threading.Thread(target=wait, args=[number]))
            waiting[-1].start()
            time.sleep(0.02)
        assert served == []
    for thread in waiting:
        thread.join()
    assert served == list(range(8))


def test_slots_are_few_and_given_back(tmp_path):
    with slot(tmp_path, lane="query", count=2, seconds=0), slot(tmp_path, lane="query", count=2, seconds=0):
        with pytest.raises(TooBusy), slot(tmp_path, lane="query", count=2, seconds=0.02):
            raise AssertionError("a third")
        with slot(tmp_path, lane="export", count=1, seconds=0):
            pass
    with slot(tmp_path, lane="query", count=1, seconds=0):
        pass
