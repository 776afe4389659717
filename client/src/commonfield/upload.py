"""Multipart upload straight to the object store: parallel, repeated where it breaks, resumable.

One pass over the file gives the MD5 of every part, which its signed URL binds, and the sha256 of the
whole, which the registry checks once more over the bytes that it received.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from commonfield._http import Transport
from commonfield._parse import need
from commonfield._problems import storage_code
from commonfield._retry import STORE_RETRY_STATUSES, parse_retry_after
from commonfield.errors import Conflict, FileChanged, NotFound, TransferFailed
from commonfield.files import read_chunks
from commonfield.progress import Meter, Report
from commonfield.purpose import DocumentPurpose, Purpose
from commonfield.ranges import Stopped
from commonfield.reports import Upload
from commonfield.sessions import FileIdentity, Session

PARALLEL = 4
_SIGN_AT_ONCE = 8
_MAX_RESIGNS = 3
ON_ITS_WAY = frozenset({"received", "processing"})
_WAITING_FOR_BYTES = "pending"


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True)
class Part:
    """Part `number` (from 1) of a file, its place and its MD5 in base64, as S3 wants it."""

    number: int
    start: int
    size: int
    md5: str


@dataclass(frozen=True)
class Signed:
    url: str
    headers: Mapping[str, str]


class FileUpload:
    """Sends one file; `send` may be called again after any failure and goes on from there."""

    def __init__(
        self, *, transport: Transport, path: Path, session: Session, parallel: int, report: Report | None
    ) -> None:
        self._transport = transport
        self._path = path
        self._session = session
        self._parallel = parallel
        self._report = report
        self._file = FileIdentity.of(path)
        self._stop = threading.Event()
        self._meter = Meter(report, stage="upload", total=self._file.size)

    def send(
        self,
        *,
        dataset: str,
        filename: str,
        resource: str | None,
        purpose: Purpose | DocumentPurpose,
        in_draft: Callable[[], Collection[str]],
    ) -> Upload:
        """Bring the bytes to the registry; returns the upload as it is after that.

        `in_draft` tells the draft's resources, or the names of its documents where the file is one: if an earlier
        run brought the file there, nothing is sent.
        Raises ApiError, ConnectionFailed, TransferFailed, FileChanged.
        """
        upload = self._recall(in_draft) or self._initiate(dataset, filename, resource, purpose)
        if upload.state != _WAITING_FOR_BYTES:
            return upload
        sha256 = self._send_parts(upload.id)
        try:
            return self._complete(upload.id, sha256)
        except Conflict as error:
            if error.code != "parts-missing":
                raise
        # The storage lost what it had confirmed, or an earlier session was mistaken: its list decides.
        return self._complete(upload.id, self._send_parts(upload.id))

    def _initiate(
        self, dataset: str, filename: str, resource: str | None, purpose: Purpose | DocumentPurpose
    ) -> Upload:
        body: dict[str, Any] = {"dataset": dataset, "filename": filename, "size": self._file.size, **purpose.to_json()}
        if resource is not None:
            body["resource"] = resource
        upload = Upload.from_json(self._transport.post("/uploads", body))
        self._session.remember(upload.id)
        return upload

    def _recall(self, in_draft: Callable[[], Collection[str]]) -> Upload | None:
        return recall_upload(
            self._transport,
            self._session,
            unfinished={_WAITING_FOR_BYTES, *ON_ITS_WAY},
            is_in_draft=lambda upload: _made(upload) <= set(in_draft()),
        )

    def _complete(self, upload: str, sha256: str) -> Upload:
        try:
            answer = self._transport.post(f"/uploads/{upload}/complete", {"sha256": sha256}, repeatable=True)
        except Conflict as error:
            if error.code == "parts-missing":
                raise
            # The first answer was lost on its way and the second call came too late: all is well.
            found = find_upload(self._transport, upload)
            if found is None or found.state == _WAITING_FOR_BYTES:
                raise
            return found
        return Upload.from_json(answer)

    # ------------------------------------------------------------ parts
    def _send_parts(self, upload: str) -> str:
        answer = self._transport.get(f"/uploads/{upload}/parts")
        size = int(need(answer, "part_size"))
        there = {int(part["number"]): int(part["size"]) for part in answer.get("parts") or ()}
        self._meter = Meter(self._report, stage="upload", total=self._file.size)
        digest = hashlib.sha256()
        pending: set[Future[None]] = set()
        with ThreadPoolExecutor(self._parallel, thread_name_prefix="commonfield") as pool:
            try:
                for batch in _batches(self._missing(self._read_parts(size, digest), there)):
                    while len(pending) >= self._parallel * 2:
                        pending = _drain(pending)
                    signed = self._sign(upload, batch)
                    pending |= {pool.submit(self._put, upload, part, signed[part.number]) for part in batch}
                while pending:
                    pending = _drain(pending)
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        self._check_unchanged()
        return digest.hexdigest()

    def _read_parts(self, size: int, whole: _Digest) -> Iterator[Part]:
        for index, start in enumerate(range(0, max(self._file.size, 1), size)):
            md5 = hashlib.md5(usedforsecurity=False)
            length = min(size, self._file.size - start)
            for chunk in read_chunks(self._path, start=start, length=length):
                md5.update(chunk)
                whole.update(chunk)
            yield Part(index + 1, start, length, base64.b64encode(md5.digest()).decode())

    def _missing(self, parts: Iterator[Part], there: Mapping[int, int]) -> Iterator[Part]:
        for part in parts:
            if there.get(part.number) == part.size:
                self._meter.add(part.size)
            else:
                yield part

    def _sign(self, upload: str, parts: Iterable[Part]) -> dict[int, Signed]:
        body = {"parts": [{"number": part.number, "md5": part.md5, "size": part.size} for part in parts]}
        answer = self._transport.post(f"/uploads/{upload}/parts", body, repeatable=True)
        return {
            int(need(part, "number")): Signed(str(need(part, "url")), dict(part.get("headers") or {}))
            for part in need(answer, "parts")
        }

    def _put(self, upload: str, part: Part, signed: Signed) -> None:
        failures = resigns = 0
        while True:
            sent = _Sent(self._meter)
            retry_after, status, reason = None, 0, ""
            try:
                response = self._transport.put_part(
                    signed.url, self._content(part, sent), signed.headers, size=part.size
                )
            except httpx.TransportError as error:
                reason = str(error) or type(error).__name__
            else:
                status = response.status_code
                if status < 300:
                    return
                reason = f"{status} {storage_code(response.text)}".strip()
                retry_after = parse_retry_after(response.headers.get("retry-after"))
            sent.take_back()
            failures += 1
            refused = bool(status) and status not in STORE_RETRY_STATUSES
            if refused:
                resigns += 1
                self._check_unchanged()
            if resigns > _MAX_RESIGNS or self._transport.retry.gives_up(failures, retry_after):
                raise TransferFailed(
                    f"Part {part.number} of {self._path.name} could not be sent: {reason}.",
                    "Run the same again: what was sent is kept, and it goes on from there.",
                )
            if self._stop.is_set():
                raise Stopped
            self._transport.sleep(self._transport.retry.delay(failures, retry_after))
            if refused:
                # The signed URL ran out while the line was slow, or was never good: ask for another.
                signed = self._sign(upload, [part])[part.number]

    def _content(self, part: Part, sent: _Sent) -> Iterator[bytes]:
        left = part.size
        for chunk in read_chunks(self._path, start=part.start, length=part.size):
            if self._stop.is_set():
                raise Stopped
            left -= len(chunk)
            sent.add(len(chunk))
            yield chunk
        if left:
            raise _changed(self._path)

    def _check_unchanged(self) -> None:
        try:
            same = FileIdentity.of(self._path) == self._file
        except FileNotFoundError:
            same = False
        if not same:
            self._session.forget()
            raise _changed(self._path)


class _Sent:
    """What the meter was told about one attempt, so that it can be taken back."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._amount = 0

    def add(self, amount: int) -> None:
        self._amount += amount
        self._meter.add(amount)

    def take_back(self) -> None:
        self._meter.add(-self._amount)
        self._amount = 0


def _made(upload: Upload) -> set[str]:
    return {upload.filename} if upload.kind == "document" else set(upload.resources)


def recall_upload(
    transport: Transport, session: Session, *, unfinished: Collection[str], is_in_draft: Callable[[Upload], bool]
) -> Upload | None:
    """The upload of an earlier run, if it can still become something or has; otherwise the session forgets it."""
    remembered = session.recall()
    if remembered is None:
        return None
    upload = find_upload(transport, remembered)
    if upload is not None and (upload.state in unfinished or (upload.state == "stored" and is_in_draft(upload))):
        return upload
    session.forget()
    return None


def find_upload(transport: Transport, id: str) -> Upload | None:
    """The upload, or None if the registry no longer knows it."""
    try:
        return Upload.from_json(transport.get(f"/uploads/{id}"))
    except NotFound:
        return None


def _changed(path: Path) -> FileChanged:
    return FileChanged(
        f"{path} changed while it was being sent; nothing was published.",
        "Wait until whatever writes it is finished, and run the same again.",
    )


def _batches(parts: Iterator[Part]) -> Iterator[list[Part]]:
    batch: list[Part] = []
    for part in parts:
        batch.append(part)
        if len(batch) == _SIGN_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _drain(pending: set[Future[None]]) -> set[Future[None]]:
    done, rest = wait(pending, return_when=FIRST_COMPLETED)
    for future in done:
        error = future.exception()
        if error is not None and not isinstance(error, Stopped):
            raise error
    return rest
