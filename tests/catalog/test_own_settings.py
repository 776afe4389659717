"""One's own settings."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from catalog.actor import Actor, Limit
from catalog.errors import Invalid
from catalog.models import User
from catalog.orcid import is_orcid
from catalog.permissions import ScopeMissing
from catalog.services.granting.access_requests import ask_access
from catalog.services.membership.people import update_person
from tests.fixtures.datasets import make_dataset, make_published

SENT = {"name": " Zoë Lin ", "affiliation": "Palmer Station", "orcid": "", "language": "en", "theme": ""}
PLAIN = {"name": "", "affiliation": "", "orcid": "", "language": "", "theme": "", "wanted_mail": []}


@pytest.fixture
def client(cast) -> Client:
    browser = Client()
    browser.force_login(cast.stranger.user)
    return browser


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0000-0002-1825-0097", True),
        ("0000-0002-1694-233X", True),
        ("0000-0002-1825-0098", False),
        ("0000-0002-1694-2330", False),
        ("0000000218250097", False),
        ("0000-0002-1825-0097 ", False),
        ("٠٠٠٠-0002-1825-0097", False),
    ],
)
def test_an_orcid_id_is_known_by_its_check_character(text, is_one) -> None:
    assert is_orcid(text) is is_one


def test_all_is_saved_at_once(client) -> None:
    sent = {**SENT, "orcid": "https://orcid.org/0000-0002-1694-233x", "wanted_mail": ["access"], "theme": "dark"}
    answer = client.post("/settings/", sent)
    assert answer["Location"] == "/settings/"
    assert answer.cookies["theme"].value == "dark"
    user = User.objects.get(username="stranger")
    assert (user.name, user.affiliation, user.orcid) == ("Zoë Lin", "Palmer Station", "0000-0002-1694-233X")
    assert user.unwanted_mail == ["reviews", "drafts", "following"]
    page = client.get("/settings/").content.decode()
    assert 'value="0000-0002-1694-233X"' in page
    assert 'value="dark"' in page
    assert 'data-theme="dark"' in page


def test_the_answer_is_in_the_language_that_was_chosen(client) -> None:
    answer = client.post("/settings/", {**SENT, "language": "zh-hans"})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    page = client.get("/settings/").content.decode()
    assert '<html lang="zh-Hans"' in page


def test_the_device_decides_again(client) -> None:
    client.post("/settings/", {**SENT, "theme": "dark"})
    client.post("/settings/", SENT)
    assert "data-theme=" not in client.get("/settings/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("orcid", "0000-0002-1825-0098"), ("language", "fr"), ("theme", "pink"), ("name", "x" * 151)]
)
def test_what_does_not_fit_is_said_and_keeps_what_was_typed(client, field, value) -> None:
    answer = client.post("/settings/", {**SENT, "affiliation": "Kept here", field: value})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "There is 1 problem" in page
    assert "Kept here" in page
    assert User.objects.get(username="stranger").affiliation == ""


@pytest.mark.parametrize("change", [{"orcid": "0000-0002-1825-0098"}, {"language": "fr"}, {"theme": "pink"}])
def test_the_service_refuses_it_too(cast, change) -> None:
    with pytest.raises(Invalid) as refusal:
        update_person(actor=cast.stranger, **{**PLAIN, **change})
    assert list(refusal.value.fields) == list(change)


@pytest.mark.parametrize(
    "limits", [{"scopes": frozenset({"read", "upload", "review"})}, {"limit": Limit(datasets=frozenset({1}))}]
)
def test_a_token_with_less_may_not(cast, limits) -> None:
    with pytest.raises(ScopeMissing):
        update_person(actor=Actor(cast.stranger.user, **limits), **PLAIN)


def test_those_who_decide_on_access_see_the_institution(cast, client) -> None:
    client.post("/settings/", {**SENT, "orcid": "0000-0002-1825-0097"})
    dataset = make_published(cast, make_dataset(cast, slug="closed", access="restricted")).dataset
    asked = ask_access(actor=Actor(User.objects.get(username="stranger")), dataset=dataset, purpose="To count.")
    decider = Client()
    decider.force_login(cast.maintainer.user)
    page = decider.get(f"/work/requests/{asked.pk}/").content.decode()
    assert "Palmer Station" in page
    assert "https://orcid.org/0000-0002-1825-0097" in page
