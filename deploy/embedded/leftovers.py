"""Processes that a killed supervisor left behind: found by their pid files, ended before a new start.

A pid alone says nothing after a restart of the machine or the container, so the start time stands beside it.
"""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from pathlib import Path

import psutil


def record(*, pid: int, pid_file: Path) -> None:
    """Write down a process that we started."""
    with suppress(psutil.NoSuchProcess):
        pid_file.write_text(json.dumps({"pid": pid, "started": psutil.Process(pid).create_time()}))


def find(pid_file: Path) -> psutil.Process | None:
    """Return the recorded process if it still runs; None for a stale, torn or missing file."""
    try:
        noted = json.loads(pid_file.read_text())
        process = psutil.Process(int(noted["pid"]))
        same = abs(process.create_time() - float(noted["started"])) < 0.5
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def end(process: psutil.Process, *, by: signal.Signals, grace: float) -> None:
    """Ask a process to end, wait `grace` seconds, kill it."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(by)
        try:
            process.wait(grace)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)


def clear(pid_file: Path, *, by: signal.Signals, grace: float) -> None:
    """End the process of a pid file if it is still there, and forget the file."""
    process = find(pid_file)
    if process is not None:
        end(process, by=by, grace=grace)
    pid_file.unlink(missing_ok=True)
