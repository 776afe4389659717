"""All findings of a table as CSV, or those of some codes: broken lines are listed apart from cells."""

from __future__ import annotations

import csv

import pytest

from tests.fixtures.datasets import make_dataset
from tests.fixtures.uploading import push

# The worker tells over a connection of its own that it lives.
pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/datasets/institute/birds/versions/draft/resources/birds/findings.csv"
ROWS = "".join(f"{number},n{number},{number}.5\n" for number in range(1, 60))
FILE = f"id,name,amount\n{ROWS}60,short\n61,long,61.5,surplus,more\nx,cell,62.5\n"
BROKEN = f"{ADDRESS}?code=row-too-short&code=row-too-long"


@pytest.fixture
def owner(cast, api):
    push(cast.owner, make_dataset(cast), FILE)
    return api(cast.owner)


def listed(client, address):
    lines = b"".join(client.get(address).streaming_content).decode().splitlines()
    return [(row["code"], row["line"], row["value"]) for row in csv.DictReader(lines)]


def test_all_are_told_or_only_lines_whose_structure_is_broken(owner):
    broken = [("row-too-short", "61"), ("row-too-long", "62")]
    assert [(code, line) for code, line, _ in listed(owner, BROKEN)] == broken
    assert ("cell-not-of-type", "63") in [(code, line) for code, line, _ in listed(owner, ADDRESS)]
    assert len(listed(owner, ADDRESS)) > len(broken)
    assert "surplus" in listed(owner, BROKEN)[1][2]


def test_a_code_that_there_is_none_of_is_refused_before_the_first_line(owner):
    refused = owner.get(f"{ADDRESS}?code=row-too-odd")
    assert (refused.status_code, "row-too-odd" in refused.content.decode()) == (422, True)


def test_the_page_links_each_kind_to_its_list(owner, cast, client):
    client.force_login(cast.owner.user)
    page = client.get("/institute/birds/v/draft/quality/").content.decode()
    assert f'href="{ADDRESS}?code=row-too-short"' in page
