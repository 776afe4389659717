"""Who asks: a user, a token's user within the token's scopes and datasets, or nobody.

Every service and every ``visible_to`` takes one. It is an explicit argument everywhere (no thread locals).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.models import User

ALL_SCOPES: frozenset[str] = frozenset({"read", "upload", "review", "manage"})


@dataclass(frozen=True, slots=True)
class Limit:
    """Ids of the datasets, and of the organizations with all their datasets, beside which a token sees none."""

    datasets: frozenset[int] = frozenset()
    organizations: frozenset[int] = frozenset()

    def holds(self, other: Limit) -> bool:
        """Whether ``other`` names nothing that this one does not name."""
        return other.datasets <= self.datasets and other.organizations <= self.organizations


@dataclass(frozen=True, slots=True)
class Actor:
    """``scopes`` and ``limit`` are what the user may do, and where, through a token; a session is not limited."""

    user: User | None
    scopes: frozenset[str] = ALL_SCOPES
    address: str = ""
    token_id: int | None = None
    limit: Limit | None = None

    @property
    def user_id(self) -> int | None:
        return None if self.user is None else self.user.pk

    @property
    def asker(self) -> str:
        """Who asks, among all who do; of those without an account, the address. Empty where nothing is known."""
        if self.user is not None:
            return f"user {self.user.pk}"
        return f"address {self.address}" if self.address else ""

    @property
    def is_anonymous(self) -> bool:
        return self.user is None

    @property
    def is_staff(self) -> bool:
        return self.user is not None and self.user.is_staff and self.user.is_active

    def may(self, scope: str) -> bool:
        return self.user is not None and scope in self.scopes


ANONYMOUS = Actor(user=None, scopes=frozenset({"read"}))


def system() -> Actor:
    """Workers and sweeps act without a user; the audit trail shows them as "system"."""
    return Actor(user=None, scopes=ALL_SCOPES)
