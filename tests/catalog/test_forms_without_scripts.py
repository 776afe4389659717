"""Every form of the site is sent as a browser without JavaScript sends it, and does its work.

Each form of a template is known by the template and its place there: the templates are loaded with that written into
them. A form that no page of the walk shows, or that a plain browser cannot send with success, fails here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase
from django.template.loaders.app_directories import Loader as AppLoader
from django.test import Client, override_settings

from catalog.models import Dataset, User
from tests.catalog.test_page_access import ROWS, SUITE, world  # noqa: F401 -- a fixture
from tests.fixtures.datasets import SQL, make_dataset, make_published
from tests.fixtures.people import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
FORM = re.compile(r"<form\b")
APPS = ("catalog", "ingest", "quality")


class NamingLoader(AppLoader):
    """Templates whose forms say which they are."""

    def get_contents(self, origin: Any) -> str:
        numbers = iter(range(1, 100))
        named = f'<form data-from="{origin.template_name}:'
        return FORM.sub(lambda _: f'{named}{next(numbers)}"', super().get_contents(origin))


@dataclass
class Form:
    """As it is in the page; ``sent`` are the fields that a browser sends of it when nobody has touched it."""

    source: str
    method: str
    action: str
    sent: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """Name and value of each button that sends it; ("", "") when it has no name."""
    choices: dict[str, str] = field(default_factory=dict)
    """Boxes and radio buttons that nobody has ticked: the first value of each name."""
    texts: int = 0
    """Fields of a line of text: with more than one, a browser sends nothing without a button."""


class Forms(HTMLParser):
    """The forms of a page, with their controls; also those that stand elsewhere and name the form."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Form] = []
        self._named: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: tuple[Form, str, list[tuple[str, bool]]] | None = None
        self._text: tuple[Form, str, list[str]] | None = None
        self._out_of_reach = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._out_of_reach += 1
        if self._out_of_reach:
            return
        if tag == "form":
            method = given.get("method", "get").lower()
            self._open = Form(given.get("data-from", "?"), method, given.get("action", ""))
            self.found.append(self._open)
            self._named[given.get("id", "")] = self._open
            return
        form = self._named.get(given["form"]) if "form" in given else self._open
        if tag == "option" and self._select:
            self._select[2].append((given.get("value", ""), "selected" in given))
        if form is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "button" and given.get("type", "submit") == "submit" and "hidden" not in given:
            form.buttons.append((name, given.get("value", "")))
        elif tag == "select":
            self._select = (form, name, [])
        elif tag == "textarea":
            self._text = (form, name, [])
        elif tag == "input":
            self._take(form, name, given)

    def _take(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind == "submit":
            form.buttons.append((name, given.get("value", "")))
        elif kind in {"checkbox", "radio"}:
            if "checked" in given:
                form.sent.append((name, given.get("value", "on")))
            elif name not in UNTICKED:
                form.choices.setdefault(name, given.get("value", "on"))
        elif kind != "file":
            form.sent.append((name, given.get("value", "")))
            form.texts += kind not in {"hidden", "range", "color"}

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._out_of_reach -= 1
        elif tag == "form":
            self._open = None
        elif tag == "select" and self._select:
            form, name, options = self._select
            chosen = [value for value, selected in options if selected] or [value for value, _ in options[:1]]
            form.sent += [(name, value) for value in chosen]
            self._select = None
        elif tag == "textarea" and self._text:
            form, name, said = self._text
            form.sent.append((name, "".join(said).removeprefix("\n")))
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[2].append(data)


WRITTEN = {
    "title": "Gulls",
    "name": "gulls",
    "reason": "It was wrong.",
    "username": "stranger",
    "password": PASSWORD,
    "login": "stranger",
    "purpose": "To count gulls.",
    "text": SUITE,
    "note": "The first.",
    "label": "seen",
    "value": "1",
    "url": "https://data.example/a.csv",
    "until_on": "2099-01-01",
    "column": "id",
    "on": "institute/open/1.0.0/birds",
    "other": "institute/open/1.0.0/birds",
}
"""What is written into empty fields of these names."""
CHANGED = {"slug": "gulls", "row": "1"}
"""What is written into fields of these names in any case."""
LOOKERS = {
    "owner": ("/",),
    "steward": ("/review/", "/work/", "/notices/"),
    "staff": ("/administration/", "/audit/", "/organizations/institute/verify/"),
    "stranger": ("/institute/", "/work/requests/", "/invitations/", "/settings/"),
    "contributor": ("/share/", "/uploads/", "/institute/submitted/", "/institute/drafted/"),
    "grantee": ("/institute/secret/", "/institute/third/"),
    "anonymous": ("/accounts/",),
}
"""Who looks at which pages."""
UNTICKED = {"is_missing", *(f"c{place}-is_left_out" for place in range(100))}
"""Boxes that take another field's word back, or the column that they stand at: one has to be left."""
MOST_TRIES = 4
"""How often a form is sent that is refused: another page may have it with other values."""
MORE = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/institute/open/data/?filter=id",
    "/institute/submitted/v/draft/",
    "/institute/third/access/request/",
    "/institute/drafted/standing/",
)
DONE_BEFORE = (
    ("owner", "/institute/open/v/1.0.0/standing/", {"do": "deprecate", "reason": "Old."}),
    ("owner", "/institute/drafted/standing/", {"do": "embargo", "until_on": "2099-01-01"}),
    ("owner", "/institute/open/follow/", {"do": "follow"}),
    ("owner", "/institute/open/rules/attach/", {"rule_set": "institute/series@1.0.0"}),
    ("owner", "/organizations/institute/rule-sets/series/new-version/take/", {"dataset": "open"}),
)
"""What makes further forms appear."""
BEHIND_A_MAIL = "behind the link of a mail: tests/catalog/test_accounts.py"
SECOND_STEP = "of the second step of signing in: tests/catalog/test_accounts.py, tests/e2e/test_account_pages.py"
OF_A_RECIPE = "of a table that the pipeline read: tests/ingest/test_recipes_of_drafts.py"
OF_CHANGED_CELLS = "of a table that the pipeline read: tests/ingest/test_changes_page.py"
OF_AN_OPENING = "of a file that the pipeline read: tests/ingest/test_opening_page.py"
OF_A_DECISION = "of a decision in its first seconds: tests/catalog/test_undo.py"
OF_A_FAILED_JOB = "of a job that failed: tests/catalog/test_administration.py"
OF_A_LOST_FORM = "of a form of a session that ended: tests/catalog/test_kept_forms.py"
OF_A_RULE_SET = "of a set that others stand on: tests/quality/test_set_editor.py, tests/quality/test_rule_pages.py"
ELSEWHERE = {
    "catalog/annotations.html:1": "of corrections that were accepted: tests/catalog/test_page_access.py",
    "ingest/parts/checks.html:1": "of a check that broke: tests/ingest/test_columns_page.py",
    "ingest/parts/columns.html:1": "of a table of more columns than a page has: tests/ingest/test_columns_page.py",
    "ingest/parts/job.html:2": "of a table that the pipeline read: tests/catalog/test_page_access.py",
    "ingest/parts/start.html:2": "of a draft that began empty: tests/catalog/test_page_access.py",
    "ingest/storage.html:2": "of copies that nobody needs: tests/catalog/test_administration.py",
    "quality/proposals.html:1": "of a profile that proposes rules: tests/quality/test_rule_pages.py",
    "quality/rule_set_version.html:2": OF_A_RULE_SET,
    "quality/rule_set_version.html:3": OF_A_RULE_SET,
    "quality/rules.html:1": OF_A_RULE_SET,
    "quality/suite.html:1": "of a suite that was read: tests/quality/test_rule_pages.py",
    "account/email_confirm.html:1": BEHIND_A_MAIL,
    "account/password_reset_from_key.html:1": BEHIND_A_MAIL,
    "account/password_set.html:1": BEHIND_A_MAIL,
    "allauth/elements/form.html:1": "of pages of allauth that no page of ours leads to",
    "mfa/authenticate.html:1": SECOND_STEP,
    "mfa/authenticate.html:2": SECOND_STEP,
    "mfa/reauthenticate.html:1": SECOND_STEP,
    "mfa/recovery_codes/generate.html:1": SECOND_STEP,
    "mfa/totp/activate_form.html:1": SECOND_STEP,
    "mfa/totp/deactivate_form.html:1": SECOND_STEP,
    "catalog/parts/decided_now.html:1": OF_A_DECISION,
    "catalog/review.html:2": OF_A_DECISION,
    "ingest/cells.html:1": OF_CHANGED_CELLS,
    "ingest/opening.html:1": OF_AN_OPENING,
    "ingest/opening.html:2": OF_AN_OPENING,
    "ingest/opening.html:3": OF_AN_OPENING,
    "ingest/clean.html:1": OF_A_RECIPE,
    "ingest/clean.html:2": OF_A_RECIPE,
    "ingest/clean.html:3": OF_A_RECIPE,
    "catalog/jobs.html:1": OF_A_FAILED_JOB,
    "catalog/jobs.html:3": OF_A_FAILED_JOB,
    "catalog/send_again.html:1": OF_A_LOST_FORM,
    "catalog/send_again.html:2": OF_A_LOST_FORM,
}
"""Forms that no page of the walk can show, and where they are sent by a client without scripts."""


def forms_of_templates() -> set[str]:
    found = set()
    for app in APPS:
        folder = ROOT / app / "templates"
        for path in folder.rglob("*.html"):
            count = len(FORM.findall(path.read_text("utf-8")))
            found |= {f"{path.relative_to(folder)}:{number}" for number in range(1, count + 1)}
    return found


@pytest.fixture
def named_forms() -> Iterator[None]:
    [engine] = settings.TEMPLATES
    options = {**engine["OPTIONS"], "loaders": [f"{__name__}.NamingLoader"]}
    with override_settings(TEMPLATES=[{**engine, "APP_DIRS": False, "OPTIONS": options}]):
        yield


def bodies(form: Form) -> Iterator[dict[str, list[str]]]:
    """What is sent by each of its buttons; where there is none, by the Enter key in its only field of text."""
    sent = [(name, CHANGED.get(name) or value or WRITTEN.get(name, "")) for name, value in form.sent if name]
    there = {name for name, _ in sent}
    sent += [(name, value) for name, value in form.choices.items() if name not in there]
    for name, value in form.buttons or ([("", "")] if form.texts == 1 else []):
        body: dict[str, list[str]] = {}
        for key, said in [*sent, *([(name, value)] if name else [])]:
            body.setdefault(key, []).append(said)
        yield body


def send(client: Client, at: str, form: Form, body: dict[str, list[str]]) -> str:
    """What became of it: "" when a page came of it, or was led to."""
    address = urljoin(at, form.action) if form.action else at
    with transaction.atomic():
        if form.method == "post":
            response: HttpResponseBase = client.post(address, body)
        else:
            response = client.get(urlsplit(address).path, body)
        transaction.set_rollback(True)
    if response.status_code == 302:
        return ""
    whole = b"<html" in getattr(response, "content", b"")
    return "" if response.status_code == 200 and whole else f"{response.status_code}{'' if whole else ', no page'}"


def client_of(cast: Any, person: str) -> Client:
    """Whoever has to show that the form was theirs, as a browser has to."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if person == "staff":
        User.objects.filter(username="maintainer").update(is_staff=True)
        client.force_login(cast.maintainer.user)
    elif person != "anonymous":
        client.force_login(cast.named(person).user)
    return client


def again(client: Client) -> Client:
    """The same person's browser, whose cookies the answer does not change."""
    other = Client(enforce_csrf_checks=True, raise_request_exception=False)
    other.cookies = SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()})
    return other


def forms_of(client: Client, path: str) -> list[Form]:
    with transaction.atomic():
        page = client.get(path)
        transaction.set_rollback(True)
    if page.status_code not in {200, 404} or page.streaming or b"<form" not in page.content:
        return []
    return Forms(page.content.decode()).found


@pytest.fixture
def full(world: Any) -> Any:  # noqa: F811
    """The world of the pages, with what further forms need."""
    cast, names = world
    make_published(cast, Dataset.objects.get(slug="open"), sql=f"{SQL} WHERE range > 9")
    make_published(cast, make_dataset(cast, slug="third", access="restricted"))
    for person, path, body in DONE_BEFORE:
        client = Client()
        client.force_login(cast.named(person).user)
        assert client.post(path, body).status_code == 302, path
    return cast, names


def test_every_form_works_as_a_plain_browser_sends_it(full: Any, named_forms: None) -> None:
    cast, names = full
    done: set[str] = set()
    tries: Counter[str] = Counter()
    refused: dict[str, str] = {}
    paths = list(dict.fromkeys([*(row.path.format(**names) for row in ROWS if row.body is None), *MORE]))
    for person, beginnings in LOOKERS.items():
        client = client_of(cast, person)
        for path in filter(lambda path: path.startswith(beginnings), paths):
            for form in forms_of(client, path):
                if form.source in done or tries[form.source] >= MOST_TRIES:
                    continue
                tries[form.source] += 1
                for body in bodies(form):
                    told = send(again(client), path, form, body)
                    if not told:
                        done.add(form.source)
                        break
                    refused[form.source] = f"{person} {path}: {told} {body}"
    missing = forms_of_templates() - done - ELSEWHERE.keys()
    told = [f"{form}: {refused.get(form, 'no page shows it')}" for form in sorted(missing)]
    assert not told, "\n".join(told)


def test_nothing_is_excused_that_is_gone() -> None:
    assert ELSEWHERE.keys() - forms_of_templates() == set()
