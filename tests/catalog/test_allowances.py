"""How much one may have in a time: requests, downloads, storage. Counted in the real broker."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as site
from django.db import IntegrityError, transaction
from limits.storage import RedisStorage
from rest_framework.test import APIClient

from catalog.allowances import counter
from catalog.allowances.quotas import forget_quotas, stored_bytes
from catalog.models import AuditEvent, Part, Quota, ResourceSource
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db
FILE = "/api/v1/datasets/institute/birds/versions/1.0.0/resources/birds.parquet"


@pytest.fixture(autouse=True)
def _counters_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Users of other tests have the same numbers in the same broker."""
    storage = RedisStorage(site.BROKER_URL, key_prefix=uuid.uuid4().hex, wrap_exceptions=True)
    monkeypatch.setattr(counter, "_storage", lambda: storage)
    forget_quotas()
    yield
    forget_quotas()
    # Left to the collector, its socket may be closed before its connection, which is a warning in whichever test runs.
    storage.storage.close()


def test_requests_are_counted_and_refused_with_the_time_to_wait(
    cast: Cast, api: Callable[..., APIClient], settings: object
) -> None:
    settings.RATE_ANONYMOUS, settings.RATE_SIGNED_IN = "3/minute", "4/minute"  # type: ignore[attr-defined]
    nobody, person = api(), api(cast.reader)
    first = nobody.get("/api/v1/licenses")
    assert first.headers["RateLimit-Policy"] == '"requests";q=3;w=60'
    name, remaining, reset = first.headers["RateLimit"].split(";")
    assert (name, remaining) == ('"requests"', "r=2")
    assert 1 <= int(reset.removeprefix("t=")) <= 60
    assert [nobody.get("/api/v1/licenses").status_code for _ in range(3)] == [200, 200, 429]
    refused = nobody.get("/api/v1/licenses")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["Retry-After"] in refused.json()["remedy"]
    assert refused.headers["RateLimit"].startswith('"requests";r=0;t=')
    # A person has more, and is another; nobody from elsewhere too.
    assert [person.get("/api/v1/licenses").status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    assert nobody.get("/api/v1/licenses", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_an_ipv6_customer_is_one(cast: Cast, api: Callable[..., APIClient], settings: object) -> None:
    settings.RATE_ANONYMOUS = "1/minute"  # type: ignore[attr-defined]
    ask = api().get
    assert ask("/api/v1/licenses", REMOTE_ADDR="2001:db8:1:2:3::4").status_code == 200
    assert ask("/api/v1/licenses", REMOTE_ADDR="2001:db8:1:2:9::9").status_code == 429
    assert ask("/api/v1/licenses", REMOTE_ADDR="2001:db8:1:3:9::9").status_code == 200


def test_without_a_broker_everybody_is_let_through(
    api: Callable[..., APIClient], settings: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.RATE_ANONYMOUS = "1/minute"  # type: ignore[attr-defined]
    nowhere = RedisStorage("redis://127.0.0.1:1/0", wrap_exceptions=True, socket_connect_timeout=0.2)
    monkeypatch.setattr(counter, "_storage", lambda: nowhere)
    answers = [api().get("/api/v1/licenses") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert "RateLimit" not in answers[0].headers
    assert "not counted" in caplog.text


def test_downloads_are_counted_by_the_bytes_that_go_out(cast: Cast, api: Callable[..., APIClient]) -> None:
    version = make_published(cast, make_dataset(cast))
    size = Part.objects.get(resource__version=version).bytes
    Quota.objects.create(user=cast.stranger.user, kind="downloads", amount=2 * size + 10)
    forget_quotas()
    client = api(cast.stranger)
    assert client.get(FILE).status_code == 302
    ranged = client.get(FILE, {"stream": "1"}, headers={"Range": "bytes=0-9"})
    assert (ranged.status_code, len(b"".join(ranged.streaming_content))) == (206, 10)  # type: ignore[attr-defined]
    used = client.get("/api/v1/me/usage").json()["quotas"]
    assert [(item["kind"], item["used"], item["limit"]) for item in used] == [("downloads", size + 10, 2 * size + 10)]
    assert client.get(FILE).status_code == 302
    refused = client.get(FILE)
    assert (refused.status_code, refused.json()["code"]) == (429, "quota-spent")
    assert int(refused.headers["Retry-After"]) > 29 * 24 * 3600
    # Refused is not on record as had, and others have what they had.
    assert AuditEvent.objects.filter(action="resource.downloaded").count() == 3
    assert api().get(FILE).status_code == 302


def test_an_archive_counts_by_what_is_sent_of_it(cast: Cast, api: Callable[..., APIClient]) -> None:
    make_published(cast, make_dataset(cast))
    Quota.objects.create(user=cast.stranger.user, kind="downloads", amount=10**9)
    forget_quotas()
    client = api(cast.stranger)
    address = "/api/v1/datasets/institute/birds/versions/1.0.0/archive.zip"
    ranged = client.get(address, headers={"Range": "bytes=10-"})
    whole = client.get(address)
    sent = [len(b"".join(answer.streaming_content)) for answer in (ranged, whole)]  # type: ignore[attr-defined]
    assert sent[0] == sent[1] - 10
    assert client.get("/api/v1/me/usage").json()["quotas"][0]["used"] == sum(sent)


def test_what_is_refused_takes_nothing(cast: Cast, api: Callable[..., APIClient]) -> None:
    version = make_published(cast, make_dataset(cast))
    size = Part.objects.get(resource__version=version).bytes
    Quota.objects.create(user=cast.stranger.user, kind="downloads", amount=size - 1)
    forget_quotas()
    client = api(cast.stranger)
    assert client.get(FILE).status_code == 429
    assert client.get(FILE, {"stream": "1"}, headers={"Range": "bytes=0-9"}).status_code == 206


def test_an_organizations_readers_share_its_quota(cast: Cast, api: Callable[..., APIClient]) -> None:
    version = make_published(cast, make_dataset(cast))
    size = Part.objects.get(resource__version=version).bytes
    Quota.objects.create(organization=cast.organization, kind="downloads", amount=2 * size)
    forget_quotas()
    assert [api(person).get(FILE).status_code for person in (None, cast.stranger, cast.owner)] == [302, 302, 429]


def test_a_day_of_requests(cast: Cast, api: Callable[..., APIClient], settings: object) -> None:
    settings.QUOTA_REQUESTS = 2  # type: ignore[attr-defined]
    Quota.objects.create(user=cast.owner.user, kind="requests", amount=None)
    forget_quotas()
    assert [api(cast.reader).get("/api/v1/licenses").status_code for _ in range(3)] == [200, 200, 429]
    assert [api(cast.owner).get("/api/v1/licenses").status_code for _ in range(3)] == [200, 200, 200]


def test_storage_counts_each_object_once_and_what_is_on_its_way(cast: Cast, api: Callable[..., APIClient]) -> None:
    version = make_published(cast, make_dataset(cast))
    client = api(cast.contributor)
    base = "/api/v1/datasets/institute/birds"
    once = Part.objects.get().bytes + ResourceSource.objects.get().bytes
    assert client.post(f"{base}/versions").status_code in {200, 201}  # A draft shares the objects.
    assert Part.objects.count() == 2
    assert stored_bytes(cast.organization) == once
    Quota.objects.create(organization=cast.organization, kind="storage", amount=once + 1_000)
    forget_quotas()
    begin = {"dataset": "institute/birds", "filename": "more.csv", "size": 600}
    assert client.post("/api/v1/uploads", begin).status_code == 201
    refused = client.post("/api/v1/uploads", begin)
    assert (refused.status_code, refused.json()["code"]) == (413, "storage-quota-spent")
    assert refused.json()["used"] == once
    assert client.post("/api/v1/uploads", begin | {"size": 400}).status_code == 201
    usage = client.get("/api/v1/organizations/institute/usage").json()["quotas"]
    assert usage[0] == {"kind": "storage", "used": once, "limit": once + 1_000, "resets_in_seconds": None}
    assert version.dataset_id


def test_the_database_refuses_quotas_that_mean_nothing(cast: Cast) -> None:
    for wrong in (
        {"kind": "storage", "user": cast.owner.user},
        {"kind": "downloads"},
        {"kind": "downloads", "user": cast.owner.user, "organization": cast.organization},
        {"kind": "luck", "user": cast.owner.user},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Quota.objects.create(amount=1, **wrong)
