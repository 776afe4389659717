"""Signing up, in and out: the real pages, the mails that they send, and the second step."""

from __future__ import annotations

import random
import re
import time
from ipaddress import IPv6Address

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import translation

from catalog.models import User
from catalog.services.notifying.account_letters import account_letter
from catalog.web.account.second_step import SecondStepAdapter
from tests.fixtures.people import PASSWORD

NEW = "a rather long password"


@pytest.fixture(autouse=True)
def _uncounted(db, settings):
    """The tries of a minute are counted across tests, by address."""
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def owner(cast) -> User:
    user = cast.owner.user
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def link_of(letter, part: str) -> str:
    """The path of the link of a mail."""
    found = re.search(rf"http://[^/\s]+(/\S*{part}\S*)", letter.body)
    assert found, letter.body
    return found.group(1)


def code_of(secret: str) -> str:
    """What the app on the phone shows now (RFC 6238: another one every 30 seconds)."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def turn_on_second_step(client: Client) -> list[str]:
    """Through the pages; the recovery codes that are shown."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="totp-key">(\w+)<', page).group(1)
    shown = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True).content.decode()
    return re.search(r'id="codes"[^>]*>([\d\s]+)<', shown).group(1).split()


# ---------------------------------------------------------------- signing up
def test_signing_up_confirming_and_signing_in(db) -> None:
    client = Client()
    sent = {"email": "zoe@example.org", "username": "zoe", "password1": NEW}
    page = client.post("/accounts/signup/", sent, headers={"Accept-Language": "zh-hans"}, follow=True)
    assert page.status_code == 200
    user = User.objects.get(username="zoe")
    assert user.language == "zh-hans"
    [letter] = mail.outbox
    assert letter.to == ["zoe@example.org"]
    assert "，您好：" in letter.body
    assert letter.alternatives[0].content.count(link_of(letter, "confirm-email")) == 1
    client.post(link_of(letter, "confirm-email"))
    client.logout()
    answer = client.post("/accounts/login/?next=/settings/", {"login": "zoe", "password": NEW})
    assert answer["Location"] == "/settings/"
    # The language goes with the person to a device that asks for another one.
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_a_taken_address_is_told_to_its_owner_alone(owner) -> None:
    page = Client().post(
        "/accounts/signup/", {"email": owner.email, "username": "other", "password1": NEW}, follow=True
    )
    assert "Look into your mail" in page.content.decode()
    [letter] = mail.outbox
    assert letter.subject == "You have an account already"
    assert not User.objects.filter(username="other").exists()


def test_links_in_mails_name_our_address_whatever_host_was_asked(owner, settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/accounts/password/reset/", {"email": owner.email}, headers={"Host": "evil.example"})
    [letter] = mail.outbox
    assert "evil.example" not in letter.body
    assert f"{settings.BASE_URL}/accounts/password/reset/key/" in letter.body


# ---------------------------------------------------------------- the password
def test_a_forgotten_password_is_chosen_anew(owner) -> None:
    User.objects.filter(pk=owner.pk).update(language="zh-hans")
    client = Client()
    client.post("/accounts/password/reset/", {"email": owner.email})
    [letter] = mail.outbox
    # Whoever asked for it: it is read by its owner.
    assert "，您好：" in letter.body
    there = client.get(link_of(letter, "password/reset/key"))["Location"]
    client.post(there, {"password1": NEW, "password2": NEW})
    assert client.post("/accounts/login/", {"login": "owner", "password": NEW}).status_code == 302
    used = Client().get(link_of(letter, "password/reset/key"), follow=True)
    assert "password/reset/" in used.content.decode()
    assert len(mail.outbox) == 2


def test_an_unknown_address_is_told_so_by_mail_alone(db) -> None:
    page = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert "Look into your mail" in page.content.decode()
    assert [letter.subject for letter in mail.outbox] == ["No account has this address"]


def test_a_changed_password_is_told_with_the_address_it_came_from(owner) -> None:
    client = Client()
    client.force_login(owner)
    wrong = client.post("/accounts/password/change/", {"oldpassword": "x", "password1": NEW, "password2": NEW})
    assert wrong.status_code == 200
    sent = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    answer = client.post("/accounts/password/change/", sent, headers={"User-Agent": "<b>Browser"})
    assert answer["Location"] == "/settings/"
    [letter] = mail.outbox
    assert letter.subject == "Your password was changed"
    assert "127.0.0.1" in letter.body
    assert "&lt;b&gt;Browser" in letter.alternatives[0].content
    assert client.get("/settings/").status_code == 200


# ---------------------------------------------------------------- the second step
def test_the_second_step_is_asked_for_and_a_recovery_code_counts_once(
    owner, django_capture_on_commit_callbacks
) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        codes = turn_on_second_step(client)
    assert len(codes) == 10
    assert [letter.subject for letter in mail.outbox] == ["Two-step sign-in was turned on"]
    for code, lets_in in [("wrong", False), (codes[0], True), (codes[0], False)]:
        other = Client()
        first = other.post("/accounts/login/?next=/tokens/", {"login": "owner", "password": PASSWORD})
        assert first["Location"].startswith("/accounts/2fa/authenticate/")
        assert other.get("/tokens/").status_code == 302
        other.post("/accounts/2fa/authenticate/", {"code": code})
        assert (other.get("/tokens/").status_code == 200) is lets_in
    assert 'class="chip ok"' in client.get("/settings/").content.decode()


def test_the_secret_is_not_readable_in_the_database_and_outlives_a_new_key(owner, settings) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    turn_on_second_step(client)
    kept = Authenticator.objects.get(user=owner, type="totp").data["secret"]
    secret = SecondStepAdapter().decrypt(kept)
    assert re.fullmatch("[A-Z2-7]{32}", secret)
    assert secret not in kept
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another one, which is long enough"
    assert SecondStepAdapter().decrypt(kept) == secret


def test_who_signed_in_long_ago_shows_once_more_that_it_is_them(owner) -> None:
    client = Client()
    client.force_login(owner)
    answer = client.get("/accounts/2fa/totp/activate/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert "Is it you?" in client.get(answer["Location"]).content.decode()
    after = client.post(answer["Location"], {"password": PASSWORD})
    assert after["Location"] == "/accounts/2fa/totp/activate/"


def test_staff_can_not_pass_by_the_second_step_through_django_s_admin(owner) -> None:
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", {"username": "owner", "password": PASSWORD})
    assert answer["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert client.get("/admin/").status_code == 302


def test_staff_and_stewards_are_advised_until_they_have_it(cast, owner) -> None:
    words = "protect your account by a second step"
    for person, is_advised in [(cast.reader, False), (cast.steward, True)]:
        client = Client()
        client.force_login(person.user)
        for path in ("/settings/", "/work/"):
            assert (words in client.get(path).content.decode()) is is_advised
    cast.steward.user.emailaddress_set.create(email=cast.steward.user.email, verified=True, primary=True)
    client = Client()
    client.post("/accounts/login/", {"login": "steward", "password": PASSWORD})
    turn_on_second_step(client)
    assert words not in client.get("/work/").content.decode()


# ---------------------------------------------------------------- small things
def test_too_many_tries_are_told_when_to_come_back(db, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    # Counted under an address of its own, which no other run had within the minute.
    client = Client(REMOTE_ADDR=str(IPv6Address(random.getrandbits(120) | 1 << 125)))
    answers = [client.post("/accounts/login/", {"login": "x", "password": "y"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "60"
    assert "Wait 60 seconds" in answers[2].content.decode()


def test_the_icon_that_browsers_ask_for_is_the_mark(client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"].endswith(".svg")) == (301, True)


def test_the_switch_of_the_language_is_kept_for_mails(cast, client) -> None:
    client.post("/i18n/setlang", {"language": "zh-hans", "next": "/"})
    client.force_login(cast.owner.user)
    client.post("/i18n/setlang", {"language": "zh-hans", "next": "/"})
    client.post("/i18n/setlang", {"language": "fr", "next": "/"})
    client.get("/i18n/setlang?language=en")
    assert User.objects.get(username="owner").language == "zh-hans"
    assert set(User.objects.exclude(username="owner").values_list("language", flat=True)) == {""}


@pytest.mark.parametrize("kind", ["email_confirmation", "password_reset_key", "unknown_account", "totp_deactivated"])
def test_every_mail_of_the_account_leads_to_a_page_of_ours(kind) -> None:
    facts = dict.fromkeys(
        ("activate_url", "password_reset_url", "signup_url"), "http://evil.example/accounts/login/?next=/"
    )
    with translation.override("en"):
        letter = account_letter(kind, name="", facts={**facts, "email": "a@example.org"})
    assert letter is not None
    assert letter.link.startswith(f"{settings.BASE_URL}/")
    assert letter.greeting == "Hello,"
    assert not letter.stop_link


def test_a_mail_without_words_of_ours_is_left_to_allauth() -> None:
    assert account_letter("phone_verified", name="", facts={}) is None
