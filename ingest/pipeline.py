"""Bytes to Parquet: verify, detect, read, convert. A pure function of the file and its options.

The one entrance is ``ingest_file``. It knows no database, no queue and no object store:
``services/processing.py`` binds it to those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import cast

from catalog.findings import Finding, sentence
from catalog.table_schema import TableSchema
from ingest.convert import convert_table
from ingest.files.formats import ARCHIVES, SINGLE, WORKBOOKS, Format, detect_format
from ingest.files.unpack import Compression, name_within, unpack_single, unpack_tar, unpack_zip
from ingest.findings_file import FindingsLog
from ingest.limits import Limits
from ingest.outcome import ConvertedResource, Outcome, RecipeStep, Rejected, RejectionError, Stored
from ingest.progress import Progress, Reporter, Stage, ignore
from ingest.readers.arrow import ArrowTable
from ingest.readers.csv import CsvTable, NotUtf8Error
from ingest.readers.json import JsonTable
from ingest.readers.parquet import ParquetTable
from ingest.readers.sheet import open_workbook
from ingest.recipes.opening import Opening
from ingest.recipes.recipe import NO_RECIPE, Recipe, parse_recipe
from ingest.recipes.vocabulary import RecipeInvalidError
from ingest.table import Table
from ingest.text.encoding import detect_encoding, settle_encoding, take_encoding
from ingest.text.file import TextFile, holds_nul, open_text
from ingest.text.names import resource_name
from ingest.verify import Checksum

PIPELINE_VERSION = "3"

# What a member of an archive may be refused for without the archive being refused.
_NO_TABLE = frozenset({"empty-file", "no-table", "format-not-supported", "format-has-a-way"})


def ingest_file(
    source: Path,
    *,
    filename: str,
    workdir: Path,
    schema: TableSchema | None = None,
    limits: Limits = Limits(),  # noqa: B008 -- a frozen value
    progress: Callable[[Progress], None] = ignore,
    expected_sha256: str | None = None,
    recipes: Mapping[str, Sequence[RecipeStep]] = MappingProxyType({}),
) -> Outcome:
    """Convert the file at ``source``, which its owner calls ``filename``, into Parquet under ``workdir``.

    ``schema`` is the dataset's standard or previous schema; without one the types are inferred. ``recipes`` has a
    table's recipe by its name, or by "" for whichever table the file holds: an owner's cleaning, and how the columns
    are to be read. The outcome
    is ``Stored`` or ``Rejected``; a bad file never raises. What ``progress`` raises passes through, and an
    OSError when the disk or the source fails: those are ours, not the submitter's.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    job = _Job(source, filename, workdir, schema, limits, Reporter(progress), recipes)
    with Checksum(source) as checksum:
        try:
            job.reporter.enter(Stage.VERIFY, source.stat().st_size)
            job.check_size()
            job.read_recipes()
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
        recipes: Mapping[str, Sequence[RecipeStep]],
    ) -> None:
        self._source = source
        self._filename = filename
        self._workdir = workdir
        self._schema = schema
        self._limits = limits
        self._recipe_steps = recipes
        self._recipes: dict[str, Recipe] = {}
        self._taken: set[str] = set()
        self.reporter = reporter
        self.findings: list[Finding] = []

    def read_recipes(self) -> None:
        try:
            self._recipes = {name: parse_recipe(steps) for name, steps in self._recipe_steps.items()}
        except RecipeInvalidError as error:
            raise RejectionError(Finding("recipe-invalid", params={"reason": str(error)})) from error

    def check_size(self) -> None:
        size = self._source.stat().st_size
        if size > self._limits.max_bytes:
            raise RejectionError(Finding("file-too-large", params={"bytes": size, "limit": self._limits.max_bytes}))

    def run(self, checksum: Checksum) -> tuple[ConvertedResource, ...]:
        """All tables of the file, converted. Raises RejectionError if there is none."""
        path, name = self._source, self._filename
        found = detect_format(path, name)
        if found in SINGLE:
            path, name = self._unpack(path, found, name), name_within(name)
            found = detect_format(path, name)
            _refuse_archive(found, SINGLE | {Format.ZIP})
        if found in ARCHIVES:
            return self._convert_members(path, found)
        has_nul = checksum.has_nul if path == self._source else None
        return tuple(self._convert(path, found, Path(name).stem, has_nul))

    def _unpack(self, path: Path, found: Format, name: str) -> Path:
        target = self._workdir / f"unpacked{Path(name).suffix[:8]}"
        kind = cast("Compression", found.value)
        return unpack_single(path, kind, target, self._limits, self._on_bytes)

    def _on_bytes(self, position: int) -> None:
        self.reporter.advance(position, 0)

    def _convert_members(self, path: Path, kind: Format) -> tuple[ConvertedResource, ...]:
        folder = self._workdir / "members"
        folder.mkdir()
        unpack = unpack_tar if kind is Format.TAR else unpack_zip
        members, findings = unpack(path, folder, self._limits, self._on_bytes)
        self.findings += findings
        resources: list[ConvertedResource] = []
        refused: RejectionError | None = None
        for member in members:
            try:
                found = detect_format(member.path, member.name)
                _refuse_archive(found, SINGLE | ARCHIVES)
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
        elif found is Format.ARROW:
            yield self._store(ArrowTable(path, title=title, limits=self._limits), member)
        elif found in WORKBOOKS:
            sheets, findings = open_workbook(path, title, self._limits, found.value)
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
        opening = self._recipe_of(resource_name(title, self._taken)).opening
        encoding = take_encoding(path, opening.encoding) if opening.encoding else detect_encoding(path, head)
        nul = holds_nul(path) if has_nul is None else b"\0" in head
        settled = bool(opening.encoding)
        while True:
            try:
                text = open_text(path, encoding, self._workdir, has_nul=nul)
                table = self._open_text_table(text, found, title, opening)
                resource = self._store(table, member)
            except (NotUtf8Error, UnicodeDecodeError):
                if settled:
                    raise
                encoding, settled = settle_encoding(path), True
                continue
            except RejectionError as error:
                # A row that the parser can't split and whose bytes are no text in this encoding looks like damage.
                believed = encoding
                if settled or error.findings[0].code != "format-damaged":
                    raise
                encoding, settled = settle_encoding(path), True
                if encoding == believed:
                    raise
                continue
            if not nul and not text.rewritten and has_nul is not None and has_nul():
                self._taken.discard(resource.name)
                nul = True
                continue
            if text.rewritten:
                text.path.unlink()
            return resource

    def _open_text_table(self, text: TextFile, found: Format, title: str, opening: Opening) -> Table:
        if found is Format.JSON:

            def on_rows(rows: int) -> None:
                self.reporter.advance(0, rows)

            return JsonTable(text, title=title, limits=self._limits, on_rows=on_rows)
        return CsvTable(text, title=title, format_name=found.value, limits=self._limits, opening=opening)

    def _recipe_of(self, name: str) -> Recipe:
        return self._recipes.get(name) or self._recipes.get("", NO_RECIPE)

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
            recipe=self._recipe_of(name),
        )
        self._taken.add(name)
        return replace(resource, source={**resource.source, "member": member}) if member else resource


def _refuse_archive(found: Format, refused: frozenset[Format]) -> None:
    """One level of packing is opened (and a packed tar archive); more of them is how bombs are built."""
    if found in refused:
        raise RejectionError(Finding("format-not-supported", params={"detected": "an archive in an archive"}))
