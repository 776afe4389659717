"""What a parser that was taken over, or a native library that went wrong, might do. Run in cells by the tests only."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct
import sys
import threading
import time
from pathlib import Path

from ingest.sandbox.parse import parse

ANSWER_FD = 3


def echo(payload, report):
    report({"seen": payload})
    return payload


def environment(payload, report):
    return dict(os.environ)


def segfault(payload, report):
    ctypes.string_at(0)


def abort(payload, report):
    os.abort()


def leave_silently(payload, report):
    os._exit(0)


def leave_with_a_code(payload, report):
    os._exit(3)


def kill_itself(payload, report):
    os.kill(os.getpid(), signal.SIGKILL)


def raise_an_error(payload, report):
    raise LookupError("no such thing")


def allocate_without_end(payload, report):
    held = []
    while True:
        held.append(bytearray(os.urandom(1 << 20)) * 16)


def allocate_addresses(payload, report):
    bytearray(1 << 40)


def loop_for_ever(payload, report):
    while True:
        pass


def sleep_for_ever(payload, report):
    report("asleep")
    while True:
        time.sleep(60)


def hang(payload, report):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def write_a_huge_file(payload, report):
    with Path("huge").open("wb") as file:
        while True:
            file.write(b"x" * (1 << 20))


def open_many_files(payload, report):
    return len([Path("many").open("ab") for _ in range(10_000)])


def print_much(payload, report):
    while True:
        print("x" * (1 << 20), flush=True)  # noqa: T201


def say_garbage(payload, report):
    os.write(ANSWER_FD, b"\0" * 6 + struct.pack(">H", 9) + b"\xff garbage")
    time.sleep(60)


def say_too_much(payload, report):
    os.write(ANSWER_FD, struct.pack(">Q", 1 << 40) + b"x")
    time.sleep(60)


def say_half(payload, report):
    os.write(ANSWER_FD, struct.pack(">Q", 100) + b"x")
    os._exit(0)


def say_a_list(payload, report):
    os.write(ANSWER_FD, struct.pack(">Q", 2) + b"[]")
    time.sleep(60)


def answer_twice(payload, report):
    os.write(ANSWER_FD, struct.pack(">Q", 12) + b'{"answer":1}')
    return 2


def close_all(payload, report):
    os.closerange(3, 100)
    time.sleep(60)


def fork(payload, report):
    """A child in a session of its own, which outlives its parent."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() == 0:
            Path("grandchild").write_text(str(os.getpid()))
            time.sleep(600)
        os._exit(0)
    os.waitpid(pid, 0)
    while not Path("grandchild").exists():
        time.sleep(0.01)
    return int(Path("grandchild").read_text() or "0")


def swell_in_a_child(payload, report):
    if os.fork() == 0:
        allocate_without_end(payload, report)
    while True:
        time.sleep(60)


def try_what_is_barred(payload, report):
    """Each attempt and how it was refused; whatever succeeds stands as "done"."""
    libc = ctypes.CDLL(None, use_errno=True)

    def vfork():
        if libc.syscall(57 if os.uname().machine == "x86_64" else 1_000) < 0:
            raise OSError(ctypes.get_errno(), "vfork")

    attempts = {
        "socket": lambda: socket.create_connection(("127.0.0.1", payload["port"]), 1),
        "unix": lambda: socket.socket(socket.AF_UNIX).connect(payload["secret"]),
        "fork": os.fork,
        "vfork": vfork,
        "exec": lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"]),  # noqa: S606
        "spawn": lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", "pass"], {}),
        "signal": lambda: os.kill(payload["worker"], 0),
        "environ": lambda: Path(f"/proc/{payload['worker']}/environ").read_bytes(),
        "memory": lambda: Path(f"/proc/{payload['worker']}/mem").open("rb").close(),
        "read": lambda: Path(payload["secret"]).read_bytes(),
        "list": lambda: list(Path(payload["secret"]).parent.iterdir()),
        "write": lambda: Path(payload["secret"]).with_name("new").write_bytes(b"x"),
        "delete": lambda: Path(payload["secret"]).unlink(),
        "passwd": lambda: Path("/etc/passwd").read_bytes(),
    }
    found = {}
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError as error:
            found[name] = type(error).__name__
        else:
            found[name] = "done"
    return found


def use_what_is_allowed(payload, report):
    """Threads, files of one's own, the source, the clock: a parse needs them."""
    done = []
    thread = threading.Thread(target=lambda: done.append(Path(payload["source"]).read_text()))
    thread.start()
    thread.join()
    Path("own").mkdir()
    Path("own/file").write_text(done[0])
    Path("own/file").rename("file")
    import pyarrow as pa
    import pyarrow.compute as pc

    return [Path("file").read_text(), pc.sum(pa.array(range(1_000_000))).as_py(), time.time() > 0, len(os.urandom(4))]


# ------------------------------------------------------------------------------- in place of the pipeline
def crash_at_first(payload, report):
    """Dies in the first try and is the pipeline in the second."""
    if Path.cwd().name == "try-1":
        segfault(payload, report)
    return parse(payload, report)


def killed_at_first(payload, report):
    if Path.cwd().name == "try-1":
        kill_itself(payload, report)
    return parse(payload, report)


def swell_at_first(payload, report):
    """Needs more memory than the first try has, and less than the second."""
    held = b"x" * (450 << 20)
    return parse(payload, report) if held else None


def lie(payload, report):
    """The pipeline's own outcome, with what ``filename`` says changed in it."""
    outcome = parse(payload, report)
    folder = Path(payload["workdir"])
    resource = outcome["resources"][0]
    part = resource["parts"][0]
    path = Path(part["path"])
    lies = {
        "path": lambda: part.update(path="/etc/hostname"),
        "climb": lambda: part.update(path=str(folder / ".." / ".." / "source.csv")),
        "link": lambda: (path.rename(folder / "moved"), path.symlink_to(payload["source"])),
        "folder": lambda: part.update(path=str(folder)),
        "gone": path.unlink,
        "part": lambda: part.update(sha256="0" * 64),
        "bytes": lambda: part.update(bytes=part["bytes"] + 1),
        "rows": lambda: resource.update(rows=resource["rows"] + 1),
        "name": lambda: resource.update(name="../../elsewhere"),
        "whole": lambda: outcome.update(sha256="0" * 64),
        "type": lambda: outcome.update({"$type": "Path"}),
        "extra": lambda: outcome.update(more=1),
        "kind": lambda: resource.update(rows="3"),
        "findings": lambda: resource.update(findings={**resource["findings"], "path": "/etc/hostname"}),
        "progress": lambda: report({"$type": "Progress", "stage": "?", "bytes": 0, "total_bytes": 0, "rows": 0}),
        "truth": lambda: None,
    }
    lies[payload["filename"].removesuffix(".csv")]()
    return outcome
