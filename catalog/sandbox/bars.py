"""What a cell can't do any more: reach a network, start or signal a process, read the disk beyond what it needs.

Both bars need no privilege, hold for good and for every thread, and cost a few milliseconds. They are Linux'; where
a kernel lacks one, the cell still has its limits, its clean environment and its watcher.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path

from catalog.sandbox import landlock, seccomp

_PR_SET_NO_NEW_PRIVS = 38


def close(*, writable: Path, readable: Sequence[Path]) -> None:
    """Put both bars up around this process, as far as the kernel has them; what it lacks is said on stderr."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    try:
        landlock.restrict(libc, writable=[writable], readable=readable)
    except OSError as error:
        sys.stderr.write(f"The disk is not barred: {error}\n")
    try:
        seccomp.restrict(libc)
    except OSError as error:
        sys.stderr.write(f"Network and processes are not barred: {error}\n")
