from __future__ import annotations

import pytest

from tests.clients.shelf import Shelf, fill_shelf
from tests.fixtures.site import Site


@pytest.fixture(scope="session")
def shelf(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return fill_shelf(site, tmp_path_factory.mktemp("shelf"))
