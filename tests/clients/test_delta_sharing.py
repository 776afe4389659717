"""Delta Sharing's own Python client reads published tables, in both response formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.clients.environment import drive
from tests.clients.harbour import CASES, Case, Harbour, expected_cells

pytestmark = [pytest.mark.clients, pytest.mark.slow]
FORMATS = ("parquet", "delta")


@pytest.fixture(scope="module")
def answers(harbour: Harbour, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with harbour.site.api() as api:
        second = api.get(f"/datasets/institute/tides/versions/{harbour.numbers[2]}").json()["published_at"]
    given = {**harbour.given, "second": second}
    found: dict[str, Any] = drive("delta_sharing_client", given, home=tmp_path_factory.mktemp("delta"))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("kind", FORMATS)
def test_each_gets_the_rows_or_the_reason(
    answers: dict[str, Any], case_table: dict[tuple[str, str], str], kind: str, case: Case
) -> None:
    found = answers["cases"][kind][case.name]
    if case.rows:
        assert found.get("value") == expected_cells(case.rows), found
    else:
        assert found.get("status") == case.status, found
    case_table[f"Delta Sharing {kind}", case.name] = f"{case.rows} rows" if case.rows else str(case.status)


def test_only_what_one_may_have_is_listed(answers: dict[str, Any]) -> None:
    nobody, stranger, owner = (
        # The site is shared with other tests, whose datasets have other names.
        {name for name in answers["shares"][who]["value"]["schemas"] if name.startswith(("tides", "zoo"))}
        for who in ("nobody", "stranger", "owner")
    )
    assert {"tides", "zoo"} <= nobody
    assert not nobody & {"tides-registered", "tides-restricted", "tides-granted", "tides-private"}
    assert stranger - nobody == {"tides-registered", "tides-granted"}
    assert {"tides-restricted", "tides-private", "tides-ended"} <= owner
    assert answers["shares"]["nobody"]["value"]["of tides"] == ["levels", "stations"]
    assert "zoo.animals" in answers["shares"]["nobody"]["value"]["tables"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_type_arrives(answers: dict[str, Any], kind: str) -> None:
    found = answers["zoo"][kind]["value"]
    assert found["row"]["word"] == "n°1"
    assert found["row"]["money"] == "1.0000"
    assert found["row"]["local_time"] == "2024-03-31 02:59:59.123456"
    assert found["row"]["instant"] == "2024-03-31 02:59:59.123456+00:00"
    assert found["row"]["thing"]["a"] == 1
    assert found["types"]["local_time"] == "datetime64[us]"
    assert found["types"]["instant"] == "datetime64[us, UTC]"
    assert found["types"]["float32"] == "float32"


def test_the_change_feed_tells_whole_files(answers: dict[str, Any]) -> None:
    """The appended file is a change of the second version alone; the third has every file anew, with a new column."""
    told = {"1 insert": 200, "2 insert": 50, "3 delete": 250, "3 insert": 280}
    assert answers["changes"]["all"]["value"] == told
    assert answers["changes"]["all, delta"]["value"] == told
    assert answers["changes"]["second"]["value"] == {"2 insert": 50}
    assert answers["changes"]["from withdrawn"]["status"] == 400
    assert answers["changes"]["backwards"]["status"] == 400


def test_versions_are_found_by_number_and_time(answers: dict[str, Any]) -> None:
    assert answers["newest"]["value"] == 3
    assert answers["first since"]["2000-01-01T00:00:00Z"]["value"] == 1
    assert answers["first since"]["2999-01-01T00:00:00Z"]["status"] == 400
    assert answers["by time"]["now"]["value"] == 280
    assert answers["by time"]["of the second"]["value"] == 250
    assert answers["by time"]["before all"]["status"] == 400
    assert answers["unknown version"]["status"] == 400
    assert answers["case of names"]["value"] == 280


def test_a_limit_is_kept(answers: dict[str, Any]) -> None:
    assert answers["limit"]["value"] == list(range(7))
    assert answers["limit 0"]["value"] == []


def test_a_query_is_one_read_on_the_audit_trail(answers: dict[str, Any], harbour: Harbour) -> None:
    events = [event["detail"] for event in harbour.reads("tides-registered")]
    told = [event for event in events if event["protocol"] == "delta-sharing"]
    # Once in each format; the many requests for pieces of the file are not told again.
    assert len(told) == len(FORMATS)
    assert {(event["version"], event["rows"]) for event in told} == {("1.0.0", 20)}


def test_the_profile_is_downloaded_whole(harbour: Harbour, tmp_path: Path) -> None:
    with harbour.site.api(harbour.site.researcher_token) as api:
        answer = api.get(f"{harbour.site.url}/delta-sharing/config.share")
    assert answer.json()["bearerToken"] == harbour.site.researcher_token
    assert answer.json()["endpoint"] == f"{harbour.site.url}/delta-sharing/"
    assert answer.json()["expirationTime"].endswith("Z")
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'filename="commonfield.share"' in answer.headers["Content-Disposition"]


def test_the_lines_of_the_page_work_as_they_stand(answers: dict[str, Any]) -> None:
    assert answers["snippets"] == {"tides": {"value": 280}, "tides-granted": {"value": 20}}
