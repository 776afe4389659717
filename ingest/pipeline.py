"""Bytes to Parquet: verify, detect, read, convert. A pure function of the file and its options.

The one entrance is ``ingest_file``. It knows no database, no queue and no object store:
``services/processing.py`` binds it to those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from catalog.findings import Finding, sentence
from catalog.table_schema import TableSchema
from ingest.convert import convert_table
from ingest.encoding import detect_encoding, settle_encoding
from ingest.findings_file import FindingsLog
from ingest.formats import Format, detect_format
from ingest.limits import Limits
from ingest.names import resource_name
from ingest.outcome import ConvertedResource, Outcome, Rejected, RejectionError, Stored
from ingest.progress import Progress, Reporter, Stage, ignore
from ingest.readers.csv import CsvTable, NotUtf8Error
from ingest.readers.json import JsonTable
from ingest.readers.parquet import ParquetTable
from ingest.readers.sheet import open_workbook
from ingest.table import Table
from ingest.text import TextFile, holds_nul, open_text
from ingest.unpack import unpack_gzip, unpack_zip
from ingest.verify import Checksum

PIPELINE_VERSION = "1"

# What a member of an archive may be refused for without the archive being refused.
_NO_TABLE = frozenset({"empty-file", "no-table", "format-not-supported"})


def ingest_file(
    source: Path,
    *,
    filename: str,
    workdir: Path,
    schema: TableSchema | None = None,
    limits: Limits = Limits(),  # noqa: B008 -- a frozen value
    progress: Callable[[Progress], None] = ignore,
    expected_sha256: str | None = None,
) -> Outcome:
    """Convert the file at ``source``, which its owner calls ``filename``, into Parquet under ``workdir``.

    ``schema`` is the dataset's standard or previous schema; without one the types are inferred. The outcome
    is ``Stored`` or ``Rejected``; a bad file never raises. What ``progress`` raises passes through, and an
    OSError when the disk or the source fails: those are ours, not the submitter's.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    job = _Job(source, filename, workdir, schema, limits, Reporter(progress))
    with Checksum(source) as checksum:
        try:
            job.reporter.enter(Stage.VERIFY, source.stat().st_size)
            job.check_size()
            resources = job.run(checksum)
            rejection: RejectionError | None = None
        except RejectionError as error:
            resources, rejection = (), error
        sha256 = checksum.hexdigest()
    if expected_sha256 is not None and sha256 != expected_sha256.lower():
        params = {"actual": sha256, "expected": expected_sha256}
        rejection = RejectionError(Finding("checksum-mismatch", params=params))
    size = source.stat().st_size
    log = FindingsLog(workdir, limits.samples_per_group)
    for finding in rejection.findings if rejection is not None else job.findings:
        log.add(finding)
    if rejection is not None:
        return Rejected(sha256, size, log.finish())
    return Stored(sha256, size, resources, log.finish())


class _Job:
    """One run: what the stages share."""

    def __init__(
        self,
        source: Path,
        filename: str,
        workdir: Path,
        schema: TableSchema | None,
        limits: Limits,
        reporter: Reporter,
    ) -> None:
        self._source = source
        self._filename = filename
        self._workdir = workdir
        self._schema = schema
        self._limits = limits
        self._taken: set[str] = set()
        self.reporter = reporter
        self.findings: list[Finding] = []

    def check_size(self) -> None:
        size = self._source.stat().st_size
        if size > self._limits.max_bytes:
            raise RejectionError(Finding("file-too-large", params={"bytes": size, "limit": self._limits.max_bytes}))

    def run(self, checksum: Checksum) -> tuple[ConvertedResource, ...]:
        """All tables of the file, converted. Raises RejectionError if there is none."""
        path, name = self._source, self._filename
        found = detect_format(path, name)
        if found is Format.GZIP:
            path, name = self._unpack(path, name), name.removesuffix(".gz").removesuffix(".GZ")
            found = detect_format(path, name)
            _refuse_archive(found)
        if found is Format.ZIP:
            return self._convert_members(path)
        has_nul = checksum.has_nul if path == self._source else None
        return tuple(self._convert(path, found, Path(name).stem, has_nul))

    def _unpack(self, path: Path, name: str) -> Path:
        target = self._workdir / f"unpacked{Path(name).suffix[:8]}"
        return unpack_gzip(path, target, self._limits, self._on_bytes)

    def _on_bytes(self, position: int) -> None:
        self.reporter.advance(position, 0)

    def _convert_members(self, path: Path) -> tuple[ConvertedResource, ...]:
        folder = self._workdir / "members"
        folder.mkdir()
        members, findings = unpack_zip(path, folder, self._limits, self._on_bytes)
        self.findings += findings
        resources: list[ConvertedResource] = []
        refused: RejectionError | None = None
        for member in members:
            try:
                found = detect_format(member.path, member.name)
                _refuse_archive(found)
                resources += self._convert(member.path, found, PurePosixPath(member.name).stem, None, member.name)
            except RejectionError as error:
                refused = refused or error
                if error.findings[0].code not in _NO_TABLE:
                    raise
                reason = sentence(error.findings[0])
                self.findings.append(Finding("members-not-read", value=member.name, params={"reason": reason}))
            member.path.unlink()
        if not resources:
            raise refused or RejectionError(Finding("no-table", params={"reason": "the archive holds no table"}))
        return tuple(resources)

    def _convert(
        self, path: Path, found: Format, title: str, has_nul: Callable[[], bool] | None, member: str = ""
    ) -> Iterator[ConvertedResource]:
        """The tables of one unpacked file."""
        self.reporter.enter(Stage.DETECT, path.stat().st_size)
        if found is Format.PARQUET:
            yield self._store(ParquetTable(path, title=title, limits=self._limits), member)
        elif found is Format.XLSX:
            sheets, findings = open_workbook(path, title, self._limits)
            self.findings += findings
            for sheet in sheets:
                yield self._store(sheet, member)
        else:
            yield self._convert_text(path, found, title, has_nul, member)

    def _convert_text(
        self, path: Path, found: Format, title: str, has_nul: Callable[[], bool] | None, member: str
    ) -> ConvertedResource:
        """One delimited text. The encoding is taken at the head's word until a later byte contradicts it."""
        with path.open("rb") as file:
            head = file.read(self._limits.head_sample_bytes)
        encoding = detect_encoding(path, head)
        nul = holds_nul(path) if has_nul is None else b"\0" in head
        while True:
            text = open_text(path, encoding, self._workdir, has_nul=nul)
            try:
                table = self._open_text_table(text, found, title)
                resource = self._store(table, member)
            except NotUtf8Error:
                encoding = settle_encoding(path)
                continue
            if not nul and not text.rewritten and has_nul is not None and has_nul():
                self._taken.discard(resource.name)
                nul = True
                continue
            if text.rewritten:
                text.path.unlink()
            return resource

    def _open_text_table(self, text: TextFile, found: Format, title: str) -> Table:
        if found is Format.JSON:

            def on_rows(rows: int) -> None:
                self.reporter.advance(0, rows)

            return JsonTable(text, title=title, limits=self._limits, on_rows=on_rows)
        return CsvTable(text, title=title, format_name=found.value, limits=self._limits)

    def _store(self, table: Table, member: str) -> ConvertedResource:
        name = resource_name(table.facts.title, self._taken)
        folder = self._workdir / "resources" / name
        resource = convert_table(
            table,
            name=name,
            folder=folder,
            schema=self._schema,
            limits=self._limits,
            reporter=self.reporter,
            version=PIPELINE_VERSION,
        )
        self._taken.add(name)
        return replace(resource, source={**resource.source, "member": member}) if member else resource


def _refuse_archive(found: Format) -> None:
    """One level of packing is opened; more of them is how bombs are built."""
    if found in {Format.GZIP, Format.ZIP}:
        raise RejectionError(Finding("format-not-supported", params={"detected": "an archive in an archive"}))
