"""Which of several documents an Accept header asks for (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A document that there is: its name with us, its media type, and other types that mean the same."""

    name: str
    media_type: str
    also: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[str, ...]:
        return (self.media_type, *self.also)


def preferred(accept: str, offers: Sequence[Offer]) -> Offer | None:
    """The offer that is named with the highest weight, of equal ones the first offered; None where none is named.

    A wildcard names nothing: whoever sends ``*/*`` has said no wish.
    """
    weights = _weights(accept)
    best: tuple[float, Offer] | None = None
    for offer in offers:
        weight = max((weights.get(name, 0.0) for name in offer.types), default=0.0)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, offer)
    return best[1] if best else None


def weight_of(accept: str, media_type: str) -> float:
    """How much the header wants this type; 0 where it does not name it."""
    return _weights(accept).get(media_type, 0.0)


def _weights(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in accept.lower().split(","):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        if not media_type:
            continue
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                weight = _weight(value.strip())
        found[media_type] = max(weight, found.get(media_type, 0.0))
    return found


def _weight(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 <= number <= 1 else 0.0
