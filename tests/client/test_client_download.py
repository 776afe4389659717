from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from commonfield import (
    BadArgument,
    ChecksumMismatch,
    Client,
    DestinationExists,
    NotAllowed,
    Progress,
    TransferFailed,
    UnexpectedAnswer,
    transfer,
)
from tests.client.local_site import Fault, LocalSite

PIECE = 64 << 10
BIG = random.Random(7).randbytes(10 * PIECE + 123)  # 11 pieces
SMALL = b"PAR1 small PAR1"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "PIECE_BYTES", PIECE)


@pytest.fixture
def big(local: LocalSite) -> None:
    local.publish("org/big", "1.0.0", {"table.parquet": BIG, "table.csv": SMALL})
    return local


def fetched_ranges(local: LocalSite) -> None:
    return [seen.headers.get("range") for seen in local.store_requests("GET")]


def test_pieces_are_fetched_by_range_from_the_store_without_the_token(
    big: LocalSite, owner: Client, tmp_path: Path
) -> None:
    (path,) = owner.download("org/big", version="1.0.0", to=tmp_path / "out")
    assert path == tmp_path / "out" / "table.parquet"
    assert path.read_bytes() == BIG
    assert len(set(fetched_ranges(big))) == 11
    assert fetched_ranges(big)[0].startswith("bytes=")
    assert all("authorization" not in seen.headers for seen in big.store_requests())
    assert all("authorization" in seen.headers for seen in big.api_requests())
    assert [p.name for p in path.parent.iterdir()] == ["table.parquet"]


def test_a_piece_is_at_least_8_mib_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert transfer.PIECE_BYTES == 8 * 1024 * 1024


def test_the_original_and_one_resource(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    assert [p.read_bytes() for p in owner.download("org/big", to=tmp_path, original=True)] == [SMALL]
    with pytest.raises(BadArgument, match="has no resource 'other'"):
        owner.download("org/big", to=tmp_path, resource="other")


def test_progress_ends_with_all_bytes(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    told: list[Progress] = []
    owner.download("org/big", to=tmp_path, progress=told.append)
    assert (told[-1].done, told[-1].total) == (len(BIG), len(BIG))
    assert [p.done for p in told] == sorted(p.done for p in told)


def test_cut_connections_go_on_where_they_broke_off(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    big.faults = [Fault("GET /blob", times=4, cut=10_000)]
    (path,) = owner.download("org/big", to=tmp_path)
    assert path.read_bytes() == BIG
    starts = [int(told.split("=")[1].split("-")[0]) % PIECE for told in fetched_ranges(big)]
    # One cut may hit the continuation of another.
    assert len([start for start in starts if start > 0]) == 4
    assert {start % 10_000 for start in starts} == {0}


def test_a_connection_that_always_breaks_but_always_brings_something_arrives(
    big: LocalSite, anyone: Client, tmp_path: Path
) -> None:
    big.faults = [Fault("GET /blob", times=60, cut=9_000)]
    (path,) = anyone.download("org/big", to=tmp_path)
    assert path.read_bytes() == BIG


def test_503_bursts_of_the_store_are_waited_out(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    big.faults = [Fault("GET /blob", times=3, status=503)]
    assert owner.download("org/big", to=tmp_path)[0].read_bytes() == BIG


def test_an_interrupted_download_resumes_with_what_is_missing(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    big.faults = [Fault("GET /blob", after=5, times=99, status=500)]
    with pytest.raises(TransferFailed, match="500"):
        owner.download("org/big", to=tmp_path)
    part, state = tmp_path / "table.parquet.part", tmp_path / "table.parquet.part.json"
    assert not (tmp_path / "table.parquet").exists()
    done = json.loads(state.read_text())["done"]
    assert part.stat().st_size == len(BIG)
    assert 1 <= len(done) <= 5

    big.faults, before = [], len(big.store_requests("GET"))
    (path,) = owner.download("org/big", to=tmp_path)
    assert path.read_bytes() == BIG
    assert len(big.store_requests("GET")) - before == 11 - len(done)
    assert not part.exists()
    assert not state.exists()


def test_a_killed_process_resumes(big: LocalSite, tmp_path: Path, own_home: Path) -> None:
    """SIGKILL in the middle: the state on disk is enough."""
    code = (
        "import sys; from commonfield import Client, transfer; transfer.PIECE_BYTES = 65536\n"
        "transfer._STATE_SECONDS = 0\n"
        "Client(sys.argv[1]).download('org/big', to=sys.argv[2], parallel=1)"
    )
    stalled = threading.Event()
    resumed = threading.Event()

    def stall() -> None:
        stalled.set()
        resumed.wait(20)

    big.faults = [Fault("GET /blob", after=6, times=1, then=stall)]
    process = subprocess.Popen([sys.executable, "-c", code, big.url, str(tmp_path)])
    assert stalled.wait(20)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    resumed.set()
    done = json.loads((tmp_path / "table.parquet.part.json").read_text())["done"]
    assert done == [0, 1, 2, 3, 4, 5]
    before = len(big.store_requests("GET"))
    subprocess.run([sys.executable, "-c", code, big.url, str(tmp_path)], check=True, timeout=30)
    assert (tmp_path / "table.parquet").read_bytes() == BIG
    assert len(big.store_requests("GET")) - before == 5


def test_a_lying_state_file_is_found_by_the_sha256(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    (tmp_path / "table.parquet.part").write_bytes(b"\0" * len(BIG))
    sha = hashlib.sha256(BIG).hexdigest()
    state = {"sha256": sha, "bytes": len(BIG), "piece": PIECE, "done": list(range(11))}
    (tmp_path / "table.parquet.part.json").write_text(json.dumps(state))
    assert owner.download("org/big", to=tmp_path)[0].read_bytes() == BIG


@pytest.mark.parametrize("state", ["", "{}", "[]", '{"sha256": "of another file", "done": [0]}'])
def test_a_state_of_something_else_is_not_used(big: LocalSite, owner: Client, tmp_path: Path, state: str) -> None:
    (tmp_path / "table.parquet.part").write_bytes(b"\0" * len(BIG))
    (tmp_path / "table.parquet.part.json").write_text(state)
    assert owner.download("org/big", to=tmp_path)[0].read_bytes() == BIG
    assert len(set(fetched_ranges(big)) - {None}) == 11


def test_wrong_bytes_are_refused_and_nothing_is_kept(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    big.faults = [Fault("GET /blob", after=2, times=1, corrupt=True)]
    with pytest.raises(ChecksumMismatch, match="nothing of it was kept"):
        owner.download("org/big", to=tmp_path / "out", parallel=1)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_expired_link_is_asked_for_again(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    big.faults = [Fault("GET /blob", after=3, times=1, then=big.expire_links)]
    assert owner.download("org/big", to=tmp_path)[0].read_bytes() == BIG
    assert 2 <= len(big.api_requests("files.json")) <= 5


def test_a_link_may_expire_more_than_once(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    big.faults = [Fault("GET /blob", after=2, times=3, then=big.expire_links)]
    assert owner.download("org/big", to=tmp_path, parallel=1)[0].read_bytes() == BIG


def test_a_store_that_refuses_every_link_is_believed_in_the_end(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    xml = b"<Error><Code>AccessDenied</Code><Message>clock skew</Message></Error>"
    big.faults = [Fault("GET /blob", times=999, status=403, body=xml)]
    with pytest.raises(TransferFailed, match="403"):
        owner.download("org/big", to=tmp_path)


def test_a_proxy_that_drops_ranges(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    big.faults = [Fault("GET /blob", times=99, no_ranges=True)]
    assert owner.download("org/big", to=tmp_path, parallel=1)[0].read_bytes() == BIG
    assert [told is None for told in fetched_ranges(big)] == [False, True]


def test_a_wrong_range_is_refused(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    headers = {"Content-Range": f"bytes 5-{PIECE + 4}/{len(BIG)}"}
    big.faults = [Fault("GET /blob", status=206, body=b"x" * PIECE, headers=headers)]
    with pytest.raises(ChecksumMismatch, match="asked for bytes"):
        owner.download("org/big", to=tmp_path)


def test_without_links_the_registry_streams_and_the_token_goes_only_there(
    big: LocalSite, owner: Client, tmp_path: Path
) -> None:
    big.links = False
    assert owner.download("org/big", to=tmp_path)[0].read_bytes() == BIG
    streamed = big.api_requests("/bytes/")
    assert len(streamed) == 11
    assert all(seen.headers["authorization"] == "Bearer cfd_owner" for seen in streamed)
    assert big.store_requests() == []


def test_without_links_a_stranger_follows_the_redirect(big: LocalSite, anyone: Client, tmp_path: Path) -> None:
    big.links = False
    assert anyone.download("org/big", to=tmp_path)[0].read_bytes() == BIG
    assert len(big.store_requests("GET")) == 11


def test_a_file_that_is_there_is_not_fetched_again(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    owner.download("org/big", to=tmp_path)
    before = len(big.store_requests())
    assert owner.download("org/big", to=tmp_path)[0].read_bytes() == BIG
    assert len(big.store_requests()) == before


def test_a_file_of_the_users_is_not_overwritten(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    mine = tmp_path / "table.parquet"
    mine.write_bytes(b"mine")
    with pytest.raises(DestinationExists, match="overwrite"):
        owner.download("org/big", to=tmp_path)
    assert mine.read_bytes() == b"mine"
    assert big.store_requests() == []
    assert owner.download("org/big", to=tmp_path, overwrite=True)[0].read_bytes() == BIG


def test_bytes_in_the_cache_spare_the_network(big: LocalSite, owner: Client, tmp_path: Path) -> None:
    owner.open("org/big").close()
    before = len(big.store_requests())
    assert owner.download("org/big", to=tmp_path)[0].read_bytes() == BIG
    assert len(big.store_requests()) == before


def test_many_files_and_an_empty_one(local: LocalSite, owner: Client, tmp_path: Path) -> None:
    files = {f"table/{n}.parquet": random.Random(n).randbytes(n * 30_000) for n in range(12)}
    local.publish("org/many", "1.0.0", files)
    paths = owner.download("org/many", to=tmp_path)
    assert {str(p.relative_to(tmp_path)): p.read_bytes() for p in paths} == files


def test_two_processes_fetch_a_file_once(big: LocalSite, tmp_path: Path) -> None:
    code = (
        "import sys; from commonfield import Client, transfer; transfer.PIECE_BYTES = 65536\n"
        "Client(sys.argv[1]).open('org/big').close()"
    )
    stalled, go_on = threading.Event(), threading.Event()

    def stall() -> None:
        stalled.set()
        go_on.wait(20)

    big.faults = [Fault("GET /blob", then=stall)]
    command = [sys.executable, "-c", code, big.url]
    with subprocess.Popen(command) as first:
        assert stalled.wait(20)
        with subprocess.Popen(command) as second:
            until = time.monotonic() + 20
            while len(big.api_requests("files.json")) < 2 and time.monotonic() < until:
                time.sleep(0.02)
            # Time enough to fetch it all, if it did not wait for the first.
            time.sleep(0.5)
            assert second.poll() is None
            go_on.set()
            assert [first.wait(20), second.wait(20)] == [0, 0]
    assert len(big.store_requests("GET")) == 11


@pytest.mark.parametrize("path", ["../evil.parquet", "/etc/evil.parquet", "C:\\evil.parquet", "a/../../b.parquet"])
def test_a_registry_cannot_write_outside_the_folder(local: LocalSite, owner: Client, tmp_path: Path, path: str) -> None:
    local.publish("org/evil", "1.0.0", {path: b"x"})
    with pytest.raises(UnexpectedAnswer, match="cannot be stored safely"):
        owner.download("org/evil", to=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_one_original_of_two_tables_and_two_of_one_name(local: LocalSite, owner: Client, tmp_path: Path) -> None:
    local.publish("org/zip", "1.0.0", {"a.zip": b"both", "b.csv": b"one", "c.csv": b"two"})
    files = local.datasets["org/zip"]["versions"]["1.0.0"]["files"]
    for entry, path in zip(files, ("x.zip", "y.csv", "y.csv"), strict=True):
        entry["path"] = path
    files.append(dict(files[0], resource="d"))
    paths = owner.download("org/zip", to=tmp_path, original=True)
    found = {str(path.relative_to(tmp_path)): path.read_bytes() for path in paths}
    assert found == {"x.zip": b"both", "b/y.csv": b"one", "c/y.csv": b"two"}


def test_a_sha256_that_is_a_path_is_refused(local: LocalSite, owner: Client) -> None:
    local.publish("org/evil", "1.0.0", {"t.parquet": b"x"})
    local.datasets["org/evil"]["versions"]["1.0.0"]["files"][0]["sha256"] = "../../evil"
    with pytest.raises(UnexpectedAnswer):
        owner.open("org/evil")


def test_restricted_data_are_not_for_strangers(local: LocalSite, owner: Client, anyone: Client, tmp_path: Path) -> None:
    local.publish("org/secret", "1.0.0", {"t.parquet": SMALL}, access="restricted")
    with pytest.raises(NotAllowed, match="restricted"):
        anyone.download("org/secret", to=tmp_path)
    assert owner.download("org/secret", to=tmp_path)[0].read_bytes() == SMALL


def test_an_interrupt_leaves_something_to_resume(big: LocalSite, tmp_path: Path) -> None:
    code = (
        "import sys; from commonfield.cli import cli; from commonfield import transfer\n"
        "transfer.PIECE_BYTES = 65536\n"
        "rest = ['download', 'org/big', '--to', sys.argv[2], '--parallel', '1']\n"
        "sys.exit(cli.main(['--url', sys.argv[1], *rest]))"
    )
    stalled, resumed = threading.Event(), threading.Event()

    def stall() -> None:
        stalled.set()
        resumed.wait(20)

    big.faults = [Fault("GET /blob", after=3, times=1, then=stall)]
    command = [sys.executable, "-c", code, big.url, str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert stalled.wait(20)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    resumed.set()
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "the same command goes on from there" in told
    assert "Traceback" not in told
    assert json.loads((tmp_path / "table.parquet.part.json").read_text())["done"][:3] == [0, 1, 2]
    assert (tmp_path / "table.parquet.part").stat().st_size == len(BIG)
