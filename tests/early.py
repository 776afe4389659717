"""Loaded by ``-p tests.early`` before anything reads Django's settings: the suite's servers and its own speed.

Where the tests are spread over several processes, each has servers of its own, so that none of them finds what
another left; the process that only hands the tests out has none.
"""

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.embedded_servers import put_into_environment

LEAD_NOWHERE = "COMMONFIELD_TESTS_LEAD_NOWHERE"


@pytest.hookimpl(wrapper=True)  # a wrapper comes before pytest-django, which reads the settings.
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps a loop in this thread.
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("LEASE_SECONDS", "3")
    os.environ.setdefault("SWEEP_SECONDS", "1")
    os.environ.setdefault("DECISION_GRACE", "0")  # Who tests what may be undone asks for some seconds.
    os.environ.setdefault("QUERY_SPARES", "0")  # Few tests ask, and each site would make its own.
    _keep_bytecode()
    for policy in ("ANONYMOUS", "SIGNED_IN", "QUERIES"):
        os.environ.setdefault(f"RATE_{policy}", "none")  # A matrix asks faster than any person.
    if early_config.known_args_namespace.numprocesses and "PYTEST_XDIST_WORKER" not in os.environ:
        _lead_nowhere()
    else:
        for name in os.environ.pop(LEAD_NOWHERE, "").split():
            del os.environ[name]
        put_into_environment()
        (Path(os.environ["VAR_DIR"]) / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it.
    return (yield)


def _keep_bytecode() -> None:
    """Whatever the environment says: a suite starts some 200 Pythons, and each would compile all that we wrote."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _lead_nowhere() -> None:
    """Let the settings be read, and tell the processes that inherit the environment what to take out of it."""
    before = set(os.environ)
    import deploy.nowhere  # noqa: F401 -- what it does is all that is wanted of it.

    os.environ[LEAD_NOWHERE] = " ".join(sorted(set(os.environ) - before))
