"""The whole suite runs against real servers (tests/early.py starts them)."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.people",
    "tests.fixtures.api",
    "tests.fixtures.site",
    "tests.fixtures.figures",
]

HERE = Path(__file__).parent
LONG = ("tests/recovery", "tests/e2e", "tests/deploy")
"""What waits more than it works: begun first, so that no process is left alone with it at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares something dear: the running site, a module's servers, a module's datasets."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def _group(item: pytest.Item) -> str:
    folder, *_ = item.path.relative_to(HERE).parts
    if folder != "e2e":  # each of its modules starts a site of its own.
        for fixture in ("crash_site", "site"):
            if fixture in getattr(item, "fixturenames", ()):
                return fixture
    return str(item.path.relative_to(HERE))
