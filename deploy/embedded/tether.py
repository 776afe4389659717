"""Become another program that cannot outlive its starter.

Run as a script, by path, in an isolated interpreter: `tether.py STARTER SIGNAL UID GID PROGRAM [ARGUMENT…]`.
STARTER is the pid of the process that must stay alive, SIGNAL what the kernel sends when it is gone; UID and
GID are -1 to stay who we are. A script and not `preexec_fn`, because code between fork and exec may
deadlock in a program with threads. macOS has no death signal: there, what a killed supervisor leaves is ended
at the next start (leftovers.py).
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _tie(death_signal: int) -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def main(arguments: list[str]) -> None:
    """Change the user, tie the process to its starter, and become the program. Does not return."""
    starter, death_signal, uid, gid = (int(number) for number in arguments[:4])
    program = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # The kernel forgets the death signal when the user changes, so it is set after that.
    _tie(death_signal)
    if os.getppid() != starter:
        # The starter died before the signal was set: nobody would end us.
        sys.exit(1)
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
