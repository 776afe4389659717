"""What a refusal puts into its sentence is in the reader's language too: states, holders of quotas, what is missing."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from catalog.allowances.counter import Spent
from catalog.allowances.quotas import _refusal
from catalog.models import QuotaKind
from catalog.services.publishing.versions import NotReady, open_draft, submit_version
from catalog.transitions import MoveRefused, move
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db
LATIN = re.compile(r"[A-Za-z]{2,}")


def test_a_move_is_refused_by_the_names_of_states(cast: Cast) -> None:
    version = make_published(cast, make_dataset(cast))
    with translation.override("zh-hans"), pytest.raises(MoveRefused) as refused:
        move(version, to="draft", actor=cast.owner)
    assert "“已发布”" in refused.value.sentence
    assert "“草稿”" in refused.value.sentence
    assert LATIN.findall(refused.value.sentence) == []


def test_what_a_version_lacks(cast: Cast) -> None:
    dataset = make_dataset(cast)
    dataset.license = ""
    dataset.save(update_fields=["license"])
    draft = open_draft(actor=cast.contributor, dataset=dataset)
    draft.dataset.license = ""
    with translation.override("zh-hans"), pytest.raises(NotReady) as refused:
        submit_version(actor=cast.contributor, version=draft, note=" ")
    assert len(refused.value.extra["missing"]) == 3
    assert LATIN.findall(refused.value.sentence) == []


@pytest.mark.parametrize("kind", [QuotaKind.DOWNLOADS, QuotaKind.REQUESTS])
@pytest.mark.parametrize("who", ["user", "organization"])
def test_whose_quota_is_spent(cast: Cast, kind: QuotaKind, who: str) -> None:
    holder = cast.owner.user if who == "user" else cast.organization
    spent = Spent(limit=7, window=7, remaining=0, reset=7, is_over=True)
    with translation.override("zh-hans"):
        refused = _refusal(holder, kind, spent)
    assert "7" in refused.sentence
    assert LATIN.findall(refused.sentence.replace(cast.organization.title, "")) == []
