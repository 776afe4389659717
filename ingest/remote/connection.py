"""One connection to one address that was looked at, with the clock running."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from ingest.remote.address import Target
from ingest.remote.policy import Policy

USER_AGENT = "Commonfield-Import/1"


class Clock:
    """Ends a connection when its time is up, whatever it waits for: also a server that sends a byte a minute."""

    def __init__(self, sock: socket.socket) -> None:
        # TLS takes the descriptor over into a socket of its own, which is then the one to end.
        self.sock = sock
        self.rang = False
        self._timer: threading.Timer | None = None

    def set(self, seconds: float) -> None:
        """Ring after so many seconds from now; what was set before is forgotten."""
        self.stop()
        self._timer = threading.Timer(max(0.0, seconds), self._ring)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _ring(self) -> None:
        self.rang = True
        with suppress(OSError):
            # The plain shutdown: TLS' own would first take away what the reading thread is using.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


@contextmanager
def connected(
    target: Target, addresses: Sequence[str], policy: Policy
) -> Iterator[tuple[http.client.HTTPConnection, Clock]]:
    """A connection to the first of ``addresses`` that answers, under the target's name.

    The name is not resolved again: it stands in the TLS handshake, where the certificate must be its own, and in the
    Host header. Raises OSError (ssl.SSLError among them).
    """
    sock: socket.socket = _connect(addresses, target.port, policy.connect_seconds)
    clock = Clock(sock)
    try:
        sock.settimeout(policy.idle_seconds)
        clock.set(policy.header_seconds)
        if target.scheme == "https":
            secure = _tls(sock, target.host, policy)
            clock.sock = sock = secure
            secure.do_handshake()
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = sock
        try:
            yield connection, clock
        finally:
            connection.close()
    finally:
        clock.stop()
        sock.close()


def _connect(addresses: Sequence[str], port: int, seconds: float) -> socket.socket:
    error: OSError = OSError("it has no address")
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(seconds)
            sock.connect((address, port))
        except OSError as refusal:
            sock.close()
            error = refusal
            continue
        return sock
    raise error


def _tls(plain: socket.socket, host: str, policy: Policy) -> ssl.SSLSocket:
    """The socket under TLS, before the handshake: that is to happen with the clock on it."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if policy.authority:
        context.load_verify_locations(policy.authority)
    # A body that ends without a word may have been cut off: then the end must be said.
    return context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False, do_handshake_on_connect=False)
