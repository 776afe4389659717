"""The whole suite runs against real servers (tests/early.py starts them)."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.people",
    "tests.fixtures.api",
    "tests.fixtures.site",
    "tests.fixtures.figures",
]

LONG = ("tests/recovery", "tests/e2e", "tests/deploy")
"""What waits more than it works: begun first, so that no process is left alone with it at the end."""
ON_THE_SITE = ("tests/clients", "tests/docs", "tests/client/test_client_on_site.py")
"""What talks to the running site, which one process starts for all of them."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


class ByDearThings(LoadScopeScheduling):
    """Keeps together what shares something dear: the running site, a module's servers, a module's datasets."""

    def _split_scope(self, nodeid: str) -> str:
        return "the site" if nodeid.startswith(ON_THE_SITE) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return ByDearThings(config, log)
