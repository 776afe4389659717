"""Bytes leave here: visible, allowed, audited, then a key in the bucket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit, keys
from catalog.allowances.quotas import charge_download
from catalog.errors import Conflict, NotFound
from catalog.models import Resource, ResourceSource
from catalog.services.delivering.entitlements import Entitlement
from catalog.transport.byte_ranges import RangeNotSatisfiable, parse_range

PARQUET = "application/vnd.apache.parquet"
Kind = Literal["parquet", "original", "findings", "failing"]


class SeveralOriginals(Conflict):
    code = "several-originals"
    title = gettext_lazy("This table was made from several files")


class SeveralParts(Conflict):
    code = "several-parts"
    title = gettext_lazy("This table has several files")


@dataclass(frozen=True, slots=True)
class Download:
    """An object that the actor may have. ``bytes`` is its size; ``sha256`` is its content hash and its ETag.

    ``until`` is when the actor's right to it ends, where it is by a grant that ends.
    """

    key: str
    filename: str
    media_type: str
    bytes: int | None
    sha256: str
    until: datetime | None = None


def find_download(*, entitlement: Entitlement, resource: Resource, kind: Kind, part: int | None = None) -> Download:
    """The object behind a download address of a table of the entitlement's version.

    ``part`` is the place of a Parquet part or of an original. Raises NotFound, SeveralParts, SeveralOriginals.
    """
    return replace(_object(resource, kind, part), until=entitlement.until)


def _object(resource: Resource, kind: Kind, part: int | None) -> Download:
    dataset_id = resource.version.dataset_id
    if kind == "original":
        return _original(dataset_id, list(resource.sources.all()), part)
    if kind == "findings":
        if not resource.findings_sha256:
            raise NotFound(_("Nothing was found wrong with this table, so there is no file of findings."))
        sha256 = resource.findings_sha256
        return Download(keys.findings(dataset_id, sha256), f"{resource.name}.findings.parquet", PARQUET, None, sha256)
    parts = list(resource.parts.all())
    if part is None and len(parts) > 1:
        raise SeveralParts(
            _("It has %(count)s files.") % {"count": len(parts)},
            remedy=_("Take them from …/parts/{n}.parquet; files.json lists them."),
        )
    chosen = next((item for item in parts if item.position == (part or 0)), None)
    if chosen is None:
        raise NotFound
    name = f"{resource.name}.parquet" if len(parts) == 1 else f"{resource.name}-{chosen.position:05d}.parquet"
    return Download(keys.parquet(dataset_id, chosen.sha256), name, PARQUET, chosen.bytes, chosen.sha256)


def _original(dataset_id: int, sources: list[ResourceSource], position: int | None) -> Download:
    if position is None and len(sources) > 1:
        raise SeveralOriginals(
            _("It was made from %(count)s files.") % {"count": len(sources)},
            remedy=_("Take them from …/originals/{n}; files.json lists them."),
        )
    chosen = next((item for item in sources if item.position == (position or 0)), None)
    if chosen is None:
        raise NotFound
    key = keys.original(dataset_id, chosen.sha256)
    return Download(key, chosen.filename, chosen.media_type, chosen.bytes, chosen.sha256)


def record_download(
    *, entitlement: Entitlement, resource: Resource, download: Download, kind: Kind, span: str = ""
) -> None:
    """Every download is on the audit trail and counts for the quotas; ``span`` is the range that was asked for.

    Raises QuotaSpent.
    """
    actor, version = entitlement.actor, entitlement.version
    charge_download(actor, version.dataset.organization, bytes_sent(download.bytes or 0, span))
    audit.record(
        actor=actor,
        action="resource.downloaded",
        subject=resource,
        dataset_id=version.dataset_id,
        label=download.filename,
        version=version.number,
        kind=kind,
        sha256=download.sha256,
        **({"range": span} if span else {}),
        **entitlement.basis.to_json(),
    )


def bytes_sent(size: int, span: str) -> int:
    """The bytes of ``size`` that go out: of a redirect, all that the range asks the store for."""
    try:
        found = parse_range(span, size)
    except RangeNotSatisfiable:
        return 0
    return size if found is None else found.length
