from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from commonfield import Client, doctor
from commonfield.cli import cli
from tests.client.local_site import LocalSite

PARQUET = b"PAR1" + bytes(100) + b"PAR1"


def states(client: Client) -> dict[str, str]:
    return {check.name: check.state for check in client.examine()}


@pytest.fixture
def filled(local: LocalSite) -> LocalSite:
    local.publish("org/t", "1.0.0", {"t.parquet": PARQUET})
    return local


def test_all_is_well(filled: LocalSite, owner: Client) -> None:
    found = states(owner)
    assert set(found.values()) == {"ok"}, found
    assert list(found) == [
        "client",
        "pandas",
        "pyarrow",
        "polars",
        "duckdb",
        "cache",
        "registry",
        "clock",
        "token",
        "storage",
    ]


def test_without_a_token_it_is_said(filled: LocalSite, anyone: Client) -> None:
    assert states(anyone)["token"] == "caution"


def test_a_token_that_is_unknown(filled: LocalSite) -> None:
    with Client(filled.url, "cfd_nobody") as client:
        found = {check.name: check for check in client.examine()}
    assert found["token"].state == "wrong"
    assert "page Tokens" in found["token"].remedy


def test_nobody_answers() -> None:
    with Client("http://127.0.0.1:9", timeout=1) as client:
        found = states(client)
    assert found["registry"] == "wrong"
    assert "storage" not in found


def test_no_registry_is_set() -> None:
    assert states(Client())["registry"] == "wrong"


def test_a_clock_that_is_off(filled: LocalSite, owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commonfield._http.Transport.date_of", lambda *_: "Sun, 06 Nov 1994 08:49:37 GMT")
    assert states(owner)["clock"] == "wrong"


def test_a_storage_that_answers_with_something_else(local: LocalSite, owner: Client) -> None:
    local.publish("org/t", "1.0.0", {"t.parquet": b"<html>sign in to the hotel's network"})
    assert states(owner)["storage"] == "wrong"


def test_a_package_that_is_old_or_missing(filled: LocalSite, owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "READERS", {"pandas": "99.0", "no-such-package": "1.0"})
    found = states(owner)
    assert (found["pandas"], found["no-such-package"]) == ("wrong", "caution")


def test_a_cache_that_can_not_be_written(filled: LocalSite, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with Client(filled.url, cache_dir=file) as client:
        assert states(client)["cache"] == "wrong"


def test_the_command_ends_with_what_it_found(filled: LocalSite) -> None:
    well = CliRunner().invoke(cli, ["--url", filled.url, "doctor", "--json"], env={"COMMONFIELD_TOKEN": "cfd_owner"})
    assert well.exit_code == 0, well.output
    assert {item["state"] for item in json.loads(well.output)} == {"ok"}
    ill = CliRunner().invoke(cli, ["--url", filled.url, "doctor"], env={"COMMONFIELD_TOKEN": "cfd_nobody"})
    assert ill.exit_code == 1
    assert "unknown, revoked or expired" in ill.output
