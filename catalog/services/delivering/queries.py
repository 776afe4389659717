"""SQL over tables that the actor may have the bytes of: names to tables, permission, the answer, the trail.

A query over published versions, with nothing in it that changes by itself, is kept under its sha256: the same address
gives the same answer to whoever may have the bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import IO, Any

import duckdb
from django.conf import settings
from django.utils.translation import gettext

from catalog import audit, keys
from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.hashes import sha256_of_json
from catalog.models import Dataset, Resource, StoredQuery, User, Version, VersionState
from catalog.querying.asking import Asking, QueryRefused, TableFiles
from catalog.querying.messages import Column, Format, Question, Wrong
from catalog.querying.running import running
from catalog.selectors.datasets import DatasetMoved, get_dataset, get_resource, get_version
from catalog.services.delivering.answers import collected
from catalog.services.delivering.entitlements import require_bytes
from catalog.services.delivering.reads import record_read
from catalog.transport.object_cache import CachedObject

DEFAULT_ROWS = 10_000
ENGINE = f"DuckDB {duckdb.__version__}"
_NAME = re.compile(
    r"(?:(?P<owner>[a-z0-9_-]+)/(?P<dataset>[a-z0-9_-]+)(?:@(?P<version>[a-z0-9.]+))?/)?(?P<resource>[a-z0-9_-]+)"
)
_FILE_LIKE = re.compile(r"[\\/:*?]|\.(parquet|csv|json|db|duckdb|txt|arrow|xlsx)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table of a query by its full name, ``owner/dataset@1.0.0/table``."""

    full: str
    resource: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked: ``text`` is the author's SQL; ``limit`` counts rows."""

    text: str
    format: Format = "json"
    limit: int = DEFAULT_ROWS
    faithful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``file`` has the bytes (None where the caller has them already), ``etag`` is empty where none would hold.

    ``text`` is the query as it ran; ``sha256`` names it for good, and is empty where it can't be named so.
    """

    text: str
    tables: tuple[NamedTable, ...]
    sha256: str
    etag: str
    format: Format
    file: IO[bytes] | None = None
    bytes: int = 0
    rows: int = 0
    partial: bool = False
    columns: tuple[Column, ...] = ()


def run_query(
    *,
    actor: Actor,
    asked: Asked,
    bound: Version | None = None,
    query_id: str = "",
    tick: Callable[[], None] = lambda: None,
    has: Callable[[str], bool] = lambda _: False,
) -> Answer:
    """Answer a query; with ``bound``, a table of that version needs no more than its name.

    ``tick`` is called while it runs and ends it by raising; ``has`` tells whether the caller has the answer of an ETag.
    Raises QueryRefused, QueryTooLarge, QueryFailed, TooBusy, NotFound, and what require_bytes raises.
    """
    with running(query_id, actor, tick=tick) as look, Asking(tenant=actor.asker, tick=look) as asking:
        try:
            read = asking.read(asked.text)
            tables = _find_tables(actor=actor, names=read.tables, bound=bound)
            text = asking.write({name: table.full for name, table in tables.items()})
            answer = _described(asked, text, list(tables.values()), is_stable=read.is_stable)
            if answer.etag and has(answer.etag):
                return answer
            return _answered(actor, asking, asked, answer)
        except QueryRefused as refused:
            if refused.wrong.is_escape:
                _record_refusal(actor=actor, asked=asked, bound=bound, refused=refused)
            raise


def find_query(*, actor: Actor, sha256: str) -> StoredQuery:
    """The query of this permanent address, if the actor may have the bytes of all its tables.

    Raises NotFound, and what require_bytes raises.
    """
    found = StoredQuery.objects.filter(pk=sha256).first()
    if found is None:
        raise NotFound(gettext("There is no query of this address."))
    _find_tables(actor=actor, names=found.tables, bound=None)
    return found


def _answered(actor: Actor, asking: Asking, asked: Asked, answer: Answer) -> Answer:
    question = Question(sql=answer.text, format=asked.format, max_rows=asked.limit, faithful=asked.faithful)
    found = collected(asking, question, [_files(table) for table in answer.tables])
    _record_reads(actor=actor, answer=answer, rows=found.end.rows)
    if answer.sha256:
        _keep(answer)
    return replace(
        answer,
        file=found.file,
        bytes=found.bytes,
        rows=found.end.rows,
        partial=found.end.partial,
        columns=found.end.columns,
    )


# ---------------------------------------------------------------- tables
def _find_tables(*, actor: Actor, names: Iterable[str], bound: Version | None) -> dict[str, NamedTable]:
    return {name: _find_table(actor=actor, name=name, bound=bound) for name in names}


def _find_table(*, actor: Actor, name: str, bound: Version | None) -> NamedTable:
    match = _NAME.fullmatch(name)
    if match is None or (bound is None and match["owner"] is None):
        raise QueryRefused(
            Wrong(
                "invalid",
                gettext("There is no table “%(name)s”.") % {"name": name[:200]},
                gettext('Write its full name in double quotes: "owner/dataset@1.0.0/table".'),
                bool(_FILE_LIKE.search(name)),
            )
        )
    if match["owner"] is None and bound is not None:
        version = bound
    else:
        dataset = _find_dataset(actor, match["owner"], match["dataset"])
        version = get_version(actor=actor, dataset=dataset, version=match["version"] or "latest", alone=True)
    resource = get_resource(version=version, name=match["resource"], alone=True)
    require_bytes(actor=actor, resource=resource)
    dataset = version.dataset
    full = f"{dataset.organization.slug}/{dataset.slug}@{version.address}/{resource.name}"
    return NamedTable(full, resource)


def _find_dataset(actor: Actor, owner: str, slug: str) -> Dataset:
    """Also by a name that it had: an address that is kept outlives it. Raises NotFound."""
    try:
        return get_dataset(actor=actor, owner=owner, slug=slug, alone=True)
    except DatasetMoved as moved:
        owner, _, slug = moved.now.partition("/")
        return get_dataset(actor=actor, owner=owner, slug=slug, alone=True)


def _files(table: NamedTable) -> TableFiles:
    dataset_id = table.resource.version.dataset_id
    parts = [
        CachedObject(keys.parquet(dataset_id, part.sha256), part.sha256, part.bytes)
        for part in table.resource.parts.all()
    ]
    return TableFiles(name=table.full, objects=parts)


# ---------------------------------------------------------------- the same answer tomorrow
def _described(asked: Asked, text: str, found: list[NamedTable], *, is_stable: bool) -> Answer:
    """What is known of the answer before it is there: one table that is named twice is one."""
    tables = tuple({table.full: table for table in found}.values())
    sha256 = etag = ""
    if is_stable:
        if tables and all(table.resource.version.state == VersionState.PUBLISHED for table in tables):
            sha256 = sha256_of_json(_identity(text, tables))
        parts = [[part.sha256 for part in table.resource.parts.all()] for table in tables]
        known = [text, parts, asked.format, asked.limit, asked.faithful, ENGINE, settings.QUERY_ROWS]
        etag = f'"{sha256_of_json(known)}"'
    return Answer(text=text, tables=tables, sha256=sha256, etag=etag, format=asked.format)


def _identity(text: str, tables: Iterable[NamedTable]) -> dict[str, Any]:
    return {"query": text, "tables": {table.full: table.resource.version.manifest_sha256 for table in tables}}


def _keep(answer: Answer) -> None:
    """Write the query under its name; whoever was first has said when."""
    identity = _identity(answer.text, answer.tables)
    query = StoredQuery(sha256=answer.sha256, text=answer.text, tables=identity["tables"], engine=ENGINE)
    StoredQuery.objects.bulk_create([query], ignore_conflicts=True)


# ---------------------------------------------------------------- the trail
def _record_reads(*, actor: Actor, answer: Answer, rows: int) -> None:
    for table in answer.tables:
        record_read(
            actor=actor,
            resource=table.resource,
            protocol="sql",
            rows=rows,
            query=hashlib.sha256(answer.text.encode()).hexdigest(),
        )


def _record_refusal(*, actor: Actor, asked: Asked, bound: Version | None, refused: QueryRefused) -> None:
    """An attempt at something else than tables is written down with its text."""
    audit.record(
        actor=actor,
        action="query.refused",
        subject=bound or actor.user or User(),
        dataset_id=None if bound is None else bound.dataset_id,
        label=refused.sentence,
        query=asked.text[:2_000].replace("\0", ""),
    )
