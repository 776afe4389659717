"""Load, download, search and publish the datasets of a Commonfield registry.

>>> import commonfield
>>> frame = commonfield.load("palmer/penguins", version="1.2.0")  # doctest: +SKIP

The functions here are methods of one `Client` that takes its site and token from the environment or from
the profile that `commonfield login` writes. Make your own `Client(url, token)` to speak to several sites.
"""

from __future__ import annotations

from commonfield._retry import RetryPolicy
from commonfield._version import __version__
from commonfield.annotating import Annotation
from commonfield.client import Client
from commonfield.differences import ColumnChange, ColumnDrift, Difference, DocumentChange, TableDifference
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
from commonfield.fingerprinting import Fingerprint, fingerprint
from commonfield.models import Account, Dataset, Document, License, Original, Resource, SearchResults, Version
from commonfield.profiles import InsecureTransportWarning
from commonfield.progress import Progress
from commonfield.push import PushResult
from commonfield.reports import Finding, Outcome, Report, Sample, Upload

_default = Client()

annotate = _default.annotate
attach = _default.attach
changes = _default.changes
dataset = _default.dataset
difference = _default.difference
download = _default.download
findings = _default.findings
info = _default.info
load = _default.load
login = _default.login
open = _default.open
push = _default.push
query = _default.query
report = _default.report
rows = _default.rows
rules = _default.rules
scan = _default.scan
search = _default.search
set_rules = _default.set_rules
versions = _default.versions
whoami = _default.whoami

__all__ = [
    "Account",
    "Annotation",
    "ApiError",
    "BadArgument",
    "ChecksumMismatch",
    "Client",
    "ColumnChange",
    "ColumnDrift",
    "CommonfieldError",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "Dataset",
    "DestinationExists",
    "Difference",
    "Document",
    "DocumentChange",
    "FileChanged",
    "Finding",
    "Fingerprint",
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
    "TableDifference",
    "TooManyRequests",
    "TransferFailed",
    "UnexpectedAnswer",
    "Upload",
    "UploadFailed",
    "Version",
    "__version__",
    "annotate",
    "attach",
    "changes",
    "dataset",
    "difference",
    "download",
    "findings",
    "fingerprint",
    "info",
    "load",
    "login",
    "open",
    "push",
    "query",
    "report",
    "rows",
    "rules",
    "scan",
    "search",
    "set_rules",
    "versions",
    "whoami",
]
