"""A form that comes at the wrong time: after the session's end, or with a token that is out of date."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from catalog.models import Dataset
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import PASSWORD

EDIT = "/institute/birds/edit/"
WORDS = "Counted by hand\n“twice” & <b>again</b>."
SENT = {"title": "Birds, all of them", "description": WORDS, "access": "public", "license": "CC0-1.0"}
OURS = {"Sec-Fetch-Site": "same-origin", "Referer": "http://testserver/institute/birds/edit/"}


@pytest.fixture
def birds(cast) -> Dataset:
    user = cast.owner.user
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return make_published(cast, make_dataset(cast, slug="birds", title="Birds")).dataset


def fields_of(page: str) -> dict[str, str]:
    """What the page's form would send, as a browser reads it."""
    form = page[page.index(f'action="{EDIT}"') :].partition("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    texts = re.findall(r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', form, flags=re.DOTALL)
    return {name: html.unescape(value).replace("\r\n", "\n") for name, value in [*hidden, *texts]}


def test_a_form_of_a_session_that_ended_comes_back_after_the_sign_in(birds) -> None:
    client = Client()
    answer = client.post(EDIT, SENT, headers=OURS)
    assert answer["Location"] == "/accounts/login/?next=/send-again/"
    back = client.post(answer["Location"], {"login": "owner", "password": PASSWORD})
    assert back["Location"] == "/send-again/"
    page = client.get("/send-again/").content.decode()
    assert "<b>again</b>" not in page
    sent = fields_of(page)
    assert {name: sent[name] for name in SENT} == SENT
    assert client.post(EDIT, sent).status_code == 302
    birds.refresh_from_db()
    assert (birds.title, birds.description.replace("\r\n", "\n")) == (SENT["title"], WORDS)


def test_it_can_be_dropped(birds) -> None:
    client = Client()
    client.post(EDIT, SENT, headers=OURS)
    client.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    assert client.get("/send-again/").status_code == 200
    client.post("/send-again/")
    assert client.get("/send-again/")["Location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Referer": "http://testserver/"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "https://testserver"},
        {},
    ],
)
def test_what_a_page_of_others_sent_is_not_offered(birds, cast, headers) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    answer = client.post(EDIT, SENT, headers=headers)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "This form is out of date" in page
    assert "Birds, all of them" not in page
    client = Client()
    assert client.post(EDIT, SENT, headers=headers)["Location"].startswith("/accounts/login/?next=")
    client.force_login(cast.owner.user)
    assert client.get("/send-again/")["Location"] == "/"


def test_a_form_whose_token_is_out_of_date_is_offered_again(birds, cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    answer = client.post(EDIT, {**SENT, "csrfmiddlewaretoken": "x" * 64}, headers=OURS)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "You are signed in as Owner" in page
    sent = fields_of(page)
    assert sent["title"] == SENT["title"]
    assert sent["csrfmiddlewaretoken"] != "x" * 64
    assert client.post(EDIT, sent, headers=OURS).status_code == 302


def test_no_password_is_kept(db) -> None:
    client = Client(enforce_csrf_checks=True)
    sent = {"login": "owner", "password": "what nobody may see"}
    page = client.post("/accounts/login/", sent, headers=OURS).content.decode()
    assert "This form is out of date" in page
    assert "what nobody may see" not in page
    client = Client(enforce_csrf_checks=True)
    page = client.post("/tokens/", {**sent, "name": "my laptop here"}, headers=OURS).content.decode()
    assert "my laptop here" in page
    assert "what nobody may see" not in page


def test_who_signed_in_in_another_tab_is_in(cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    answer = client.post("/accounts/login/", {"login": "owner", "password": "x"}, headers=OURS)
    assert answer["Location"] == "/"


def test_a_piece_of_a_page_takes_the_page_to_the_sign_in(birds) -> None:
    here = "http://testserver/institute/birds/?table=birds"
    piece = {"HX-Request": "true", "HX-Current-URL": here}
    answer = Client().get("/work/", headers=piece)
    assert (answer.status_code, answer["HX-Redirect"]) == (
        401,
        "/accounts/login/?next=/institute/birds/%3Ftable%3Dbirds",
    )
    answer = Client().post(EDIT, SENT, headers={**piece, **OURS})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/accounts/login/?next=/send-again/")
    elsewhere = Client().get("/work/", headers={**piece, "HX-Current-URL": "https://evil.example/"})
    assert elsewhere["HX-Redirect"] == "/accounts/login/?next=/"


def test_a_form_that_is_too_long_is_not_kept(birds) -> None:
    client = Client()
    answer = client.post(EDIT, {**SENT, "description": "x" * 200_001}, headers=OURS)
    assert answer["Location"] == "/accounts/login/?next=/institute/birds/edit/"
