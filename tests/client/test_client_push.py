from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

from commonfield import (
    BadArgument,
    Client,
    FileChanged,
    InvalidInput,
    NotFound,
    ProcessingFailed,
    Progress,
    Rejected,
    StillProcessing,
    TransferFailed,
    upload,
)
from commonfield.cache import Cache
from tests.client.local_site import Fault, LocalSite

CSV = Path(__file__).parents[1] / "data" / "penguins.csv"
PART = 64 << 10
BIG = random.Random(3).randbytes(9 * PART + 17)  # 10 parts


@pytest.fixture(autouse=True)
def quick(local: LocalSite, monkeypatch: pytest.MonkeyPatch) -> None:
    local.part_size = PART
    monkeypatch.setattr(sys.modules["commonfield.push"], "_POLL_FIRST", 0.01)
    monkeypatch.setattr(sys.modules["commonfield.push"], "_POLL_LAST", 0.02)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Not a table: what matters to these tests is that the bytes arrive."""
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)
    return path


def received(local: LocalSite, key: str = "u1") -> bytes:
    parts = local.uploads[key]["parts"]
    return b"".join(parts[number] for number in sorted(parts))


def test_from_a_file_to_a_table_and_back(local: LocalSite, owner: Client) -> None:
    result = owner.push(CSV, "org/penguins", note="First", title="Penguins", license="CC0-1.0", number="1.0.0")
    assert (result.created, result.submitted, result.upload.state) == (True, True, "stored")
    assert result.version is not None
    assert result.version.number == "1.0.0"
    made = json.loads(local.api_requests("POST /api/v1/datasets$")[0].body)
    assert made == {"organization": "org", "slug": "penguins", "title": "Penguins", "license": "CC0-1.0"}
    frame = owner.load("org/penguins", version="1.0.0")
    source = pd.read_csv(CSV, keep_default_na=False, na_values=["NA"])
    pd.testing.assert_frame_equal(frame, source, check_dtype=False)
    with owner.open("org/penguins", version="1.0.0", original=True) as handle:
        assert handle.read() == CSV.read_bytes()


def test_parts_go_to_the_store_with_what_was_signed_and_without_the_token(
    local: LocalSite, owner: Client, csv: Path
) -> None:
    told: list[Progress] = []
    owner.push(csv, "org/big", note="n", submit=False, progress=told.append)
    assert received(local) == BIG
    puts = local.store_requests("PUT")
    assert len(puts) == 10
    assert all("authorization" not in seen.headers for seen in puts)
    assert all("transfer-encoding" not in seen.headers for seen in puts)
    assert {seen.headers["content-length"] for seen in puts} == {str(PART), "17"}
    stages = [progress.stage for progress in told]
    assert stages[0] == "upload"
    assert "convert" in stages
    assert max(p.done for p in told if p.stage == "upload") == len(BIG)
    assert local.datasets["org/big"]["draft"]["note"] == "n"
    assert local.api_requests("/submit") == []


def test_signing_is_batched(local: LocalSite, owner: Client, csv: Path) -> None:
    owner.push(csv, "org/big", note="n", submit=False)
    asked = [json.loads(seen.body)["parts"] for seen in local.api_requests("POST .*/parts")]
    assert [len(parts) for parts in asked] == [8, 2]


def test_bad_lines_are_waited_out(local: LocalSite, owner: Client, csv: Path) -> None:
    local.faults = [
        Fault("PUT /part/u1/3", times=2, status=503),
        Fault("PUT /part/u1/5", times=2, cut=0),
        Fault("POST /api/v1/uploads/u1/parts", times=1, status=502),
        Fault("GET /api/v1/uploads/u1$", times=2, status=503),
    ]
    owner.push(csv, "org/big", note="n", submit=False)
    assert received(local) == BIG


def test_an_expired_part_url_is_signed_anew(local: LocalSite, owner: Client, csv: Path) -> None:
    local.faults = [Fault("PUT /part/u1/4", times=1, then=local.expire_links)]
    owner.push(csv, "org/big", note="n", submit=False)
    assert received(local) == BIG


def test_an_interrupted_push_sends_only_what_is_missing(local: LocalSite, owner: Client, csv: Path) -> None:
    local.faults = [Fault("PUT /part", after=6, times=99, status=500)]
    with pytest.raises(TransferFailed, match="what was sent is kept"):
        owner.push(csv, "org/big", note="n", submit=False)
    there = set(local.uploads["u1"]["parts"])
    assert 1 <= len(there) <= 6
    local.faults, before = [], len(local.store_requests("PUT"))
    result = owner.push(csv, "org/big", note="n", submit=False)
    assert result.upload.id == "u1"
    assert received(local) == BIG
    assert len(local.store_requests("PUT")) - before == 10 - len(there)
    assert list(Cache().root.glob("uploads/*")) == []


def test_a_killed_process_resumes(local: LocalSite, csv: Path) -> None:
    code = (
        "import sys; from commonfield import Client\n"
        "Client(sys.argv[1], 'cfd_owner').push(sys.argv[2], 'org/big', note='n', submit=False, parallel=1)"
    )
    stalled, go_on = threading.Event(), threading.Event()

    def stall() -> None:
        stalled.set()
        go_on.wait(20)

    local.faults = [Fault("PUT /part", after=5, times=1, then=stall)]
    process = subprocess.Popen([sys.executable, "-c", code, local.url, str(csv)])
    assert stalled.wait(20)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    go_on.set()
    assert len(local.uploads["u1"]["parts"]) >= 5
    subprocess.run([sys.executable, "-c", code, local.url, str(csv)], check=True, timeout=30)
    assert list(local.uploads) == ["u1"]
    assert received(local) == BIG
    assert len(local.store_requests("PUT")) <= 11


def test_another_content_is_another_upload(local: LocalSite, owner: Client, csv: Path) -> None:
    local.faults = [Fault("PUT /part", after=2, times=99, status=500)]
    with pytest.raises(TransferFailed):
        owner.push(csv, "org/big", note="n", submit=False)
    local.faults = []
    csv.write_bytes(BIG[::-1])
    assert owner.push(csv, "org/big", note="n", submit=False).upload.id == "u2"
    assert received(local, "u2") == BIG[::-1]


@pytest.mark.parametrize("state", ["expired", "cancelled", "rejected"])
def test_an_upload_that_is_over_is_not_taken_up_again(local: LocalSite, owner: Client, csv: Path, state: str) -> None:
    local.faults = [Fault("PUT /part", times=99, status=500)]
    with pytest.raises(TransferFailed):
        owner.push(csv, "org/big", note="n", submit=False)
    local.faults = []
    local.uploads["u1"]["state"] = state
    assert owner.push(csv, "org/big", note="n", submit=False).upload.id == "u2"


def test_parts_that_the_store_lost_are_sent_again(local: LocalSite, owner: Client, csv: Path) -> None:
    def lose() -> None:
        del local.uploads["u1"]["parts"][2]

    local.faults = [Fault("GET /never"), Fault("POST /api/v1/uploads/u1/complete", then=lose)]
    owner.push(csv, "org/big", note="n", submit=False)
    assert received(local) == BIG
    assert len(local.store_requests("PUT")) == 11


def test_a_lost_answer_to_complete_does_no_harm(local: LocalSite, owner: Client, csv: Path) -> None:
    def complete_already() -> None:
        local.uploads["u1"]["state"] = "received"

    local.faults = [Fault("POST /api/v1/uploads/u1/complete", cut=0, then=complete_already)]
    assert owner.push(csv, "org/big", note="n", submit=False).upload.state == "stored"


def test_a_file_that_changes_on_the_way(local: LocalSite, owner: Client, csv: Path) -> None:
    local.faults = [Fault("PUT /part/u1/9", then=lambda: csv.write_bytes(BIG + b"!"))]
    with pytest.raises(FileChanged, match="changed while it was being sent"):
        owner.push(csv, "org/big", note="n", submit=False)
    assert local.api_requests("/complete") == []
    assert owner.push(csv, "org/big", note="n", submit=False).upload.id == "u2"


def test_a_rejection_carries_its_findings(local: LocalSite, owner: Client, csv: Path) -> None:
    local.outcome = "rejected"
    with pytest.raises(Rejected) as refused:
        owner.push(csv, "org/big", note="n")
    assert str(refused.value) == (
        "big.bin was rejected: 2 cells of year are not numbers. Correct the cells or make the column text."
    )
    assert refused.value.findings[0].samples[0].line == 4
    assert local.api_requests("/submit") == []


def test_the_registrys_own_failure_is_told_as_such(local: LocalSite, owner: Client, csv: Path) -> None:
    local.outcome = "failed"
    with pytest.raises(ProcessingFailed, match="Storage was away") as failed:
        owner.push(csv, "org/big", note="n")
    assert failed.value.code == "storage-down"
    assert "operators" in str(failed.value)


def test_waiting_ends_when_nothing_moves(local: LocalSite, owner: Client, csv: Path) -> None:
    local.polls_until_done = 10**9
    stuck = {
        "id": "u1",
        "filename": "big.bin",
        "size": 1,
        "state": "processing",
        "progress": {"stage": "read"},
    }
    headers = {"Content-Type": "application/json"}
    local.faults = [
        Fault("GET /api/v1/uploads/u1$", times=999, status=200, body=json.dumps(stuck).encode(), headers=headers)
    ]
    with pytest.raises(StillProcessing, match="Nothing is lost"):
        owner.push(csv, "org/big", note="n", timeout=0.2)
    # The same call goes on waiting for the same upload.
    local.faults, local.polls_until_done = [], 1
    assert owner.push(csv, "org/big", note="n", submit=False).upload.id == "u1"


def test_not_waiting(local: LocalSite, owner: Client, csv: Path) -> None:
    result = owner.push(csv, "org/big", note="n", wait=False)
    assert (result.upload.state, result.submitted) == ("received", False)
    assert local.api_requests("/submit") == []


def test_an_open_draft_is_used(local: LocalSite, owner: Client, csv: Path) -> None:
    owner.push(csv, "org/big", note="one", submit=False)
    other = csv.with_name("other.bin")
    other.write_bytes(b"12345")
    owner.push(other, "org/big", note="two", submit=False)
    assert len(local.api_requests("POST /api/v1/datasets/org/big/versions$")) == 1
    assert {entry["resource"] for entry in local.datasets["org/big"]["draft"]["files"]} == {"big", "other"}


def test_nothing_is_created_against_the_users_word(local: LocalSite, owner: Client, csv: Path) -> None:
    with pytest.raises(NotFound):
        owner.push(csv, "org/big", note="n", create=False)
    assert local.datasets == {}
    with pytest.raises(InvalidInput, match="organization: You are no member"):
        owner.push(csv, "other/big", note="n")


def test_frames_can_be_pushed(local: LocalSite, owner: Client) -> None:
    frame = pd.DataFrame({"x": [1, 2, 3], "y": ["a", "b", None]})
    owner.push(frame, "org/frame", note="n")
    pd.testing.assert_frame_equal(owner.load("org/frame"), frame)
    assert local.uploads["u1"]["filename"] == "frame.parquet"
    with pytest.raises(BadArgument, match="A dict cannot be pushed"):
        owner.push({"x": 1}, "org/frame", note="n")


def test_a_missing_file_and_a_folder(owner: Client, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        owner.push(tmp_path / "nothing.csv", "org/x", note="n")
    with pytest.raises(IsADirectoryError, match="one zip file"):
        owner.push(tmp_path, "org/x", note="n")


def test_four_parts_at_a_time() -> None:
    assert upload.PARALLEL == 4
