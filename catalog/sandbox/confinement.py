"""How much one parse may take, all limits in one value."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20
GIB = 1 << 30
LONGEST_SECONDS = 9_000
"""CPU seconds that no setting exceeds: two tries have to end before the task's own limit of six hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """Limits of one parse. ``memory_bytes`` is what it has to itself (anonymous, shared and swapped pages).

    ``file_bytes`` is the size of each file that it writes. ``threads`` are those of Arrow's pool. ``barred`` takes
    network, other processes and the rest of the disk away, where the kernel can do that. Processes that it started
    are looked for every ``census_seconds``, which reads all of /proc. One that ``is_asleep`` waits for its work and is
    not watched before it is woken.
    """

    memory_bytes: int = 2 * GIB
    cpu_seconds: int = 600
    wall_seconds: int = 1_500
    file_bytes: int = 80 * GIB
    open_files: int = 1_024
    threads: int = 1
    barred: bool = True
    census_seconds: float = 0.5
    is_asleep: bool = False


def seconds_for(size: int, *, base: int, per_gb: int) -> int:
    """CPU seconds that a file of ``size`` bytes may take."""
    return min(LONGEST_SECONDS, base + size * per_gb // 1000**3)


def wall_for(cpu_seconds: int) -> int:
    """Seconds on the clock for so many of the processor: a busy machine is not the file's fault."""
    return min(cpu_seconds * 2 + 300, LONGEST_SECONDS + 800)
