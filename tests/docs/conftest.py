"""What the pages' examples stand on: a published dataset, a version in review, a reader's own shell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from commonfield import Client
from deploy.demo.datasets import DATASETS
from tests.docs.examples import ROOT
from tests.fixtures.site import Site

PENGUINS = next(item for item in DATASETS if item.id == "palmer-station/penguins")


def _push(site: Site, folder: Path, dataset: str, *, approve: bool) -> None:
    with site.api(site.owner_token) as api:
        there = api.get(f"/datasets/{dataset}")
        if there.status_code == 200 and (there.json()["latest"] or not approve):
            return
        if there.status_code == 404:
            body = {
                "organization": "palmer-station",
                "slug": dataset.partition("/")[2],
                "title": PENGUINS.title,
                "description": PENGUINS.description,
                "license": PENGUINS.license,
                "keywords": list(PENGUINS.keywords),
            }
            api.post("/datasets", json=body).raise_for_status()
        api.put(f"/datasets/{dataset}/rules", json={"rules": list(PENGUINS.rules)}).raise_for_status()
        with Client(site.url, site.owner_token, cache_dir=folder) as owner:
            owner.push(PENGUINS.path, dataset, note="First release.", create=False)
        review = api.get(f"/datasets/{dataset}/versions/draft").json()["review"]["id"]
    if approve:
        with site.api(site.steward_token) as steward:
            decision = {"decision": "approve", "reason": "Read."}
            steward.post(f"/reviews/{review}/decision", json=decision).raise_for_status()


@pytest.fixture(scope="session")
def published(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site with palmer-station/penguins 1.0.0 published, and another dataset waiting for a steward."""
    folder = tmp_path_factory.mktemp("docs-cache")
    _push(site, folder, PENGUINS.id, approve=True)
    _push(site, folder, "palmer-station/season-2010", approve=False)
    return site


@pytest.fixture
def reader_home(tmp_path: Path) -> Path:
    """A home folder with the file that the examples upload, and DuckDB's httpfs as `INSTALL httpfs` leaves it."""
    import duckdb
    from duckdb_extension_httpfs import __file__ as httpfs

    home = tmp_path / "home"
    work = home / "work"
    work.mkdir(parents=True)
    shutil.copy(ROOT / "deploy/demo/data/penguins.csv", work)
    [extension] = Path(httpfs).parent.rglob("httpfs.duckdb_extension*")
    platform = duckdb.sql("PRAGMA platform").fetchall()[0][0]
    place = home / ".duckdb" / "extensions" / f"v{duckdb.__version__}" / platform
    place.mkdir(parents=True)
    shutil.copy(extension, place / extension.name)
    return home
