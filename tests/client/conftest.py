from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from commonfield import Client, RetryPolicy
from tests.client.local_site import LocalSite

QUICK = RetryPolicy(attempts=4, base=0.01, cap=0.02, patience=2.0)


@pytest.fixture
def local() -> Iterator[LocalSite]:
    site = LocalSite()
    yield site
    site.close()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Neither the profile nor the cache of whoever runs the tests."""
    for name in ("COMMONFIELD_URL", "COMMONFIELD_TOKEN", "COMMONFIELD_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COMMONFIELD_PROFILE_FILE", str(tmp_path / "config" / "profile.toml"))
    monkeypatch.setenv("COMMONFIELD_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def owner(local: LocalSite) -> Iterator[Client]:
    with Client(local.url, "cfd_owner", timeout=5, retry=QUICK) as client:
        yield client


@pytest.fixture
def anyone(local: LocalSite) -> Iterator[Client]:
    with Client(local.url, timeout=5, retry=QUICK) as client:
        yield client
