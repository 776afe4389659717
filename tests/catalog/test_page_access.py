"""Every page, asked by everybody. A page without a row here fails the last test.

The rows are written out, not computed: what a change of permissions does must be seen here.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, resolve

from catalog.models import Dataset, Notice
from catalog.services.annotating.annotations import propose_description
from catalog.services.cataloguing.schemas import create_schema
from catalog.services.granting.access_requests import ask_access
from catalog.services.granting.agreements import write_agreement
from catalog.services.granting.grants import grant_access
from catalog.services.membership.invitations import invite, key_of
from catalog.services.membership.tokens import create_token
from catalog.web.urls import urlpatterns
from ingest.services.uploads import initiate_upload
from ingest.web.urls import urlpatterns as share_patterns
from quality.services.rule_sets import create_rule_set
from quality.services.rules import set_rules
from quality.web.urls import urlpatterns as rule_patterns
from tests.fixtures.datasets import add_document, make_checked_draft, make_dataset, make_published, make_submitted
from tests.fixtures.people import Cast
from tests.fixtures.uploading import refused

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
SUITE = '{"expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}}]}'
SIGNED_IN = "302 200 200 200 200 200 200 200"
WEATHER = {"version": "1.0.0", "rows": "1", "c0-name": "id", "c0-type": "integer"}
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
    Row("/institute/open/data/sql/", everybody(200)),
    Row("/institute/closed/data/sql/?sql=SELECT+1+FROM+birds", "403 403 200 200 200 200 200 200"),
    Row(f"/queries/{'0' * 64}/", everybody(404)),
    Row("/institute/open/schema/", everybody(200)),
    Row("/institute/open/report/", everybody(200)),
    Row("/institute/open/badge.svg", everybody(200)),
    Row("/institute/open/quality/", everybody(200)),
    Row("/institute/open/versions/", everybody(200)),
    Row("/institute/open/use/?with=curl", everybody(200)),
    Row("/institute/open/v/1.0.0/", everybody(200)),
    Row("/institute/open/v/1.0.0/data/", everybody(200)),
    Row("/institute/open/v/1.0.0/data/sql/", everybody(200)),
    Row("/institute/open/v/1.0.0/schema/", everybody(200)),
    Row("/institute/open/v/1.0.0/quality/", everybody(200)),
    Row("/institute/open/v/1.0.0/use/", everybody(200)),
    Row("/institute/open/v/9.0.0/", everybody(404)),
    Row("/institute/open/schema/?table=none", everybody(404)),
    # ------------------------------------------------------------ a version is not compared with itself
    Row("/institute/open/compare/?from=1.0.0&to=1.0.0", everybody(400)),
    Row("/institute/open/compare/1.0.0...1.0.0/", everybody(400)),
    Row("/institute/secret/compare/?from=1.0.0&to=1.0.0", "404 404 404 400 400 400 400 400"),
    Row("/institute/secret/compare/1.0.0...1.0.0/", "404 404 404 400 400 400 400 400"),
    # ------------------------------------------------------------ annotations: everybody reads what stands
    Row("/institute/open/annotations/", everybody(200)),
    Row("/institute/closed/annotations/?row=1", everybody(200)),
    Row("/institute/secret/annotations/", "404 404 404 200 200 200 200 200"),
    Row("/institute/drafted/v/draft/annotations/", "404 404 404 404 200 200 200 200"),
    Row(
        "/institute/open/annotations/",
        "302 302 302 302 302 302 302 302",
        {"what": "description", "column": "id", "aspect": "unit", "value": "1"},
    ),
    Row("/institute/open/annotations/{annotation}/", "404 200 404 200 200 200 200 200"),
    Row("/institute/open/annotations/{annotation}/", "404 403 404 403 302 302 302 302", {"decision": "accept"}),
    Row("/share/institute/open/annotations/apply/", "302 403 403 403 302 302 302 403", {"table": "birds"}),
    # ------------------------------------------------------------ restricted: all but the rows is for everybody
    Row("/institute/closed/", everybody(200)),
    Row("/institute/closed/schema/", everybody(200)),
    Row("/institute/closed/report/", everybody(200)),
    Row("/institute/closed/badge.svg", everybody(200)),
    Row("/institute/closed/quality/", everybody(200)),
    # ------------------------------------------------------------ private: for members
    Row("/institute/secret/", "404 404 404 200 200 200 200 200"),
    Row("/institute/secret/report/", "404 404 404 200 200 200 200 200"),
    Row("/institute/secret/badge.svg", "404 404 404 200 200 200 200 200"),
    Row("/institute/secret/quality/", "404 404 404 200 200 200 200 200"),
    # ------------------------------------------------------------ a draft: for those who work on it and stewards
    Row("/institute/drafted/", "404 404 404 200 200 200 200 200"),
    Row("/institute/drafted/v/draft/", "404 404 404 404 200 200 200 200"),
    Row("/institute/drafted/v/draft/schema/", "404 404 404 404 200 200 200 200"),
    Row("/institute/drafted/v/draft/report/", "404 404 404 404 200 200 200 200"),
    Row("/institute/drafted/v/draft/quality/", "404 404 404 404 200 200 200 200"),
    Row("/institute/drafted/v/draft/schema/edit/", "302 404 404 404 200 200 200 403"),
    Row("/institute/open/v/1.0.0/schema/edit/", "302 403 403 403 404 404 404 403"),
    Row("/institute/drafted/v/draft/schema/column/?column=id", "302 404 404 404 200 200 200 403"),
    Row(
        "/institute/drafted/v/draft/schema/column/?column=id",
        "302 404 404 404 302 302 302 403",
        {"meaning": "M", "unit": ""},
    ),
    Row("/institute/open/v/1.0.0/schema/column/?column=id", "302 403 403 403 404 404 404 403"),
    Row("/institute/submitted/v/draft/take-back/", "302 404 404 404 302 302 302 403", {}),
    # ------------------------------------------------------------ what one's role allows
    Row("/institute/open/edit/", "302 403 403 403 200 200 200 403"),
    Row(
        "/institute/open/edit/",
        "302 403 403 403 302 302 302 403",
        {"title": "T", "access": "public", "license": "CC0-1.0"},
    ),
    # Who may have the bytes is the maintainers' to decide.
    Row("/institute/open/audit/", "302 403 403 403 403 200 200 403"),
    Row("/institute/secret/audit/?format=csv", "302 404 404 403 403 200 200 403"),
    Row("/audit/", "302 404 404 404 404 404 404 404"),
    Row("/audit/verify/", "302 404 404 404 404 404 404 404", {}),
    Row(
        "/institute/open/edit/",
        "302 403 403 403 403 302 302 403",
        {"title": "T", "access": "private", "license": "CC0-1.0"},
    ),
    # ------------------------------------------------------------ access: the stranger has asked for it
    Row("/institute/closed/access/", everybody(200)),
    Row("/institute/secret/access/", "404 404 404 200 200 200 200 200"),
    Row("/institute/closed/access/request/", "302 200 409 409 409 409 409 409"),
    Row("/institute/closed/access/request/", "302 400 409 409 409 409 409 409", {"purpose": "Gulls."}),
    Row("/institute/secret/access/request/", "302 404 404 409 409 409 409 409"),
    Row("/institute/closed/access/agreement/1/", everybody(200)),
    Row("/institute/secret/access/agreement/1/", everybody(404)),
    Row("/institute/closed/access/agreement/", "302 403 403 403 403 200 200 403"),
    Row(
        "/institute/closed/access/agreement/",
        "302 403 403 403 403 302 302 403",
        {"text": "New.", "q-TOTAL_FORMS": "0", "q-INITIAL_FORMS": "0"},
    ),
    Row("/work/requests/{request}/", "302 200 404 404 404 200 200 404"),
    Row("/work/requests/{request}/", "302 403 404 404 404 302 302 404", {"decision": "grant"}),
    Row("/work/requests/{request}/remark/", "302 302 404 404 404 302 302 404", {"text": "Why?"}),
    Row("/work/requests/{request}/cancel/", "302 302 404 404 404 409 409 404", {}),
    Row("/institute/open/standing/", "302 403 403 403 403 200 200 403"),
    Row(
        "/institute/open/standing/",
        "302 403 403 403 403 302 302 403",
        {"do": "rename", "slug": "x", "organization": "institute"},
    ),
    Row("/institute/secret/standing/", "302 404 404 403 403 200 200 403"),
    Row("/institute/open/v/1.0.0/standing/", "302 403 403 403 403 200 200 403"),
    Row("/institute/open/v/1.0.0/standing/", "302 403 403 403 403 302 302 403", {"do": "deprecate", "reason": "Old."}),
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
    Row("/organizations/institute/verify/", "302 404 404 404 404 404 404 404"),
    Row("/organizations/institute/verify/", "302 404 404 404 404 404 404 404", {"reason": "Ours."}),
    Row("/organizations/institute/quality/", everybody(200)),
    Row("/organizations/nobody/quality/", everybody(404)),
    Row(
        "/organizations/institute/people/", "302 403 403 403 403 403 302 403", {"username": "a@b.org", "role": "reader"}
    ),
    Row("/organizations/institute/people/uninvite/{invitation}/", "302 403 403 403 403 403 302 403", {}),
    Row("/invitations/{key}/", everybody(200)),
    Row("/invitations/1:forged/", everybody(404)),
    # Whoever has the link may accept, once.
    Row("/invitations/{key}/", SIGNED_IN.replace("200", "302"), {}),
    # ------------------------------------------------------------ standard schemas: read by all, made by maintainers
    Row("/schemas/", everybody(200)),
    Row("/schemas/?organization=institute", everybody(200)),
    Row("/schemas/weather/", everybody(200)),
    Row("/schemas/weather/1.0.0/", everybody(200)),
    Row("/schemas/weather/2.0.0/", everybody(404)),
    Row("/organizations/institute/new-schema/", "302 403 403 403 403 200 200 403"),
    Row("/organizations/institute/new-schema/?from=institute/secret", "302 403 403 403 403 200 200 403"),
    Row("/organizations/institute/new-schema/", "302 403 403 403 403 302 302 403", {**WEATHER, "name": "sea"}),
    Row("/schemas/weather/new-version/", "302 403 403 403 403 200 200 403"),
    Row("/schemas/weather/new-version/", "302 403 403 403 403 302 302 403", {**WEATHER, "version": "2.0.0"}),
    # ------------------------------------------------------------ the administration: for staff alone
    Row("/administration/", "302 404 404 404 404 404 404 404"),
    Row("/administration/jobs/", "302 404 404 404 404 404 404 404"),
    Row("/administration/jobs/again/", "302 404 404 404 404 404 404 404", {"all": "1"}),
    Row("/administration/storage/", "302 404 404 404 404 404 404 404"),
    Row("/administration/storage/of/institute/", "302 404 404 404 404 404 404 404"),
    Row("/administration/storage/clean/", "302 404 404 404 404 404 404 404", {"do": "leftovers"}),
    Row("/administration/users/", "302 404 404 404 404 404 404 404"),
    Row("/administration/users/reader/", "302 404 404 404 404 404 404 404"),
    Row("/administration/users/reader/", "302 404 404 404 404 404 404 404", {"do": "deactivate"}),
    Row("/administration/agreements/", "302 404 404 404 404 404 404 404"),
    # ------------------------------------------------------------ one's own
    Row("/organizations/new/", SIGNED_IN),
    Row("/work/", SIGNED_IN),
    Row("/settings/", SIGNED_IN),
    Row("/settings/", "302 302 302 302 302 302 302 302", {"language": "en"}),
    Row("/notices/", SIGNED_IN),
    Row("/notices/{notice}/", "302 404 404 404 404 404 404 302"),
    Row("/notices/read/", "302 302 302 302 302 302 302 302", {}),
    Row("/send-again/", "302 302 302 302 302 302 302 302"),
    Row("/favicon.ico", everybody(301)),
    Row("/institute/open/follow/", SIGNED_IN),
    Row("/institute/open/follow/", "302 302 302 302 302 302 302 302", {"do": "follow"}),
    Row("/institute/secret/follow/", "302 404 404 200 200 200 200 200"),
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
    Row("/share/institute/drafted/suggested/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/drafted/documents/", "302 404 404 403 302 302 302 403"),
    Row(
        "/share/institute/drafted/documents/describe/",
        "302 404 404 403 302 302 302 403",
        {"document": "codebook.pdf", "title": "T"},
    ),
    Row("/share/institute/drafted/documents/remove/", "302 404 404 403 302 302 302 403", {"document": "codebook.pdf"}),
    Row("/share/institute/drafted/documents/remove/", "302 404 404 403 404 404 404 403", {"document": "none.pdf"}),
    Row("/share/institute/drafted/start/", "302 404 404 403 302 302 302 403", {"start_from": "empty"}),
    Row("/share/institute/drafted/import/", "302 404 404 403 302 302 302 403"),
    Row("/share/institute/drafted/import/", "302 404 404 403 302 302 302 403", {"url": "https://data.example/a.csv"}),
    Row("/share/institute/drafted/import/", "302 404 404 403 400 400 400 403", {"url": "http://data.example/a.csv"}),
    Row("/share/institute/drafted/tables/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/drafted/tables/remove/", "302 404 404 403 302 302 302 403", {"table": "birds"}),
    Row("/share/institute/drafted/tables/birds/clean/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/drafted/tables/none/clean/", "302 404 404 403 404 404 404 403"),
    # It was made of no text file.
    Row("/share/institute/drafted/tables/birds/opening/", "302 404 404 403 404 404 404 403"),
    Row("/share/institute/drafted/clean/?look", "302 404 404 403 302 302 302 403"),
    # Its recipe has no step with cells to show.
    Row("/share/institute/drafted/tables/birds/clean/0/", "302 404 404 403 404 404 404 403"),
    Row("/share/institute/drafted/tables/birds/changes.json", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/drafted/tables/birds/changes.csv", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/submitted/tables/birds/changes.csv", "302 404 404 403 404 404 404 403"),
    Row(
        "/share/institute/drafted/tables/birds/clean/",
        "302 404 404 403 302 302 302 403",
        {"columns": "1", "c0-column": "id", "c1-column": "name", "c2-column": "amount", "c0-name": "number"}
        | {"c1-name": "name", "c2-name": "amount"},
    ),
    Row("/share/institute/drafted/check/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/drafted/submit/", "302 404 404 403 200 200 200 403"),
    Row("/share/institute/submitted/submitted/", "302 404 404 403 200 200 200 403"),
    Row("/uploads/", SIGNED_IN),
    Row("/uploads/{upload}/", "302 404 404 404 200 200 200 404"),
    Row("/uploads/{refused}/document/", "302 404 404 404 302 302 302 404", {}),
    Row("/uploads/{upload}/document/", "302 404 404 404 409 409 409 404", {}),
    Row("/uploads/{upload}/cancel/", "302 404 404 404 302 302 302 404", {}),
    # ------------------------------------------------------------ rules: read as the dataset is, set by who may edit
    Row("/institute/open/rules/", everybody(200)),
    Row("/institute/closed/rules/", everybody(200)),
    Row("/institute/secret/rules/", "404 404 404 200 200 200 200 200"),
    Row("/institute/open/rules/", everybody(200), {"on": "1.0.0/birds"}),
    Row("/institute/closed/rules/", "302 403 200 200 200 200 200 200", {"on": "1.0.0/birds"}),
    Row("/institute/secret/rules/", "404 404 404 200 200 200 200 200", {"on": "1.0.0/birds"}),
    # Those who may not work on a draft are not told what its tables are called.
    Row("/institute/drafted/rules/", "404 404 404 400 200 200 200 200", {"on": "draft/birds"}),
    Row("/institute/open/rules/add/", "302 403 403 403 200 200 200 403"),
    Row("/institute/open/rules/add/unique/", "302 403 403 403 200 200 200 403"),
    Row("/institute/secret/rules/add/unique/", "302 404 404 403 200 200 200 403"),
    Row(
        "/institute/open/rules/add/unique/",
        "302 403 403 403 302 302 302 403",
        {"column": "name", "level": "error", "do": "save"},
    ),
    Row("/institute/open/rules/{rule}/edit/", "302 403 403 403 200 200 200 403"),
    Row("/institute/open/rules/{rule}/remove/", "302 403 403 403 302 302 302 403", {}),
    Row("/institute/open/rules/proposals/", "302 403 403 403 200 200 200 403"),
    Row("/institute/open/rules/suite/", "302 403 403 403 200 200 200 403"),
    Row("/institute/open/rules/suite/", "302 403 403 403 302 302 302 403", {"do": "apply", "text": SUITE}),
    Row("/institute/open/rules/suite.json", everybody(200)),
    Row("/institute/secret/rules/suite.json", "404 404 404 200 200 200 200 200"),
    Row("/institute/open/rules/attach/", "302 403 403 403 302 302 302 403", {"rule_set": "institute/series@1.0.0"}),
    Row("/institute/open/rules/detach/", "302 403 403 403 302 302 302 403", {"rule_set": "institute/series"}),
    # ------------------------------------------------------------ rule sets: shared, and of the members
    Row("/organizations/institute/rule-sets/", everybody(200)),
    Row("/organizations/institute/rule-sets/series/", everybody(200)),
    Row("/organizations/institute/rule-sets/inner/", "404 404 404 200 200 200 200 200"),
    Row("/organizations/institute/rule-sets/none/", everybody(404)),
    Row("/organizations/institute/new-rule-set/", "302 403 403 403 403 200 200 403"),
    Row("/organizations/institute/rule-sets/series/edit/", "302 403 403 403 403 200 200 403"),
    Row("/organizations/institute/rule-sets/inner/edit/", "302 404 404 403 403 200 200 403"),
    Row("/organizations/institute/rule-sets/series/edit/", "302 403 403 403 403 302 302 403", {"title": "T"}),
    Row("/organizations/institute/rule-sets/series/new-version/", "302 403 403 403 403 200 200 403"),
    Row(
        "/organizations/institute/rule-sets/series/new-version/",
        "302 403 403 403 403 302 302 403",
        {"number": "1.1.0"},
    ),
    Row("/organizations/institute/rule-sets/series/new-version/add/", "302 403 403 403 403 200 200 403"),
    Row("/organizations/institute/rule-sets/series/new-version/add/unique/", "302 403 403 403 403 200 200 403"),
    Row(
        "/organizations/institute/rule-sets/series/new-version/add/unique/",
        "302 403 403 403 403 302 302 403",
        {"column": "kind", "level": "error", "do": "save"},
    ),
    Row("/organizations/institute/rule-sets/series/new-version/none/edit/", "302 403 403 403 403 404 404 403"),
    Row("/organizations/institute/rule-sets/series/new-version/none/remove/", "302 403 403 403 403 404 404 403", {}),
    Row(
        "/organizations/institute/rule-sets/series/new-version/take/",
        "302 403 403 403 403 302 302 403",
        {"dataset": "open"},
    ),
    Row("/organizations/institute/rule-sets/series/new-version/discard/", "302 403 403 403 403 302 302 403", {}),
    Row("/organizations/institute/rule-sets/inner/new-version/", "302 404 404 403 403 200 200 403"),
    # ------------------------------------------------------------ reviews: the contributor submitted this one
    Row("/review/", SIGNED_IN),
    Row("/review/{review}/", "302 404 404 404 200 200 200 200"),
    Row("/review/{review}/claim/", "302 404 404 404 403 403 403 302", {}),
    Row("/review/{review}/remark/", "302 404 404 404 302 302 302 302", {"text": "Why?"}),
    Row("/review/{review}/undo/", "302 404 404 404 403 403 403 302", {}),
    Row("/review/{review}/", "302 404 404 404 400 403 403 302", {"decision": "approve"}),
]


@pytest.fixture
def world(cast: Cast) -> World:
    """One dataset of each kind, a review, a grant and a token."""
    version = make_published(cast, make_dataset(cast, slug="open"))
    said = propose_description(
        actor=cast.stranger, resource=version.resources.get(), column="id", aspect="meaning", value="Number"
    )
    closed = make_dataset(cast, slug="closed", access="restricted")
    make_published(cast, closed)
    grant_access(actor=cast.owner, dataset=closed, username="grantee")
    asked = ask_access(actor=cast.stranger, dataset=closed, purpose="To count gulls.")
    write_agreement(actor=cast.owner, dataset=closed, text="", questions=[{"label": "Who?", "needed": False}])
    make_published(cast, make_dataset(cast, slug="secret", access="private"))
    drafted = make_dataset(cast, slug="drafted")
    add_document(cast.contributor, drafted)
    make_checked_draft(cast, drafted)
    submitted = make_submitted(cast, make_dataset(cast, slug="submitted"))
    token, _ = create_token(actor=cast.owner, name="mine", scopes=["read"])
    upload = initiate_upload(
        actor=cast.contributor, dataset=Dataset.objects.get(slug="drafted"), filename="birds.csv", size=10
    )
    [rule] = set_rules(actor=cast.owner, dataset=version.dataset, rules=[{"type": "not_null", "column": "id"}])
    for name in ("series", "inner"):
        create_rule_set(
            actor=cast.owner,
            organization=cast.organization,
            name=name,
            number="1.0.0",
            rules=[rule],
            is_shared=name == "series",
        )
    create_schema(
        actor=cast.owner,
        organization=cast.organization,
        name="weather",
        version="1.0.0",
        title="Weather",
        descriptor={"fields": [{"name": "at", "type": "datetime"}]},
    )
    invitation = invite(actor=cast.owner, organization=cast.organization, email="new@example.org", role="reader")
    return cast, {
        "invitation": invitation.pk,
        "key": key_of(invitation),
        "request": asked.pk,
        "annotation": said.pk,
        "review": submitted.reviews.get().pk,
        "notice": Notice.objects.get(kind="review_opened", dataset=submitted.dataset).pk,
        "rule": rule["id"],
        "token": token.pk,
        "upload": upload.pk,
        "refused": refused(cast.contributor, drafted).pk,
    }


def test_each_person_gets_what_the_matrix_says(world: World) -> None:
    """One test of some 400 questions on one world, each inside a savepoint; it tells every row that is off."""
    cast, names = world
    clients = {person: client_of(cast, person) for person in PEOPLE}
    off = {}
    for row in ROWS:
        answers = [ask(clients[person], names, row, person) for person in PEOPLE]
        if answers != list(map(int, row.expected.split())):
            key = f"{'get' if row.body is None else 'post'} {row.path} {row.body or ''}"
            off[key] = (" ".join(map(str, answers)), row.expected)
    assert off == {}


def client_of(cast: Cast, person: str) -> Client:
    """The person's browser, signed in once: that takes a third of a page's time."""
    client = Client()
    if person != "anonymous":
        client.force_login(cast.named(person).user)
    return client


def ask(client: Client, names: dict[str, object], row: Row, person: str) -> int:
    """The page's status; whatever the request wrote, and the cookies that it set, are taken back."""
    path = row.path.format(**names)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        response = client.get(path) if row.body is None else client.post(path, row.body)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    if response.status_code == 302 and not cookies:
        assert response["Location"].startswith("/accounts/login/?next=")
    return response.status_code


def test_every_page_has_a_row(world: World) -> None:
    _, names = world
    asked = {resolve(row.path.format(**names).partition("?")[0]).url_name for row in ROWS}
    named = {
        pattern.name for pattern in [*urlpatterns, *share_patterns, *rule_patterns] if isinstance(pattern, URLPattern)
    }
    assert named - asked == set()
