"""What an import may do, and how a refused one is told."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from catalog.findings import Finding

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """``networks`` are allowed although they are private; ``authority`` is a file of certificates to trust as well.

    Times are seconds: to connect, without a byte, until the last header, and of the whole.
    """

    max_bytes: int
    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = frozenset({443})
    networks: tuple[Network, ...] = ()
    authority: str = ""
    connect_seconds: float = 10
    idle_seconds: float = 30
    header_seconds: float = 60
    total_seconds: float = 7_200
    redirects: int = 5


class ImportRefusedError(Exception):
    """The address can't or may not be imported; ``finding`` says why. ``passing`` ones may be over in a minute."""

    def __init__(self, finding: Finding, *, passing: bool = False) -> None:
        super().__init__(f"{finding.code}: {dict(finding.params)}")
        self.finding = finding
        self.passing = passing


def not_allowed(url: str, reason: str) -> ImportRefusedError:
    """The address leads where no import goes."""
    return ImportRefusedError(_finding("import-not-allowed", url, reason))


def failed(url: str, reason: str, *, passing: bool = False) -> ImportRefusedError:
    """The address was asked and did not give a file."""
    return ImportRefusedError(_finding("import-failed", url, reason), passing=passing)


def _finding(code: str, url: str, reason: str) -> Finding:
    params: dict[str, Any] = {"url": url, "reason": reason}
    return Finding(code, params=params)
