"""Hugging Face's ``datasets`` and ``huggingface_hub`` read published tables with HF_ENDPOINT at this site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.environment import drive
from tests.clients.harbour import CASES, GUIDE, Case, Harbour, expected_cells

pytestmark = [pytest.mark.clients, pytest.mark.slow]
CLIENTS = ("datasets", "HfFileSystem")


@pytest.fixture(scope="module")
def answers(harbour: Harbour, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = {
        "HF_ENDPOINT": f"{harbour.site.url}/hf",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    home = tmp_path_factory.mktemp("hub")
    found: dict[str, Any] = drive("huggingface_client", harbour.given, home=home, **settings)
    return found


def value(answers: dict[str, Any], name: str) -> Any:
    assert "value" in answers[name], answers[name]
    return answers[name]["value"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("client", CLIENTS)
def test_each_gets_the_rows_or_the_reason(
    answers: dict[str, Any], case_table: dict[tuple[str, str], str], client: str, case: Case
) -> None:
    found = answers["cases"][client][case.name]
    if case.rows:
        assert found.get("value") == expected_cells(case.rows), found
    else:
        assert "value" not in found
        # The clients tell a refusal in words of their own where they know it.
        named = {
            401: "GatedRepo|gated",
            403: "GatedRepo|gated",
            404: "Repository|not found|doesn't exist",
            410: "withdrawn",
        }
        words = f"{found['error']} {found['words']}"
        assert found["status"] == case.status or any(word in words for word in named[case.status].split("|")), found
    case_table[client, case.name] = f"{case.rows} rows" if case.rows else found["error"]


def test_the_list_says_what_is_gated(answers: dict[str, Any]) -> None:
    nobody = answers["listing"]["nobody"]["value"]
    assert nobody["institute/tides"] is False
    assert nobody["institute/tides-restricted"] == "manual"
    assert nobody["institute/tides-registered"] == "auto"
    assert "institute/tides-private" not in nobody
    assert "institute/tides-private" in answers["listing"]["owner"]["value"]
    assert len(value(answers, "limited")) == 3


def test_a_version_is_a_commit_with_files(answers: dict[str, Any], harbour: Harbour) -> None:
    with harbour.site.api() as api:
        sha256 = api.get("/datasets/institute/tides/versions/latest").json()["manifest_sha256"]
    found, history = value(answers, "info"), value(answers, "history")
    assert found["sha"] == sha256[:40]
    assert set(found["files"]) >= {"README.md", "levels/train/0000.parquet", "stations/train/0000.parquet"}
    assert set(history["tags"]) == {f"v{harbour.numbers[place]}" for place in (1, 2, 3)}
    assert history["commits"] == [history["tags"][f"v{harbour.numbers[place]}"] for place in (3, 2, 1)]
    assert found["card"]["license"] == "cc-by-4.0"
    assert value(answers, "readme")["size"] == found["files"]["README.md"]
    assert "| humidity |" in value(answers, "readme")["text"]
    assert f"documents/{GUIDE}" in found["files"]
    assert value(answers, "document") == found["files"][f"documents/{GUIDE}"]


def test_a_version_has_many_names(answers: dict[str, Any]) -> None:
    found = value(answers, "revisions")
    assert {name for name, rows in found.items() if rows == 200} == {"number", "tag", "ref", "sequence", "commit"}
    assert {name for name, rows in found.items() if rows == 280} == {"main", "convert"}
    assert "v9.9.9" in answers["unknown revision"]["words"]


def test_refusals_have_the_classes_that_their_users_catch(answers: dict[str, Any]) -> None:
    assert answers["unknown file"]["error"] == "RemoteEntryNotFoundError"
    assert answers["unknown repository"]["error"] == "RepositoryNotFoundError"
    for name in ("gated", "gated, nobody"):
        assert answers[name]["error"] == "GatedRepoError"
    assert "Ask for access" in answers["gated"]["words"]
    assert answers["whoami, wrong"]["status"] == 401
    assert value(answers, "whoami") == "mei"


def test_a_table_is_chosen_by_name(answers: dict[str, Any]) -> None:
    assert sorted(value(answers, "configs")) == ["levels", "stations"]
    assert answers["no config"]["error"] == "ValueError"
    assert "levels" in answers["no config"]["words"]


def test_streams_folders_and_addresses(answers: dict[str, Any]) -> None:
    assert value(answers, "stream") == list(range(250))
    assert value(answers, "private stream") == 0
    assert value(answers, "snapshot") == [
        "README.md",
        f"documents/{GUIDE}",
        "levels/train/0000.parquet",
        "levels/train/0001.parquet",
        "stations/train/0000.parquet",
    ]
    assert value(answers, "pandas") == 200
    assert value(answers, "pandas folder") == 280
    assert value(answers, "plain address") == 200


def test_every_type_arrives(answers: dict[str, Any]) -> None:
    found = value(answers, "zoo")
    assert found["features"]["money"] == "Value('decimal128(20, 4)')"
    assert found["features"]["local_time"] == "Value('timestamp[us]')"
    assert found["features"]["grid"] == "List(List(Value('int64')))"
    assert found["row"]["thing"] == {"a": 1, "b": ["x", "y"]}
    assert found["row"]["things"] == [{"q": 1, "r": "2020-02-29"}]


def test_a_file_read_in_many_pieces_is_one_read_on_the_audit_trail(answers: dict[str, Any], harbour: Harbour) -> None:
    events = [event for event in harbour.reads("tides-restricted") if event["detail"]["protocol"] == "huggingface"]
    assert len(events) == 1
    assert events[0]["actor"] == "mei"
    assert events[0]["detail"]["rows"] == 20


def test_the_lines_of_the_page_work_as_they_stand(answers: dict[str, Any]) -> None:
    assert answers["snippets"] == {"tides": {"value": 280}, "tides-granted": {"value": 20}}
