"""Load, download, search and publish the datasets of a Commonfield registry.

>>> import commonfield
>>> frame = commonfield.load("palmer/penguins", version="1.2.0")  # doctest: +SKIP

The functions here are methods of one `Client` that takes its site and token from the environment or from
the profile that `commonfield login` writes. Make your own `Client(url, token)` to speak to several sites.
"""

from __future__ import annotations

from commonfield._retry import RetryPolicy
from commonfield._version import __version__
from commonfield.client import Client
from commonfield.errors import (
    ApiError,
    BadArgument,
    ChecksumMismatch,
    CommonfieldError,
    ConfigurationError,
    Conflict,
    ConnectionFailed,
    DestinationExists,
    FileChanged,
    InvalidInput,
    MissingExtra,
    NotAllowed,
    NotFound,
    NotSignedIn,
    ProcessingFailed,
    Rejected,
    ServerFailed,
    StillProcessing,
    TooManyRequests,
    TransferFailed,
    UnexpectedAnswer,
    UploadFailed,
)
from commonfield.models import Account, Dataset, License, Original, Resource, SearchResults, Version
from commonfield.profiles import InsecureTransportWarning
from commonfield.progress import Progress
from commonfield.push import PushResult
from commonfield.reports import Finding, Outcome, Report, Sample, Upload

_default = Client()

dataset = _default.dataset
download = _default.download
findings = _default.findings
info = _default.info
load = _default.load
login = _default.login
open = _default.open
push = _default.push
report = _default.report
search = _default.search
versions = _default.versions
whoami = _default.whoami

__all__ = [
    "Account",
    "ApiError",
    "BadArgument",
    "ChecksumMismatch",
    "Client",
    "CommonfieldError",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "Dataset",
    "DestinationExists",
    "FileChanged",
    "Finding",
    "InsecureTransportWarning",
    "InvalidInput",
    "License",
    "MissingExtra",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "Original",
    "Outcome",
    "ProcessingFailed",
    "Progress",
    "PushResult",
    "Rejected",
    "Report",
    "Resource",
    "RetryPolicy",
    "Sample",
    "SearchResults",
    "ServerFailed",
    "StillProcessing",
    "TooManyRequests",
    "TransferFailed",
    "UnexpectedAnswer",
    "Upload",
    "UploadFailed",
    "Version",
    "__version__",
    "dataset",
    "download",
    "findings",
    "info",
    "load",
    "login",
    "open",
    "push",
    "report",
    "search",
    "versions",
    "whoami",
]
