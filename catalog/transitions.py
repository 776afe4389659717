"""State moves here and nowhere else: lock the row, look, check the table of moves, write, audit."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, TypeVar, cast

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict


class MoveRefused(Conflict):
    """The row is not in a state from which this move leads."""

    code = "move-refused"
    title = gettext_lazy("This can't be done in the present state")


class Stateful(Protocol):
    MOVES: ClassVar[dict[str, frozenset[str]]]
    state: str


M = TypeVar("M", bound=models.Model)


def lock(instance: M) -> M:
    """The same row, locked and read again; to be called inside a transaction."""
    manager = type(instance)._default_manager
    return manager.select_for_update(of=("self",)).get(pk=instance.pk)


def require_move(row: models.Model, *, to: str) -> None:
    """Raises MoveRefused unless the row, as it was read, may move to the state ``to``."""
    stateful = cast("Stateful", row)
    before = stateful.state
    if to not in stateful.MOVES[before]:
        words = dict(cast("models.Field[Any, Any]", row._meta.get_field("state")).flatchoices)
        raise MoveRefused(
            _("It is “%(before)s” and can't become “%(to)s”.") % {"before": words[before], "to": words[to]},
            remedy=_("Reload it: somebody may have been quicker."),
            state=before,
        )


@transaction.atomic
def move(instance: M, *, to: str, actor: Actor, dataset_id: int | None = None, label: str = "", **changes: Any) -> M:
    """Move ``instance`` to the state ``to``, setting ``changes`` in the same write; returns the fresh row.

    Raises MoveRefused when the table that stands under the state's enum does not have this move.
    """
    row = lock(instance)
    require_move(row, to=to)
    stateful = cast("Stateful", row)
    before = stateful.state
    noun = row._meta.model_name or "row"
    stateful.state = to
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *changes])
    audit.record(actor=actor, action=f"{noun}.{to}", subject=row, dataset_id=dataset_id, label=label, before=before)
    return row
