"""Everything that can go wrong, as a tree. Each `str(error)` says what happened and what to do.

CommonfieldError
├── ConfigurationError      no site or a broken profile file
├── BadArgument             a wrong id, an unknown column, an ambiguous resource (also a ValueError)
├── MissingExtra            pandas, polars, pyarrow or duckdb is not installed (also an ImportError)
├── DestinationExists       a file of another content stands where a download would go
├── ConnectionFailed        nobody answered
├── UnexpectedAnswer        somebody answered who is not a registry that this client knows
├── ApiError                the registry refused: .status .code .problem
│   ├── InvalidInput        400, 422
│   ├── NotSignedIn         401
│   ├── NotAllowed          403
│   ├── NotFound            404, 410
│   ├── Conflict            409, 412
│   ├── TooManyRequests     429, after all retries
│   └── ServerFailed        5xx, after all retries
├── TransferFailed          the object store refused or broke off a transfer
│   └── ChecksumMismatch    the bytes that came are not the bytes that were published
└── UploadFailed            an upload did not become data
├── FileChanged         the file changed while it was being sent
├── Rejected            the file cannot be taken as it is: .findings say where and why
├── ProcessingFailed    the registry's own fault: .code
└── StillProcessing     the waiting time is over, the work goes on
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from commonfield.reports import Finding


class CommonfieldError(Exception):
    """The root of the tree: `sentence` says what happened, `remedy` what to do."""

    def __init__(self, sentence: str, remedy: str = "", *more: Any) -> None:
        # All positional arguments go to Exception so that errors survive pickling between processes.
        super().__init__(sentence, remedy, *more)
        self.sentence = sentence
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


class ConfigurationError(CommonfieldError):
    pass


class BadArgument(CommonfieldError, ValueError):
    pass


class MissingExtra(CommonfieldError, ImportError):
    pass


class DestinationExists(CommonfieldError):
    pass


class ConnectionFailed(CommonfieldError):
    pass


class UnexpectedAnswer(CommonfieldError):
    pass


class ApiError(CommonfieldError):
    """The registry refused; `problem` is its whole application/problem+json document."""

    def __init__(
        self,
        sentence: str,
        remedy: str = "",
        status: int = 0,
        code: str = "",
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence, remedy, status, code, problem)
        self.status = status
        self.code = code
        self.problem: Mapping[str, Any] = problem or {}


class InvalidInput(ApiError):
    pass


class NotSignedIn(ApiError):
    pass


class NotAllowed(ApiError):
    pass


class NotFound(ApiError):
    pass


class Conflict(ApiError):
    pass


class TooManyRequests(ApiError):
    pass


class ServerFailed(ApiError):
    pass


class TransferFailed(CommonfieldError):
    pass


class ChecksumMismatch(TransferFailed):
    pass


class UploadFailed(CommonfieldError):
    pass


class FileChanged(UploadFailed):
    pass


class Rejected(UploadFailed):
    """The submitter's file cannot be taken; nothing of it is in the draft, and nothing else was touched."""

    def __init__(self, sentence: str, remedy: str = "", findings: tuple[Finding, ...] = (), upload: str = "") -> None:
        super().__init__(sentence, remedy, findings, upload)
        self.findings = findings
        self.upload = upload


class ProcessingFailed(UploadFailed):
    def __init__(self, sentence: str, remedy: str = "", code: str = "", upload: str = "") -> None:
        super().__init__(sentence, remedy, code, upload)
        self.code = code
        self.upload = upload


class StillProcessing(UploadFailed):
    def __init__(self, sentence: str, remedy: str = "", upload: str = "") -> None:
        super().__init__(sentence, remedy, upload)
        self.upload = upload
