"""A cell may crash, hang, swell or lie; the worker goes on, knows how it ended, and nothing is left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from catalog.sandbox.confinement import MIB, Confinement
from catalog.sandbox.keeper import Cause, Ending, Job, Keeper, WardenLost
from ingest.sandbox.parse import LOAD

LIMITS = Confinement(memory_bytes=300 * MIB, cpu_seconds=20, wall_seconds=60, file_bytes=8 * MIB)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    own = Keeper(LOAD)
    yield own
    own.close()


@pytest.fixture
def job(tmp_path: Path):
    def make(rogue: str, payload: object = None, **limits: object) -> Job:
        confinement = Confinement(**{**{name: getattr(LIMITS, name) for name in LIMITS.__slots__}, **limits})
        target = f"tests.ingest.rogues:{rogue}"
        return Job(target=target, payload=payload, folder=tmp_path / "cell", confinement=confinement)

    return make


def warden_of(keeper: Keeper) -> psutil.Process:
    assert keeper._process is not None
    return psutil.Process(keeper._process.pid)


def assert_nothing_left(keeper: Keeper) -> None:
    assert warden_of(keeper).children(recursive=True) == []


def test_an_answer_and_what_was_reported_on_the_way(keeper, job):
    said = []
    ending = keeper.run(job("echo", {"text": "ж\ud800"}), on_progress=said.append)
    assert (ending.cause, ending.answer, said) == (Cause.DONE, {"text": "ж\ud800"}, [{"seen": {"text": "ж\ud800"}}])
    assert 10 * MIB < ending.peak_bytes < 1_000 * MIB
    assert 0 < ending.cpu_seconds <= ending.seconds + 1


@pytest.mark.parametrize(
    ("rogue", "limits", "cause", "detail"),
    [
        ("segfault", {}, Cause.CRASHED, "SIGSEGV"),
        ("abort", {}, Cause.CRASHED, "SIGABRT"),
        ("leave_silently", {}, Cause.CRASHED, "exit code 0, without a word"),
        ("leave_with_a_code", {}, Cause.CRASHED, "exit code 3"),
        ("kill_itself", {}, Cause.KILLED, "SIGKILL"),
        ("raise_an_error", {}, Cause.ERROR, "LookupError: no such thing"),
        ("allocate_without_end", {}, Cause.MEMORY, ""),
        ("allocate_addresses", {}, Cause.MEMORY, ""),
        ("loop_for_ever", {"cpu_seconds": 1}, Cause.CPU, ""),
        ("sleep_for_ever", {"wall_seconds": 1}, Cause.WALL, ""),
        ("loop_for_ever", {"wall_seconds": 1}, Cause.WALL, ""),
        ("write_a_huge_file", {}, Cause.DISK, "File too large"),
        ("print_much", {}, Cause.DISK, "File too large"),
        ("open_many_files", {"open_files": 64}, Cause.ERROR, "Too many open files"),
        ("say_garbage", {}, Cause.CRASHED, "no message"),
        ("say_too_much", {}, Cause.CRASHED, "no message"),
        ("say_half", {}, Cause.CRASHED, "without a word"),
        ("say_a_list", {}, Cause.CRASHED, "no message"),
        ("answer_twice", {}, Cause.CRASHED, "no message"),
        ("close_all", {"wall_seconds": 1}, Cause.WALL, ""),
        ("no_such_rogue", {}, Cause.CRASHED, "exit code 70"),
    ],
)
def test_how_a_cell_ends(keeper, job, rogue, limits, cause, detail):
    begun = time.monotonic()
    ending = keeper.run(job(rogue, **limits))
    assert (ending.cause, ending.answer) == (cause, None), ending
    assert detail in ending.detail
    assert time.monotonic() - begun < 30
    # The next one is served all the same.
    assert keeper.run(job("echo", 5)).answer == 5
    assert_nothing_left(keeper)


def test_what_is_swollen_is_ended_near_its_limit(keeper, job):
    ending = keeper.run(job("allocate_without_end"))
    assert LIMITS.memory_bytes < ending.peak_bytes < 3 * LIMITS.memory_bytes


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's bars are Linux'")
def test_what_a_cell_may_not_do(keeper, job, tmp_path):
    secret = tmp_path / "elsewhere" / "secret"
    secret.parent.mkdir()
    secret.write_text("of the site")
    with socket.create_server(("127.0.0.1", 0)) as server:
        payload = {"port": server.getsockname()[1], "worker": os.getpid(), "secret": str(secret)}
        ending = keeper.run(job("try_what_is_barred", payload))
    assert ending.cause is Cause.DONE, ending
    assert ending.answer == dict.fromkeys(ending.answer, "PermissionError")
    assert len(ending.answer) == 14
    assert secret.read_text() == "of the site"


@pytest.mark.parametrize("barred", [True, False])
def test_what_a_parse_needs_is_there(keeper, job, tmp_path, barred):
    source = tmp_path / "source"
    source.write_text("a,b\n")
    asked = job("use_what_is_allowed", {"source": str(source)}, barred=barred)
    ending = keeper.run(Job(**{**{n: getattr(asked, n) for n in asked.__slots__}, "readable": [source]}))
    assert ending.answer == ["a,b\n", 499_999_500_000, True, 4], ending


def test_the_environment_holds_no_secret(keeper, job):
    ending = keeper.run(job("environment"))
    assert set(ending.answer) <= {
        *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TZDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR"),
        *("PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "JE_ARROW_MALLOC_CONF"),
    }
    secrets = [os.environ["DATABASE_URL"], os.environ["S3_SECRET_ACCESS_KEY"], os.environ["SECRET_KEY"]]
    assert not any(secret in value for secret in secrets for value in ending.answer.values())


def test_processes_that_a_cell_leaves_are_ended(keeper, job):
    """Where the kernel has no bars, a cell may start others, also in sessions of their own."""
    ending = keeper.run(job("fork", barred=False))
    assert ending.cause is Cause.DONE
    assert not psutil.pid_exists(ending.answer)
    assert_nothing_left(keeper)


def test_the_memory_of_what_a_cell_starts_counts(keeper, job):
    assert keeper.run(job("swell_in_a_child", barred=False)).cause is Cause.MEMORY
    assert_nothing_left(keeper)


class LostInterest(Exception):
    pass


def test_a_worker_that_loses_interest_ends_its_cell(job):
    keeper = Keeper(LOAD)
    cells = []

    def tick() -> None:
        cells[:] = warden_of(keeper).children() or cells
        if cells:
            raise LostInterest

    with pytest.raises(LostInterest):
        keeper.run(job("sleep_for_ever"), tick=tick)
    assert [cell for cell in cells if cell.is_running() and cell.status() != psutil.STATUS_ZOMBIE] == []
    assert keeper.run(job("echo", 1)).answer == 1
    keeper.close()


def test_a_warden_that_is_killed_takes_its_cell_along(job):
    keeper = Keeper(LOAD)
    cells = []

    def kill_the_warden(_: object) -> None:
        cells.extend(warden_of(keeper).children())
        warden_of(keeper).kill()

    with pytest.raises(WardenLost):
        keeper.run(job("sleep_for_ever"), on_progress=kill_the_warden)
    psutil.wait_procs(cells, timeout=10)
    assert [cell for cell in cells if cell.is_running()] == []
    assert keeper.run(job("echo", 1)).answer == 1
    keeper.close()


WORKER = """
import sys
from pathlib import Path
from catalog.sandbox.keeper import Job, Keeper
from ingest.sandbox.parse import LOAD
keeper = Keeper(LOAD)
job = Job(target="tests.ingest.rogues:sleep_for_ever", payload=None, folder=Path(sys.argv[1]))
keeper.run(job, on_progress=lambda _: print("asleep", flush=True))
"""


def test_a_killed_worker_leaves_no_process(tmp_path):
    command = [sys.executable, "-c", WORKER, str(tmp_path / "cell")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"asleep\n"
    family = psutil.Process(worker.pid).children(recursive=True)
    assert len(family) == 2
    worker.kill()
    worker.wait()
    worker.stdout.close()
    psutil.wait_procs(family, timeout=10)
    assert [process for process in family if process.is_running()] == []


def test_a_cell_that_is_killed_from_outside_is_told_from_a_crash(keeper, job):
    def kill(_: object) -> None:
        for cell in warden_of(keeper).children():
            cell.kill()

    ending: Ending = keeper.run(job("sleep_for_ever"), on_progress=kill)
    assert ending.cause is Cause.KILLED
