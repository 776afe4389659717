"""What an address names, and whether it leads to the open internet."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from ingest.remote.policy import Policy, not_allowed

URL_LIMIT = 2_000
_DEFAULT_PORTS = {"https": 443, "http": 80}
_SECRET_NAME = re.compile(r"sig|token|key|secret|password|passwd|auth|credential|session|code", re.IGNORECASE)
# IPv6 is open within 2000::/3 only, and of that these are not: tunnels that lead to any IPv4 address, documentation.
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# Beside what Python 3.11 already calls not global (IANA's special-purpose registry).
_CLOSED_V4 = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "0.0.0.0/8")))

Resolver = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. ``host`` is in ASCII and without brackets, ``path`` with its query."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_url(url: str, policy: Policy) -> Target:
    """Take an address apart. Raises ImportRefusedError for what is no address, or none that is allowed by its form."""
    if len(url) > URL_LIMIT:
        raise not_allowed(f"{url[:80]}…", f"it is longer than {URL_LIMIT} characters")
    if any(ord(letter) <= 32 or letter == "\\" or 127 <= ord(letter) < 160 for letter in url):
        raise not_allowed(shown(url), "it has a space or a character that no address has")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise not_allowed(shown(url), "it is no address") from None
    if parts.scheme not in policy.schemes:
        raise not_allowed(shown(url), f"it does not begin with {' or '.join(sorted(policy.schemes))}://")
    if "@" in parts.netloc:
        raise not_allowed(shown(url), "it has a name or password before the host")
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if port not in policy.ports:
        raise not_allowed(shown(url), f"port {port} is not asked")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=-._~?')}" if parts.query else ""
    return Target(url, parts.scheme, _ascii(host, url), port, path + query)


def _ascii(host: str, url: str) -> str:
    try:
        name = host if ":" in host else host.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not name or "%" in name or len(name) > 253:
        raise not_allowed(shown(url), "it has no host that can be asked for")
    return name


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host. Raises OSError. What looks like a number is taken as the system takes it: 127.1 too."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def require_open(target: Target, addresses: Sequence[str], policy: Policy) -> list[str]:
    """The addresses, if all of them lead to the open internet or to what the operators allow.

    Raises ImportRefusedError: one closed address among open ones is how names are made to point inside.
    """
    for text in addresses:
        address = ipaddress.ip_address(text)
        if not (is_open(address) or any(address in network for network in policy.networks)):
            raise not_allowed(shown(target.url), f"{target.host} is not on the open internet")
    return list(addresses)


def is_open(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is a machine's on the open internet: not private, local, reserved, multicast or a tunnel's."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_open(address.ipv4_mapped)
        return (
            address.scope_id is None and address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)
        )
    closed = any(address in network for network in _CLOSED_V4)
    return address.is_global and not (closed or address.is_multicast or address.is_reserved)


def shown(url: str) -> str:
    """The address as it may be told to others: without name and password, and without what a query keeps secret."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return url[:80]
    hidden = [(name, "***" if _SECRET_NAME.search(name) else value) for name, value in pairs]
    query = urlencode(hidden, safe="*/:") if any(old != new for old, new in zip(pairs, hidden, strict=True)) else None
    return urlunsplit((parts.scheme, host, parts.path, parts.query if query is None else query, ""))


def name_in(url: str) -> str:
    """The file name that an address ends in; empty when it ends in none."""
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""
