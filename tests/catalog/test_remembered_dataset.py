"""A dataset's answer to nobody in particular is remembered; whatever it is made of, a change of it is told at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.actor import ANONYMOUS
from catalog.api.manners.remembered import remembered_dataset
from catalog.api.manners.represent import dataset_for
from catalog.models import Dataset, Organization, Version
from catalog.selectors.datasets import get_dataset
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.cataloguing.deprecation import deprecate_dataset
from catalog.services.cataloguing.renaming import rename_dataset
from catalog.services.publishing.embargo import set_dataset_embargo
from catalog.services.publishing.versions import withdraw_version
from tests.fixtures.datasets import make_dataset, make_published

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/datasets/institute/birds"


@pytest.fixture
def birds(cast):
    return make_published(cast, make_dataset(cast, slug="birds")).dataset


def made_anew():
    return dataset_for(ANONYMOUS, get_dataset(actor=ANONYMOUS, owner="institute", slug="birds"))


def test_it_is_one_query_and_the_answer_that_anybody_gets(birds, api, django_assert_num_queries):
    first = api().get(ADDRESS)
    with django_assert_num_queries(1):
        second = api().get(ADDRESS)
    assert second.json() == first.json() == made_anew()
    assert second["ETag"] == first["ETag"]
    with django_assert_num_queries(1):
        assert api().get(ADDRESS, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_a_member_gets_an_answer_of_their_own(birds, cast, api):
    assert api().get(ADDRESS).json()["permissions"]["edit"] is False
    assert api(cast.contributor).get(ADDRESS).json()["permissions"]["edit"] is True
    assert api().get(ADDRESS).json()["permissions"]["edit"] is False


def write_title(birds, cast):
    update_dataset(actor=cast.owner, dataset=birds, description=Description(title="Other birds"))


def write_organization(birds, cast):
    Organization.objects.filter(pk=birds.organization_id).update(title="Another", description="Told anew.")


def restrict(birds, cast):
    update_dataset(actor=cast.owner, dataset=birds, description=Description(access="restricted"))


def withhold(birds, cast):
    set_dataset_embargo(actor=cast.owner, dataset=birds, until=timezone.now() + timedelta(days=3))


def withdraw(birds, cast):
    withdraw_version(actor=cast.owner, version=birds.latest, reason="Wrong birds.")


def deprecate(birds, cast):
    deprecate_dataset(actor=cast.owner, dataset=birds, reason="There are better birds.", successor=None)


def publish_again(birds, cast):
    make_published(cast, birds)


CHANGES = [write_title, write_organization, restrict, withhold, withdraw, deprecate, publish_again]


@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_a_change_is_told_at_once(birds, cast, api, change):
    before = api().get(ADDRESS).json()
    change(Dataset.objects.select_related("organization", "latest").get(pk=birds.pk), cast)
    after = api().get(ADDRESS).json()
    assert after == made_anew()
    assert (after != before) is (change is not write_organization)


def test_two_changes_in_one_transaction_are_both_told(birds, cast, api):
    for title in ("One", "Two", "Three"):
        # No savepoint between them: one and the same transaction has written each.
        Dataset.objects.filter(pk=birds.pk).update(title=title)
        assert api().get(ADDRESS).json()["title"] == title


def test_what_is_hidden_is_not_there(birds, cast, api):
    assert api().get(ADDRESS).status_code == 200
    update_dataset(actor=cast.owner, dataset=birds, description=Description(access="private"))
    assert api().get(ADDRESS).status_code == 404
    assert api(cast.reader).get(ADDRESS).status_code == 200


def test_an_old_name_leads_to_the_new_one(birds, cast, api):
    assert api().get(ADDRESS).status_code == 200
    rename_dataset(actor=cast.owner, dataset=birds, slug="fowl", organization=cast.organization)
    assert api().get(ADDRESS)["Location"].endswith("/institute/fowl")
    assert api().get(ADDRESS.replace("birds", "fowl")).json()["slug"] == "fowl"


def test_what_depends_on_the_time_is_not_remembered(birds, cast):
    assert remembered_dataset("institute", "birds") is not None
    Version.objects.filter(pk=birds.latest_id).update(embargo_until=timezone.now() + timedelta(days=1))
    assert remembered_dataset("institute", "birds") is None
