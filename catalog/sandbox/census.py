"""Who descends from a process, and how much memory each has to itself."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

_PRIVATE = ("RssAnon:", "RssShmem:", "VmSwap:")


def private_bytes(pid: int) -> int:
    """Anonymous, shared-memory and swapped bytes of a process; 0 when it is gone.

    Pages of files are left out: the kernel takes them back when it needs them, so that mapping a large file is no
    sin.
    """
    if sys.platform != "linux":
        try:
            return int(psutil.Process(pid).memory_info().rss)
        except psutil.Error:
            return 0
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(_PRIVATE))


def descendants(pid: int) -> list[int]:
    """All processes that the process started, and that these started; none when it is gone."""
    try:
        return [item.pid for item in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []
