"""The form for a web address as it is drawn: empty, or with an address and why nothing came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid
from catalog.models import Dataset
from catalog.web.report.findings import shown_groups
from ingest.models import UploadKind
from ingest.selectors.uploads import find_refused_import


@dataclass(frozen=True, slots=True)
class ShownImport:
    """``url`` stands in the field, the problems beside it; ``is_document`` is the choice below.

    ``is_answer`` says that the form was sent just now, so that a keyboard goes on in its field.
    """

    url: str = ""
    problems: Sequence[str] = ()
    remedies: Sequence[str] = ()
    is_document: bool = False
    is_answer: bool = False

    def refused(self, refusal: CatalogError) -> ShownImport:
        """What was typed, with the sentences that the API gives."""
        fields = refusal.fields if isinstance(refusal, Invalid) else {}
        problems = [sentence for sentences in fields.values() for sentence in sentences] or [refusal.sentence]
        return replace(self, problems=problems, remedies=[refusal.remedy] if refusal.remedy else [])


def shown_import(actor: Actor, dataset: Dataset) -> ShownImport:
    """The form for whoever opens the page: with the last address, if that is what a worker has just refused."""
    refused = find_refused_import(actor=actor, dataset=dataset)
    if refused is None:
        return ShownImport()
    groups = shown_groups(refused.findings, with_values=True)
    problems = [group.sentence for group in groups]
    remedies = [group.remedy for group in groups if group.remedy]
    return ShownImport(refused.source_url, problems, remedies, is_document=refused.kind == UploadKind.DOCUMENT)
