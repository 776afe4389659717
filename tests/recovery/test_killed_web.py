"""The web server is killed in the middle of a push: the same push goes on with the parts that are missing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import numpy as np
import pytest

from commonfield import Client, ConnectionFailed, RetryPolicy
from tests.recovery.crash_site import CrashSite, kill_group

pytestmark = [pytest.mark.recovery, pytest.mark.slow]

PARTS = 10


@pytest.fixture(scope="module")
def heavy_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten parts of 8 MiB, and few rows: the client signs eight parts at once and so has to come back to the web."""
    path = tmp_path_factory.mktemp("heavy") / "notes.csv"
    letters = np.random.default_rng(1).integers(97, 123, size=(19_500, 4_096), dtype=np.uint8)
    with path.open("wb") as file:
        file.write(b"id,note\n")
        for number, row in enumerate(letters):
            file.write(b"%d,%s\n" % (number, row.tobytes()))
    assert PARTS - 1 < path.stat().st_size / (8 << 20) < PARTS
    return path


class Sent:
    """Wraps a client's PUT of parts: which were accepted by the store, and what is done after the n-th."""

    def __init__(self, client: Client, *, after: int = 0, then: Callable[[], None] = lambda: None) -> None:
        self.numbers: list[int] = []
        self._put = client._transport.put_part
        self._after, self._then = after, then
        self._lock = threading.Lock()
        client._transport.put_part = self  # type: ignore[method-assign]

    def __call__(self, url: str, content: Iterator[bytes], headers: Any, *, size: int) -> httpx.Response:
        answer = self._put(url, content, headers, size=size)
        with self._lock:
            if answer.status_code < 300:
                self.numbers.append(int(parse_qs(urlsplit(url).query)["partNumber"][0]))
            if len(self.numbers) == self._after:
                self._then()
        return answer


def test_a_push_goes_on_after_the_web_server_was_killed(
    crash_site: CrashSite, heavy_csv: Path, tmp_path: Path, tell: Callable[[str, str], None]
) -> None:
    web = crash_site.site.programs["web"]
    impatient = RetryPolicy(attempts=2, base=0.01)
    words: dict[str, Any] = {"note": "All notes.", "title": "Notes", "license": "CC0-1.0"}

    def client() -> Client:
        token = crash_site.site.owner_token
        return Client(crash_site.site.url, token, cache_dir=tmp_path, retry=impatient)

    with client() as first:
        # It dies before the first PUT is reported, so that the second batch of addresses can't be asked for.
        before = Sent(first, after=1, then=lambda: kill_group(web))
        with pytest.raises(ConnectionFailed):
            first.push(heavy_csv, "institute/notes", **words)
    assert 1 <= len(before.numbers) < PARTS
    web.start()
    web.wait_ready()
    [[upload, state, multipart]] = crash_site.rows(
        "SELECT id::text, state, multipart_id FROM ingest_upload WHERE filename = %s", heavy_csv.name
    )
    assert state == "pending"
    listed = crash_site.s3.list_parts(Bucket=crash_site.bucket, Key=f"uploads/{upload}", UploadId=multipart)["Parts"]
    arrived = {part["PartNumber"] for part in listed}
    assert arrived >= set(before.numbers)

    with client() as second:
        after = Sent(second)
        result = second.push(heavy_csv, "institute/notes", **words)
    assert result.upload.id == upload, "the same upload went on"
    assert set(after.numbers) == set(range(1, PARTS + 1)) - arrived
    assert len(after.numbers) == len(set(after.numbers))
    assert result.submitted
    assert result.version is not None
    assert result.version.rows == 19_500
    tell(
        "recovery",
        f"web killed during a push: {len(arrived)} of {PARTS} parts had arrived, {len(after.numbers)} were sent",
    )
