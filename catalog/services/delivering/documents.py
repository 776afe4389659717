"""Documents leave as originals do: visible, allowed, audited, then a key in the bucket."""

from __future__ import annotations

from catalog import audit, keys
from catalog.actor import Actor
from catalog.allowances.quotas import charge_download
from catalog.models import Document
from catalog.services.delivering.downloads import Download, bytes_sent, ending_with_the_right, require_version_bytes
from catalog.services.delivering.reads import Protocol, basis_of

_ACTIVE = ("html", "xml", "svg", "script")
OPAQUE = "application/octet-stream"


def find_document_download(*, actor: Actor, document: Document) -> Download:
    """The object of a document, if the actor may have the bytes of its version. Raises as require_version_bytes."""
    version = document.version
    require_version_bytes(actor=actor, version=version)
    download = Download(
        keys.document(version.dataset_id, document.sha256),
        document.name,
        sent_type(document.media_type),
        document.bytes,
        document.sha256,
    )
    return ending_with_the_right(download, actor=actor, version=version)


def sent_type(media_type: str) -> str:
    """The type that is told when the bytes are sent: what a browser would run is bytes, and nothing more.

    It is an attachment in any case; this holds where something on the way drops that header.
    """
    return OPAQUE if any(word in media_type for word in _ACTIVE) else media_type


def record_document_read(
    *, actor: Actor, document: Document, protocol: Protocol = "file", charged: bool = True, span: str = ""
) -> None:
    """Each document that is given to the actor is on the audit trail; with ``charged`` it counts for the quotas.

    ``span`` is the range that was asked for, or how else it was given. Raises QuotaSpent.
    """
    version = document.version
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
        **basis_of(actor, version).to_json(),
    )
