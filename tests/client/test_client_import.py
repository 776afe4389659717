"""Pushing a web address: the registry is asked to fetch it, and what broke off is gone on with, not fetched twice."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commonfield import Client, InvalidInput, Progress, Rejected, StillProcessing
from commonfield.cli import cli
from commonfield.importing import is_address
from tests.client.local_site import LocalSite

URL = "https://data.example/birds.csv?signature=s3cret"
CSV = b"id,name\n1,wren\n2,robin\n"


@pytest.fixture(autouse=True)
def quick(local: LocalSite, monkeypatch: pytest.MonkeyPatch) -> None:
    local.addresses[URL] = CSV
    monkeypatch.setattr(sys.modules["commonfield.push"], "_POLL_FIRST", 0.01)
    monkeypatch.setattr(sys.modules["commonfield.push"], "_POLL_LAST", 0.02)


def asked(local: LocalSite) -> list[dict[str, Any]]:
    return [json.loads(seen.body) for seen in local.api_requests("POST /api/v1/uploads$")]


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("https://data.example/a.csv", True),
        ("HTTPS://data.example/a.csv", True),
        (" https://data.example/a.csv", True),
        ("http://data.example/a.csv", True),
        ("ftp://data.example/a.csv", True),
        ("data/a.csv", False),
        ("C:\\data\\a.csv", False),
        ("c://data/a.csv", False),
        ("https.csv", False),
        (Path("https:/data.example"), False),
        (b"https://data.example/a.csv", False),
    ],
)
def test_what_is_an_address_and_no_path(source: object, is_one: bool) -> None:
    assert is_address(source) is is_one


def test_an_address_is_fetched_by_the_registry_and_sent_by_nobody(local: LocalSite, owner: Client) -> None:
    told: list[Progress] = []
    result = owner.push(f" {URL}\n", "org/birds", note="n", number="1.0.0", resource="birds", progress=told.append)
    assert (result.upload.state, result.submitted) == ("stored", True)
    assert asked(local) == [{"dataset": "org/birds", "url": URL, "resource": "birds"}]
    assert local.store_requests() == []
    assert "upload" not in {progress.stage for progress in told}
    assert owner.load("org/birds", version="1.0.0")["name"].to_list() == ["wren", "robin"]


def test_what_the_file_is_called_and_does_is_told(local: LocalSite, owner: Client) -> None:
    owner.push(URL, "org/birds", note="n", submit=False, filename="b.csv", mode="upsert", key="id")
    [body] = asked(local)
    assert (body["filename"], body["mode"], body["key"]) == ("b.csv", "upsert", ["id"])


def test_a_refused_address_is_told_in_the_registry_s_words(local: LocalSite, owner: Client) -> None:
    with pytest.raises(InvalidInput, match=r"Nothing is imported from http://10\.0\.0\.1/: it is not on the open"):
        owner.push("http://10.0.0.1/", "org/birds", note="n")


def test_an_address_that_gave_no_table_is_rejected_and_asked_again_the_next_time(
    local: LocalSite, owner: Client
) -> None:
    local.outcome = "rejected"
    with pytest.raises(Rejected) as refused:
        owner.push(URL, "org/birds", note="n")
    assert refused.value.findings
    local.outcome = "stored"
    assert owner.push(URL, "org/birds", note="n", submit=False).upload.id == "u2"


def test_an_interrupted_import_is_gone_on_with_and_not_fetched_twice(
    local: LocalSite, owner: Client, own_home: Path
) -> None:
    local.polls_until_done = 10_000
    with pytest.raises(StillProcessing):
        owner.push(URL, "org/birds", note="n", mode="append", timeout=0)
    kept = [path.read_text() for path in (own_home / "cache").rglob("*.json")]
    assert kept
    assert not any("s3cret" in text for text in kept), "an address may be a key"
    local.polls_until_done = 1
    assert owner.push(URL, "org/birds", note="n", mode="append", submit=False).upload.id == "u1"
    assert len(asked(local)) == 1
    # It came to its end, so that the next push is a new one.
    assert owner.push(URL, "org/birds", note="n", mode="append", submit=False).upload.id == "u2"


@pytest.mark.parametrize(("draft_has_it", "upload"), [(True, "u1"), (False, "u2")])
def test_what_is_in_the_draft_already_is_not_fetched_twice(
    local: LocalSite, owner: Client, monkeypatch: pytest.MonkeyPatch, draft_has_it: bool, upload: str
) -> None:
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(sys.modules["commonfield.push"].Publisher, "await_check", break_off)
        with pytest.raises(KeyboardInterrupt):
            owner.push(URL, "org/birds", note="n", mode="append")
    if not draft_has_it:
        # Somebody submitted the draft, and this is the next one: its tables are there, and not by this file.
        local.datasets["org/birds"]["draft"]["inherits"] = True
    assert owner.push(URL, "org/birds", note="n", mode="append", submit=False).upload.id == upload


def test_what_nobody_waits_for_is_not_remembered(local: LocalSite, owner: Client) -> None:
    """The address may give another file tomorrow, which must not be taken for today's."""
    for number in (1, 2):
        result = owner.push(URL, "org/birds", note="n", wait=False)
        assert (result.upload.id, result.version) == (f"u{number}", None)


def test_the_command_line_takes_an_address_in_the_place_of_a_path(
    local: LocalSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMONFIELD_URL", local.url)
    monkeypatch.setenv("COMMONFIELD_TOKEN", "cfd_owner")
    done = CliRunner().invoke(cli, ["push", URL, "org/birds", "--note", "n", "--append", "--no-submit"])
    assert done.exit_code == 0, done.output
    assert "Stored: birds" in done.output
    assert asked(local)[0]["url"] == URL
    refused = CliRunner().invoke(cli, ["push", "https://10.0.0.1/a.csv", "org/birds", "--note", "n"])
    assert (refused.exit_code, "not on the open internet" in refused.stderr) == (1, True)
    assert "Traceback" not in refused.output
