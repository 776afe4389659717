"""Pushing a file that adds, updates or deletes rows: what the registry is told, and what is remembered of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commonfield import BadArgument, Client, TransferFailed
from commonfield.cli import cli
from tests.client.local_site import Fault, LocalSite


@pytest.fixture(autouse=True)
def quick(local: LocalSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["commonfield.push"], "_POLL_FIRST", 0.01)
    monkeypatch.setattr(sys.modules["commonfield.push"], "_POLL_LAST", 0.02)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "february.csv"
    path.write_text("id,name\n4,owl\n")
    return path


def asked(local: LocalSite) -> dict[str, Any]:
    return json.loads(local.api_requests("POST /api/v1/uploads$")[-1].body)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, {}),
        ({"mode": "replace"}, {}),
        ({"mode": "append"}, {"mode": "append", "key": [], "new_columns": "refuse"}),
        ({"mode": "append", "new_columns": "add"}, {"mode": "append", "key": [], "new_columns": "add"}),
        ({"mode": "upsert", "key": "id"}, {"mode": "upsert", "key": ["id"], "new_columns": "refuse"}),
        ({"mode": "delete", "key": ["a", "b"]}, {"mode": "delete", "key": ["a", "b"], "new_columns": "refuse"}),
    ],
)
def test_the_registry_is_told_what_the_file_does(
    local: LocalSite, owner: Client, csv: Path, options: Any, told: dict[str, Any]
) -> None:
    owner.push(csv, "org/counts", note="n", submit=False, **options)
    body = asked(local)
    assert {name: body[name] for name in ("mode", "key", "new_columns") if name in body} == told


@pytest.mark.parametrize(
    "options",
    [{"mode": "sideways"}, {"mode": "append", "key": "id"}, {"key": "id"}, {"mode": "append", "new_columns": "some"}],
)
def test_what_cannot_be_meant_is_said_before_anything_is_asked(
    local: LocalSite, owner: Client, csv: Path, options: Any
) -> None:
    with pytest.raises(BadArgument):
        owner.push(csv, "org/counts", note="n", **options)
    assert local.api_requests("/api/v1/") == []


def test_an_interrupted_push_goes_on_only_for_the_same_purpose(local: LocalSite, owner: Client, csv: Path) -> None:
    local.faults = [Fault("PUT /part", times=99, status=500)]
    with pytest.raises(TransferFailed):
        owner.push(csv, "org/counts", note="n", submit=False, mode="append")
    local.faults = []
    assert owner.push(csv, "org/counts", note="n", submit=False).upload.id == "u2"
    assert owner.push(csv, "org/counts", note="n", submit=False, mode="append").upload.id == "u1"


def test_a_start_is_asked_of_a_new_draft_only(local: LocalSite, owner: Client, csv: Path) -> None:
    owner.push(csv, "org/counts", note="n", submit=False, start_from="empty")
    assert json.loads(local.api_requests("POST /api/v1/datasets/org/counts/versions$")[0].body) == {
        "start_from": "empty"
    }


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--append"], {"mode": "append", "key": [], "new_columns": "refuse"}),
        (["--append", "--add-columns"], {"mode": "append", "key": [], "new_columns": "add"}),
        (["--upsert", "--key", "a", "--key", "b"], {"mode": "upsert", "key": ["a", "b"], "new_columns": "refuse"}),
        (["--delete", "--key", "a"], {"mode": "delete", "key": ["a"], "new_columns": "refuse"}),
        (["--replace"], {}),
    ],
)
def test_the_command_line_says_the_same(
    local: LocalSite, csv: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], told: dict[str, Any]
) -> None:
    monkeypatch.setenv("COMMONFIELD_URL", local.url)
    monkeypatch.setenv("COMMONFIELD_TOKEN", "cfd_owner")
    done = CliRunner().invoke(cli, ["push", str(csv), "org/counts", "--note", "n", "--no-submit", *flags])
    assert done.exit_code == 0, done.output
    body = asked(local)
    assert {name: body[name] for name in ("mode", "key", "new_columns") if name in body} == told
