"""Do the locked requirements still fit pyproject.toml? `python -m deploy.requirements` says what does not.

The lock holds names, versions and hashes, and nothing else: no address of any registry.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BASE_DIR = Path(__file__).resolve().parent.parent
LOCKS: dict[str, tuple[str, ...]] = {"requirements/base.txt": (), "requirements/dev.txt": ("embedded", "dev")}
GROUPS: dict[str, str] = {
    "requirements/clients.txt": "clients",
    "requirements/specifications.txt": "specifications",
}
"""Locks of environments of their own, with the group of pyproject.toml that each holds and nothing of ours."""


def read_lock(text: str) -> dict[str, str]:
    """Return version by name of every pinned package."""
    pins = (line.partition(" ")[0].partition("==") for line in text.splitlines() if line[:1].isalnum())
    return {canonicalize_name(name): version for name, equals, version in pins if equals}


def find_faults(asked: Iterable[str], lock: str) -> Iterator[str]:
    """Yield a line for everything that is not in the lock as asked, and for what the lock must not hold."""
    pinned = read_lock(lock)
    for line in asked:
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"{requirement.name} is not in the lock"
        elif not requirement.specifier.contains(version, prereleases=True):
            yield f"{requirement.name} is locked at {version}, but {requirement.specifier} is asked for"
    yield from (f"line {number} holds an address" for number, line in enumerate(lock.splitlines(), 1) if "://" in line)
    blocks = lock.replace("\\\n", " ").splitlines()
    yield from (f"{block.split()[0]} has no hash" for block in blocks if block[:1].isalnum() and "--hash" not in block)


def check_locks(root: Path = BASE_DIR) -> list[str]:
    """Return what is wrong with the project's locks, one line each."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text())
    project = pyproject["project"]
    faults = []
    for name, extras in LOCKS.items():
        asked = [*project["dependencies"]]
        for extra in extras:
            asked += project["optional-dependencies"][extra]
        faults += [f"{name}: {fault}" for fault in find_faults(asked, (root / name).read_text())]
    for name, group in GROUPS.items():
        found = find_faults(pyproject["dependency-groups"][group], (root / name).read_text())
        faults += [f"{name}: {fault}" for fault in found]
    return faults


def main() -> int:
    """Print the faults; 1 if there are any."""
    faults = check_locks()
    if faults:
        sys.stderr.write("\n".join([*faults, "Run `make lock`."]) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
