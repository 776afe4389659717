"""What works from here and what does not: asked one thing after the other, each with what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

from commonfield._http import Transport
from commonfield._version import __version__
from commonfield.cache import Cache
from commonfield.errors import CommonfieldError, NotSignedIn

if TYPE_CHECKING:
    from commonfield.client import Client

SKEW_SECONDS = 60
"""Signed links are times: a clock that is further off has them refused before they begin, or after they ended."""
ROOM_BYTES = 1_000_000_000
READERS = {"pandas": "2.2", "pyarrow": "16", "polars": "1.9", "duckdb": "1.1"}
State = Literal["ok", "caution", "wrong"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `remedy` says what to do where it is not ok."""

    name: str
    state: State
    sentence: str
    remedy: str = ""


def examine(client: Client, connect: Callable[[], Transport]) -> Iterator[Check]:
    """Every check, the one on which others stand first. Nothing is raised: what fails is a check that is wrong."""
    yield Check("client", "ok", f"commonfield {__version__}")
    yield from _readers()
    yield _of("cache", lambda: _cache(client.cache))
    try:
        transport = connect()
    except CommonfieldError as error:
        yield Check("registry", "wrong", error.sentence, error.remedy)
        return
    registry = _of("registry", lambda: _registry(transport))
    yield registry
    if registry.state == "wrong":
        return
    yield _of("clock", lambda: _clock(transport))
    yield _of("token", lambda: _token(client, transport))
    yield _of("storage", lambda: _storage(client, transport))


def _of(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except CommonfieldError as error:
        return Check(name, "wrong", error.sentence, error.remedy)
    except OSError as error:
        return Check(name, "wrong", str(error), "Look at the folder's rights and at the disk.")


def _readers() -> Iterator[Check]:
    for name, least in READERS.items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, "caution", "not installed", f"If you want it: pip install 'commonfield[{name}]'.")
            continue
        wanted = tuple(map(int, least.split(".")))
        numbers = tuple(int(part) for part in found.split(".")[: len(wanted)] if part.isdigit())
        if numbers < wanted:
            yield Check(name, "wrong", f"{found} is older than {least}", f"pip install --upgrade {name}")
        else:
            yield Check(name, "ok", found)


def _cache(cache: Cache) -> Check:
    cache.prepare()
    with tempfile.TemporaryFile(dir=cache.root):
        pass
    free = shutil.disk_usage(cache.root).free
    info = cache.info()
    told = f"{info.path}: {info.files} files, {info.bytes:,} bytes; {free:,} bytes free"
    if free < ROOM_BYTES:
        return Check(
            "cache", "caution", told, "Run `commonfield cache clear`, or set COMMONFIELD_CACHE to a larger disk."
        )
    return Check("cache", "ok", told)


def _registry(transport: Transport) -> Check:
    with suppress(NotSignedIn):  # It answers; what it has against the token is said of the token.
        transport.get("/search", {"page_size": 1}, once=True)
    proxies = [name for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY") if os.environ.get(name)]
    through = f" (through {', '.join(proxies)})" if proxies else ""
    return Check("registry", "ok", f"{transport.site} answers{through}")


def _clock(transport: Transport) -> Check:
    told = transport.date_of("/search?page_size=1")
    if told is None:
        return Check("clock", "caution", "the registry does not say what time it is")
    skew = abs((datetime.now(timezone.utc) - parsedate_to_datetime(told)).total_seconds())
    if skew > SKEW_SECONDS:
        return Check(
            "clock", "wrong", f"this clock and the registry's are {skew:,.0f} seconds apart", "Set this clock."
        )
    return Check("clock", "ok", f"{skew:,.0f} seconds apart")


def _token(client: Client, transport: Transport) -> Check:
    if not transport.signed_in:
        return Check("token", "caution", "none: open data only", "Run `commonfield login` for more.")
    try:
        account = client.whoami()
    except NotSignedIn:
        return Check(
            "token", "wrong", "it is unknown, revoked or expired", "Make another on the page Tokens, and log in."
        )
    return Check("token", "ok", f"of {account.username}; may {', '.join(account.scopes) or 'nothing'}")


def _storage(client: Client, transport: Transport) -> Check:
    found = client.search(sort="newest", page_size=1, access="public").results
    if not found:
        return Check("storage", "caution", "there are no open data to try it with")
    listing = transport.get(f"/datasets/{found[0].id}/versions/latest/files.json")
    smallest = min((item for item in listing["files"] if item["kind"] == "parquet"), key=lambda item: item["bytes"])
    with transport.stream(transport.rebase(smallest["url"]), {"Range": "bytes=0-3"}) as response:
        data = response.read()
    if data != b"PAR1":
        return Check(
            "storage",
            "wrong",
            f"{response.url.host} answered {response.status_code} to a range of {found[0].id}",
            "A firewall or proxy may be between; tell the registry's operators.",
        )
    return Check("storage", "ok", f"{response.url.host} sends ranges ({found[0].id})")
