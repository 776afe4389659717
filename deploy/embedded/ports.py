"""Which ports the embedded servers listen on (loopback only)."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from deploy.embedded.errors import PortInUse, SettingInvalid

LOOPBACK = "127.0.0.1"
# Below the range from which the kernel takes ports for outgoing connections: those come and go.
_FREE_RANGE = range(20_000, 32_000)


@dataclass(frozen=True, kw_only=True)
class Ports:
    """One port a server. The defaults are not the servers' own, which are often in use."""

    postgres: int = 15432
    valkey: int = 16379
    s3: int = 18333

    @classmethod
    def free(cls) -> Ports:
        """Choose three ports that are free now; for tests."""
        postgres, valkey, s3 = free_ports(3)
        return cls(postgres=postgres, valkey=valkey, s3=s3)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Ports:
        """Read COMMONFIELD_POSTGRES_PORT, COMMONFIELD_VALKEY_PORT and COMMONFIELD_S3_PORT.

        Raises SettingInvalid for what is not a port.
        """
        chosen = {
            name: _read_port(f"COMMONFIELD_{name.upper()}_PORT", environment)
            for name in ("postgres", "valkey", "s3")
            if environment.get(f"COMMONFIELD_{name.upper()}_PORT")
        }
        return cls(**chosen)


def _read_port(variable: str, environment: Mapping[str, str]) -> int:
    value = environment[variable]
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise SettingInvalid(f"{variable} is {value!r}; give a port number from 1 to 65535.")
    return int(value)


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    """Say whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections of a server that just ended linger for a minute; they do not keep a new one away.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that are free now."""
    shuffled = secrets.SystemRandom().sample(_FREE_RANGE, k=len(_FREE_RANGE))
    return list(islice(filter(is_free, shuffled), count))


def require_free(port: int, *, server: str, remedy: str, host: str = LOOPBACK) -> None:
    """Raise PortInUse, which says what to do, if somebody listens on the port."""
    if not is_free(port, host=host):
        raise PortInUse(server=server, port=port, remedy=remedy)
