"""Random people, grants, versions and times: the list, the question and the answer over HTTP are one and the same.

What should come out is computed a second time here, person by person, from what was drawn.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.actor import ALL_SCOPES, ANONYMOUS, Actor, Limit
from catalog.models import Access, AccessGrant, Dataset, Membership, Organization, Role, User, Version
from catalog.permissions import Action, allowed, can, may_download
from catalog.selectors.grants import grant_behind
from catalog.services.publishing.versions import withdraw_version
from tests.fixtures.datasets import SQL, make_dataset, make_published

PEOPLE = ("stranger", "grantee", "reader", "contributor", "steward")
WORLDS = 6
ASKED_OVER_HTTP = 2


@dataclass
class Drawn:
    """What one world has: memberships beside those of the cast, grants, embargoes, accesses."""

    labs: dict[str, set[str]] = field(default_factory=dict)
    grants: list[AccessGrant] = field(default_factory=list)
    named: dict[int, set[int]] = field(default_factory=dict)


def moment(draw: random.Random) -> datetime | None:
    days = draw.choice([None, None, -400, -1, -0.001, 0.01, 1, 400])
    return None if days is None else timezone.now() + timedelta(days=days)


def draw_world(draw: random.Random, owner: User, versions: list[Version], labs: list[Organization]) -> Drawn:
    drawn = Drawn({lab.slug: set() for lab in labs})
    for dataset in Dataset.objects.all():
        access = draw.choice(Access.values)
        Dataset.objects.filter(pk=dataset.pk).update(access=access, embargo_until=moment(draw))
    for version in versions:
        Version.objects.filter(pk=version.pk).update(embargo_until=moment(draw))
    people = {name: User.objects.get(username=name) for name in PEOPLE}
    for lab in labs:
        for name in draw.sample(PEOPLE, draw.randint(0, 2)):
            Membership.objects.create(organization=lab, user=people[name], role=draw.choice(Role.values))
            drawn.labs[lab.slug].add(name)
    holders = [*people.values(), *labs]
    for dataset in Dataset.objects.all():
        for holder in draw.sample(holders, draw.randint(0, 4)):
            grant = AccessGrant.objects.create(
                dataset=dataset,
                user=holder if isinstance(holder, User) else None,
                organization=holder if isinstance(holder, Organization) else None,
                granted_by=owner,
                all_versions=draw.random() < 0.5,
                expires_at=moment(draw),
                revoked_at=timezone.now() if draw.random() < 0.2 else None,
            )
            drawn.grants.append(grant)
            own = [version for version in versions if version.dataset_id == dataset.pk]
            chosen = [] if grant.all_versions else draw.sample(own, draw.randint(1, len(own)))
            grant.versions.set(chosen)
            drawn.named[grant.pk] = {version.pk for version in chosen}
    return drawn


def is_over(until: datetime | None) -> bool:
    return until is None or until <= timezone.now()


def holds(drawn: Drawn, name: str, dataset: Dataset, version: Version | None) -> bool:
    """Whether a grant in force is the person's: of the version, or of anything of the dataset."""
    for grant in drawn.grants:
        theirs = grant.user.username == name if grant.user else name in drawn.labs[grant.organization.slug]
        in_force = grant.revoked_at is None and (grant.expires_at is None or not is_over(grant.expires_at))
        covers = version is None or grant.all_versions or version.pk in drawn.named[grant.pk]
        if theirs and in_force and grant.dataset_id == dataset.pk and covers:
            return True
    return False


def expected(drawn: Drawn, name: str | None, version: Version) -> int:
    """The status of a download that is redirected where it is allowed."""
    dataset = version.dataset
    if name in {"reader", "contributor", "steward"}:
        return 302
    granted = name is not None and holds(drawn, name, dataset, version)
    if dataset.access == Access.PRIVATE and not (name is not None and holds(drawn, name, dataset, None)):
        return 404
    if not (is_over(dataset.embargo_until) and is_over(version.embargo_until)):
        return 403
    if dataset.access == Access.PUBLIC or (dataset.access == Access.REGISTERED and name is not None) or granted:
        return 302
    return 401 if name is None else 403


@pytest.fixture
def versions(cast):
    found = []
    for slug in ("one", "two"):
        dataset = make_dataset(cast, slug=slug)
        found += [make_published(cast, dataset), make_published(cast, dataset, sql=f"{SQL} LIMIT 50")]
    return found


def test_list_question_and_answer_agree(cast, versions, api):
    """In each world every person's lists are held to what was drawn; some are asked by object, and over HTTP."""
    draw = random.Random(20261122)
    labs = [Organization.objects.create(slug=slug, title=slug) for slug in ("lab", "guild")]
    actors = {name: cast.named(name) for name in PEOPLE} | {None: ANONYMOUS}
    seen: set[int] = set()
    for number in range(WORLDS):
        with transaction.atomic():
            drawn = draw_world(draw, cast.owner.user, versions, labs)
            rows = list(Version.objects.select_related("dataset").filter(pk__in=[item.pk for item in versions]))
            for name, actor in actors.items():
                listed = set(Version.objects.downloadable_by(actor))
                wanted = {row: expected(drawn, name, row) for row in rows}
                assert (number, name, listed) == (number, name, {row for row in rows if wanted[row] == 302})
                row = draw.choice(rows)
                assert may_download(actor, row) == (row in listed)
                datasets = set(Dataset.objects.downloadable_by(actor).values_list("pk", flat=True))
                member = name in {"reader", "contributor", "steward"}
                assert datasets == {item.dataset_id for item in (rows if member else listed)}
                assert can(actor, Action.DOWNLOAD, row.dataset) == (row.dataset_id in datasets)
            answers = [(name, row, expected(drawn, name, row)) for name in actors for row in rows]
            for _ in range(ASKED_OVER_HTTP):
                # What was not answered yet comes first, so that every kind of answer is among them.
                name, row, status = draw.choice([item for item in answers if item[2] not in seen] or answers)
                seen.add(status)
                path = f"/api/v1/datasets/institute/{row.dataset.slug}/versions/{row.number}/resources/birds"
                client = api(actors[name])
                codes = [client.get(f"{path}.parquet").status_code, client.get(f"{path}/rows?limit=1").status_code]
                assert (number, name, codes) == (number, name, [status, 200 if status == 302 else status])
            transaction.set_rollback(True)
    assert seen == {302, 401, 403, 404}


def test_a_limit_takes_away_and_never_adds(cast, versions):
    draw = random.Random(7)
    labs = [Organization.objects.create(slug="lab", title="lab")]
    one = versions[0].dataset
    for _ in range(3):
        with transaction.atomic():
            draw_world(draw, cast.owner.user, versions, labs)
            for name in PEOPLE:
                user = User.objects.get(username=name)
                free = set(Version.objects.downloadable_by(Actor(user)))
                limited = set(Version.objects.downloadable_by(Actor(user, limit=Limit(datasets=frozenset({one.pk})))))
                assert limited == {version for version in free if version.dataset_id == one.pk}
            transaction.set_rollback(True)


def test_the_grant_behind_is_the_one_that_lasts_longest(cast, versions):
    version = versions[0]
    dataset = version.dataset
    Dataset.objects.filter(pk=dataset.pk).update(access=Access.RESTRICTED)
    version.dataset.refresh_from_db()
    lab = Organization.objects.create(slug="lab", title="lab")
    Membership.objects.create(organization=lab, user=cast.grantee.user, role=Role.READER)
    common = {"dataset": dataset, "granted_by": cast.owner.user}
    soon, late = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(days=1)
    own = AccessGrant.objects.create(user=cast.grantee.user, expires_at=soon, **common)
    assert grant_behind(actor=cast.grantee, version=version) == own
    theirs = AccessGrant.objects.create(organization=lab, expires_at=late, **common)
    assert grant_behind(actor=cast.grantee, version=version) == theirs
    AccessGrant.objects.filter(pk=own.pk).update(expires_at=None)
    assert grant_behind(actor=cast.grantee, version=version) == own
    AccessGrant.objects.filter(pk=own.pk).update(all_versions=False)
    assert grant_behind(actor=cast.grantee, version=version) == theirs
    assert grant_behind(actor=cast.reader, version=version) is None
    # That bytes are gone is another answer than that one may not have them.
    withdraw_version(actor=cast.owner, version=version, reason="Wrong.")
    assert may_download(cast.grantee, version)


def test_several_questions_at_once_are_answered_as_one_by_one(cast, versions):
    """By everybody there is, with every scope or one, and with tokens that are kept to this dataset or from it."""
    dataset = versions[0].dataset
    dataset.refresh_from_db()
    limits = [
        None,
        Limit(),
        Limit(datasets=frozenset({dataset.pk})),
        Limit(organizations=frozenset({dataset.organization_id})),
    ]
    outcomes = set()
    people = [cast.named(name).user for name in (*PEOPLE, "maintainer", "owner")]
    for user in (*people, User.objects.create(username="staff", email="staff@example.org", is_staff=True)):
        for scopes in (ALL_SCOPES, frozenset({"read"}), frozenset({"review"}), frozenset({"upload", "manage"})):
            for limit in limits:
                actor = Actor(user, scopes=scopes, limit=limit)
                one_by_one = {action: can(actor, action, dataset) for action in Action}
                assert (user, scopes, limit, allowed(actor, Action, dataset)) == (user, scopes, limit, one_by_one)
                outcomes.add(tuple(one_by_one.values()))
    nobody = {action: can(ANONYMOUS, action, dataset) for action in Action}
    assert allowed(ANONYMOUS, Action, dataset) == nobody
    assert len(outcomes) >= 8
