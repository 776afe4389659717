"""PostgreSQL refuses to run as root: when we are root, its server runs as a system user of its own."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from deploy.embedded.errors import FolderUnusable
from deploy.embedded.process import SystemUser

NAME = "commonfield"
_FALLBACKS = ("postgres", "nobody")


def find_system_user(*, owner_of: Path) -> SystemUser | None:
    """Return who the server runs as; None if we are not root and it runs as us.

    Data that are there keep their owner. Otherwise the user `commonfield` is made; where users can't be made
    (an image without useradd, a read-only /etc) one that every system has is taken.
    Raises FolderUnusable if there is none.
    """
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError, KeyError):
        if owner := owner_of.stat().st_uid:
            return _as_user(pwd.getpwuid(owner))
    with suppress(KeyError):
        return _as_user(pwd.getpwnam(NAME))
    with suppress(OSError, subprocess.CalledProcessError, KeyError):
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
        subprocess.run(command, check=True, capture_output=True)
        return _as_user(pwd.getpwnam(NAME))
    for name in _FALLBACKS:
        with suppress(KeyError):
            return _as_user(pwd.getpwnam(name))
    raise FolderUnusable("PostgreSQL can't run as root and no system user can be made. Run as an ordinary user.")


def _as_user(entry: pwd.struct_passwd) -> SystemUser:
    return SystemUser(uid=entry.pw_uid, gid=entry.pw_gid)


def open_the_way(folders: Iterable[Path], *, user: SystemUser) -> list[Path]:
    """Let the user pass through every folder above `folders`; return those that had to be changed.

    Only the right to pass (o+x) is added, never the right to list or read. Raises FolderUnusable.
    """
    changed = []
    for folder in folders:
        for parent in reversed(folder.resolve().parents):
            mode = parent.stat()
            if _may_pass(mode, user):
                continue
            try:
                parent.chmod(stat.S_IMODE(mode.st_mode) | stat.S_IXOTH)
            except OSError as error:
                raise FolderUnusable(f"PostgreSQL's user can't pass through {parent}: {error.strerror}.") from error
            changed.append(parent)
    return changed


def _may_pass(mode: os.stat_result, user: SystemUser) -> bool:
    if mode.st_uid == user.uid:
        return bool(mode.st_mode & stat.S_IXUSR)
    if mode.st_gid == user.gid:
        return bool(mode.st_mode & stat.S_IXGRP)
    return bool(mode.st_mode & stat.S_IXOTH)
