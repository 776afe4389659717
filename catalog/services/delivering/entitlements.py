"""Who may have a version's bytes, by what right, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.actor import Actor
from catalog.errors import Conflict
from catalog.models import Access, AccessGrant, Resource, Version, VersionState
from catalog.permissions import require_download
from catalog.selectors.grants import grant_behind

Right = Literal["public", "registered", "member", "grant", "staff"]


class VersionWithdrawn(Conflict):
    code = "version-withdrawn"
    title = gettext_lazy("This version was withdrawn; its bytes are not served")


@dataclass(frozen=True, slots=True)
class Basis:
    """By what right somebody reads; ``grant`` is the AccessGrant's number where it is one."""

    right: Right
    grant: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"right": self.right} | ({} if self.grant is None else {"grant": self.grant})


def basis_of(actor: Actor, version: Version) -> Basis:
    """The right by which the actor, who is known to have one, reads the version: the widest that there is.

    Asks the database only where the data are not for everybody.
    """
    return entitlement_of(actor=actor, version=version).basis


def _basis(actor: Actor, version: Version, grant: AccessGrant | None) -> Basis:
    dataset, now = version.dataset, timezone.now()
    held_back = any(end is not None and end > now for end in (version.embargo_until, dataset.embargo_until))
    is_out = not version.is_open and not held_back
    if is_out and dataset.access == Access.PUBLIC:
        return Basis("public")
    if actor.user is None:
        # A sweep of ours: nobody else without a name reads what is not for everybody.
        return Basis("staff")
    if is_out and dataset.access == Access.REGISTERED:
        return Basis("registered")
    if grant is not None:
        return Basis("grant", grant.pk)
    is_member = actor.user.memberships.filter(organization=dataset.organization_id).exists()
    return Basis("member" if is_member else "staff")


@dataclass(frozen=True, slots=True)
class Entitlement:
    """That the actor may have the version's bytes, asked once for however many files are given.

    ``until`` is when the right ends, where it is by a grant that ends: no signed address outlives that.
    """

    actor: Actor
    version: Version
    basis: Basis
    until: datetime | None = None


def entitle(*, actor: Actor, version: Version) -> Entitlement:
    """Raises NotFound, Forbidden, NotSignedIn or VersionWithdrawn unless the actor may have the version's bytes."""
    require_version_bytes(actor=actor, version=version)
    return entitlement_of(actor=actor, version=version)


def entitlement_of(*, actor: Actor, version: Version) -> Entitlement:
    """The right of an actor who is known to have one: it is not asked for again."""
    grant = grant_behind(actor=actor, version=version)
    until = None if grant is None else grant.expires_at
    return Entitlement(actor, version, _basis(actor, version, grant), until)


def require_bytes(*, actor: Actor, resource: Resource) -> None:
    """Raises NotFound, Forbidden, NotSignedIn or VersionWithdrawn unless the actor may have the resource's bytes."""
    require_version_bytes(actor=actor, version=resource.version)


def require_version_bytes(*, actor: Actor, version: Version) -> None:
    """Raises NotFound, Forbidden, NotSignedIn or VersionWithdrawn unless the actor may have the version's bytes."""
    require_download(actor, version)
    refuse_withdrawn(version, remedy=_("Use another version."))


def refuse_withdrawn(version: Version, *, remedy: str) -> None:
    """Raises VersionWithdrawn, with the reason that was given, if the version was."""
    if version.state == VersionState.WITHDRAWN:
        said = {"number": version.number, "reason": version.withdrawn_reason}
        raise VersionWithdrawn(_("Version %(number)s was withdrawn: %(reason)s") % said, remedy=remedy)
