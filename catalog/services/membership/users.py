"""People as staff manage them. Nobody is deleted: the audit trail names them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, NotFound
from catalog.models import User


class OwnAccount(Conflict):
    code = "own-account"
    title = gettext_lazy("Nobody deactivates themselves")


@transaction.atomic
def set_active(*, actor: Actor, username: str, active: bool) -> User:
    """Let a person sign in, or keep them from it; their sessions and tokens end at once.

    Raises NotFound for all but staff and for an unknown name, OwnAccount.
    """
    if not actor.is_staff:
        raise NotFound
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        raise NotFound(_("Nobody here is called “%(username)s”.") % {"username": username})
    if user.pk == actor.user_id:
        raise OwnAccount(remedy=_("Another member of staff does that."))
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        # Written out, so that the test of the trail's words finds both.
        if active:
            audit.record(actor=actor, action="user.activated", subject=user)
        else:
            audit.record(actor=actor, action="user.deactivated", subject=user)
    return user
