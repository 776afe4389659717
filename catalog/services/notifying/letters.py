"""What a notice says and where it leads, on the page and in a mail, in the language that is active."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.models import FOLLOWED, AccessRequest, Dataset, Notice, NoticeKind
from catalog.services.notifying.access_letters import ACCESS_WORDS
from catalog.services.notifying.version_letters import VERSION_WORDS
from catalog.services.notifying.wording import Words

QUOTE_LIMIT = 2_000
_WORDS: Mapping[NoticeKind, Words] = {**ACCESS_WORDS, **VERSION_WORDS}


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice's sentence (a mail's subject), its paragraphs, and where it leads. ``quote`` is what a person wrote.

    ``path`` begins with a slash; ``stop_path``, where it is not empty, is the page on which one stops following. One
    that ``is_of_account`` can't be done without.
    """

    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    path: str
    link_label: str
    quote: str = ""
    stop_path: str = ""
    is_of_account: bool = False

    @property
    def link(self) -> str:
        return f"{settings.BASE_URL}{self.path}"

    @property
    def stop_link(self) -> str:
        return f"{settings.BASE_URL}{self.stop_path}" if self.stop_path else ""


def letter_of(notice: Notice) -> Letter | None:
    """The letter in the active language; None where the dataset is gone."""
    dataset, params = notice.dataset, notice.params
    if dataset is None:
        return None
    kind = NoticeKind(notice.kind)
    subject, paragraphs = _WORDS[kind](dataset.title, params)
    path, label = _way(dataset, params)
    return Letter(
        subject=subject.replace("\n", " ")[:200],
        greeting=_("Hello %(name)s,") % {"name": notice.user.shown_name},
        paragraphs=tuple(paragraphs),
        path=path,
        link_label=label,
        quote=str(params.get("quote", "")),
        stop_path=f"{_home(dataset)}follow/" if kind in FOLLOWED else "",
    )


def told_of_request(request: AccessRequest, *, quote: str = "") -> dict[str, Any]:
    """What a letter says of a request."""
    return {
        "dataset": request.dataset_id,
        "request": request.pk,
        "asker": request.user.shown_name,
        "until": request.expires_at.isoformat(),
        "quote": quote[:QUOTE_LIMIT],
    }


def _home(dataset: Dataset) -> str:
    return f"/{dataset.organization.slug}/{dataset.slug}/"


def _way(dataset: Dataset, params: dict[str, Any]) -> tuple[str, str]:
    """Where it leads, and the words of the link. Written out, and not reversed: a worker has no need of the views."""
    if request := params.get("request"):
        return f"/work/requests/{request}/", _("See the request")
    if review := params.get("review"):
        return f"/review/{review}/", _("See the review")
    if upload := params.get("upload"):
        return f"/uploads/{upload}/", _("See the upload")
    if page := params.get("page"):
        return f"{_home(dataset)}{page}", _("See it")
    if number := params.get("number"):
        return f"{_home(dataset)}v/{number}/", _("See the version")
    return _home(dataset), _("See the dataset")
