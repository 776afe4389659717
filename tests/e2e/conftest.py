"""Debian's Chromium, kept from asking the network for anything of its own, and the site that it looks at."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

from tests.e2e.own_site import OwnSite, own_site

CHROMIUMS = (os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = ("gpu", "quic", "background-networking", "component-update", "sync", "dev-shm-usage")
    return {
        **browser_type_launch_args,
        "executable_path": next(filter(None, map(shutil.which, CHROMIUMS)), "chromium"),
        "chromium_sandbox": False,
        "args": ["--no-first-run", *(f"--disable-{name}" for name in quiet)],
    }


@pytest.fixture(scope="module")
def site() -> OwnSite:
    """The module's: emptied of what another left."""
    return own_site()
