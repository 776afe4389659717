"""The same client for programs of asyncio: each method is awaited, and works in a thread of its own meanwhile.

>>> from commonfield.aio import AsyncClient
>>> async def main():
...     async with AsyncClient() as client:
...         return await asyncio.gather(*(client.load(id) for id in ids))  # doctest: +SKIP

What takes time here is waiting, hashing and decoding, which all let other threads go on; so a thread a call, `parallel`
of them at most, is as quick as sockets of asyncio's own would be, and behaves in every detail like the client that is
tested. A call that is cancelled is no longer awaited; what it has begun it ends by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, TypeVar, cast

from commonfield.client import Client

if TYPE_CHECKING:
    from typing_extensions import ParamSpec, Self

    P = ParamSpec("P")
T = TypeVar("T")
PARALLEL = 8


def _awaited(
    method: Callable[Concatenate[Client, P], T],
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]:
    @wraps(method)
    async def call(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        work = partial(method, self.client, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    return call


class AsyncClient:
    """A `commonfield.Client` whose methods are awaited; arguments, results and errors are its own."""

    def __init__(self, *args: Any, parallel: int = PARALLEL, **kwargs: Any) -> None:
        self.client = Client(*args, **kwargs)
        self._threads = ThreadPoolExecutor(parallel, thread_name_prefix="commonfield")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Wait for what is on its way, and close the connections."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self.client.close()

    annotate = _awaited(Client.annotate)
    annotations = _awaited(Client.annotations)
    attach = _awaited(Client.attach)
    cancel = _awaited(Client.cancel)
    changes = _awaited(Client.changes)
    dataset = _awaited(Client.dataset)
    difference = _awaited(Client.difference)
    download = _awaited(Client.download)
    examine = _awaited(Client.examine)
    findings = _awaited(Client.findings)
    info = _awaited(Client.info)
    load: Callable[..., Coroutine[Any, Any, Any]] = _awaited(Client.load)
    login = _awaited(Client.login)
    open = _awaited(Client.open)
    push = _awaited(Client.push)
    query = _awaited(Client.query)
    report = _awaited(Client.report)
    # Its free keywords could be called “self”, as far as types know.
    rows: Callable[..., Coroutine[Any, Any, Any]] = _awaited(cast("Any", Client.rows))
    rules = _awaited(Client.rules)
    scan = _awaited(Client.scan)
    search = _awaited(Client.search)
    set_rules = _awaited(Client.set_rules)
    versions = _awaited(Client.versions)
    whoami = _awaited(Client.whoami)
