"""Reads on the audit trail: who had which cells of which version, by which protocol, and by what right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from catalog import audit
from catalog.actor import Actor
from catalog.allowances.quotas import charge_download
from catalog.models import AuditEvent, Resource
from catalog.services.delivering.entitlements import basis_of

Protocol = Literal["file", "rows", "sql", "export", "archive", "delta-sharing", "huggingface", "ckan", "page"]


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
