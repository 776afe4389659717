"""A worker's folder on local disk: made for one attempt, gone after it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from catalog import storage


@contextmanager
def workspace(kind: str, job: object) -> Iterator[Path]:
    """A new folder for this attempt at a job; what a killed attempt at the same job left is removed first."""
    root = Path(settings.VAR_DIR) / "work" / kind
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f"{job}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{job}-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fetch(
    key: str,
    target: Path,
    *,
    progress: Callable[[int], None] = lambda _: None,
    seen: Callable[[bytes], object] = lambda _: None,
) -> Path:
    """Copy an object to a local file, a MiB at a time; ``progress`` is told the bytes so far, ``seen`` gets them all.

    Raises ObjectMissing, StorageUnavailable.
    """
    done = 0
    with target.open("wb") as file:
        for chunk in storage.stream(key):
            file.write(chunk)
            seen(chunk)
            done += len(chunk)
            progress(done)
    return target
