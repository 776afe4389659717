"""One program of ours: started with a log, tied to our life, ended in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded import leftovers

_TETHER = Path(__file__).with_name("tether.py")
LOG_LIMIT_BYTES = 10 * 1000**2


@dataclass(frozen=True, kw_only=True)
class SystemUser:
    """Who a program runs as when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True)
class Command:
    """How to start a program. `environment` is complete: nothing is inherited."""

    argv: list[str]
    environment: Mapping[str, str]
    folder: Path
    user: SystemUser | None = None

    def tethered(self, death_signal: signal.Signals = signal.SIGKILL) -> list[str]:
        """Return the argument list that starts the program through tether.py, tied to this process."""
        who = (str(self.user.uid), str(self.user.gid)) if self.user else ("-1", "-1")
        # The isolated interpreter reads neither site-packages nor the environment: 20 ms instead of 200.
        python = [sys.executable, "-I", "-S", str(_TETHER)]
        return [*python, str(os.getpid()), str(int(death_signal)), *who, *self.argv]


@dataclass(kw_only=True)
class Process:
    """A running (or ended) program. `pid_file` lets the next start find it if we are killed.

    `stop_signal` asks it to end; after `grace` seconds its whole process group is killed. `death_signal` is
    what the kernel sends it when we are gone.
    """

    command: Command
    log: Path
    pid_file: Path
    stop_signal: signal.Signals
    death_signal: signal.Signals
    grace: float
    _popen: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        _rotate(self.log)
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.command.tethered(self.death_signal),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.command.environment),
                cwd=self.command.folder,
                # Ctrl-C in a terminal goes to the whole group: only we are to hear it and to end them.
                start_new_session=True,
            )
        leftovers.record(pid=self._popen.pid, pid_file=self.pid_file)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while the program runs."""
        return self._popen.poll()

    def ask_to_stop(self) -> None:
        """Send the stop signal, if the program still runs."""
        if self.exit_code is None:
            self._popen.send_signal(self.stop_signal)

    def finish(self, *, deadline: float) -> None:
        """Wait until `deadline` (of time.monotonic), then kill the program and whatever it started."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(0.0, deadline - time.monotonic()))
        # Also after a clean end: a master that crashed may have left children in its group.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self.pid_file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Ask, wait for the grace, kill."""
        self.ask_to_stop()
        self.finish(deadline=time.monotonic() + self.grace)


def _rotate(log: Path) -> None:
    """Keep one older log: a server that restarts for ever must not fill the disk."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))


def last_lines(log: Path, *, count: int = 8, since: int = 0) -> list[str]:
    """Return the last lines of a log, read from byte `since`; none if there is no log."""
    with suppress(FileNotFoundError), log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(since if since <= size else 0, size - 16_384))
        text = file.read().decode("utf-8", errors="replace")
        return [line.rstrip()[:300] for line in text.splitlines() if line.strip()][-count:]
    return []
