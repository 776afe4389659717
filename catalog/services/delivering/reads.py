"""Reads on the audit trail: who had which cells of which version, by which protocol, and by what right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils import timezone

from catalog import audit
from catalog.actor import Actor
from catalog.allowances.quotas import charge_download
from catalog.models import Access, AuditEvent, Resource, Version
from catalog.selectors.grants import grant_behind

Right = Literal["public", "registered", "member", "grant", "staff"]
Protocol = Literal["file", "rows", "sql", "export", "archive", "delta-sharing", "huggingface", "ckan", "page"]


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
    grant = grant_behind(actor=actor, version=version)
    if grant is not None:
        return Basis("grant", grant.pk)
    is_member = actor.user.memberships.filter(organization=dataset.organization_id).exists()
    return Basis("member" if is_member else "staff")


def record_read(
    *,
    actor: Actor,
    resource: Resource,
    protocol: Protocol,
    columns: Sequence[str] | None = None,
    rows: int | None = None,
    size: int = 0,
    **detail: Any,
) -> AuditEvent:
    """Cells of a table are given to the actor: which columns (None: all), how many rows (None: all), by what right.

    ``size`` is the bytes of files that count for the quotas. ``detail`` says more, in JSON: where they begin, what
    they were filtered by, the sha256 of a query. Raises QuotaSpent, and nothing is on record then.
    """
    version = resource.version
    if size:
        charge_download(actor, version.dataset.organization, size)
    return audit.record(
        actor=actor,
        action="resource.read",
        subject=resource,
        dataset_id=version.dataset_id,
        label=f"{version.dataset.slug} {version.address} {resource.name}",
        version=version.number,
        protocol=protocol,
        **({} if columns is None else {"columns": list(columns)}),
        **({} if rows is None else {"rows": rows}),
        **basis_of(actor, version).to_json(),
        **detail,
    )
