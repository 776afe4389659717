"""What is named as the thing to use instead."""

from __future__ import annotations

from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import Dataset, Version
from catalog.selectors.datasets import get_dataset, get_version


def find_successor(*, actor: Actor, name: str) -> Dataset | None:
    """The dataset called ``owner/name``; None for an empty name. Raises Invalid."""
    if not name.strip():
        return None
    owner, _, slug = name.strip().partition("/")
    try:
        return get_dataset(actor=actor, owner=owner, slug=slug)
    except NotFound as refusal:
        raise Invalid(fields={"successor": [refusal.sentence]}) from None


def find_successor_version(*, actor: Actor, dataset: Dataset, number: str) -> Version | None:
    """The version of this number; None for an empty one. Raises Invalid."""
    if not number.strip():
        return None
    try:
        return get_version(actor=actor, dataset=dataset, version=number.strip())
    except NotFound as refusal:
        raise Invalid(fields={"successor": [refusal.sentence]}) from None
