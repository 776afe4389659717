"""Every page, asked by everybody. A page without a row here fails the last test.

The rows are written out, not computed: what a change of permissions does must be seen here.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, resolve

from catalog.models import Dataset
from catalog.services.grants import grant_access
from catalog.services.tokens import create_token
from catalog.web.urls import urlpatterns
from ingest.services.uploads import initiate_upload
from ingest.web.urls import urlpatterns as share_patterns
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published, make_submitted
from tests.fixtures.people import Cast

# The columns, in order. "staff" is left out: staff sees all.
PEOPLE = ("anonymous", "stranger", "grantee", "reader", "contributor", "maintainer", "owner", "steward")


World = tuple[Cast, dict[str, object]]


@dataclass(frozen=True)
class Row:
    path: str
    expected: str
    body: dict[str, str] | None = None


def everybody(status: int) -> str:
    return " ".join([str(status)] * len(PEOPLE))


EDITED = {"title": "T", "access": "public", "license": "CC0-1.0"}
SIGNED_IN = "302 200 200 200 200 200 200 200"
ROWS = [
    # ------------------------------------------------------------ open to all
    Row("/", everybody(200)),
    Row("/?q=birds&access=public&sort=title", everybody(200)),
    Row("/about/", everybody(200)),
    Row("/docs/", everybody(200)),
    Row("/docs/errors", everybody(200)),
    Row("/docs/none", everybody(404)),
    Row("/organizations/", everybody(200)),
    Row("/institute/", everybody(200)),
    Row("/nobody/", everybody(404)),
    Row("/institute/open/", everybody(200)),
    Row("/institute/open/data/", everybody(200)),
    Row("/institute/open/schema/", everybody(200)),
    Row("/institute/open/quality/", everybody(200)),
    Row("/institute/open/versions/", everybody(200)),
    Row("/institute/open/use/?with=curl", everybody(200)),
    Row("/institute/open/v/1.0.0/", everybody(200)),
    Row("/institute/open/v/1.0.0/data/", everybody(200)),
    Row("/institute/open/v/1.0.0/schema/", everybody(200)),
    Row("/institute/open/v/1.0.0/quality/", everybody(200)),
    Row("/institute/open/v/1.0.0/use/", everybody(200)),
    Row("/institute/open/v/9.0.0/", everybody(404)),
    Row("/institute/open/schema/?table=none", everybody(404)),
    # ------------------------------------------------------------ restricted: all but the rows is for everybody
    Row("/institute/closed/", everybody(200)),
    Row("/institute/closed/schema/", everybody(200)),
    Row("/institute/closed/quality/", everybody(200)),
    # ------------------------------------------------------------ private: for members
    Row("/institute/secret/", "404 404 404 200 200 200 200 200"),
    Row("/institute/secret/quality/", "404 404 404 200 200 200 200 200"),
    # ------------------------------------------------------------ a draft: for those who work on it and stewards
    Row("/institute/drafted/", "404 404 404 200 200 200 200 200"),
    Row("/institute/drafted/v/draft/", "404 404 404 404 200 200 200 200"),
    Row("/institute/drafted/v/draft/schema/", "404 404 404 404 200 200 200 200"),
    Row("/institute/drafted/v/draft/quality/", "404 404 404 404 200 200 200 200"),
    Row("/institute/drafted/v/draft/schema/edit/", "302 404 404 404 200 200 200 403"),
    Row("/institute/open/v/1.0.0/schema/edit/", "302 403 403 403 404 404 404 403"),
    Row("/institute/submitted/v/draft/take-back/", "302 404 404 404 302 302 302 403", {}),
    # ------------------------------------------------------------ what one's role allows
    Row("/institute/open/edit/", "302 403 403 403 200 200 200 403"),
    Row(
        "/institute/open/edit/",
        "302 403 403 403 302 302 302 403",
        {"title": "T", "access": "public", "license": "CC0-1.0"},
    ),
    # Who may have the bytes is the maintainers' to decide.
    Row(
        "/institute/open/edit/",
        "302 403 403 403 403 302 302 403",
        {"title": "T", "access": "private", "license": "CC0-1.0"},
    ),
    Row("/institute/closed/access/", "302 403 403 403 403 200 200 403"),
    Row("/institute/closed/access/", "302 403 403 403 403 302 302 403", {"username": "stranger"}),
    Row("/institute/closed/access/revoke/", "302 403 403 403 403 302 302 403", {"username": "grantee"}),
    Row("/institute/open/v/1.0.0/withdraw/", "302 403 403 403 403 200 200 403"),
    Row("/institute/open/v/1.0.0/withdraw/", "302 403 403 403 403 302 302 403", {"reason": "Wrong."}),
    Row("/organizations/institute/edit/", "302 403 403 403 403 403 200 403"),
    Row("/organizations/institute/people/", "302 403 403 200 200 200 200 200"),
    Row(
        "/organizations/institute/people/",
        "302 403 403 403 403 403 302 403",
        {"username": "stranger", "role": "reader"},
    ),
    # Everybody may leave by themselves: the reader's 302.
    Row("/organizations/institute/people/remove/", "302 403 403 302 403 403 302 403", {"username": "reader"}),
    # ------------------------------------------------------------ one's own
    Row("/organizations/new/", SIGNED_IN),
    Row("/work/", SIGNED_IN),
    Row("/tokens/", SIGNED_IN),
    Row("/tokens/", SIGNED_IN, {"name": "laptop", "scopes": "read", "days": "30"}),
    Row("/tokens/{token}/revoke/", "302 404 404 404 404 404 302 404", {}),
    # ------------------------------------------------------------ share data: for those who may upload
    Row("/share/", SIGNED_IN),
    Row("/share/institute/drafted/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/open/", "302 403 403 403 200 200 200 403"),
    Row("/share/institute/secret/", "302 404 404 403 200 200 200 403"),
    # A description is saved as far as it is valid; what is not is shown again.
    Row(
        "/share/institute/drafted/description/",
        "302 404 404 403 302 302 302 403",
        {"title": "T", "access": "private"},
    ),
    Row("/share/institute/drafted/start/", "302 404 404 403 302 302 302 403", {"start_from": "empty"}),
    Row("/share/institute/drafted/import/", "302 404 404 403 302 302 302 403"),
    Row("/share/institute/drafted/import/", "302 404 404 403 302 302 302 403", {"url": "https://data.example/a.csv"}),
    Row("/share/institute/drafted/import/", "302 404 404 403 400 400 400 403", {"url": "http://data.example/a.csv"}),
    Row("/share/institute/drafted/tables/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/drafted/tables/remove/", "302 404 404 403 302 302 302 403", {"table": "birds"}),
    Row("/share/institute/drafted/tables/birds/clean/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/drafted/tables/none/clean/", "302 404 404 403 404 404 404 403"),
    Row(
        "/share/institute/drafted/tables/birds/clean/",
        "302 404 404 403 302 302 302 403",
        {"column": "id", "change": "string"},
    ),
    Row("/share/institute/drafted/check/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/drafted/submit/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/submitted/submitted/", "302 404 404 403 200 200 200 403"),
    Row("/uploads/", SIGNED_IN),
    Row("/uploads/{upload}/", "302 404 404 404 200 200 200 404"),
    Row("/uploads/{upload}/cancel/", "302 404 404 404 302 302 302 404", {}),
    # ------------------------------------------------------------ reviews: the contributor submitted this one
    Row("/review/", SIGNED_IN),
    Row("/review/{review}/", "302 404 404 404 200 200 200 200"),
    Row("/review/{review}/", "302 404 404 404 400 403 403 302", {"decision": "approve"}),
]


@pytest.fixture
def world(cast: Cast) -> World:
    """One dataset of each kind, a review, a grant and a token."""
    make_published(cast, make_dataset(cast, slug="open"))
    closed = make_dataset(cast, slug="closed", access="restricted")
    make_published(cast, closed)
    grant_access(actor=cast.owner, dataset=closed, username="grantee")
    make_published(cast, make_dataset(cast, slug="secret", access="private"))
    make_checked_draft(cast, make_dataset(cast, slug="drafted"))
    submitted = make_submitted(cast, make_dataset(cast, slug="submitted"))
    token, _ = create_token(actor=cast.owner, name="mine", scopes=["read"])
    upload = initiate_upload(
        actor=cast.contributor, dataset=Dataset.objects.get(slug="drafted"), filename="birds.csv", size=10
    )
    return cast, {"review": submitted.reviews.get().pk, "token": token.pk, "upload": upload.pk}


def test_each_person_gets_what_the_matrix_says(world: World) -> None:
    """One test of some 400 questions on one world, each inside a savepoint; it tells every row that is off."""
    cast, names = world
    off = {}
    for row in ROWS:
        answers = [ask(cast, names, row, person) for person in PEOPLE]
        if answers != list(map(int, row.expected.split())):
            key = f"{'get' if row.body is None else 'post'} {row.path} {row.body or ''}"
            off[key] = (" ".join(map(str, answers)), row.expected)
    assert off == {}


def ask(cast: Cast, names: dict[str, object], row: Row, person: str) -> int:
    client = Client()
    if person != "anonymous":
        client.force_login(cast.named(person).user)
    path = row.path.format(**names)
    with transaction.atomic():
        response = client.get(path) if row.body is None else client.post(path, row.body)
        transaction.set_rollback(True)
    if response.status_code == 302 and person == "anonymous":
        assert response["Location"].startswith("/accounts/login/?next=")
    return response.status_code


def test_every_page_has_a_row(world: World) -> None:
    _, names = world
    asked = {resolve(row.path.format(**names).partition("?")[0]).url_name for row in ROWS}
    named = {pattern.name for pattern in [*urlpatterns, *share_patterns] if isinstance(pattern, URLPattern)}
    assert named - asked == set()
