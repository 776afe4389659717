from __future__ import annotations

import json
import stat
import time
from pathlib import Path

import pytest

from commonfield import Client, ConnectionFailed, NotFound, RetryPolicy, listing
from commonfield.cache import Cache
from tests.client.local_site import Fault, LocalSite

DATA = b"some published bytes" * 1000


@pytest.fixture
def big(local: LocalSite) -> LocalSite:
    local.publish("org/a", "1.0.0", {"t.parquet": DATA})
    return local


def read(client: Client, version: str = "1.0.0") -> bytes:
    with client.open("org/a", version=version) as handle:
        return handle.read()


def only_object() -> Path:
    (path,) = Cache().root.glob("objects/??/*")
    return path


def age_listings(days: float) -> None:
    for path in Cache().root.glob("listings/**/*.json"):
        document = json.loads(path.read_text())
        document["checked_at"] -= days * 86_400
        path.write_text(json.dumps(document))


def test_the_second_time_an_exact_version_needs_no_request(big: LocalSite, owner: Client) -> None:
    assert read(owner) == DATA
    before = len(big.seen)
    assert read(owner) == DATA
    assert len(big.seen) == before


def test_latest_asks_which_one_it_is_and_spares_the_bytes(big: LocalSite, owner: Client) -> None:
    read(owner, "latest")
    before = len(big.seen)
    assert read(owner, "latest") == DATA
    assert [seen.path for seen in big.seen[before:]] == ["/api/v1/datasets/org/a/versions/latest/files.json"]
    # What latest was is known by its number from then on.
    assert read(owner, "1.0.0") == DATA
    assert len(big.seen) == before + 1


def test_a_draft_is_never_remembered(big: LocalSite, owner: Client) -> None:
    draft = {**big.datasets["org/a"]["versions"]["1.0.0"], "number": None}
    big.datasets["org/a"]["draft"] = draft
    read(owner, "draft")
    big.publish("org/b", "1.0.0", {"t.parquet": b"other"})
    draft["files"] = big.datasets["org/b"]["versions"]["1.0.0"]["files"]
    assert read(owner, "draft") == b"other"


def test_an_exact_version_works_without_a_connection_even_later(big: LocalSite, owner: Client) -> None:
    read(owner)
    age_listings(days=30)
    big.close()
    owner.close()
    assert read(owner) == DATA
    with pytest.raises(ConnectionFailed, match=r"a version that you have: 1\.0\.0"):
        read(owner, "latest")


def test_a_withdrawn_version_is_noticed_after_a_day(big: LocalSite, owner: Client) -> None:
    read(owner)
    big.datasets["org/a"]["versions"]["1.0.0"]["withdrawn"] = True
    assert read(owner) == DATA
    age_listings(days=1.1)
    with pytest.raises(NotFound):
        read(owner)
    # And it is forgotten, so that it does not come back when the registry is away.
    big.close()
    owner.close()
    with pytest.raises(ConnectionFailed):
        read(owner)


def test_what_one_token_was_shown_is_asked_again_for_another(big: LocalSite, owner: Client, anyone: Client) -> None:
    read(owner)
    before = len(big.api_requests("files.json"))
    read(anyone)
    assert len(big.api_requests("files.json")) == before + 1
    assert len(big.store_requests("GET")) == 1


@pytest.mark.parametrize("content", [b"", b"changed", DATA[:-1] + b"X"])
def test_a_file_that_somebody_changed_is_fetched_again(big: LocalSite, owner: Client, content: bytes) -> None:
    read(owner)
    path = only_object()
    path.chmod(0o600)
    path.write_bytes(content)
    assert read(owner) == DATA
    assert only_object().read_bytes() == DATA


def test_bytes_that_nobody_touched_are_not_hashed_again(
    big: LocalSite, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(owner)

    def hashed(path: Path) -> str:
        raise AssertionError(path)

    monkeypatch.setattr("commonfield.cache.sha256_of", hashed)
    assert read(owner) == DATA


def test_objects_are_read_only_and_the_folder_its_owners(big: LocalSite, owner: Client) -> None:
    read(owner)
    assert stat.S_IMODE(only_object().stat().st_mode) == 0o444
    assert stat.S_IMODE(Cache().root.stat().st_mode) == 0o700


def test_signed_links_are_not_kept(big: LocalSite, owner: Client) -> None:
    read(owner)
    (path,) = Cache().root.glob("listings/**/*.json")
    assert "sig=" not in path.read_text()
    assert "cfd_" not in str(path)


def test_a_broken_listing_is_asked_for_again(big: LocalSite, owner: Client) -> None:
    read(owner)
    (path,) = Cache().root.glob("listings/**/*.json")
    path.write_text('{"checked_at": 1')
    assert read(owner) == DATA


def test_info_and_clear(big: LocalSite, owner: Client) -> None:
    read(owner)
    info = owner.cache.info()
    assert (info.files, info.bytes, info.path) == (1, len(DATA), Cache().root)
    assert owner.cache.clear(unused_days=1).files == 0
    assert owner.cache.clear().bytes == len(DATA)
    assert owner.cache.info().files == 0
    before = len(big.store_requests())
    assert read(owner) == DATA
    assert len(big.store_requests()) == before + 1


def test_clear_by_days_looks_at_the_last_use(big: LocalSite, owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    read(owner)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 10 * 86_400)
    assert owner.cache.clear(unused_days=9).files == 1


def test_a_registry_that_fails_does_not_stop_who_has_the_bytes(big: LocalSite, owner: Client) -> None:
    read(owner)
    age_listings(days=2)
    big.faults = [Fault("GET /api", times=99, status=503)]
    assert read(owner) == DATA
    # Asked once only: there is something to fall back on.
    # The list, the link to its one file, and the list again.
    assert len(big.api_requests("files.json")) == 3


def test_a_day_is_what_fresh_means() -> None:
    assert listing.FRESH_SECONDS == 86_400
    assert RetryPolicy().attempts > 1
