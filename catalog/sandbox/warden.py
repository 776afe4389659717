"""``python -m catalog.sandbox.warden FD LOAD``: loads engines once, forks a cell for each job, watches and buries it.

``LOAD`` is the ``module:function`` that loads them. It has one thread (a fork with more of them may deadlock), no
secret in its environment, and no more life than the process that started it: the end of the socket ``FD`` is its end,
and its cell's. Asked to branch, it forks a warden like itself, with a socket of its own, which has all loaded already.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

from catalog.sandbox import cell, landlock
from catalog.sandbox.census import descendants, private_bytes
from catalog.sandbox.frames import HEADER, MAX_FRAME, body_of, pack, write

TICK_SECONDS = 0.05
_PR_SET_CHILD_SUBREAPER = 36


class Orphaned(Exception):
    """The worker is gone."""


def main(arguments: list[str]) -> None:
    """Serve one request after the other until the worker closes the socket."""
    control = socket.socket(fileno=int(arguments[0]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _adopt()
    cell.resolve(arguments[1])()
    landlock.programs()
    # Collections in a cell would touch, and so copy, every page of what is loaded.
    gc.collect()
    gc.freeze()
    with suppress(Orphaned):
        while True:
            request, fd = _receive(control)
            if request.get("branch"):
                control = _branched(control, fd)
            else:
                with suppress(ConnectionError):
                    write(control.fileno(), pack({"ended": _serve(control, request, fd)}))


def _adopt() -> None:
    """What a cell leaves behind becomes our child, to be ended and reaped here."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _branched(control: socket.socket, fd: int) -> socket.socket:
    """Fork. The child listens to the socket ``fd`` alone; this process goes on as before."""
    pid = os.fork()
    if pid == 0:
        control.close()
        _adopt()
        return socket.socket(fileno=fd)
    os.close(fd)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return control


def _receive(control: socket.socket) -> tuple[dict[str, Any], int]:
    try:
        header, fds, _, _ = socket.recv_fds(control, HEADER.size, 1)
        header += _exactly(control, HEADER.size - len(header))
        (length,) = HEADER.unpack(header)
        if length > MAX_FRAME or len(fds) != 1:
            raise Orphaned
        return body_of(_exactly(control, length)), fds[0]
    except ConnectionError:
        # Whoever was at the other end left while something of ours was on its way there.
        raise Orphaned from None


def _exactly(control: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = control.recv(min(1 << 20, length - len(data)))
        if not piece:
            raise Orphaned
        data += piece
    return bytes(data)


def _serve(control: socket.socket, request: dict[str, Any], answer_fd: int) -> dict[str, Any]:
    life, life_end = os.pipe()
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        control.close()
        cell.enter(request, answer_fd=answer_fd, life_fd=life_end, warden=os.getppid())
    os.close(answer_fd)
    os.close(life_end)
    watch = _Watch(control, life, pid, request["confinement"], begun)
    try:
        return watch.run()
    finally:
        os.close(life)
        _kill(pid)
        # Its end is waited for: looking for what else is left reads all of /proc, and mostly there is nothing.
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        _bury_the_rest()


class _Watch:
    """One cell from its first breath to its last."""

    def __init__(self, control: socket.socket, life: int, pid: int, confinement: dict[str, Any], begun: float) -> None:
        self._control = control
        self._life = life
        self._pid = pid
        self._memory = confinement["memory_bytes"]
        self._begun = begun
        self._deadline = begun + confinement["wall_seconds"]
        self._census_seconds = confinement["census_seconds"]
        self._census_at = begun + self._census_seconds
        self._is_asleep = confinement["is_asleep"]
        self._cause = ""
        self._peak = 0

    def run(self) -> dict[str, Any]:
        """Until it is dead: how it ended, by the kernel's word and by ours. Raises Orphaned."""
        watched: list[Any] = [self._control, self._life]
        tick = TICK_SECONDS
        if self._is_asleep:
            self._sleep()
        while True:
            ready, _, _ = select.select(watched, [], [], tick)
            if self._life in ready:
                # It ends, or it closed what it should not have: from here on the clock tells.
                watched.remove(self._life)
                tick = 0.002
            elif self._life not in watched:
                tick = min(TICK_SECONDS, tick * 2)
            done, status, usage = os.wait4(self._pid, os.WNOHANG)
            if done:
                return self._ended(status, usage)
            if self._control in ready:
                # While a cell lives, no more is said to us than that it waits for work again.
                self._listen()
                self._sleep()
            elif not self._cause:
                self._judge()

    def _sleep(self) -> None:
        """Until it is woken by a byte, or ends. A cell that waits costs no time of the processor's."""
        watched: list[Any] = [self._control, self._life]
        ready, _, _ = select.select(watched, [], [])
        if self._control in ready:
            self._listen()

    def _listen(self) -> None:
        """Hear one byte. Raises Orphaned where it is the worker's end."""
        try:
            if self._control.recv(1):
                return
        except ConnectionError:
            pass
        raise Orphaned

    def _judge(self) -> None:
        now = time.monotonic()
        held = private_bytes(self._pid)
        if now >= self._census_at:
            self._census_at = now + self._census_seconds
            held += sum(private_bytes(other) for other in descendants(self._pid))
        self._peak = max(self._peak, held)
        if held > self._memory:
            self._end("memory")
        elif now > self._deadline:
            self._end("wall")

    def _end(self, cause: str) -> None:
        self._cause = self._cause or cause
        _kill(self._pid)

    def _ended(self, status: int, usage: Any) -> dict[str, Any]:
        unit = 1 if sys.platform == "darwin" else 1 << 10
        return {
            "cause": self._cause,
            "exit": os.waitstatus_to_exitcode(status),
            "peak_bytes": max(self._peak, usage.ru_maxrss * unit),
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "seconds": time.monotonic() - self._begun,
        }


def _kill(pid: int) -> None:
    """End the cell and its session. Its number can't be another's: it is not reaped before this is called."""
    for end in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)


def _bury_the_rest() -> None:
    """End and reap whatever a cell left behind, also in sessions of their own, until nothing is left."""
    while True:
        try:
            done, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not done:
            for pid in descendants(os.getpid()):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)


if __name__ == "__main__":
    main(sys.argv[1:])
    # The interpreter's own end would take all that is loaded apart, object by object, and so copy it: a branch, which
    # shares it with its parent, spent 70 ms of a processor on that, more than on its cell (measured).
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
