"""Landlock by its three system calls (https://docs.kernel.org/userspace-api/landlock.html): files within reach.

Without it, a parser that was taken over could read the worker's environment in /proc, and the secrets in it.
"""

from __future__ import annotations

import ctypes
import functools
import os
import site
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_RULE_PATH_BENEATH = 1
_GET_VERSION = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
# The rights that each version of the interface knows: the first 13; renaming over folders; truncating; devices.
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_RIGHTS = (1 << 16) - 1

# Time zones, the linker's cache, the number of processors: what libraries look for on their own.
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/localtime", "/etc/ld.so.cache", "/sys/devices/system/cpu", "/sys/fs/cgroup")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def restrict(libc: Any, *, writable: Iterable[Path], readable: Iterable[Path]) -> None:
    """From now on this process reads ``readable`` and the programs, writes ``writable``, and that is all.

    Raises OSError where the kernel has no Landlock.
    """
    version = _call(libc, _CREATE, None, 0, _GET_VERSION)
    rights = _RIGHTS.get(version, _ALL_RIGHTS)
    # TCP (version 4), signals and abstract sockets (version 6) are refused without any rule that lets them through.
    ruleset = _Ruleset(rights, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    fd = _call(libc, _CREATE, ctypes.byref(ruleset), size, 0)
    try:
        for path in (*programs(), Path(f"/proc/{os.getpid()}"), *readable):
            _allow(libc, fd, path, rights & (_EXECUTE | _READ_FILE | _READ_DIR))
        for path in (*map(Path, _DEVICES), *writable):
            _allow(libc, fd, path, rights)
        _call(libc, _RESTRICT, fd, 0)
    finally:
        os.close(fd)


@functools.cache
def programs() -> tuple[Path, ...]:
    """Where the interpreter, its libraries and our own packages lie. Never the folder that holds our packages.

    That folder may hold ``var`` with the secrets of an installation. Found once, by the warden: looking through all
    modules in each cell, whose memory is its warden's until it is touched, took 4 ms of a processor.
    """
    found = [Path(path) for path in (*_SYSTEM, sys.prefix, sys.base_prefix, *site.getsitepackages())]
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if "." not in name and file and Path(file).name == "__init__.py":
            found.append(Path(file).parent)
    return tuple(found)


def _allow(libc: Any, ruleset: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # What is not there needs no right.
    try:
        allowed = rights if path.is_dir() else rights & _FILE_RIGHTS
        rule = _PathBeneath(allowed, parent)
        _call(libc, _ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def _call(libc: Any, number: int, *arguments: Any) -> int:
    # Numbers are passed as longs: a system call reads whole registers.
    given: Sequence[Any] = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *given)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return result
