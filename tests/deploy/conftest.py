"""A folder for real servers."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def var() -> Iterator[Path]:
    """Yield a folder that does not exist yet, where PostgreSQL's own user can reach it if we are root.

    Not under tmp_path: every pytest session of the same user closes pytest's folder to others again.
    """
    folder = Path(tempfile.mkdtemp(prefix="commonfield-deploy-"))
    folder.chmod(0o711)
    yield folder / "var"
    remove_sockets(folder / "var" / "seaweedfs" / "ports.json")
    shutil.rmtree(folder, ignore_errors=True)


def remove_sockets(ports_file: Path) -> None:
    """Remove what SeaweedFS leaves in /tmp when it is killed together with its supervisor."""
    if ports_file.exists():
        ports = set(map(str, json.loads(ports_file.read_text()).values()))
        for socket in Path("/tmp").glob("seaweedfs-*.sock"):  # noqa: S108
            if socket.stem.rpartition("-")[2] in ports:
                socket.unlink(missing_ok=True)
