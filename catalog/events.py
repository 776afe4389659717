"""Typed events after commit: how the siblings hear of each other without meeting.

An event is for speed only. Its handler may be lost (a broker that does not answer): the sweeps find the same
work by its state, so a failing handler is logged and never fails the request that raised the event.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ResourceStored:
    """A resource's parts are in the store and its row is committed; nobody has checked it yet."""

    resource_id: int
    upload_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SchemaChanged:
    """The schema or the rules of a draft's resource were edited; its last report is out of date."""

    resource_id: int


@dataclass(frozen=True, slots=True)
class FrequencyChanged:
    """The dataset promises another update frequency; what is held to the promise is out of date."""

    dataset_id: int


@dataclass(frozen=True, slots=True)
class VersionChecked:
    """A check of one of the version's tables has ended with a report."""

    version_id: int


@dataclass(frozen=True, slots=True)
class DecisionRecorded:
    """A steward has decided on a page; it is to be carried out after so many seconds."""

    review_id: int
    seconds: int


@dataclass(frozen=True, slots=True)
class VersionPublished:
    version_id: int


E = TypeVar("E")
_handlers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event_type: type[E], handler: Callable[[E], None]) -> None:
    """Call ``handler`` for each event of that type, after the transaction that raised it has committed."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def raise_event(event: Any) -> None:
    """Hand ``event`` to its subscribers once the present transaction commits (at once outside of one)."""
    transaction.on_commit(lambda: _deliver(event))


def _deliver(event: Any) -> None:
    for handler in _handlers[type(event)]:
        try:
            handler(event)
        except Exception:
            logger.exception("the handler of %s failed; the sweep will find the work", type(event).__name__)
