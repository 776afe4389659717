"""Who waits for a slot: in the order of coming, whatever process they are in, and nobody who is no more."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from catalog.querying.slots import TooBusy, slot

# Each line that it is told starts so many who wait; each writes its name while it has the slot.
OTHERS = """
import sys, threading, time
from pathlib import Path
from catalog.querying.slots import slot
folder, log = Path(sys.argv[1]), Path(sys.argv[2])
def wait(name):
    with slot(folder, lane="query", count=1, seconds=60), log.open("a") as said:
        said.write(name + "\\n")
for line in sys.stdin:
    for name in line.split():
        had = len(list((folder / "query-line").glob("[0-9]*")))
        threading.Thread(target=wait, args=(name,)).start()
        while len(list((folder / "query-line").glob("[0-9]*"))) == had:
            time.sleep(0.01)
    print("waiting", flush=True)
"""


def others(folder: Path, log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OTHERS, str(folder), str(log)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def have_wait(process: subprocess.Popen[str], names: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{names}\n")
    process.stdin.flush()
    assert process.stdout.readline() == "waiting\n"


def tickets(folder: Path) -> int:
    return len(list((folder / "query-line").glob("[0-9]*")))


def until(so_many: int, folder: Path) -> None:
    end = time.monotonic() + 30
    while tickets(folder) != so_many:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_process_of_few_who_wait_is_not_served_before_one_of_many(tmp_path):
    log = tmp_path / "log"
    with others(tmp_path, log) as process, slot(tmp_path, lane="query", count=1, seconds=0):
        have_wait(process, "a b c")
        until(3, tmp_path)

        def wait() -> None:
            with slot(tmp_path, lane="query", count=1, seconds=60), log.open("a") as said:
                said.write("ours\n")

        ours = threading.Thread(target=wait)
        ours.start()
        until(4, tmp_path)
        have_wait(process, "d e")
        until(6, tmp_path)
    ours.join()
    assert log.read_text().split() == ["a", "b", "c", "ours", "d", "e"]
    assert tickets(tmp_path) == 0


def test_who_was_killed_holds_nobody_up(tmp_path):
    with others(tmp_path, tmp_path / "log") as process:
        with slot(tmp_path, lane="query", count=1, seconds=0):
            have_wait(process, "a b")
            until(2, tmp_path)
            process.kill()
            process.wait()
        with slot(tmp_path, lane="query", count=1, seconds=0):
            pass
    assert tickets(tmp_path) == 0


def test_nobody_who_comes_goes_before_those_who_wait(tmp_path):
    with others(tmp_path, tmp_path / "log") as process, slot(tmp_path, lane="query", count=1, seconds=0):
        have_wait(process, "a")
        until(1, tmp_path)
        # A second slot is opened, which is whoever's waits, also if they have not looked yet.
        process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(TooBusy), slot(tmp_path, lane="query", count=2, seconds=0.1):
                raise AssertionError("before its turn")
        finally:
            process.send_signal(signal.SIGCONT)


def test_many_who_come_at_once_are_all_served(tmp_path):
    """Their order in a process is that of their tickets: else the first of each waits for the other."""
    served, refused, together = [], [], threading.Barrier(30)

    def wait(number: int) -> None:
        together.wait()
        try:
            with slot(tmp_path, lane="query", count=2, seconds=15):
                served.append(number)
        except TooBusy:
            refused.append(number)

    for _ in range(5):
        threads = [threading.Thread(target=wait, args=(number,)) for number in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert refused == []
    assert len(served) == 150
