"""Every address of the API, asked by everybody. An address without a row here fails the last test.

The rows are written out, not computed: what a change of permissions does must be seen here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from catalog.services.annotating.annotations import decide_annotation, propose_description
from catalog.services.granting.access_requests import ask_access
from catalog.services.granting.agreements import write_agreement
from catalog.services.granting.grants import grant_access
from catalog.services.membership.tokens import create_token
from ingest.services.uploads import initiate_upload
from quality.services.rule_sets import create_rule_set
from tests.fixtures.datasets import add_document, make_checked_draft, make_dataset, make_published, make_submitted
from tests.fixtures.uploading import refused

# The columns, in order. "staff" is left out: staff sees all.
PEOPLE = ("anonymous", "stranger", "grantee", "reader", "contributor", "maintainer", "owner", "steward")

PUBLIC = "/api/v1/datasets/institute/open"
RESTRICTED = "/api/v1/datasets/institute/closed"
PRIVATE = "/api/v1/datasets/institute/secret"
DRAFTED = "/api/v1/datasets/institute/drafted"
R = "versions/1.0.0/resources/birds"
DOCUMENTS = "versions/1.0.0/documents"
RULE = "0123456789abcdef"
FROM_CLOSED = 'SELECT count(*) FROM "institute/closed@1.0.0/birds"'
FROM_SECRET = 'SELECT count(*) FROM "institute/secret@1.0.0/birds"'
SHARED_SET = "/api/v1/rule-sets/institute/common"
OWN_SET = "/api/v1/rule-sets/institute/own"
RULE_SET = {"organization": "institute", "name": "new", "number": "1.0.0", "rules": []}
DR = "versions/draft/resources/birds"
REQUEST = "/api/v1/access-requests/{request}"
MAINTAINERS = "401 403 403 403 403 200 200 403"
SAID = {"kind": "column", "column": "amount", "aspect": "meaning", "value": "What it weighs"}
LABEL = {"kind": "label", "row": 1, "label": "seen", "value": "yes"}
ACCEPT = {"decision": "accept"}
FACADES = ("api/3/", "api/action/", "catalog", "oai", "robots.txt", "sitemap")


@dataclass(frozen=True)
class Row:
    method: str
    path: str
    expected: str
    body: dict = field(default_factory=dict)


def everybody(status: int) -> str:
    return " ".join([str(status)] * len(PEOPLE))


ROWS = [
    # ------------------------------------------------------------ open to all
    Row("get", "/healthz", everybody(200)),
    Row("get", "/readyz", everybody(503)),  # No worker runs beside these tests, and it says so to anybody.
    Row("get", "/api/v1/openapi.json", everybody(200)),
    Row("get", "/api/v1/docs", everybody(200)),
    Row("get", "/api/v1/licenses", everybody(200)),
    Row("get", "/api/v1/organizations", everybody(200)),
    Row("get", "/api/v1/organizations/institute", everybody(200)),
    Row("get", "/api/v1/schemas", everybody(200)),
    Row("get", "/api/v1/schemas/none", everybody(404)),
    Row("get", "/api/v1/schemas/none/1.0.0", everybody(404)),
    Row("get", "/api/v1/search", everybody(200)),
    Row("get", "/api/v1/datasets", everybody(200)),
    # ------------------------------------------------------------ one's own
    Row("get", "/api/v1/me", "401 200 200 200 200 200 200 200"),
    Row("get", "/api/v1/notices", "401 200 200 200 200 200 200 200"),
    Row("post", "/api/v1/notices/read", "401 200 200 200 200 200 200 200"),
    Row("get", "/api/v1/follows", "401 200 200 200 200 200 200 200"),
    Row("put", f"{PUBLIC}/follow", "401 200 200 200 200 200 200 200"),
    Row("delete", f"{PUBLIC}/follow", "401 204 204 204 204 204 204 204"),
    Row("put", f"{PRIVATE}/follow", "404 404 404 200 200 200 200 200"),
    Row("delete", f"{PRIVATE}/follow", "404 404 404 204 204 204 204 204"),
    Row("get", "/api/v1/tokens", "401 200 200 200 200 200 200 200"),
    Row("delete", "/api/v1/tokens/{token}", "401 404 404 404 404 404 204 404"),
    Row("get", "/api/v1/uploads", "401 200 200 200 200 200 200 200"),
    # ------------------------------------------------------------ organisations
    Row("post", "/api/v1/organizations", "401 201 201 201 201 201 201 201", {"slug": "mine", "title": "Mine"}),
    Row("patch", "/api/v1/organizations/institute", "401 403 403 403 403 403 200 403", {"title": "New"}),
    Row("get", "/api/v1/me/usage", "401 200 200 200 200 200 200 200"),
    Row("get", "/api/v1/organizations/institute/usage", "404 404 404 200 200 200 200 200"),
    Row("get", "/api/v1/organizations/institute/members", "404 404 404 200 200 200 200 200"),
    Row(
        "post",
        "/api/v1/organizations/institute/members",
        "401 403 403 403 403 403 201 403",
        {"username": "stranger", "role": "reader"},
    ),
    Row(
        "patch",
        "/api/v1/organizations/institute/members/reader",
        "401 403 403 403 403 403 200 403",
        {"role": "contributor"},
    ),
    # Everybody may leave by themselves: the reader's 204.
    Row("delete", "/api/v1/organizations/institute/members/reader", "401 403 403 204 403 403 204 403"),
    Row(
        "post",
        "/api/v1/schemas",
        "401 403 403 403 403 201 201 403",
        {"organization": "institute", "name": "s", "version": "1.0.0", "descriptor": {"fields": [{"name": "a"}]}},
    ),
    # ------------------------------------------------------------ rule sets: one for all, one for the members
    Row("get", "/api/v1/rule-sets", everybody(200)),
    Row("post", "/api/v1/rule-sets", "401 403 403 403 403 201 201 403", RULE_SET),
    Row("get", f"{SHARED_SET}", everybody(200)),
    Row("get", f"{SHARED_SET}/1.0.0", everybody(200)),
    Row("get", f"{OWN_SET}", "404 404 404 200 200 200 200 200"),
    Row("get", f"{OWN_SET}/1.0.0", "404 404 404 200 200 200 200 200"),
    Row("patch", f"{SHARED_SET}", "401 403 403 403 403 200 200 403", {"title": "T"}),
    Row("patch", f"{OWN_SET}", "404 404 404 403 403 200 200 403", {"title": "T"}),
    Row("post", f"{SHARED_SET}/versions", "401 403 403 403 403 201 201 403", {"number": "1.1.0", "rules": []}),
    Row("get", f"{PUBLIC}/rule-sets", everybody(200)),
    Row("get", f"{PRIVATE}/rule-sets", "404 404 404 200 200 200 200 200"),
    Row("post", f"{PUBLIC}/rule-sets", "401 403 403 403 200 200 200 403", {"rule_set": "institute/common"}),
    Row("post", f"{PUBLIC}/rule-sets", "404 404 404 403 200 200 200 403", {"rule_set": "institute/own"}),
    Row("delete", f"{PUBLIC}/rule-sets/institute/common", "401 403 403 403 404 404 404 403"),
    # ------------------------------------------------------------ descriptions for catalogs, harvesters and citing
    *[
        Row("get", path.format(dataset=dataset), expected)
        for dataset, expected in (
            (PUBLIC, everybody(200)),
            (RESTRICTED, everybody(200)),
            (PRIVATE, "404 404 404 200 200 200 200 200"),
            (DRAFTED, everybody(404)),
        )
        for path in (
            "{dataset}/dcat.ttl",
            "{dataset}/versions/latest/dcat.jsonld",
            "{dataset}/versions/latest/datacite.json",
            "{dataset}/versions/latest/datacite.xml",
            "{dataset}/versions/latest/citation",
            "{dataset}/versions/latest/linkset.json",
        )
    ],
    Row("get", f"{DRAFTED}/versions/draft/citation", everybody(404)),
    # Facades outside the API: each lists what the reader may see, which tests/protocols hold them to.
    Row("get", "/catalog", everybody(200)),
    Row("get", "/catalog.ttl", everybody(200)),
    Row("get", "/sitemap.xml", everybody(200)),
    Row("get", "/sitemap-1.xml", everybody(200)),
    Row("get", "/robots.txt", everybody(200)),
    Row("get", "/oai?verb=ListRecords&metadataPrefix=dcat", everybody(200)),
    Row("post", "/oai", everybody(415)),  # It takes a form.
    Row("get", "/api/3/action/package_show?id=institute_open", everybody(200)),
    Row("get", "/api/3/action/package_show?id=institute_closed", everybody(200)),
    Row("post", "/api/3/action/package_show", "404 404 404 200 200 200 200 200", {"id": "institute_secret"}),
    Row("get", "/api/action/package_show?id=institute_drafted", everybody(404)),
    Row("post", "/api/action/package_list", everybody(200)),
    # ------------------------------------------------------------ an open dataset
    Row("post", "/api/v1/datasets", "401 403 403 403 201 201 201 403", {"organization": "institute", "title": "X"}),
    Row("get", PUBLIC, everybody(200)),
    Row("patch", PUBLIC, "401 403 403 403 200 200 200 403", {"description": "New."}),
    Row("get", f"{PUBLIC}/versions", everybody(200)),
    Row("post", f"{PUBLIC}/versions", "401 403 403 403 201 201 201 403"),
    Row("get", f"{PUBLIC}/versions/1.0.0", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/manifest", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/files.json", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/files.json?links=1", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/urls", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/registry.txt", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/croissant.json", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/datapackage.json", everybody(200)),
    Row("post", f"{PUBLIC}/versions/1.0.0/withdraw", "401 403 403 403 403 200 200 403", {"reason": "Wrong."}),
    Row("get", f"{PUBLIC}/{R}", everybody(200)),
    Row("patch", f"{PUBLIC}/{R}", "401 403 403 403 409 409 409 403", {"title": "T"}),
    Row("delete", f"{PUBLIC}/{R}", "401 403 403 403 409 409 409 403"),
    Row("get", f"{PUBLIC}/{R}.parquet", everybody(302)),
    Row("get", f"{PUBLIC}/{R}/parts/0.parquet", everybody(302)),
    Row("get", f"{PUBLIC}/{R}/original", everybody(302)),
    Row("get", f"{PUBLIC}/{R}/originals/0", everybody(302)),
    Row("get", f"{PUBLIC}/{R}/findings", everybody(200)),
    Row("get", f"{PUBLIC}/{R}/findings.csv", everybody(200)),
    Row("get", f"{PUBLIC}/{R}/findings.parquet", everybody(404)),  # Nothing was wrong with it.
    Row("get", f"{PUBLIC}/versions/1.0.0/report", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/report.dqv.jsonld", everybody(200)),
    Row("get", f"{PUBLIC}/{R}/report", everybody(200)),
    Row("get", f"{PUBLIC}/{R}/report/expectations", everybody(404)),  # Recorded without an engine here.
    # No rule is broken here; who may have the bytes is told so.
    Row("get", f"{PUBLIC}/{R}/report/failing/{RULE}.csv", everybody(404)),
    Row("get", f"{PUBLIC}/{R}/report/failing/{RULE}.parquet", everybody(404)),
    Row("get", f"{PUBLIC}/{R}/rows", everybody(200)),
    Row("get", f"{PUBLIC}/versions/1.0.0/archive.zip", everybody(200)),
    Row("get", f"{PUBLIC}/{DOCUMENTS}", everybody(200)),
    Row("get", f"{PUBLIC}/{DOCUMENTS}/codebook.pdf", everybody(302)),
    Row("get", f"{PUBLIC}/{DOCUMENTS}/none.pdf", everybody(404)),
    Row("patch", f"{PUBLIC}/{DOCUMENTS}/codebook.pdf", "401 403 403 403 409 409 409 403", {"title": "T"}),
    Row("delete", f"{PUBLIC}/{DOCUMENTS}/codebook.pdf", "401 403 403 403 409 409 409 403"),
    # Each query costs a process, so that those who may ask are told here that nothing was asked.
    Row("get", f"{PUBLIC}/versions/1.0.0/sql", everybody(422)),
    Row("post", f"{PUBLIC}/versions/1.0.0/sql", everybody(422)),
    Row("get", "/api/v1/sql", everybody(422)),
    Row("get", f"/api/v1/queries/{'0' * 64}", everybody(404)),
    Row("delete", "/api/v1/queries/nothing-runs", everybody(404)),
    # ------------------------------------------------------------ annotations: a stranger's and an accepted one
    Row("get", f"{PUBLIC}/{R}/annotations", everybody(200)),
    Row("get", f"{PUBLIC}/{R}/annotations.csv", everybody(200)),
    Row("get", f"{PUBLIC}/{R}/annotations/agreement?label=seen", everybody(200)),
    Row("post", f"{PUBLIC}/{R}/annotations", "401 201 201 201 201 201 201 201", SAID),
    Row("post", f"{PUBLIC}/{R}/annotations", "401 201 201 201 201 201 201 201", LABEL),
    Row("post", f"{RESTRICTED}/{R}/annotations", "401 201 201 201 201 201 201 201", SAID),
    Row("post", f"{RESTRICTED}/{R}/annotations", "401 403 201 201 201 201 201 201", LABEL),
    Row("post", f"{PRIVATE}/{R}/annotations", "404 404 404 201 201 201 201 201", SAID),
    Row("get", f"{PRIVATE}/{R}/annotations", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/{R}/annotations.csv", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/{R}/annotations/agreement?label=seen", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PUBLIC}/annotations/{{annotation}}", "404 200 404 200 200 200 200 200"),
    Row("post", f"{PUBLIC}/annotations/{{annotation}}/decision", "404 403 404 403 200 200 200 200", ACCEPT),
    Row("post", f"{PUBLIC}/annotations/{{annotation}}/withdraw", "404 200 404 403 403 403 403 403"),
    Row("get", f"{PUBLIC}/annotations/{{accepted}}", everybody(200)),
    Row("post", f"{PUBLIC}/annotations/{{accepted}}/withdraw", "401 200 403 403 200 200 200 200"),
    Row("post", f"{PUBLIC}/annotations/apply", "401 403 403 403 202 202 202 403", {"resource": "birds"}),
    Row("get", f"{PUBLIC}/{R}/recipe", everybody(200)),
    Row("put", f"{PUBLIC}/{R}/recipe", "401 403 403 403 409 409 409 403", {"steps": []}),
    Row("post", f"{PUBLIC}/{R}/answers", "401 403 403 403 404 404 404 403", {"column": "id", "option": "x"}),
    # Version 1.0.0 against the latest, which is itself: whoever may ask is told so.
    Row("get", f"{PUBLIC}/versions/1.0.0/difference", everybody(422)),
    Row("get", f"{PUBLIC}/versions/1.0.0/difference/birds.parquet", everybody(422)),
    Row("get", f"{PUBLIC}/rules", everybody(200)),
    Row("put", f"{PUBLIC}/rules", "401 403 403 403 200 200 200 403", {"rules": []}),
    Row("get", f"{PUBLIC}/rules/proposals", everybody(200)),
    Row("post", f"{PUBLIC}/rules/preview", everybody(200), {"rules": []}),
    Row("get", f"{PUBLIC}/rules/suite", everybody(200)),
    Row("post", f"{PUBLIC}/rules/suite", "401 403 403 403 200 200 200 403", {"suite": {"expectations": []}}),
    Row("get", f"{PUBLIC}/grants", "401 403 403 403 403 200 200 403"),
    Row("post", f"{PUBLIC}/grants", "401 403 403 403 403 201 201 403", {"username": "stranger"}),
    Row("delete", f"{PUBLIC}/grants/grantee", "401 403 403 403 403 404 404 403"),
    Row("get", f"{PUBLIC}/audit", "401 403 403 403 403 200 200 403"),
    Row("delete", f"{PUBLIC}/grants/organizations/institute", "401 403 403 403 403 404 404 403"),
    # ------------------------------------------------------------ what is said of it: embargo, deprecation, name
    Row("put", f"{PUBLIC}/embargo", MAINTAINERS, {"until": "2099-01-01T00:00:00Z"}),
    Row("put", f"{PRIVATE}/embargo", "404 404 404 403 403 200 200 403", {"until": "2099-01-01T00:00:00Z"}),
    Row("delete", f"{PUBLIC}/embargo", MAINTAINERS),
    # It is out already.
    Row("put", f"{PUBLIC}/versions/1.0.0/embargo", "401 403 403 403 403 409 409 403", {"until": "2099-01-01T00:00Z"}),
    Row("put", f"{DRAFTED}/versions/draft/embargo", "404 404 404 404 403 200 200 403", {"until": "2099-01-01T00:00Z"}),
    Row("delete", f"{PUBLIC}/versions/1.0.0/embargo", MAINTAINERS),
    Row("put", f"{PUBLIC}/deprecation", MAINTAINERS, {"reason": "Old."}),
    Row("delete", f"{PUBLIC}/deprecation", MAINTAINERS),
    Row("put", f"{PUBLIC}/versions/1.0.0/deprecation", MAINTAINERS, {"reason": "Old."}),
    Row("delete", f"{PUBLIC}/versions/1.0.0/deprecation", MAINTAINERS),
    Row("post", f"{PUBLIC}/rename", MAINTAINERS, {"slug": "other-name"}),
    Row("post", f"{PRIVATE}/rename", "404 404 404 403 403 200 200 403", {"slug": "other-name"}),
    # ------------------------------------------------------------ asking for access: the stranger has asked
    Row("get", f"{RESTRICTED}/agreement", everybody(200)),
    Row("get", f"{RESTRICTED}/agreements/1", everybody(200)),
    Row("get", f"{PRIVATE}/agreement", everybody(404)),
    Row("put", f"{RESTRICTED}/agreement", MAINTAINERS, {"text": "New."}),
    Row("put", f"{PRIVATE}/agreement", "404 404 404 403 403 200 200 403", {"text": "New."}),
    Row("get", f"{RESTRICTED}/signatures", MAINTAINERS),
    Row("get", "/api/v1/access-requests", "401 200 200 200 200 200 200 200"),
    Row("get", f"{RESTRICTED}/access-requests", "401 200 200 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/access-requests", "404 404 404 200 200 200 200 200"),
    # The stranger waits for an answer, the others have the bytes.
    Row("post", f"{RESTRICTED}/access-requests", "401 409 409 409 409 409 409 409", {"purpose": "Gulls."}),
    Row("post", f"{PRIVATE}/access-requests", "404 404 404 409 409 409 409 409", {"purpose": "Gulls."}),
    Row("get", f"{REQUEST}", "401 200 404 404 404 200 200 404"),
    Row("post", f"{REQUEST}/decision", "401 403 404 404 404 200 200 404", {"decision": "grant"}),
    Row("post", f"{REQUEST}/cancel", "401 200 404 404 404 409 409 404"),
    Row("get", f"{REQUEST}/remarks", "401 200 404 404 404 200 200 404"),
    Row("post", f"{REQUEST}/remarks", "401 201 404 404 404 201 201 404", {"text": "Why?"}),
    # ------------------------------------------------------------ a restricted one: metadata for all, bytes for some
    Row("get", RESTRICTED, everybody(200)),
    Row("get", f"{RESTRICTED}/versions/1.0.0", everybody(200)),
    Row("get", f"{RESTRICTED}/versions/1.0.0/manifest", everybody(200)),
    Row("get", f"{RESTRICTED}/versions/1.0.0/files.json", everybody(200)),
    Row("get", f"{RESTRICTED}/versions/1.0.0/files.json?links=1", "401 403 200 200 200 200 200 200"),
    Row("get", f"{RESTRICTED}/versions/1.0.0/urls", "401 403 200 200 200 200 200 200"),
    Row("get", f"{RESTRICTED}/versions/1.0.0/registry.txt", everybody(200)),
    Row("get", f"{RESTRICTED}/versions/1.0.0/croissant.json", everybody(200)),
    Row("get", f"{RESTRICTED}/versions/1.0.0/datapackage.json", everybody(200)),
    Row("get", f"{RESTRICTED}/{R}", everybody(200)),
    Row("get", f"{RESTRICTED}/{R}.parquet", "401 403 302 302 302 302 302 302"),
    Row("get", f"{RESTRICTED}/{R}/parts/0.parquet", "401 403 302 302 302 302 302 302"),
    Row("get", f"{RESTRICTED}/{R}/original", "401 403 302 302 302 302 302 302"),
    Row("get", f"{RESTRICTED}/{R}/originals/0", "401 403 302 302 302 302 302 302"),
    Row("get", f"{RESTRICTED}/{R}/findings", everybody(200)),
    Row("get", f"{RESTRICTED}/{R}/findings.csv", "401 403 200 200 200 200 200 200"),
    Row("get", f"{RESTRICTED}/{R}/report", everybody(200)),
    Row("get", f"{RESTRICTED}/{R}/report/expectations", "401 403 404 404 404 404 404 404"),
    Row("get", f"{RESTRICTED}/{R}/report/failing/{RULE}.csv", "401 403 404 404 404 404 404 404"),
    Row("get", f"{RESTRICTED}/{R}/report/failing/{RULE}.parquet", "401 403 404 404 404 404 404 404"),
    Row("get", f"{RESTRICTED}/{R}/rows", "401 403 200 200 200 200 200 200"),
    Row("get", f"{RESTRICTED}/{R}.csv", "401 403 200 200 200 200 200 200"),
    Row("get", f"{RESTRICTED}/{DOCUMENTS}", everybody(200)),
    Row("get", f"{RESTRICTED}/{DOCUMENTS}/codebook.pdf", "401 403 302 302 302 302 302 302"),
    Row("get", f"{RESTRICTED}/versions/1.0.0/archive.zip", "401 403 200 200 200 200 200 200"),
    Row("post", "/api/v1/sql", "401 403 200 200 200 200 200 200", {"sql": FROM_CLOSED}),
    Row("get", f"{RESTRICTED}/versions/1.0.0/difference", "401 403 422 422 422 422 422 422"),
    Row("get", f"{RESTRICTED}/versions/1.0.0/difference/birds.parquet", "401 403 422 422 422 422 422 422"),
    Row("get", f"{RESTRICTED}/rules/proposals", "401 403 200 200 200 200 200 200"),
    Row("post", f"{RESTRICTED}/rules/preview", "401 403 200 200 200 200 200 200", {"rules": []}),
    Row("delete", f"{RESTRICTED}/grants/grantee", "401 403 403 403 403 204 204 403"),
    # ------------------------------------------------------------ a private one: for strangers it is not there
    Row("get", PRIVATE, "404 404 404 200 200 200 200 200"),
    Row("patch", PRIVATE, "404 404 404 403 200 200 200 403", {"description": "New."}),
    Row("get", f"{PRIVATE}/versions", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0/manifest", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0/urls", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0/registry.txt", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0/croissant.json", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0/datapackage.json", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0/difference", "404 404 404 422 422 422 422 422"),
    Row("get", f"{PRIVATE}/{R}.parquet", "404 404 404 302 302 302 302 302"),
    Row("get", f"{PRIVATE}/{R}/original", "404 404 404 302 302 302 302 302"),
    Row("get", f"{PRIVATE}/{R}/originals/0", "404 404 404 302 302 302 302 302"),
    Row("get", f"{PRIVATE}/versions/1.0.0/report", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0/report.dqv.jsonld", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/{R}/report", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/{R}/rows", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/versions/1.0.0/sql", "404 404 404 422 422 422 422 422"),
    Row("get", f"{PRIVATE}/{DOCUMENTS}", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/{DOCUMENTS}/codebook.pdf", "404 404 404 302 302 302 302 302"),
    Row("get", f"{PRIVATE}/versions/1.0.0/archive.zip", "404 404 404 200 200 200 200 200"),
    Row("post", "/api/v1/sql", "404 404 404 200 200 200 200 200", {"sql": FROM_SECRET}),
    Row("get", f"{PRIVATE}/{R}/recipe", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/rules", "404 404 404 200 200 200 200 200"),
    Row("get", f"{PRIVATE}/audit", "404 404 404 403 403 200 200 403"),
    # ------------------------------------------------------------ a draft: for those who work on it and stewards
    Row("get", DRAFTED, "404 404 404 200 200 200 200 200"),
    Row("get", f"{DRAFTED}/versions/draft", "404 404 404 404 200 200 200 200"),
    Row("get", f"{DRAFTED}/versions/draft/report", "404 404 404 404 200 200 200 200"),
    Row("get", f"{DRAFTED}/{DR}", "404 404 404 404 200 200 200 200"),
    Row("get", f"{DRAFTED}/{DR}.parquet", "404 404 404 404 302 302 302 302"),
    # Only published versions have these.
    Row("get", f"{DRAFTED}/versions/draft/urls", everybody(404)),
    Row("get", f"{DRAFTED}/versions/draft/croissant.json", everybody(404)),
    Row("patch", f"{DRAFTED}/{DR}", "404 404 404 404 200 200 200 403", {"title": "T"}),
    Row("delete", f"{DRAFTED}/{DR}", "404 404 404 404 204 204 204 403"),
    Row("patch", f"{DRAFTED}/versions/draft", "404 404 404 404 200 200 200 403", {"note": "N"}),
    Row("patch", f"{DRAFTED}/versions/draft", "404 404 404 404 200 200 200 403", {"start_from": "empty"}),
    Row("get", f"{DRAFTED}/versions/draft/documents", "404 404 404 404 200 200 200 200"),
    Row("get", f"{DRAFTED}/versions/draft/documents/codebook.pdf", "404 404 404 404 302 302 302 302"),
    Row("patch", f"{DRAFTED}/versions/draft/documents/codebook.pdf", "404 404 404 404 200 200 200 403", {"title": "T"}),
    Row("delete", f"{DRAFTED}/versions/draft/documents/codebook.pdf", "404 404 404 404 204 204 204 403"),
    Row("get", f"{DRAFTED}/{DR}/recipe", "404 404 404 404 200 200 200 200"),
    Row("put", f"{DRAFTED}/{DR}/recipe", "404 404 404 404 202 202 202 403", {"steps": []}),
    Row("post", f"{DRAFTED}/{DR}/answers", "404 404 404 404 404 404 404 403", {"column": "id", "option": "x"}),
    Row("post", f"{DRAFTED}/{DR}/check", "404 404 404 404 202 202 202 403"),
    Row("post", f"{DRAFTED}/versions/draft/submit", "404 404 404 404 200 200 200 403", {"note": "First."}),
    Row("post", f"{DRAFTED}/versions/draft/withdraw-submission", "404 404 404 404 409 409 409 403"),
    # ------------------------------------------------------------ reviews: the contributor submitted this one
    Row("get", "/api/v1/reviews", everybody(200)),
    Row("get", "/api/v1/reviews/{review}", "404 404 404 404 200 200 200 200"),
    Row("put", "/api/v1/reviews/{review}/claim", "404 404 404 404 403 403 403 200"),
    Row("delete", "/api/v1/reviews/{review}/claim", "404 404 404 404 403 403 403 200"),
    Row("get", "/api/v1/reviews/{review}/remarks", "404 404 404 404 200 200 200 200"),
    Row("post", "/api/v1/reviews/{review}/remarks", "404 404 404 404 201 201 201 201", {"text": "Why?"}),
    Row(
        "post",
        "/api/v1/reviews/{review}/decision",
        "404 404 404 404 403 403 403 200",
        {"decision": "approve"},
    ),
    # ------------------------------------------------------------ uploads: the contributor began this one
    Row(
        "post",
        "/api/v1/uploads",
        "401 403 403 403 201 201 201 403",
        {"dataset": "institute/open", "filename": "a.csv", "size": 10},
    ),
    Row("get", "/api/v1/uploads/{upload}", "404 404 404 404 200 200 200 404"),
    Row("get", "/api/v1/uploads/{upload}/parts", "404 404 404 404 200 200 200 404"),
    Row(
        "post",
        "/api/v1/uploads/{upload}/parts",
        "404 404 404 404 200 200 200 404",
        {"parts": [{"number": 1, "md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}]},
    ),
    Row("post", "/api/v1/uploads/{upload}/complete", "404 404 404 404 409 409 409 404"),
    Row("post", "/api/v1/uploads/{refused}/document", "404 404 404 404 201 201 201 404"),
    Row("delete", "/api/v1/uploads/{upload}", "404 404 404 404 204 204 204 404"),
    Row(
        "post",
        "/api/v1/tokens",
        "401 201 201 201 201 201 201 201",
        {"name": "t", "scopes": ["read"]},
    ),
]


@pytest.fixture
def world(cast):
    """One dataset of each kind, an upload, a review, a grant and a token."""
    public = make_dataset(cast, slug="open")
    add_document(cast.contributor, public)
    version = make_published(cast, public)
    proposed, accepted = [
        propose_description(
            actor=cast.stranger, resource=version.resources.get(), column="id", aspect=aspect, value="Number"
        )
        for aspect in ("meaning", "limit")
    ]
    decide_annotation(actor=cast.steward, annotation=accepted, decision="accept")
    closed = make_dataset(cast, slug="closed", access="restricted")
    add_document(cast.owner, closed)
    make_published(cast, closed)
    grant_access(actor=cast.owner, dataset=closed, username="grantee")
    asked = ask_access(actor=cast.stranger, dataset=closed, purpose="To count gulls.")
    write_agreement(actor=cast.owner, dataset=closed, text="", questions=[{"label": "Who?", "needed": False}])
    secret = make_dataset(cast, slug="secret", access="private")
    add_document(cast.owner, secret)
    make_published(cast, secret)
    drafted = make_dataset(cast, slug="drafted")
    add_document(cast.contributor, drafted)
    no_table = refused(cast.contributor, drafted)
    make_checked_draft(cast, drafted)
    submitted = make_submitted(cast, make_dataset(cast, slug="submitted"))
    upload = initiate_upload(actor=cast.contributor, dataset=drafted, filename="a.csv", size=10)
    for name in ("common", "own"):
        create_rule_set(
            actor=cast.owner,
            organization=cast.organization,
            name=name,
            number="1.0.0",
            rules=[{"type": "row_count_between", "min": 1}],
            is_shared=name == "common",
        )
    token, _ = create_token(actor=cast.owner, name="mine", scopes=["read"])
    said = {"request": asked.pk, "annotation": proposed.pk, "accepted": accepted.pk}
    names = said | {
        "review": submitted.reviews.get().pk,
        "upload": upload.pk,
        "token": token.pk,
        "refused": no_table.pk,
    }
    return cast, names


def test_each_person_gets_what_the_matrix_says(world, api):
    """One test of some 800 questions on one world, each inside a savepoint; it tells every row that is off."""
    cast, names = world
    clients = {person: api() for person in PEOPLE}
    for person in PEOPLE[1:]:
        clients[person].force_authenticate(cast.named(person).user)
    off = {}
    for row in ROWS:
        answers = [ask(clients[person], names, row) for person in PEOPLE]
        if answers != list(map(int, row.expected.split())):
            off[f"{row.method} {row.path}"] = (" ".join(map(str, answers)), row.expected)
    assert off == {}


def ask(client, names, row):
    with transaction.atomic():
        response = getattr(client, row.method)(row.path.format(**names), row.body, format="json")
        if response.streaming:
            # Read to its end, as a server does: until then its process and its slot are held.
            list(response.streaming_content)
        transaction.set_rollback(True)
    if response.status_code >= 400 and row.path.startswith("/api/v1/"):
        problem = response.json()
        assert response["Content-Type"] == "application/problem+json"
        assert problem["status"] == response.status_code
        assert problem["code"]
        assert problem["detail"]
    return response.status_code


def _patterns(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found += _patterns(entry, prefix + str(entry.pattern))
        else:
            found.append((prefix + str(entry.pattern), entry))
    return found


def _methods(pattern: URLPattern) -> set[str]:
    view = getattr(pattern.callback, "view_class", None)
    if view is None:
        return {"get"}
    return {name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}


def test_every_address_of_the_api_has_a_row(world):
    _, names = world
    resolver = get_resolver()
    asked = set()
    for row in ROWS:
        match = resolver.resolve(row.path.format(**names).partition("?")[0])
        asked.add((match.view_name, row.method))
    walked = {
        (f"{namespace}:{pattern.name}" if namespace else pattern.name, method)
        for route, pattern in _patterns(resolver)
        if route.startswith(("api/v1/", *FACADES)) or route in {"healthz", "readyz"}
        for namespace in [_namespace(resolver, pattern)]
        for method in _methods(pattern)
    }
    assert walked - asked == set()


def _namespace(resolver: URLResolver, pattern: URLPattern) -> str:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver) and any(found is pattern for _, found in _patterns(entry)):
            return entry.namespace or ""
    return ""
