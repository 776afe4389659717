"""Reads on the audit trail, by what right, as maintainers and staff see them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog import audit
from catalog.actor import Actor
from catalog.models import AuditEvent, Dataset, Membership, Role, Version
from catalog.services.audit_chain import extend_chain
from catalog.services.delivering.entitlements import basis_of
from catalog.services.granting.grants import grant_access
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast, make_user

pytestmark = pytest.mark.django_db
FILE = "/api/v1/datasets/institute/{}/versions/1.0.0/resources/birds.parquet"


def published(cast: Cast, slug: str, access: str) -> Version:
    return make_published(cast, make_dataset(cast, slug=slug, access=access))


def read(client: APIClient, slug: str) -> AuditEvent:
    assert client.get(FILE.format(slug)).status_code == 302
    return AuditEvent.objects.filter(action="resource.downloaded").latest("pk")


def test_a_download_says_by_what_right_it_was(cast: Cast, api: Callable[..., APIClient]) -> None:
    published(cast, "open", "public")
    published(cast, "known", "registered")
    grant = grant_access(actor=cast.maintainer, dataset=published(cast, "closed", "restricted").dataset, **to(cast))
    staff = Actor(make_user("chief"))
    assert staff.user is not None
    staff.user.is_staff = True
    staff.user.save()
    rights = {
        (slug, name): read(api(actor), slug).detail.get("right")
        for slug, name, actor in [
            ("open", "nobody", None),
            ("open", "owner", cast.owner),
            ("known", "stranger", cast.stranger),
            ("closed", "reader", cast.reader),
            ("closed", "grantee", cast.grantee),
            ("closed", "staff", staff),
        ]
    }
    assert rights == {
        ("open", "nobody"): "public",
        ("open", "owner"): "public",
        ("known", "stranger"): "registered",
        ("closed", "reader"): "member",
        ("closed", "grantee"): "grant",
        ("closed", "staff"): "staff",
    }
    assert AuditEvent.objects.get(detail__right="grant").detail["grant"] == grant.pk


def to(cast: Cast) -> dict[str, str]:
    assert cast.grantee.user is not None
    return {"username": cast.grantee.user.username}


def test_the_right_to_open_data_costs_no_query(cast: Cast, django_assert_num_queries: Callable[[int], object]) -> None:
    version = published(cast, "open", "public")
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert basis_of(cast.stranger, version).right == "public"


@pytest.fixture
def dataset(cast: Cast, api: Callable[..., APIClient]) -> Dataset:
    version = published(cast, "open", "public")
    read(api(cast.stranger), "open")
    read(api(), "open")
    extend_chain()
    return version.dataset


def page(actor: Actor, path: str) -> str:
    client = Client()
    assert actor.user is not None
    client.force_login(actor.user)
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    if answer.streaming:
        return b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    return answer.content.decode()


def test_maintainers_see_who_read_what(cast: Cast, dataset: Dataset) -> None:
    seen = page(cast.maintainer, "/institute/open/audit/")
    assert "downloaded a file" in seen
    assert "version 1.0.0 · parquet · open to everybody" in seen
    assert "published the version" in seen
    event = AuditEvent.objects.filter(action="resource.downloaded", actor=cast.stranger.user).get()
    assert event.link.sha256[:12] in seen
    only = page(cast.maintainer, "/institute/open/audit/?kind=only&who=stranger")
    assert only.count("<tr id=") == 1
    assert "published the version" not in only
    none = page(cast.maintainer, "/institute/open/audit/?kind=none")
    assert "downloaded a file" not in none
    assert "Nothing of that kind" in page(cast.maintainer, "/institute/open/audit/?until=2020-01-01")
    assert "Nothing of that kind" in page(cast.maintainer, "/institute/open/audit/?who=nobody-of-that-name")
    # What can't be read is said, and looks for nothing.
    assert "Enter a valid date" in page(cast.maintainer, "/institute/open/audit/?since=soon")


def test_the_list_goes_on_where_it_ended(cast: Cast, dataset: Dataset) -> None:
    for number in range(60):
        audit.record(actor=cast.owner, action="thing.done", subject=dataset, dataset_id=dataset.pk, label=f"n{number}")
    first = page(cast.owner, "/institute/open/audit/?action=thing")
    assert first.count("<tr id=") == 50
    last = AuditEvent.objects.get(label="n10").pk
    assert f"before={last}" in first
    rest = page(cast.owner, f"/institute/open/audit/?action=thing&before={last}")
    assert rest.count("<tr id=") == 10
    assert "Older entries" not in rest


def test_the_csv_has_all_of_it_and_harms_no_spreadsheet(cast: Cast, dataset: Dataset) -> None:
    audit.record(actor=cast.owner, action="thing.done", subject=dataset, dataset_id=dataset.pk, label="=cmd()")
    lines = page(cast.owner, "/institute/open/audit/?format=csv").splitlines()
    assert lines[0].startswith("number,at,person")
    assert len(lines) == 1 + AuditEvent.objects.filter(dataset_id=dataset.pk).count()
    assert "'=cmd()" in lines[1]


def test_of_another_dataset_nobody_reads_here(cast: Cast, dataset: Dataset) -> None:
    other = make_dataset(cast, slug="other")
    audit.record(actor=cast.owner, action="thing.done", subject=other, dataset_id=other.pk, label="elsewhere")
    assert "elsewhere" not in page(cast.owner, "/institute/open/audit/")


def test_one_sees_the_events_of_what_one_maintains(cast: Cast, dataset: Dataset) -> None:
    for name in ("contributor", "reader", "steward", "stranger", "grantee"):
        assert not AuditEvent.objects.visible_to(cast.named(name)).exists(), name
    seen = AuditEvent.objects.visible_to(cast.maintainer)
    assert set(seen.values_list("dataset_id", flat=True)) == {dataset.pk}
    assert AuditEvent.objects.exclude(pk__in=seen).exists()  # The organization's own.
    Membership.objects.filter(user=cast.maintainer.user).update(role=Role.CONTRIBUTOR)
    assert not AuditEvent.objects.visible_to(cast.maintainer).exists()


def test_staff_verify_the_chain_on_the_page(cast: Cast, dataset: Dataset) -> None:
    staff = make_user("chief")
    staff.is_staff = True
    staff.save()
    assert "was not verified yet" in page(Actor(staff), "/audit/")
    client = Client()
    client.force_login(staff)
    assert client.post("/audit/verify/").status_code == 302
    seen = page(Actor(staff), "/audit/")
    assert "The chain is intact" in seen
    assert "Chief" in seen
    assert "made the organization" in seen


def test_the_api_filters_and_has_the_links(cast: Cast, dataset: Dataset, api: Callable[..., APIClient]) -> None:
    base = "/api/v1/datasets/institute/open/audit"
    found = api(cast.owner).get(base, {"reads": "true", "who": "stranger"}).json()
    assert [item["action"] for item in found["results"]] == ["resource.downloaded"]
    event = AuditEvent.objects.get(pk=found["results"][0]["number"])
    assert found["results"][0]["chain"] == {"position": event.link.position, "sha256": event.link.sha256}
    assert found["results"][0]["detail"]["right"] == "public"
    assert all(
        item["action"] != "resource.downloaded"
        for item in api(cast.owner).get(base, {"reads": "false"}).json()["results"]
    )
    assert "resource.downloaded" in {item["action"] for item in api(cast.owner).get(base).json()["results"]}
    assert api(cast.owner).get(base, {"since": "soon"}).status_code in {400, 422}
