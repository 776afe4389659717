"""A seccomp filter (https://docs.kernel.org/userspace-api/seccomp_filter.html): no sockets, no other processes.

System calls that a parse has no use for fail with EPERM, so that a library which only tries goes on. Threads are
allowed, processes are not; signals may be sent to oneself.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER_AT, _ARCH_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000

# Numbers that are the same everywhere: pidfd_send_signal, io_uring_*, open_tree, move_mount, fsopen, fsconfig, fsmount,
# fspick, pidfd_open, pidfd_getfd, process_madvise, mount_setattr.
_DENIED_EVERYWHERE = (424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442)
_CLONE3 = 435


@dataclass(frozen=True, slots=True)
class _Machine:
    """``to_self`` take a process as their first argument, which has to be ours (prlimit64: 0)."""

    arch: int
    clone: int
    to_self: tuple[int, ...]
    prlimit: int
    denied: tuple[int, ...]


# Denied: socket, connect, accept, bind, listen, accept4; fork, vfork; execve, execveat; tkill, rt_sigqueueinfo,
# rt_tgsigqueueinfo; ptrace, process_vm_readv, process_vm_writev, kcmp; mount, umount2, chroot, pivot_root, unshare,
# setns, open_by_handle_at; init_module, finit_module, kexec_load; add_key, request_key, keyctl; perf_event_open, bpf,
# userfaultfd. To oneself: kill, tgkill.
_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        56,
        (62, 234),
        302,
        (
            *(41, 42, 43, 49, 50, 288, 57, 58, 59, 322, 200, 129, 297, 101, 310, 311, 312),
            *(165, 166, 161, 155, 272, 308, 304, 175, 313, 246, 248, 249, 250, 298, 321, 323),
        ),
    ),
    "aarch64": _Machine(
        0xC00000B7,
        220,
        (129, 131),
        261,
        (
            *(198, 203, 202, 200, 201, 242, 221, 281, 130, 138, 240, 117, 270, 271, 272),
            *(40, 39, 51, 41, 97, 268, 265, 105, 273, 104, 217, 218, 219, 241, 280, 282),
        ),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def restrict(libc: Any) -> None:
    """Put the filter on this process for good. Raises OSError where that can't be."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, f"no filter is written for {platform.machine()}")
    code = b"".join(_filter(machine, os.getpid()))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def _filter(machine: _Machine, own: int) -> Iterator[bytes]:
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    allow = _step(_RETURN, _ALLOW)
    yield _step(_LOAD, _ARCH_AT)
    yield _step(_EQUAL, machine.arch, 1, 0)
    yield refuse
    yield _step(_LOAD, _NUMBER_AT)
    if machine.arch == _MACHINES["x86_64"].arch:
        yield _step(_AT_LEAST, _X32, 0, 1)
        yield refuse
    for number in (*machine.denied, *_DENIED_EVERYWHERE):
        yield _step(_EQUAL, number, 0, 1)
        yield refuse
    # The C library then makes its threads with clone, whose flags can be looked at.
    yield _step(_EQUAL, _CLONE3, 0, 1)
    yield _step(_RETURN, _ERRNO | errno.ENOSYS)
    asked = [(machine.clone, _ANY_BIT, _CLONE_THREAD), (machine.prlimit, _EQUAL, 0)]
    asked += [(number, _EQUAL, own) for number in machine.to_self]
    for number, test, value in asked:
        yield _step(_EQUAL, number, 0, 4)
        yield _step(_LOAD, _FIRST_ARGUMENT_AT)
        yield _step(test, value, 1, 0)
        yield refuse
        yield allow
    yield allow


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One struct sock_filter."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
