"""Fetching one stretch of a file's bytes over connections that break and links that run out."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from commonfield._http import Transport
from commonfield._problems import error_from, storage_code
from commonfield._retry import STORE_RETRY_STATUSES, parse_retry_after
from commonfield.errors import ApiError, ChecksumMismatch, TransferFailed
from commonfield.listing import FileEntry, Links

_MAX_RENEWALS = 3


class Stopped(Exception):
    """Another thread failed, or the user pressed Ctrl-C."""


class RangesIgnored(Exception):
    """The whole file was sent though a range was asked for."""


@dataclass
class Span:
    """The bytes from `start` up to `end`, of which those before `position` are written."""

    start: int
    end: int
    position: int

    @classmethod
    def of(cls, start: int, end: int) -> Span:
        return cls(start, end, start)


class SpanFetcher:
    """Brings spans of one file. `write` gets (offset, bytes); `advance` the number of bytes won or lost."""

    def __init__(
        self,
        *,
        transport: Transport,
        links: Links,
        entry: FileEntry,
        write: Callable[[int, bytes], None],
        advance: Callable[[int], None],
        stop: threading.Event,
    ) -> None:
        self._transport = transport
        self._links = links
        self._entry = entry
        self._write = write
        self._advance = advance
        self._stop = stop

    def fetch(self, span: Span) -> None:
        """Go on until the span is whole. A cut connection goes on where it broke off.

        Only failures in a row without a new byte count towards giving up. Raises TransferFailed,
        ApiError, RangesIgnored, Stopped.
        """
        failures = renewals = 0
        best = span.position
        address = self._links.address(self._entry)
        while span.position < span.end:
            refusal: int | None = None
            retry_after: float | None = None
            reason = "the connection closed early"
            try:
                with self._transport.stream(address, self._headers(span)) as response:
                    refusal = self._receive(response, span)
                    retry_after = parse_retry_after(response.headers.get("retry-after"))
            except httpx.TransportError as error:
                reason = str(error) or type(error).__name__
            if span.position > best:
                best, failures, renewals = span.position, 0, 0
            if span.position >= span.end:
                return
            if refusal in {400, 401, 403} and renewals < _MAX_RENEWALS:
                renewals += 1
                address = self._links.renew(self._entry, address)
                continue
            failures += 1
            reason = f"it answered {refusal}" if refusal else reason
            if self._transport.retry.gives_up(failures, retry_after):
                raise TransferFailed(
                    f"{self._entry.path} could not be fetched to its end: {reason}.",
                    "Run the same again: what has arrived is kept, and it goes on from there.",
                )
            self._pause(self._transport.retry.delay(failures, retry_after))

    def _headers(self, span: Span) -> dict[str, str]:
        if span.position == 0 and span.end == self._entry.bytes:
            return {}
        return {"Range": f"bytes={span.position}-{span.end - 1}"}

    def _receive(self, response: httpx.Response, span: Span) -> int | None:
        """Write what comes; None if it was bytes, else the status of a refusal that may pass."""
        status = response.status_code
        if status == 206:
            self._check_range(response, span)
        elif status == 200:
            if span.start != 0 or span.end != self._entry.bytes:
                raise RangesIgnored
            self._advance(-span.position)
            span.position = 0
        elif status in STORE_RETRY_STATUSES or (status in {400, 401, 403} and self._is_signed(response)):
            return status
        else:
            raise self._refusal(response)
        # Without a chunk size: httpx would collect that much first, and lose it when the line breaks.
        for chunk in response.iter_raw():
            if self._stop.is_set():
                raise Stopped
            useful = chunk[: span.end - span.position]
            self._write(span.position, useful)
            span.position += len(useful)
            self._advance(len(useful))
            if span.position >= span.end:
                break
        return None

    def _check_range(self, response: httpx.Response, span: Span) -> None:
        told = response.headers.get("content-range", "")
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", told)
        if match is None or int(match[1]) != span.position or match[3] not in {"*", str(self._entry.bytes)}:
            raise ChecksumMismatch(
                f"{self._entry.path}: asked for bytes {span.position} to {span.end - 1} of "
                f"{self._entry.bytes}, but {told or 'an unnamed range'} was sent.",
                "Run the same again; if it stays so, tell the registry's operators.",
            )

    def _is_signed(self, response: httpx.Response) -> bool:
        """Whether the answer comes from the storage, whose links run out, or from the registry itself."""
        return "problem+json" not in response.headers.get("content-type", "")

    def _refusal(self, response: httpx.Response) -> ApiError | TransferFailed:
        response.read()
        if not self._is_signed(response):
            return error_from(response, signed_in=self._transport.signed_in)
        told = " ".join([str(response.status_code), storage_code(response.text)]).strip()
        return TransferFailed(
            f"The storage refused {self._entry.path}: {told}.",
            "Run the same again; if it stays so, tell the registry's operators.",
        )

    def _pause(self, seconds: float) -> None:
        if self._stop.is_set():
            raise Stopped
        self._transport.sleep(seconds)
