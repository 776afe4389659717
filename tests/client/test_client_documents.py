"""Documents through the client against the running site: pushed with a table, attached, listed, downloaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commonfield import BadArgument, Client, NotFound, RetryPolicy
from commonfield.cli import cli
from tests.fixtures.datasets import PDF

pytestmark = [pytest.mark.clients, pytest.mark.slow]
CSV = Path(__file__).parents[1] / "data" / "penguins.csv"


@pytest.fixture
def as_(site: Any, tmp_path: Path) -> Iterator[Callable[[str], Client]]:
    """A client with the token of somebody, and a cache that nobody else has."""
    made: list[Client] = []

    def make(who: str) -> Client:
        token = getattr(site, f"{who}_token")
        made.append(Client(site.url, token, cache_dir=tmp_path / f"cache-{who}", retry=RetryPolicy(base=0.1)))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_documents_go_with_the_table_and_come_back(as_: Callable[[str], Client], tmp_path: Path, site: Any) -> None:
    codebook, notes = tmp_path / "codebook.pdf", tmp_path / "Notes für alle.txt"
    codebook.write_bytes(PDF)
    notes.write_text("Read me.")
    owner, explained = as_("owner"), "institute/explained"
    result = owner.push(
        CSV, explained, note="First.", title="Explained", license="CC0-1.0", documents=[codebook, notes], submit=False
    )
    assert result.version is not None
    assert [item.name for item in owner.info(explained, version="draft").documents] == [
        "codebook.pdf",
        "Notes für alle.txt",
    ]
    sent = owner.attach(codebook, explained, title="The codebook")
    assert (sent.kind, sent.state, sent.resources) == ("document", "stored", ())
    [found, _] = owner.info(explained, version="draft").documents
    assert (found.title, found.media_type, found.bytes) == ("The codebook", "application/pdf", len(PDF))
    assert found.sha256 == hashlib.sha256(PDF).hexdigest()
    paths = owner.download(explained, version="draft", documents=True, to=tmp_path / "here")
    assert sorted(path.relative_to(tmp_path / "here").as_posix() for path in paths) == [
        "documents/Notes für alle.txt",
        "documents/codebook.pdf",
    ]
    assert (tmp_path / "here" / "documents" / "codebook.pdf").read_bytes() == PDF
    with pytest.raises(BadArgument):
        owner.download(explained, version="draft", documents=True, original=True)
    with pytest.raises(NotFound):
        as_("researcher").download(explained, version="draft", documents=True)
    with pytest.raises(BadArgument):
        owner.push(CSV, explained, note="n", documents=str(codebook))


def test_the_command_line_pushes_and_fetches_documents(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMONFIELD_URL", site.url)
    monkeypatch.setenv("COMMONFIELD_TOKEN", site.owner_token)
    monkeypatch.setenv("COMMONFIELD_CACHE", str(tmp_path / "cache"))
    codebook = tmp_path / "codebook.pdf"
    codebook.write_bytes(PDF)
    push = ["push", str(CSV), "institute/by-command", "--note", "First.", "--license", "CC0-1.0", "--no-submit"]
    assert CliRunner().invoke(cli, [*push, "--document", str(codebook)]).exit_code == 0
    told = CliRunner().invoke(cli, ["info", "institute/by-command", "--version", "draft"])
    assert "codebook.pdf" in told.output
    codebook.write_bytes(PDF + b"second edition")
    attach = ["attach", str(codebook), "institute/by-command", "--title", "The codebook"]
    attached = CliRunner().invoke(cli, attach)
    assert (attached.exit_code, attached.stdout) == (0, "Stored: codebook.pdf, a document of the draft.\n")
    as_json = CliRunner().invoke(cli, ["info", "institute/by-command", "--version", "draft", "--json"]).stdout
    [told] = json.loads(as_json)["version"]["documents"]
    assert (told["title"], told["bytes"]) == ("The codebook", len(PDF) + len("second edition"))
    to = tmp_path / "there"
    fetched = CliRunner().invoke(
        cli, ["download", "institute/by-command", "--version", "draft", "--documents", "--to", str(to)]
    )
    assert fetched.exit_code == 0
    assert (to / "documents" / "codebook.pdf").read_bytes() == PDF + b"second edition"
    assert "codebook.pdf" in fetched.output
