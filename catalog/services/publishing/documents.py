"""Documents of a draft: what ingest stores, and what their owner says of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.document_names import document_name
from catalog.errors import Conflict, Invalid
from catalog.models import Dataset, Document
from catalog.services.publishing.resources import draft_for, lock_for_change

MOST = 200
"""Documents of a version: more of them belong in an archive, which is one document."""
TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 1_000


class TooManyDocuments(Conflict):
    code = "too-many-documents"
    title = gettext_lazy("The version has as many documents as it can have")


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document whose bytes lie in the store already, under their hash. ``bytes`` is its size."""

    name: str
    bytes: int
    sha256: str
    media_type: str
    title: str = ""
    description: str = ""


@transaction.atomic
def add_document(*, actor: Actor, dataset: Dataset, document: StoredDocument, upload_id: UUID) -> Document:
    """Put a stored document into the dataset's draft, in the place of one of the same name.

    What was said of that one is said of the new one too, unless it says something itself. The same upload stored
    twice gives the same row once. Raises VersionNotDraft, TooManyDocuments, Invalid.
    """
    version = draft_for(actor, dataset)
    name = document_name(document.name)
    old = version.documents.filter(name__iexact=name).first()
    count = version.documents.count()
    if old is None and count >= MOST:
        raise TooManyDocuments(
            _("It has %(count)s.") % {"count": count}, remedy=_("Remove one, or pack several into a ZIP archive.")
        )
    last = version.documents.order_by("-position").first()
    position = old.position if old is not None else 0 if last is None else last.position + 1
    title, description = said(document.title, document.description)
    if old is not None:
        title, description = title or old.title, description or old.description
        old.delete()
    found = Document.objects.create(
        version=version,
        name=name,
        title=title,
        description=description,
        position=position,
        bytes=document.bytes,
        sha256=document.sha256,
        media_type=document.media_type,
        upload_id=upload_id,
    )
    audit.record(
        actor=actor,
        action="document.stored",
        subject=found,
        dataset_id=dataset.pk,
        sha256=document.sha256,
        replaces=None if old is None else old.sha256,
    )
    return found


@transaction.atomic
def edit_document(
    *, actor: Actor, document: Document, title: str | None = None, description: str | None = None
) -> Document:
    """Change what is said of a draft's document. Raises VersionNotDraft, Forbidden, Invalid."""
    version = lock_for_change(actor, document.version)
    document.title, document.description = said(
        document.title if title is None else title, document.description if description is None else description
    )
    document.save(update_fields=["title", "description"])
    audit.record(actor=actor, action="document.changed", subject=document, dataset_id=version.dataset_id)
    return document


@transaction.atomic
def remove_document(*, actor: Actor, document: Document) -> None:
    """Take a document out of a draft. Its bytes stay until no version refers to them. Raises VersionNotDraft."""
    version = lock_for_change(actor, document.version)
    audit.record(
        actor=actor,
        action="document.removed",
        subject=document,
        dataset_id=version.dataset_id,
        sha256=document.sha256,
    )
    document.delete()


def said(title: str, description: str) -> tuple[str, str]:
    """Title and description as they are kept: a line each. Raises Invalid where one is too long."""
    texts = {"title": " ".join(title.split()), "description": " ".join(description.split())}
    limits = {"title": TITLE_LENGTH, "description": DESCRIPTION_LENGTH}
    long = {name: f"{limits[name]:,}" for name, text in texts.items() if len(text) > limits[name]}
    if long:
        problems = {name: [_("At most %(limit)s signs.") % {"limit": limit}] for name, limit in long.items()}
        raise Invalid(fields=problems, remedy=_("Say it shorter: the rest belongs in the document."))
    return texts["title"], texts["description"]
