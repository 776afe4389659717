"""Debian's Chromium, kept from asking the network for anything of its own."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = ("gpu", "quic", "background-networking", "component-update", "sync", "dev-shm-usage")
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "chromium_sandbox": False,
        "args": ["--no-first-run", *(f"--disable-{name}" for name in quiet)],
    }
