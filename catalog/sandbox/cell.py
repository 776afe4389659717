"""What a forked process does to itself before it touches a stranger's file: limits, bars, and one answer."""

from __future__ import annotations

import ctypes
import errno
import faulthandler
import fcntl
import importlib
import os
import resource
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from catalog.sandbox import bars
from catalog.sandbox.codec import decode
from catalog.sandbox.confinement import GIB, Confinement
from catalog.sandbox.frames import pack, write

LOG = "parser.log"
"""What the parse and its native libraries print; its end goes to the log of whoever asked when it crashes."""
NO_ANSWER = 70
_PR_SET_PDEATHSIG = 1


def enter(request: dict[str, Any], *, answer_fd: int, life_fd: int, warden: int) -> NoReturn:
    """Become the cell, run the target and end. ``life_fd`` stays open as long as the cell lives."""
    try:
        confinement: Confinement = decode(Confinement, request["confinement"])
        folder = Path(request["folder"])
        _tie_to(warden)
        target = resolve(request["target"])
        _settle(folder, answer_fd, life_fd)
        _limit(confinement)
        if confinement.barred:
            bars.close(writable=folder, readable=[Path(path) for path in request["readable"]])
        _set_threads(confinement.threads)
        _answer(target, request["payload"])
    except BaseException:  # noqa: BLE001 -- whatever it was, this process must not go on as a second warden.
        traceback.print_exc()
        os._exit(NO_ANSWER)
    os._exit(0)


def _tie_to(warden: int) -> None:
    """A session of its own, to be ended with whatever it starts; and a life no longer than its parent's."""
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != warden:
        os._exit(NO_ANSWER)


ANSWER = 3
"""The descriptor of a job's own pipe or socket in its cell."""
_LIFE = 4


def _settle(folder: Path, answer_fd: int, life_fd: int) -> None:
    """Leave it no descriptor but its own, and a folder to be in."""
    high_answer, high_life = (fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for fd in (answer_fd, life_fd))
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, place in ((null, 0), (log, 1), (log, 2), (high_answer, ANSWER), (high_life, _LIFE)):
        os.dup2(source, place, inheritable=False)
    os.closerange(_LIFE + 1, 65_536)
    faulthandler.enable(file=2)
    os.umask(0o077)
    os.chdir(folder)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None


def _limit(confinement: Confinement) -> None:
    """The kernel's own limits. The memory that counts is watched by the warden: here is only a wall far behind it.

    Arrow's allocator reserves a GiB of addresses at once (measured), which RLIMIT_DATA counts as if it were used.
    """
    wanted = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (confinement.cpu_seconds, confinement.cpu_seconds + 5),
        resource.RLIMIT_FSIZE: (confinement.file_bytes, confinement.file_bytes),
        resource.RLIMIT_NOFILE: (confinement.open_files, confinement.open_files),
        resource.RLIMIT_DATA: (2 * confinement.memory_bytes + 2 * GIB,) * 2,
    }
    for kind, (soft, hard) in wanted.items():
        _, allowed = resource.getrlimit(kind)
        most = hard if allowed == resource.RLIM_INFINITY else min(hard, allowed)
        resource.setrlimit(kind, (min(soft, most), most))
    with suppress(OSError):
        # Should the machine run out of memory all the same, then this is what goes, and not a server.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")


def resolve(target: str) -> Any:
    """The function at ``module:function``."""
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _set_threads(threads: int) -> None:
    if arrow := sys.modules.get("pyarrow"):
        arrow.set_cpu_count(threads)


def _answer(target: Any, payload: Any) -> None:
    def report(progress: Any) -> None:
        write(ANSWER, pack({"progress": progress}))

    try:
        message = {"answer": target(payload, report)}
    except MemoryError as error:
        message = {"failed": {"cause": "memory", "text": str(error)}}
    except Exception as error:  # noqa: BLE001 -- told to the worker, whose fault it is
        full = isinstance(error, OSError) and error.errno == errno.EFBIG
        text = "".join(traceback.format_exception(error))[-4_000:]
        message = {"failed": {"cause": "disk" if full else "error", "text": text}}
    write(ANSWER, pack(message))
