import pytest

from catalog.actor import ANONYMOUS, Actor
from catalog.errors import Forbidden, Invalid
from catalog.models import Role
from catalog.permissions import NotSignedIn, ScopeMissing
from catalog.services.membership.organizations import (
    LastOwner,
    SlugTaken,
    create_organization,
    remove_member,
    set_member,
)

pytestmark = pytest.mark.django_db


def role_of(cast, name):
    return cast.organization.memberships.get(user=cast.named(name).user).role


def test_whoever_makes_one_owns_it(cast):
    organization = create_organization(actor=cast.stranger, slug="mine", title=" Mine ")
    assert organization.title == "Mine"
    assert organization.memberships.get().role == Role.OWNER


@pytest.mark.parametrize("slug", ["", "Mine", "api", "review", "a.b", "-a", "a" * 97])
def test_short_names_that_cannot_be(cast, slug):
    with pytest.raises(Invalid):
        create_organization(actor=cast.stranger, slug=slug, title="Mine")


def test_a_short_name_is_given_once(cast):
    with pytest.raises(SlugTaken):
        create_organization(actor=cast.stranger, slug="institute", title="Another")


def test_nobody_and_narrow_tokens_make_none(cast):
    with pytest.raises(NotSignedIn):
        create_organization(actor=ANONYMOUS, slug="mine", title="Mine")
    with pytest.raises(ScopeMissing):
        create_organization(actor=Actor(cast.stranger.user, frozenset({"upload"})), slug="mine", title="Mine")


def test_owners_set_roles_and_others_do_not(cast):
    set_member(actor=cast.owner, organization=cast.organization, username="stranger", role="contributor")
    assert role_of(cast, "stranger") == Role.CONTRIBUTOR
    with pytest.raises(Forbidden):
        set_member(actor=cast.maintainer, organization=cast.organization, username="maintainer", role="owner")
    with pytest.raises(Invalid, match="Nobody"):
        set_member(actor=cast.owner, organization=cast.organization, username="ghost", role="reader")


def test_the_last_owner_stays(cast):
    with pytest.raises(LastOwner):
        set_member(actor=cast.owner, organization=cast.organization, username="owner", role="reader")
    with pytest.raises(LastOwner):
        remove_member(actor=cast.owner, organization=cast.organization, username="owner")
    set_member(actor=cast.owner, organization=cast.organization, username="maintainer", role="owner")
    remove_member(actor=cast.owner, organization=cast.organization, username="owner")
    assert cast.organization.memberships.filter(role="owner").count() == 1
