"""What becomes of an uploaded file, as a page shows it: stages, the tables that came out, what was found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.models import Resource, VerdictStatus
from catalog.templatetags.kit import num, short_hash, size
from catalog.web.report.differences import counted
from catalog.web.report.findings import ShownGroup, shown_groups
from ingest.models import Upload, UploadKind, UploadState
from ingest.progress_of import ProgressShape, progress_of
from ingest.remote.address import shown
from ingest.selectors.uploads import tables_of
from ingest.services.documents import may_be_kept

StageState = Literal["done", "run", "wait", "bad"]
_STAGES: Mapping[str, Promise | str] = {
    "queued": gettext_lazy("Received"),
    "fetch": gettext_lazy("Fetched from its address"),
    "verify": gettext_lazy("Bytes verified"),
    "detect": gettext_lazy("Format detected"),
    "read": gettext_lazy("Columns and types found"),
    "convert": gettext_lazy("Converted to Parquet"),
    "store": gettext_lazy("Stored"),
    "profile": gettext_lazy("Columns profiled"),
    "validate": gettext_lazy("Checks run"),
}
_OF_DOCUMENTS = frozenset({"queued", "fetch", "verify", "store"})
"""Nothing of a document is read."""


@dataclass(frozen=True, slots=True)
class Stage:
    label: str
    state: StageState
    detail: str = ""
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Findings by weight: why the file was not accepted, what needs a look, what was only done and said."""

    reasons: tuple[ShownGroup, ...]
    problems: tuple[ShownGroup, ...]
    notes: tuple[ShownGroup, ...]

    @classmethod
    def of(cls, groups: tuple[ShownGroup, ...]) -> Found:
        return cls(
            reasons=tuple(group for group in groups if group.severity == "reject"),
            problems=tuple(group for group in groups if group.severity in {"error", "warning"}),
            notes=tuple(group for group in groups if group.severity == "info"),
        )


class Job:
    """One upload after its last byte came."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload

    @cached_property
    def progress(self) -> ProgressShape:
        return progress_of(self.upload)

    @cached_property
    def tables(self) -> list[Resource]:
        """The tables that this upload put into a version (a later upload of the same name replaces them)."""
        return list(tables_of(self.upload).select_related("report").order_by("position", "name"))

    @property
    def address(self) -> str:
        """Whence the file is imported, without what in it is secret; empty where it was uploaded."""
        return shown(self.upload.source_url) if self.upload.source_url else ""

    @property
    def _fetched(self) -> str:
        """How much of an address' file is here."""
        if self.progress["stage"] != "fetch":
            return size(self.upload.size) if self.upload.fetched else ""
        done, total = size(self.progress["bytes"]), self.progress["total_bytes"]
        return _("%(done)s of %(total)s") % {"done": done, "total": size(total)} if total else done

    @property
    def counts(self) -> str:
        """What became of the rows of a file that was added to a table."""
        return counted(self.upload.counts)

    @property
    def is_document(self) -> bool:
        return self.upload.kind == UploadKind.DOCUMENT

    @cached_property
    def may_be_kept(self) -> bool:
        """Whether the refused file is offered to the documents."""
        return may_be_kept(self.upload)

    @property
    def is_rejected(self) -> bool:
        return self.upload.state == UploadState.REJECTED

    @property
    def is_failed(self) -> bool:
        return self.upload.state == UploadState.FAILED

    @property
    def is_stored(self) -> bool:
        return self.upload.state == UploadState.STORED

    @property
    def is_checked(self) -> bool:
        return self.is_stored and all(table.verdict != VerdictStatus.PENDING for table in self.tables)

    @property
    def is_over(self) -> bool:
        """Nothing changes any more, so nobody needs to ask again. A failure of ours is tried again."""
        over = {UploadState.REJECTED, UploadState.CANCELLED, UploadState.EXPIRED}
        return self.upload.state in over or self.is_checked

    @cached_property
    def digest(self) -> str:
        """Of all that the page shows: while it is the same, there is nothing to draw anew."""
        drawn = (
            self.upload.state,
            self.progress["stage"],
            self.progress["percent"],
            self.progress["rows"],
            self._fetched,
            [(table.pk, table.verdict) for table in self.tables],
        )
        return hashlib.sha256(repr(drawn).encode()).hexdigest()[:16]

    @property
    def found(self) -> Found:
        """What was found in the file as a whole, beside what each of its tables has."""
        told = [group for table in self.tables for group in table.findings]
        own = [group for group in self.upload.findings if group not in told]
        return Found.of(shown_groups(own, with_values=True))

    @property
    def table_results(self) -> list[tuple[Resource, Found]]:
        return [(item, Found.of(shown_groups(item.findings, with_values=True))) for item in self.tables]

    @property
    def stages(self) -> list[Stage]:
        current = self.progress["stage"]
        if self.is_rejected or self.is_failed:
            current = str((self.upload.progress or {}).get("stage", "verify"))
        order = [name for name in _STAGES if name != "fetch" or self.upload.source_url]
        if self.is_document:
            order = [name for name in order if name in _OF_DOCUMENTS]
        at = len(order) if current == "done" else order.index(current) if current in order else 0
        if self.upload.state == UploadState.RECEIVED:
            at = 1
        return [self._stage(name, place, at) for place, name in enumerate(order)]

    def _stage(self, name: str, place: int, at: int) -> Stage:
        state: StageState = "done" if place < at else "wait" if place > at else "run"
        if state == "run" and self.is_rejected:
            state = "bad"
        if state == "run" and (self.is_failed or self.upload.state == UploadState.RECEIVED):
            state = "wait"
        label = str(_STAGES[name])
        measured = state == "run" and name in {"fetch", "verify", "read", "convert"}
        percent = self.progress["percent"] if measured and self.progress["total_bytes"] else None
        return Stage(label, state, self._details.get(name, "") if state in {"done", "run"} else "", percent)

    @cached_property
    def _details(self) -> dict[str, str]:
        """What is known of a stage, beside its name."""
        rows = self.progress["rows"]
        details = {"fetch": self._fetched} if self.upload.source_url else {"queued": size(self.upload.size)}
        if self.upload.sha256:
            details["verify"] = f"sha256 {short_hash(self.upload.sha256)}"
        if rows:
            details["convert"] = ngettext("%(n)s row", "%(n)s rows", rows) % {"n": num(rows)}
        if self.tables:
            columns = sum(table.columns for table in self.tables)
            stored = size(sum(table.bytes for table in self.tables))
            details["detect"] = _source_words(self.tables[0].source)
            details["read"] = ngettext("%(n)s column", "%(n)s columns", columns) % {"n": num(columns)}
            details["store"] = _("%(size)s of Parquet") % {"size": stored}
        if self.is_checked:
            verdicts = dict.fromkeys(str(table.get_verdict_display()) for table in self.tables)
            details["validate"] = ", ".join(verdicts)
        return details


def _source_words(source: Mapping[str, Any]) -> str:
    """How the file was written: CSV, utf-8, comma."""
    delimiters = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
    delimiter = source.get("delimiter")
    words = [
        str(source.get("format", "")).upper(),
        str(source.get("encoding", "")),
        delimiters.get(delimiter, delimiter) if isinstance(delimiter, str) else "",
    ]
    return ", ".join(word for word in words if word)
