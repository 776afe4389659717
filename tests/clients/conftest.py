from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.clients.harbour import CASES, Harbour, fill_harbour
from tests.clients.shelf import Shelf, fill_shelf
from tests.fixtures.site import Site


@pytest.fixture(scope="session")
def shelf(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return fill_shelf(site, tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="session")
def harbour(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Harbour:
    return fill_harbour(site, tmp_path_factory.mktemp("harbour"))


@pytest.fixture(scope="session")
def case_table(tell: Callable[[str, str], None]) -> Iterator[dict[tuple[str, str], str]]:
    """What each protocol's client got in each case, shown at the end of the run."""
    cells: dict[tuple[str, str], str] = {}
    yield cells
    clients = list(dict.fromkeys(client for client, _ in cells))
    tell("protocols by case", " ".join([f"{'':22}", *(f"{client:>22}" for client in clients)]))
    for case in CASES:
        line = (f"{cells.get((client, case.name), '-'):>22}" for client in clients)
        tell("protocols by case", " ".join([f"{case.name:22}", *line]))
