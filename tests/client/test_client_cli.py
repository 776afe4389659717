from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commonfield import Client, ConnectionFailed, transfer
from commonfield.cli import cli
from commonfield.cli.exits import exit_code
from commonfield.errors import ChecksumMismatch, Conflict, ProcessingFailed, TransferFailed
from commonfield.profiles import load_profiles
from tests.client.local_site import Fault, LocalSite

CSV = Path(__file__).parents[1] / "data" / "penguins.csv"


@pytest.fixture(autouse=True)
def environment(local: LocalSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONFIELD_URL", local.url)
    monkeypatch.setenv("COMMONFIELD_TOKEN", "cfd_owner")
    monkeypatch.setattr(sys.modules["commonfield.push"], "_POLL_FIRST", 0.01)


@pytest.fixture
def penguins(local: LocalSite, owner: Client) -> LocalSite:
    owner.push(CSV, "org/penguins", note="First", title="Penguins", number="1.0.0")
    return local


def run(*args: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, args, input=given)


def ok(*args: str) -> str:
    result = run(*args)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def test_search_info_versions(penguins: LocalSite) -> None:
    assert "org/penguins  Penguins" in ok("search", "peng", "--license", "CC0-1.0", "--license", "MIT")
    assert penguins.seen[-1].query == "q=peng&sort=relevance&page=1&page_size=20&license=CC0-1.0&license=MIT"
    told = ok("info", "org/penguins")
    assert told.startswith("Penguins (org/penguins)\nCC0-1.0, public")
    assert "species  string" in told
    assert "1.0.0    published  2026-01-02  344" in ok("versions", "org/penguins")


@pytest.mark.parametrize(
    ("args", "path"),
    [
        (["search", "x"], ["results", 0, "id"]),
        (["info", "org/penguins"], ["dataset", "id"]),
        (["versions", "org/penguins"], [0, "dataset"]),
    ],
)
def test_json_is_for_programs(penguins: LocalSite, args: list[str], path: list[Any]) -> None:
    found = json.loads(ok(*args, "--json"))
    for step in path:
        found = found[step]
    assert found == "org/penguins"


def test_load_prints_the_head(penguins: LocalSite) -> None:
    told = ok("load", "org/penguins", "--version", "1.0.0", "--columns", "species,year", "--rows", "2")
    assert told.splitlines() == ["species  year", "Adelie   2007", "Adelie   2007", "2 of 344 rows"]
    assert json.loads(ok("load", "org/penguins", "--columns", "species", "--rows", "1", "--json")) == [
        {"species": "Adelie"}
    ]


def test_download(penguins: LocalSite, tmp_path: Path) -> None:
    told = ok("download", "org/penguins", "--original", "--to", str(tmp_path))
    assert told.strip() == str(tmp_path / "penguins.csv")
    assert (tmp_path / "penguins.csv").read_bytes() == CSV.read_bytes()


def test_push(local: LocalSite) -> None:
    said = ("--methods", "Counted at dawn.", "--known-limits", "Nothing of the night.")
    told = ok("push", str(CSV), "org/penguins", "--note", "First", "--keyword", "birds", "--number", "1.0.0", *said)
    assert "Dataset org/penguins is new." in told
    assert "Stored: penguins. Quality: passed." in told
    assert "Published as version 1.0.0." in told
    made = json.loads(local.api_requests("POST /api/v1/datasets$")[0].body)
    assert made["keywords"] == ["birds"]
    assert (made["methods"], made["known_limits"]) == ("Counted at dawn.", "Nothing of the night.")


def test_push_json_and_no_submit(local: LocalSite) -> None:
    found = json.loads(ok("push", str(CSV), "org/penguins", "--note", "First", "--no-submit", "--json"))
    assert (found["created"], found["submitted"], found["upload"]["state"]) == (True, False, "stored")


def test_a_rejected_push_shows_where(local: LocalSite) -> None:
    local.outcome = "rejected"
    result = run("push", str(CSV), "org/penguins", "--note", "First")
    assert result.exit_code == 5
    assert "penguins.csv was rejected: 2 cells of year are not numbers." in result.stderr
    assert "line 4: two thousand" in result.stderr


def test_report_and_findings(penguins: LocalSite) -> None:
    assert "failed  error  sex     sex is never empty.  11" in ok("report", "org/penguins")
    told = ok("findings", "org/penguins")
    assert "error     year    2      2 cells of year are not numbers.  line 4: two thousand\n" in told
    assert json.loads(ok("findings", "org/penguins", "--json"))[0]["code"] == "cell-not-a-number"


def test_login_whoami_profiles_logout(local: LocalSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMMONFIELD_URL")
    monkeypatch.delenv("COMMONFIELD_TOKEN")
    assert run("whoami").exit_code == 2
    result = run("login", local.url, "--profile", "work", given="cfd_owner\n")
    assert result.exit_code == 0
    assert "as olga" in result.stdout
    assert "cfd_owner" not in result.output
    assert ok("whoami").startswith(f"olga at {local.url} (token may: read, upload, until 2099-01-01)")
    assert json.loads(ok("profiles", "--json")) == [{"name": "work", "url": local.url, "default": True}]
    assert ok("--profile", "work", "whoami").startswith("olga")
    ok("logout", "--profile", "work")
    assert load_profiles().named == {}
    assert run("login", local.url, "--token-stdin", given="cfd_wrong\n").exit_code == 3


def test_cache(penguins: LocalSite) -> None:
    ok("load", "org/penguins")
    assert json.loads(ok("cache", "info", "--json"))["files"] == 1
    assert "1 files" in ok("cache", "info")
    assert "Removed 1 files" in ok("cache", "clear")
    assert json.loads(ok("cache", "info", "--json"))["bytes"] == 0


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["search", "--nonsense"], 2),
        (["load", "penguins"], 2),
        (["load", "org/nothing"], 4),
        (["--profile", "nowhere", "whoami"], 2),
        (["push", "nothing.csv", "org/x", "--note", "n"], 1),
    ],
)
def test_exit_codes(local: LocalSite, args: list[str], code: int) -> None:
    result = run(*args)
    assert result.exit_code == code
    assert result.stderr
    assert "Traceback" not in result.output


def test_exit_codes_of_what_is_hard_to_provoke() -> None:
    kinds = (ChecksumMismatch, TransferFailed, ConnectionFailed, ProcessingFailed, Conflict)
    found = [exit_code(kind("")) for kind in kinds]
    assert found == [7, 6, 6, 5, 1]


def test_a_restricted_dataset(local: LocalSite, monkeypatch: pytest.MonkeyPatch) -> None:
    local.publish("org/secret", "1.0.0", {"t.parquet": b"x"}, access="restricted")
    monkeypatch.delenv("COMMONFIELD_TOKEN")
    result = run("download", "org/secret")
    assert (result.exit_code, result.stderr) == (3, "org/secret is restricted. Ask its owner for access.\n")


def test_a_title_cannot_speak_to_the_terminal(penguins: LocalSite) -> None:
    penguins.datasets["org/penguins"]["title"] = "a\x1b]0;owned\x07[bold]b\x9b"
    told = ok("search", "x")
    assert "\x1b" not in told
    assert "\x9b" not in told
    assert "[bold]b" in told


def in_a_terminal(command: list[str], environment: dict[str, str]) -> tuple[str, int]:
    """Run with a terminal as stderr; returns what it saw, and the exit code."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(command, stderr=follower, stdout=subprocess.DEVNULL, env=environment)
    os.close(follower)
    seen = b""
    while True:
        try:
            chunk = os.read(leader, 4096)
        except OSError:  # EIO: the other side is closed.
            break
        if not chunk:
            break
        seen += chunk
    os.close(leader)
    return seen.decode(errors="replace"), process.wait(20)


def test_progress_is_drawn_on_a_terminal_only(local: LocalSite, tmp_path: Path) -> None:
    local.publish("org/t", "1.0.0", {"t.parquet": b"x" * 100_000})
    environment = {**os.environ, "TERM": "xterm"}
    command = [sys.executable, "-m", "commonfield", "download", "org/t", "--to"]
    seen, code = in_a_terminal([*command, str(tmp_path / "a")], environment)
    assert code == 0
    assert "Downloading" in seen
    piped = subprocess.run([*command, str(tmp_path / "b")], capture_output=True, text=True, check=True)
    assert piped.stderr == ""
    assert piped.stdout == f"{tmp_path / 'b' / 't.parquet'}\n"


def test_the_module_and_the_script_speak_without_a_trace(local: LocalSite) -> None:
    local.faults = [Fault("GET", times=99, status=404)]
    script = Path(sys.executable).with_name("commonfield")
    for command in ([sys.executable, "-m", "commonfield"], [str(script)]):
        done = subprocess.run([*command, "info", "org/x"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (4, "")
        assert "Check the name and the version" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_full_disk_is_a_sentence(local: LocalSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local.publish("org/t", "1.0.0", {"t.parquet": b"x"})

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfer.FileDownload, "_write", full)
    result = run("download", "org/t", "--to", str(tmp_path))
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
