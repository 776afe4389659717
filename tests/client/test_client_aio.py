from __future__ import annotations

import asyncio
import inspect
import io
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import commonfield
from commonfield import Client, NotFound
from commonfield.aio import AsyncClient
from tests.client.local_site import LocalSite

T = TypeVar("T")


def parquet(rows: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"n": list(range(rows))}), sink)
    return sink.getvalue()


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """What it gives, from a thread of its own: a process that drives a browser keeps a loop in its main thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_methods_are_awaited_and_others_go_on_meanwhile(local: LocalSite) -> None:
    for n in range(1, 5):
        local.publish(f"org/t{n}", "1.0.0", {"t.parquet": parquet(n)})

    async def main() -> tuple[list[int], int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        async with AsyncClient(local.url, "cfd_owner") as client:
            tables = await asyncio.gather(*(client.load(f"org/t{n}", as_="arrow") for n in range(1, 5)))
        ticking.cancel()
        return [table.num_rows for table in tables], ticks

    rows, ticks = finished(main())
    assert rows == [1, 2, 3, 4]
    assert ticks > 10


def test_errors_are_those_of_the_client(local: LocalSite) -> None:
    async def main() -> None:
        async with AsyncClient(local.url) as client:
            await client.info("org/none")

    with pytest.raises(NotFound):
        finished(main())


def test_as_many_at_once_as_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    now = 0

    def slow(_: Client) -> int:
        nonlocal now
        now += 1
        running.append(now)
        time.sleep(0.02)
        now -= 1
        return now

    monkeypatch.setattr("commonfield.aio.AsyncClient.whoami", commonfield.aio._awaited(slow))

    async def main() -> None:
        async with AsyncClient("http://127.0.0.1:9", parallel=2) as client:
            await asyncio.gather(*(client.whoami() for _ in range(6)))

    finished(main())
    assert max(running) == 2


def test_it_has_all_that_the_client_has() -> None:
    public = {
        name
        for name, value in inspect.getmembers(Client)
        if not name.startswith("_") and inspect.isfunction(value) and name != "close"
    }
    assert {name for name in public if not inspect.iscoroutinefunction(getattr(AsyncClient, name, None))} == set()
