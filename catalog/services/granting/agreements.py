"""What an owner asks of those who want the bytes: a text to sign, questions to answer. Each change is a new number."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.models import Agreement, Dataset, Signature, User
from catalog.permissions import Action, require, require_user
from catalog.services.granting.questions import read_questions
from catalog.transitions import lock

TEXT_LIMIT = 100_000


class AgreementChanged(Conflict):
    code = "agreement-changed"
    title = gettext_lazy("The agreement is another one now")


@transaction.atomic
def write_agreement(
    *, actor: Actor, dataset: Dataset, text: str, questions: Sequence[Mapping[str, Any]] = ()
) -> Agreement:
    """Put a text and questions in force for requests from now on; what was signed before stays as it was.

    The same words again are the same agreement. Raises NotFound, Forbidden, Invalid.
    """
    require(actor, Action.GRANT, dataset)
    person = require_user(actor)
    words = text.replace("\r\n", "\n").strip()
    if len(words) > TEXT_LIMIT:
        raise Invalid(
            fields={"text": [_("Use %(text_limit)s characters at most.") % {"text_limit": f"{TEXT_LIMIT:,}"}]}
        )
    asked = [question.to_json() for question in read_questions(questions)]
    lock(dataset)
    found = current_agreement(dataset)
    if found is not None and (found.text, found.questions) == (words, asked):
        return found
    if found is None and not words and not asked:
        raise Invalid(fields={"text": [_("Write what has to be agreed to, or ask a question.")]})
    last = dataset.agreements.aggregate(last=Max("number"))["last"] or 0
    found = Agreement.objects.create(
        dataset=dataset,
        number=last + 1,
        text=words,
        sha256=hashlib.sha256(words.encode()).hexdigest(),
        questions=asked,
        created_by=person,
    )
    audit.record(
        actor=actor,
        action="agreement.written",
        subject=found,
        dataset_id=dataset.pk,
        label=dataset.slug,
        number=found.number,
        sha256=found.sha256,
    )
    return found


def current_agreement(dataset: Dataset) -> Agreement | None:
    """The one in force: the newest; None where the owner asks for nothing but the purpose."""
    return dataset.agreements.order_by("-number").first()


def sign(*, actor: Actor, person: User, agreement: Agreement, agreed: str, versions: Sequence[str]) -> Signature | None:
    """Keep who agreed to which text. None where the agreement has no text.

    ``agreed`` is the sha256 of the text that the person read. Raises Invalid when it is missing, AgreementChanged when
    it is of another text.
    """
    if not agreement.text:
        return None
    if not agreed:
        remedy = _("Read it at …/agreement, and send its sha256 as agreement_sha256.")
        raise Invalid(
            fields={"agreement_sha256": [_("The data come with an agreement that has to be signed.")]}, remedy=remedy
        )
    if agreed != agreement.sha256:
        raise AgreementChanged(
            _("The owner has changed it since you read it."), remedy=_("Read it again and send again.")
        )
    signature = Signature.objects.create(
        agreement=agreement,
        dataset=agreement.dataset,
        user=person,
        name=person.shown_name[:150],
        address=actor.address,
        text_sha256=agreement.sha256,
        versions=list(versions),
    )
    audit.record(
        actor=actor,
        action="agreement.signed",
        subject=agreement,
        dataset_id=agreement.dataset_id,
        label=person.username,
        number=agreement.number,
        sha256=agreement.sha256,
        versions=list(versions) or None,
    )
    return signature
