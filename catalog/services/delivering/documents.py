"""Documents leave as originals do: visible, allowed, audited, then a key in the bucket."""

from __future__ import annotations

from catalog import audit, keys
from catalog.allowances.quotas import charge_download
from catalog.models import Document
from catalog.services.delivering.downloads import Download, bytes_sent
from catalog.services.delivering.entitlements import Entitlement
from catalog.services.delivering.reads import Protocol

_ACTIVE = ("html", "xml", "svg", "script")
OPAQUE = "application/octet-stream"


def find_document_download(*, entitlement: Entitlement, document: Document) -> Download:
    """The object of a document of the entitlement's version."""
    return Download(
        keys.document(entitlement.version.dataset_id, document.sha256),
        document.name,
        sent_type(document.media_type),
        document.bytes,
        document.sha256,
        entitlement.until,
    )


def sent_type(media_type: str) -> str:
    """The type that is told when the bytes are sent: what a browser would run is bytes, and nothing more.

    It is an attachment in any case; this holds where something on the way drops that header.
    """
    return OPAQUE if any(word in media_type for word in _ACTIVE) else media_type


def record_document_read(
    *, entitlement: Entitlement, document: Document, protocol: Protocol = "file", charged: bool = True, span: str = ""
) -> None:
    """Each document that is given to somebody is on the audit trail; with ``charged`` it counts for the quotas.

    ``span`` is the range that was asked for, or how else it was given. Raises QuotaSpent.
    """
    actor, version = entitlement.actor, entitlement.version
    if charged:
        charge_download(actor, version.dataset.organization, bytes_sent(document.bytes, span))
    audit.record(
        actor=actor,
        action="document.downloaded",
        subject=document,
        dataset_id=version.dataset_id,
        label=f"{version.dataset.slug} {version.address} {document.name}",
        version=version.number,
        protocol=protocol,
        sha256=document.sha256,
        **({"range": span} if span else {}),
        **entitlement.basis.to_json(),
    )
