"""What the Data tab offers beside its rows: a filter made for the column, the view as SQL, tables for the browser."""

from __future__ import annotations

import html
import json
import re

import duckdb
import pytest
from django.http import QueryDict
from django.test import Client

from catalog.models import Resource
from catalog.services.publishing.versions import submit_version
from catalog.services.reviewing.reviews import decide_review
from catalog.web.table.browser_sql import MOST_BYTES, MOST_ROWS, fits_a_browser
from catalog.web.table.columns import Column
from catalog.web.table.filter_sql import sql_of
from catalog.web.table.row_links import RowLinks
from tests.fixtures.datasets import SQL, make_checked_draft, make_dataset, make_published
from tests.fixtures.people import Cast

DATA = "/institute/birds/data/"


# As the worker leaves it: a number, a category, and a column with missing values.
PROFILE = {
    "rows": 100,
    "columns": [
        {"name": "id", "kind": "num", "count": 100, "nulls": 0, "distinct": 100, "min": 0, "max": 99},
        {
            "name": "name",
            "kind": "cat",
            "count": 100,
            "nulls": 0,
            "distinct": 60,
            "top": [{"value": "n1<b>", "count": 7}, {"value": "", "count": 3}],
        },
        {"name": "amount", "kind": "num", "count": 75, "nulls": 25, "distinct": 75},
    ],
}


@pytest.fixture
def published(cast: Cast) -> Resource:
    draft = make_checked_draft(cast, make_dataset(cast))
    draft.resources.update(profile=PROFILE)
    version = submit_version(actor=cast.contributor, version=draft, note="First.")
    decide_review(actor=cast.steward, review=version.reviews.get(), decision="approve")
    return version.resources.get()


def page(address: str, **headers: str) -> str:
    response = Client().get(address, headers=headers)
    assert response.status_code == 200, address
    return response.content.decode()


def panel(text: str) -> dict[str, str] | None:
    found = re.search(r"<sql-panel [^>]*>", text)
    if found is None:
        return None
    return {name: html.unescape(value) for name, value in re.findall(r'data-([\w-]+)="([^"]*)"', found[0])}


# ---------------------------------------------------------------- the filter of a column
@pytest.mark.parametrize(
    ("asked", "there", "not_there"),
    [
        ("filter=id", ['name="min:id"', 'name="max:id"', 'placeholder="99"'], ['name="missing:id"']),
        (
            "filter=name",
            ['name="is:name" value="n1&lt;b&gt;"', 'name="has:name"', "59 rarer values"],
            ['name="min:name"', 'name="is:name" value=""'],
        ),
        ("filter=name&is:name=n9", ['name="is:name" value="n9" checked'], []),
        ("filter=amount&min:amount=3", ['name="min:amount"', 'value="3"', 'name="missing:amount"'], []),
        ("filter=amount&max:id=5&sort=-id", ['type="hidden" name="max:id" value="5"', 'name="sort" value="-id"'], []),
        ("filter=nobody", [], ['id="column-filter-title"', 'name="min:nobody"']),
    ],
)
def test_the_form_of_a_column_is_made_for_its_kind(
    published: Resource, asked: str, there: list[str], not_there: list[str]
) -> None:
    form = page(f"{DATA}?{asked}", **{"HX-Request": "true", "HX-Target": "column-filter"})
    assert "<html" not in form
    assert [words for words in there if words not in form] == []
    assert [words for words in not_there if words in form] == []
    # Without scripts the same form stands above the rows.
    assert [words for words in there if words not in page(f"{DATA}?{asked}")] == []


def test_empty_fields_of_a_form_are_not_asked_and_not_carried_along(published: Resource) -> None:
    text = page(f"{DATA}?min:id=90&max:id=&has:name=&filter=id")
    assert "<b>1–10</b>" in text
    links = re.findall(r'href="(\?[^"]*)"', text)
    assert any("min%3Aid=90" in link for link in links)
    assert [link for link in links if "max%3Aid" in link or "has%3Aname" in link] == []


@pytest.mark.parametrize(
    ("asked", "rows"), [("not:id=5", 99), ("not:id=5&not:id=6", 98), ("not:name=n5", 99), ("not:amount=1.5", 99)]
)
def test_a_value_is_left_out(published: Resource, asked: str, rows: int) -> None:
    assert f"<b>{rows}</b>" in page(f"{DATA}?{asked}")


# ---------------------------------------------------------------- the view as SQL
COLUMNS = [Column("id", "integer", "num"), Column("name", "string", "cat"), Column("amount", "number", "num")]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("", list(range(100))),
        ("min:id=97", [97, 98, 99]),
        ("below:id=2&sort=-id", [1, 0]),
        ("is:name=n3&is:name=n5", [3, 5]),
        ("not:name=n1&max:amount=4.5", [0, 2, 3]),
        ("has:name=N9&max:id=91", [9, 90, 91]),
        ("q=n42", [42]),
        ("missing:amount=only", []),
        ("is:name=o'brien", []),
    ],
)
def test_the_sql_of_a_view_finds_its_rows(asked: str, ids: list[int]) -> None:
    sql = sql_of(RowLinks(QueryDict(asked)), table="birds", columns=COLUMNS)
    engine = duckdb.connect()
    engine.execute(f"CREATE VIEW birds AS {SQL}")
    assert [row[0] for row in engine.execute(sql).fetchall()] == ids


@pytest.mark.parametrize("name", ['x"; DROP TABLE birds; --', "'", 'a"b'])
def test_names_and_values_say_nothing_to_the_engine(name: str) -> None:
    query = QueryDict(mutable=True)
    query[f"is:{name}"] = name
    sql = sql_of(RowLinks(query), table=name, columns=[Column(name, "string", "text")])
    engine = duckdb.connect()
    quoted = name.replace('"', '""')
    engine.execute(f'CREATE TABLE "{quoted}" ("{quoted}" VARCHAR)')
    engine.execute(f'INSERT INTO "{quoted}" VALUES (?)', [name])
    assert engine.execute(sql).fetchall() == [(name,)]


# ---------------------------------------------------------------- tables for the browser
def test_the_panel_knows_where_the_tables_files_are(published: Resource) -> None:
    found = panel(page(DATA))
    assert found is not None
    tables = json.loads(found["tables"])
    part = published.parts.get()
    url = "/api/v1/datasets/institute/birds/versions/1.0.0/resources/birds.parquet"
    assert tables == {name: [{"url": url, "bytes": part.bytes}] for name in ("birds", "data")}
    answer = Client().get(url, {"stream": "1"}, headers={"Range": "bytes=0-3"})
    assert b"".join(answer.streaming_content) == b"PAR1"


@pytest.mark.parametrize(
    ("rows", "size", "fits"),
    [(MOST_ROWS, MOST_BYTES, True), (MOST_ROWS + 1, 10, False), (10, MOST_BYTES + 1, False)],
)
def test_what_is_too_large_for_a_browser_is_left_to_the_server(rows: int, size: int, fits: bool) -> None:
    assert fits_a_browser(Resource(rows=rows, bytes=size)) is fits


def test_who_may_not_have_the_rows_gets_no_panel(cast: Cast) -> None:
    make_published(cast, make_dataset(cast, slug="closed", access="restricted"))
    text = Client().get("/institute/closed/data/").content.decode()
    assert panel(text) is None
    assert ".parquet" not in text


# ---------------------------------------------------------------- some columns alone
@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ("with=python&column=name&column=id", ', columns=["id", "name"])'),
        ("with=pandas&column=amount", ', columns=["amount"])'),
        ("with=polars&column=amount", ', columns=["amount"], as_="polars")'),
        ("with=duckdb&column=name&column=id", 'SELECT "id", "name" FROM'),
        ("with=r&column=id", ', col_select = c("id"))'),
        ("with=duckdb&column=id&column=name&column=amount", "SELECT * FROM"),
        ("with=duckdb&column=nobody", "SELECT * FROM"),
    ],
)
def test_the_lines_load_the_columns_that_were_chosen(published: Resource, asked: str, line: str) -> None:
    text = page(f"/institute/birds/use/?{asked}")
    code = re.search(r'<code id="snippet-\w+">(.*?)</code>', text, re.DOTALL)
    assert code is not None
    assert line in html.unescape(code[1])
    assert 'name="column"' in text


def test_where_no_column_can_be_chosen_none_is_offered(published: Resource) -> None:
    assert 'name="column"' not in page("/institute/birds/use/?with=curl&column=id")
