"""The API's answers as types. Functions in ``represent.py`` return them, and OpenAPI is made from them."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from catalog.api.access_shapes import DeprecatedShape
from catalog.api.personal_shapes import HeldShape, PersonalShape, PersonalWordShape


class LicenseShape(TypedDict):
    id: str
    name: str
    url: str
    recommended: NotRequired[bool]
    summary: NotRequired[str]


class ContactShape(TypedDict):
    name: str
    email: str


class OriginalShape(TypedDict):
    filename: str
    bytes: int
    sha256: str
    media_type: str
    url: str


class SourceShape(TypedDict):
    position: int
    mode: str
    key: list[str]
    counts: dict[str, int]
    rows: int
    filename: str
    bytes: int
    sha256: str
    media_type: str
    findings: int
    recipe: list[dict[str, Any]]
    pipeline_version: str
    inherited: bool
    url: str


class PartShape(TypedDict):
    position: int
    rows: int
    bytes: int
    sha256: str
    url: str


class FindingsLinks(TypedDict):
    count: int
    url: str
    csv: str
    parquet: str | None


class ResourceShape(TypedDict):
    name: str
    title: str
    rows: int
    columns: int
    bytes: int
    fingerprint: str | None
    fields: list[dict[str, Any]]
    schema: dict[str, Any]
    verdict: str
    original: OriginalShape
    sources: list[SourceShape]
    parquet: list[PartShape]
    findings: FindingsLinks
    recipe: list[dict[str, Any]]
    source: dict[str, Any]
    pipeline_version: str
    conforms_to: str | None
    links: dict[str, str]


class ReviewSummary(TypedDict):
    id: int
    state: str
    reason: str
    decided_by: str | None
    decided_at: str | None


class VersionSummary(TypedDict):
    number: str | None
    sequence: int | None
    state: str
    note: str
    created: str
    published_at: str | None
    embargo_until: str | None
    deprecated: DeprecatedShape | None
    verdict: str
    rows: int
    columns: int
    bytes: int
    links: dict[str, str]


class DocumentShape(TypedDict):
    """A file that explains the tables. ``url`` gives its bytes."""

    name: str
    title: str
    description: str
    media_type: str
    bytes: int
    sha256: str
    created: str
    url: str


class DocumentsShape(TypedDict):
    documents: list[DocumentShape]


class VersionShape(VersionSummary):
    dataset: str
    published_by: str | None
    manifest_sha256: str | None
    withdrawn_reason: str | None
    started_from: str | None
    checks: dict[str, int]
    resources: list[ResourceShape]
    documents: list[DocumentShape]
    review: ReviewSummary | None


class DatasetShape(TypedDict):
    id: str
    owner: str
    slug: str
    title: str
    description: str
    description_html: str
    methods: str
    known_limits: str
    license: LicenseShape | None
    attribution: str
    keywords: list[str]
    contact: ContactShape
    access: str
    conforms_to: str | None
    max_refused_percent: int
    update_frequency: str
    embargo_until: str | None
    deprecated: DeprecatedShape | None
    created: str
    modified: str
    latest: VersionSummary | None
    draft: NotRequired[VersionSummary | None]
    permissions: NotRequired[dict[str, bool]]
    links: dict[str, str]


class FileShape(TypedDict):
    """``resource`` is the table's name; a document is of none and has ""."""

    resource: str
    kind: str
    path: str
    bytes: int
    sha256: str
    rows: int | None
    url: str
    download_url: NotRequired[str]


class FilesShape(TypedDict):
    dataset: str
    version: str | None
    manifest_sha256: str | None
    files: list[FileShape]


class FindingShape(TypedDict):
    row: int | None
    line: int | None
    column: str | None
    value: str | None
    sentence: str


class FindingGroupShape(TypedDict):
    code: str
    severity: str
    title: str
    sentence: str
    remedy: str
    column: str | None
    file: str | None
    count: int
    samples: list[FindingShape]


class FindingsShape(TypedDict):
    count: int
    groups: list[FindingGroupShape]


class ReportShape(TypedDict):
    verdict: str
    score: float | None
    counts: dict[str, int]
    outcomes: list[dict[str, Any]]
    profile: dict[str, Any]
    personal: PersonalShape
    seconds: float
    engine: dict[str, str]
    created: str
    values_hidden: bool


class VersionTableShape(TypedDict):
    """One table in the report of its version; ``report`` is where its own is, with the profile."""

    name: str
    rows: int
    parts: list[dict[str, Any]]
    schema: dict[str, Any]
    recipe: list[dict[str, Any]]
    verdict: str
    score: float | None
    counts: dict[str, int]
    outcomes: list[dict[str, Any]]
    expectations_sha256: str
    findings: int
    report: str


class VersionQualityShape(TypedDict):
    """``version`` is its address; ``score`` is the mean of its tables' (0 to 100), null where one has none."""

    version: str
    verdict: str
    counts: dict[str, int]
    score: float | None


class VersionReportShape(TypedDict):
    """``scorecard`` has the score, its formula, and each task with its points and the share that is done.

    ``history`` are the checks of the published versions before it, at most seven, and its own, oldest first.
    """

    dataset: str
    version: VersionSummary
    manifest_sha256: str
    tables: list[VersionTableShape]
    decision: dict[str, Any] | None
    scorecard: dict[str, Any]
    history: list[VersionQualityShape]
    values_hidden: bool
    links: dict[str, str]


class MembershipShape(TypedDict):
    slug: str
    title: str
    role: str
    is_steward: bool


class TokenOfRequest(TypedDict):
    name: str
    scopes: list[str]
    expires_at: str


class MeShape(TypedDict):
    username: str
    email: str
    name: str
    organizations: list[MembershipShape]
    token: TokenOfRequest | None


class SchemaShape(TypedDict):
    name: str
    version: str
    title: str
    description: str
    organization: str
    sha256: str
    descriptor: dict[str, Any]
    created: str
    versions: NotRequired[list[str]]
    links: dict[str, str]


class FailureWordShape(TypedDict):
    """A steward's word on one check that failed: accept, ask or refuse."""

    table: str
    rule: str
    decision: str
    note: str


class RemarkShape(TypedDict):
    id: int
    author: str
    created: str
    text: str


class ReviewShape(TypedDict):
    id: int
    state: str
    dataset: str
    version: VersionSummary
    opened_by: str
    opened_at: str
    decided_by: str | None
    decided_at: str | None
    reason: str
    personal: list[PersonalWordShape]
    failures: list[FailureWordShape]
    claimed_by: str | None
    claimed_at: str | None
    held: NotRequired[list[HeldShape]]
    links: dict[str, str]


class TokenShape(TypedDict):
    id: int
    name: str
    last_four: str
    scopes: list[str]
    created: str
    expires_at: str
    last_used_at: str | None
    datasets: list[str] | None
    organizations: list[str] | None
    token: NotRequired[str]


class GrantShape(TypedDict):
    """To a person (``username``) or an organization; ``versions`` are those it is of, None is all, also later ones."""

    username: str | None
    organization: str | None
    versions: list[str] | None
    granted_by: str
    created: str
    expires_at: str | None


class UsedShape(TypedDict):
    kind: str
    used: int
    limit: int | None
    resets_in_seconds: int | None


class UsageShape(TypedDict):
    quotas: list[UsedShape]
    rates: dict[str, str | None]


class ChainShape(TypedDict):
    position: int
    sha256: str


class AuditShape(TypedDict):
    number: int
    at: str
    actor: str | None
    token: int | None
    address: str
    action: str
    label: str
    detail: dict[str, Any]
    chain: ChainShape | None


class RowsShape(TypedDict):
    columns: list[str]
    rows: list[list[Any]]
    total: int
    offset: int
    next: str


class FacetShape(TypedDict):
    value: str
    label: str
    count: int
    active: bool
