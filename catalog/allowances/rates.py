"""How often somebody may ask, and query, which costs more. By person; by address where nobody is signed in."""

from __future__ import annotations

from typing import Literal

from django.conf import settings

from catalog.actor import Actor
from catalog.allowances.counter import Spent, spend

Policy = Literal["requests", "queries"]


def allowance_of(actor: Actor, policy: Policy) -> str:
    """The site's allowance for this kind of request, such as ``600/minute``; empty where there is none."""
    if policy == "queries":
        return str(settings.RATE_QUERIES)
    return str(settings.RATE_ANONYMOUS if actor.is_anonymous else settings.RATE_SIGNED_IN)


def spend_request(actor: Actor, policy: Policy) -> Spent | None:
    """Count a request. None where there is no allowance, or nothing could be counted."""
    allowance = allowance_of(actor, policy)
    if not allowance:
        return None
    who = f"person:{actor.user_id}" if actor.user_id is not None else f"address:{_network(actor.address)}"
    return spend(allowance, policy, who)


def _network(address: str) -> str:
    """Who can be told apart: one IPv4 address, or the 64 bits of IPv6 that one customer has."""
    return ":".join(address.split(":")[:4]) if ":" in address else address
