"""The whole suite runs against real servers (tests/early.py starts them)."""

from __future__ import annotations

import gc
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as effort
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.people",
    "tests.fixtures.api",
    "tests.fixtures.site",
    "tests.fixtures.figures",
    "tests.fixtures.cells",
    "tests.fixtures.previews",
    "tests.fixtures.durations",
]

# How long an input takes says how busy the machine is, and nothing of the code.
effort.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
effort.load_profile("without a clock")

OF_ONE_SITE = {
    "the site of the crashes": ("tests/recovery/",),
    "the site of the pages": ("tests/e2e/",),
    "the site": (
        "tests/clients/",
        "tests/docs/",
        "tests/client/test_client_documents.py",
        "tests/client/test_client_on_site.py",
        "tests/client/test_client_query.py",
    ),
}
"""What shares a running site, which takes half a minute of a processor to start: one process starts it for all."""
ALONE = ("tests/recovery/test_killed_servers.py", "tests/recovery/test_runaway.py")
"""These start a site of other settings, or on servers of their own."""
LONG = (*ALONE, "tests/deploy/")
"""What waits more than it works. It is begun right after the sites, so that no process is left alone with it."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.nodeid))
    strays = {_scope(item.nodeid) for item in items if _asks_for_the_site(item)} - {*OF_ONE_SITE}
    if strays:
        told = "asks for the site, which may be over before it comes: name it in OF_ONE_SITE (tests/conftest.py)"
        raise pytest.UsageError("\n".join(f"{stray} {told}" for stray in sorted(strays)))


def _asks_for_the_site(item: pytest.Item) -> bool:
    found = getattr(item, "_fixtureinfo", None)
    definitions = found.name2fixturedefs.get("site", ()) if found else ()
    return any(definition.func.__module__ == "tests.fixtures.site" for definition in definitions[-1:])


def _turn(nodeid: str) -> int:
    """What is of one site stands together, in the order of OF_ONE_SITE; then comes what is long, then the rest."""
    sites = list(OF_ONE_SITE)
    scope = _scope(nodeid)
    if scope in sites:
        return sites.index(scope)
    return len(sites) + (not nodeid.startswith(LONG))


def _scope(nodeid: str) -> str:
    if not nodeid.startswith(ALONE):
        for site, folders in OF_ONE_SITE.items():
            if nodeid.startswith(folders):
                return site
    return nodeid.partition("::")[0]


class ByDearThings(LoadScopeScheduling):
    """Keeps together what shares something dear: a running site, a module's servers, a module's datasets."""

    def _split_scope(self, nodeid: str) -> str:
        return _scope(nodeid)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """A site ends with the last test that asks for it, and not with the process."""
    # Not before pytest has loaded its plugins, of which it is one.
    from tests.fixtures.site import stop_sites

    if nextitem is None or _scope(nextitem.nodeid) != _scope(item.nodeid):
        stop_sites()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What stands after the collection stays to the end: it is not looked at again.

    Measured over tests of pages: an eighth of the processor's time went into looking for garbage; half of it is saved.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than cores: what kills and restarts waits more than it works, and another process works meanwhile."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return ByDearThings(config, log)
