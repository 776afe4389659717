"""Questions by the client to the running site: only the answer travels, with what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from commonfield import BadArgument, Client, InvalidInput, NotFound, RetryPolicy

pytestmark = [pytest.mark.clients, pytest.mark.slow]

CSV = Path(__file__).parents[1] / "data" / "penguins.csv"
ID = "institute/questioned"


@pytest.fixture(scope="module")
def asker(site: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The owner, of a draft with the penguins: a draft can be asked like any version."""
    folder = tmp_path_factory.mktemp("cache")
    with Client(site.url, site.owner_token, cache_dir=folder, retry=RetryPolicy(base=0.1)) as client:
        client.push(CSV, ID, title="Questioned", license="CC0-1.0", note="To be asked", submit=False)
        yield client


def test_a_query_as_a_table(asker: Client) -> None:
    table = asker.info(ID, version="draft").resources[0].name
    sql = f'SELECT species, count(*) AS n FROM "{table}" GROUP BY ALL ORDER BY species'
    frame = asker.query(sql, dataset=ID, version="draft")
    assert dict(zip(frame["species"], frame["n"], strict=True)) == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
    assert frame.attrs == {"partial": "false", "query_url": "", "row_count": "3"}
    full = asker.query(f'SELECT count(*) AS n FROM "{ID}@draft/{table}"', as_="polars")
    assert full["n"].to_list() == [344]
    arrow = asker.query(sql, dataset=ID, version="draft", limit=1, as_="arrow")
    assert (arrow.num_rows, arrow.schema.metadata[b"partial"]) == (1, b"true")


def test_rows_that_the_registry_chose(asker: Client) -> None:
    rows = asker.rows(
        ID, version="draft", where={"is:species": "Gentoo"}, columns=["species", "year"], sort="-year", limit=5
    )
    assert list(rows.columns) == ["species", "year"]
    assert list(rows["year"]) == [2009] * 5
    groups = asker.rows(ID, version="draft", group=["island"], measures=["count"], search="adelie", sort="-count")
    assert dict(zip(groups["island"], groups["count"], strict=True)) == {"Dream": 56, "Torgersen": 52, "Biscoe": 44}


def test_what_is_wrong_is_said(asker: Client) -> None:
    with pytest.raises(InvalidInput, match="nope"):
        asker.rows(ID, version="draft", sort="nope")
    with pytest.raises(InvalidInput, match="can't be read from"):
        asker.query("SELECT * FROM read_csv('/etc/passwd')")
    with pytest.raises(BadArgument, match="nonsense"):
        asker.rows(ID, version="draft", nonsense=1)
    with pytest.raises(NotFound):
        asker.cancel("nothing-runs")
