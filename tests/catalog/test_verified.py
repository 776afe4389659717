"""The organization's tick: staff give it with a reason, everybody sees both."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import AuditEvent, Organization
from catalog.services.membership.organizations import update_organization
from catalog.services.membership.verifying import unverify_organization, verify_organization
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast, make_user

pytestmark = pytest.mark.django_db
PAGE = "/organizations/institute/verify/"
WHY = "Domain <checked> on 3 May 2026"
SHOWN = 'title="Domain &lt;checked&gt; on 3 May 2026"'


@pytest.fixture
def chief(cast: Cast) -> Actor:
    user = make_user("chief")
    user.is_staff = True
    user.save()
    return Actor(user)


@pytest.fixture
def staff(chief: Actor) -> Client:
    client = Client()
    client.force_login(chief.user)
    return client


def html(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_staff_give_the_tick_and_everybody_sees_it_with_its_reason(cast: Cast, staff: Client, client: Client) -> None:
    make_published(cast, make_dataset(cast))
    pages = ("/institute/", "/organizations/", "/institute/birds/", "/institute/birds/schema/")
    for path in pages:
        assert "Verified" not in html(client, path), path
    assert "Verify Institute" in html(staff, PAGE)
    assert PAGE in html(staff, "/institute/")
    assert PAGE not in html(client, "/institute/")
    done = staff.post(PAGE, {"do": "verify", "reason": f" {WHY} "}, follow=True)
    assert done.redirect_chain == [("/institute/", 302)]
    assert "Institute is verified." in done.content.decode()
    for path in pages:
        assert SHOWN in html(client, path), path
    assert "Verified: Domain &lt;checked&gt; on 3 May 2026" in html(client, "/institute/")
    shown = APIClient().get("/api/v1/organizations/institute").json()["verified"]
    assert shown["reason"] == WHY
    assert shown["at"][:2] == "20"
    # Its owners' own changes leave it alone.
    found = Organization.objects.get(slug="institute")
    update_organization(actor=cast.owner, organization=found, changes={"title": "Institute", "verified_reason": "Us."})
    found.refresh_from_db()
    assert found.verified_reason == WHY


def test_it_is_taken_away_with_a_reason_and_both_are_on_the_trail(cast: Cast, staff: Client, client: Client) -> None:
    staff.post(PAGE, {"do": "verify", "reason": WHY})
    empty = staff.post(PAGE, {"do": "remove", "reason": "  "})
    assert (empty.status_code, "Say why." in empty.content.decode()) == (400, True)
    assert "Take the tick of Institute away" in html(staff, PAGE)
    done = staff.post(PAGE, {"do": "remove", "reason": "The domain was sold."}, follow=True)
    assert "Institute is no longer verified." in done.content.decode()
    assert "Verified" not in html(client, "/institute/")
    assert APIClient().get("/api/v1/organizations/institute").json()["verified"] is None
    trail = AuditEvent.objects.filter(action__contains="verified").order_by("pk")
    assert [(event.action, event.actor.username, event.detail["reason"]) for event in trail] == [
        ("organization.verified", "chief", WHY),
        ("organization.unverified", "chief", "The domain was sold."),
    ]


def test_only_staff_and_never_without_a_reason(cast: Cast, chief: Actor) -> None:
    organization = cast.organization
    narrow = Actor(chief.user, scopes=frozenset({"read"}))
    for actor in (cast.owner, cast.steward, cast.stranger, narrow):
        for act in (verify_organization, unverify_organization):
            with pytest.raises(NotFound):
                act(actor=actor, organization=organization, reason="Ours.")
    with pytest.raises(Invalid, match="500"):
        verify_organization(actor=chief, organization=organization, reason="x" * 501)
    unverify_organization(actor=chief, organization=organization, reason="There is none.")
    assert not AuditEvent.objects.filter(action__contains="verified").exists()
    with pytest.raises(IntegrityError, match="organization_verified_has_a_reason"), transaction.atomic():
        Organization.objects.update(verified_reason="Without a day.")
