"""Reads through the Hub's API on the audit trail: once an hour for each file, person and address.

Readers open a file many times, a few bytes at once; each of these would be an event that tells nothing new.
"""

from __future__ import annotations

from django.core.cache import cache

from catalog.actor import Actor
from catalog.allowances.quotas import QuotaSpent
from catalog.models import Document, Resource
from catalog.services.delivering.documents import record_document_read
from catalog.services.delivering.downloads import Download
from catalog.services.delivering.entitlements import Entitlement
from catalog.services.delivering.reads import record_read

SECONDS = 3600


def note_read(*, actor: Actor, resource: Resource, download: Download) -> None:
    """Charge and record that a file leaves, before its first byte does. Raises QuotaSpent."""
    key = _key(actor, f"{resource.pk}:{download.sha256}")
    if not cache.add(key, 1, SECONDS):
        return
    rows = sum(part.rows for part in resource.parts.all() if part.sha256 == download.sha256)
    try:
        record_read(
            actor=actor,
            resource=resource,
            protocol="huggingface",
            rows=rows,
            size=download.bytes or 0,
            sha256=download.sha256,
        )
    except QuotaSpent:
        cache.delete(key)
        raise


def note_document_read(*, entitlement: Entitlement, document: Document) -> None:
    """The same of a document. Raises QuotaSpent."""
    key = _key(entitlement.actor, f"document:{document.pk}")
    if not cache.add(key, 1, SECONDS):
        return
    try:
        record_document_read(entitlement=entitlement, document=document, protocol="huggingface")
    except QuotaSpent:
        cache.delete(key)
        raise


def _key(actor: Actor, what: str) -> str:
    return f"huggingface-read:{what}:{actor.user_id or 0}:{actor.token_id or 0}:{actor.address}"
