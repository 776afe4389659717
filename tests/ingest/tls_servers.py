"""Servers on loopback with an authority of their own, which answer as they are told; for imports."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[socket.socket, bytes], None]


@dataclass
class Authority:
    """A certificate authority in a folder; ``file`` is what a client has to trust."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
        builder = self._builder(self.name, self.key.public_key())
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
        self.file = self.folder / "authority.pem"
        self.file.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))

    def context(self, *hosts: str) -> ssl.SSLContext:
        """A server's side, with a certificate for these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = []
        for host in hosts:
            try:
                names.append(x509.IPAddress(ipaddress.ip_address(host)))
            except ValueError:
                names.append(x509.DNSName(host))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        builder = self._builder(subject, key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
        )
        path = self.folder / f"{hosts[0].replace(':', '_')}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


class Server:
    """Answers each connection by ``answers`` (path → what is done with the socket); remembers what was asked.

    ``settings`` are those of a site that may import from it, for whoever starts one.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._context = context
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.answers: dict[str, Answer] = {}
        self.settings: dict[str, str] = {}
        self.requests: list[bytes] = []
        self.names: list[str | None] = []
        if context is not None:
            context.sni_callback = lambda _sock, name, _context: self.names.append(name)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for thread in self._threads:
            thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=(plain,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, plain: socket.socket) -> None:
        try:
            plain.settimeout(20)
            with plain, self._context.wrap_socket(plain, server_side=True) if self._context else plain as sock:
                request = b""
                while b"\r\n\r\n" not in request and (piece := sock.recv(65_536)):
                    request += piece
                self.requests.append(request)
                path = request.split(b" ")[1].decode() if request else ""
                self.answers[path.partition("?")[0]](sock, request)
                if isinstance(sock, ssl.SSLSocket):
                    sock.unwrap()
        except (OSError, KeyError):
            return


def reply(body: bytes = b"", *, status: str = "200 OK", length: int | None = -1, **headers: str) -> Answer:
    """An answer with a body. ``length`` None leaves Content-Length out; -1 says the true one."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length == -1 else length}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return lambda sock, _: sock.sendall(head + body)


def lead_to(url: str, status: str = "302 Found") -> Answer:
    return reply(status=status, Location=url)
