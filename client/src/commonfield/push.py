"""From a file to a submitted version: dataset, draft, upload, processing, check, submission."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonfield._http import Transport
from commonfield.errors import Conflict, NotFound, ProcessingFailed, Rejected, StillProcessing
from commonfield.models import Dataset, DatasetId, Version
from commonfield.progress import Progress, Report
from commonfield.reports import Finding, Upload

MAX_ATTEMPTS = 3
"""How often the registry itself tries again before an upload stays failed."""
_POLL_FIRST, _POLL_LAST = 0.2, 2.0


@dataclass(frozen=True)
class PushResult:
    """What came of a push. `version` is None if it was not waited for."""

    dataset: str
    created: bool
    upload: Upload
    version: Version | None
    submitted: bool
    url: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.upload.findings


@dataclass(frozen=True)
class DatasetWords:
    """What a new dataset is told to be; members that are None are left to the registry."""

    title: str | None = None
    description: str | None = None
    methods: str | None = None
    known_limits: str | None = None
    license: str | None = None
    keywords: Sequence[str] | None = None
    access: str | None = None


class Publisher:
    """The steps of a push, each of which can be repeated without harm."""

    def __init__(self, transport: Transport, id: DatasetId, *, report: Report | None, timeout: float) -> None:
        self._transport = transport
        self.id = self._id = id
        self._report = report
        self._timeout = timeout

    def find_or_create_dataset(self, words: DatasetWords, *, create: bool) -> tuple[Dataset, bool]:
        """The dataset, and whether it is new. Raises NotFound if there is none and none shall be made."""
        try:
            return Dataset.from_json(self._transport.get(self._id.path)), False
        except NotFound:
            if not create:
                raise
        body: dict[str, Any] = {
            "organization": self._id.owner,
            "slug": self._id.slug,
            "title": words.title or self._id.slug.replace("-", " ").capitalize(),
            "description": words.description,
            "methods": words.methods,
            "known_limits": words.known_limits,
            "license": words.license,
            "keywords": list(words.keywords) if words.keywords is not None else None,
            "access": words.access,
        }
        given = {key: value for key, value in body.items() if value is not None}
        try:
            return Dataset.from_json(self._transport.post("/datasets", given)), True
        except Conflict:
            # Somebody else, or a first call whose answer was lost, made it in between.
            return Dataset.from_json(self._transport.get(self._id.path)), False

    def open_draft(self, note: str, *, start_from: str | None = None) -> None:
        """See that the dataset has a draft, and that it has this note.

        A draft that is opened now has the tables of `start_from`: "latest", "empty" or a number. Raises Conflict when
        that is given and a draft is open already.
        """
        if start_from is not None:
            self._transport.post(f"{self._id.path}/versions", {"start_from": start_from})
        try:
            draft = self._draft()
        except NotFound:
            try:
                self._transport.post(f"{self._id.path}/versions", {})
            except Conflict as error:
                # If it is no draft that stands in the way, the first refusal says what does.
                try:
                    draft = self._draft()
                except NotFound:
                    raise error from None
            draft = self._draft()
        if note and note != draft.note:
            self._transport.patch(self._id.version_path("draft"), {"note": note})

    def draft_resources(self) -> set[str]:
        return {resource.name for resource in self._draft().resources}

    def draft_documents(self) -> set[str]:
        return {document.name for document in self._draft().documents}

    def draft_files(self) -> set[tuple[str, str]]:
        """What is new in the draft: each table's name with the sha256 of each file that it was made of."""
        return {
            (resource.name, str(source.get("sha256")))
            for resource in self._draft().resources
            for source in resource.raw.get("sources") or ()
            if not source.get("inherited")
        }

    def await_processing(self, upload: Upload) -> Upload:
        """Wait until the file is data or is refused.

        Raises Rejected (with the findings), ProcessingFailed, StillProcessing.
        """
        patience = _Patience(self._transport.sleep, self._timeout)
        while patience.wait((upload.state, upload.progress)):
            upload = Upload.from_json(self._transport.get(f"/uploads/{upload.id}"))
            if self._report is not None:
                self._report(upload.progress)
            if upload.state == "stored":
                return upload
            if upload.state == "rejected":
                raise _rejected(upload)
            given_up = upload.state == "failed" and upload.attempts >= MAX_ATTEMPTS
            if given_up or upload.state in {"cancelled", "expired"}:
                raise _failed(upload)
        raise StillProcessing(
            f"{upload.filename} is received and not yet processed ({upload.state}, upload {upload.id}).",
            "Nothing is lost. Look at the dataset's page, or push the same file again to go on waiting.",
            upload.id,
        )

    def await_check(self) -> Version:
        """Wait until the draft has a verdict. Raises StillProcessing."""
        patience = _Patience(self._transport.sleep, self._timeout)
        draft = self._draft()
        while draft.verdict == "pending" and patience.wait(draft.raw):
            if self._report is not None:
                self._report(Progress("check", 0, None, draft.rows))
            draft = self._draft()
        if draft.verdict != "pending":
            return draft
        raise StillProcessing(
            f"The quality check of {self._id} is not finished.",
            "The data are stored. Look at the dataset's page, and submit the draft there.",
        )

    def submit(self, *, note: str, number: str | None) -> Version:
        body = {"note": note} if number is None else {"note": note, "number": number}
        return Version.from_json(self._transport.post(f"{self._id.version_path('draft')}/submit", body))

    def _draft(self) -> Version:
        return Version.from_json(self._transport.get(self._id.version_path("draft")))


class _Patience:
    """Ask soon at first and seldom later, until nothing has changed for the timeout (seconds)."""

    def __init__(self, sleep: Callable[[float], None], timeout: float) -> None:
        self._sleep = sleep
        self._timeout = timeout
        self._pause = _POLL_FIRST
        self._seen: object = None
        self._changed = time.monotonic()

    def wait(self, state: object) -> bool:
        """Pause before the next question; False if there should be none."""
        now = time.monotonic()
        if state != self._seen:
            self._seen, self._changed = state, now
        if now - self._changed >= self._timeout:
            return False
        self._sleep(self._pause)
        self._pause = min(self._pause * 1.3, _POLL_LAST)
        return True


def data_path(source: Path, filename: str | None) -> tuple[Path, str]:
    """The file and the name that it has for the registry. Raises FileNotFoundError, IsADirectoryError."""
    if source.is_dir():
        raise IsADirectoryError(f"{source} is a folder: push its files one by one, or as one zip file.")
    if not source.exists():
        raise FileNotFoundError(f"There is no file {source}.")
    return source, filename or source.name


def _rejected(upload: Upload) -> Rejected:
    fatal = [finding for finding in upload.findings if finding.severity in {"reject", "error"}]
    told = fatal or list(upload.findings)
    why = " ".join(str(finding).rstrip(".") + "." for finding in told[:3])
    more = f" And {len(told) - 3} more." if len(told) > 3 else ""
    remedies = list(dict.fromkeys(finding.remedy for finding in told if finding.remedy))
    return Rejected(
        f"{upload.filename} was rejected: {why or 'the registry gave no reason.'}{more}",
        " ".join(remedies[:2]) or "Correct the file and push it again.",
        upload.findings,
        upload.id,
    )


def _failed(upload: Upload) -> ProcessingFailed:
    error = upload.error
    if upload.state in {"cancelled", "expired"}:
        return ProcessingFailed(
            f"The upload of {upload.filename} was {upload.state}.",
            "Push the file again.",
            upload.state,
            upload.id,
        )
    return ProcessingFailed(
        error.get("sentence") or f"The registry could not process {upload.filename} (upload {upload.id}).",
        error.get("remedy") or "This is not your file's fault. Tell the registry's operators.",
        error.get("code", ""),
        upload.id,
    )
