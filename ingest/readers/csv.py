"""Delimited text: CSV, TSV and their kin, read with pyarrow's streaming parser, every cell as text first."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from catalog.findings import Finding
from ingest.columns.infer import DISTINCT_LIMIT, Sample
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.readers.csv_head import read_head
from ingest.readers.notes import without_notes
from ingest.readers.quotes import inspect, look_mended, mend_quotes
from ingest.readers.ragged import Mender, RaggedRow
from ingest.readers.repunctuate import PLAIN, repunctuate
from ingest.recipes.opening import AS_FOUND, Opening
from ingest.table import Batch, ReadAgainError, TableFacts
from ingest.text.file import TextFile
from ingest.text.lines import LineIndex
from ingest.text.names import column_names
from ingest.text.tally import Tally

WIDE_COLUMNS = 2_000
# The parser has at most 32 blocks in hand.
READ_AHEAD_BLOCKS = 48
INSPECT_BYTES = 4 << 20
OVERLAP = 4_096
_NOTHING = Finding("quotes-mended")


class NotUtf8Error(Exception):
    """Deep in a large file stands a byte that is no UTF-8: the encoding has to be settled from all of it."""


class CsvTable:
    """One delimited text file as a table."""

    def __init__(
        self, text: TextFile, *, title: str, format_name: str, limits: Limits, opening: Opening = AS_FOUND
    ) -> None:
        self._text = text
        self._opening = opening
        self._limits = limits
        self._block = limits.block_bytes if text.size < limits.large_bytes else limits.large_block_bytes
        self._records = -1
        self._lines: int | None = None
        self._comments = np.zeros(0, dtype=np.int64)
        self._mended: tuple[Finding, ...] = ()
        self._late: tuple[Finding, ...] = ()
        self._inspected = 0
        self._broken_lines = self._unclosed = False
        self._head = read_head(text, "\t" if format_name == "tsv" else "", limits, header=opening.header)
        # What the report tells is the file's own punctuation, also where a copy is read.
        self._dialect = self._head.dialect
        self._prepare()
        self._width = self._head.layout.width
        if self._width > WIDE_COLUMNS:
            # Each batch costs something a column: with few rows in it that is most of the time.
            self._block = max(self._block, limits.wide_block_bytes)
        if self._width > limits.max_columns:
            raise RejectionError(
                Finding("too-many-columns", params={"columns": self._width, "limit": limits.max_columns})
            )
        self._names = [f"c{place}" for place in range(self._width)]
        self.facts = self._describe(title, format_name)

    def _prepare(self) -> None:
        """Read a copy in plain punctuation where the parser does not know the file's, or its quotes are at fault."""
        if not self._dialect.is_plain:
            try:
                self._text = repunctuate(self._text, self._dialect, self._limits.max_cell_bytes)
            except UnicodeDecodeError as error:
                raise NotUtf8Error from error
            self._head = read_head(self._text, "", self._limits, PLAIN, self._opening.header)
            return
        data = self._text.head(self._limits.head_sample_bytes)
        fault, is_open = inspect(b"\n" + data, self._dialect)
        if fault or (is_open and len(data) < self._limits.head_sample_bytes):
            self._mend()

    def _mend(self) -> bool:
        """Read a copy with mended quotes from now on; False if that was done before."""
        if self._mended or not self._dialect.is_plain:
            return False
        try:
            text, self._mended = mend_quotes(self._text, self._dialect, self._limits.max_cell_bytes)
        except UnicodeDecodeError as error:
            raise NotUtf8Error from error
        if not self._mended:
            # The quotes were only odd. They are not looked at again.
            self._mended = (_NOTHING,)
            return False
        head = read_head(text, "", self._limits, self._dialect, self._opening.header)
        if hasattr(self, "facts"):
            if head.layout.width != self._width:
                return False
            # The facts were handed out before this was known: the rows bring it.
            self._late = self._mended
        self._text, self._head = text, head
        return True

    def _faulty(self, position: int, *, at_end: bool = False) -> bool:
        """Whether a quote before ``position`` is at fault, so that all is to be read again from a mended copy.

        Each stretch of the text is looked at once: back to what was looked at before, or to what the parser, which
        reads ahead, may not have handed out yet. ``at_end``: also whether a quote was never closed.
        """
        if self._mended:
            return False
        begin = max(position - READ_AHEAD_BLOCKS * self._block, self._text.start + self._head.data_start)
        begin = max(begin, self._inspected - OVERLAP)
        self._inspected = max(position, self._inspected)
        with self._text.path.open("rb") as file:
            file.seek(begin)
            edge = b"\n"
            while begin < position and (data := file.read(min(INSPECT_BYTES, position - begin))):
                fault, is_open = inspect(edge + data, self._head.dialect)
                if fault:
                    return self._mend()
                self._unclosed = is_open if is_open is not None else self._unclosed
                begin += len(data)
                edge = data[-OVERLAP:]
        return at_end and self._unclosed and self._mend()

    def _describe(self, title: str, format_name: str) -> TableFacts:
        head, layout = self._head, self._head.layout
        findings = [*self._text.findings, *(item for item in self._mended if item is not _NOTHING)]
        said = {"by": "owner"} if self._opening.encoding else {}
        recipe: list[dict[str, Any]] = [{"step": "decode", "encoding": self._text.encoding, **said}]
        if skipped := head.header_line - 1:
            findings.append(
                Finding(
                    "lines-before-header",
                    line=1,
                    value=self._preamble(head.header_line),
                    params={"lines": skipped},
                )
            )
            recipe.append({"step": "skip-lines-before-header", "count": skipped})
        if not layout.header_rows:
            findings.append(Finding("header-missing", params={"columns": layout.width}))
        header: dict[str, Any] = {"step": "read-header", "line": head.header_line, "rows": layout.header_rows}
        if self._opening.header in {0, header["line"]}:
            header["by"] = "owner"
        elif self._opening.header is not None:
            reason = f"line {self._opening.header} is no row of the table"
            findings.append(Finding("recipe-step-left-out", params={"step": "read-header", "reason": reason}))
        recipe.append(header)
        dialect = self._dialect
        delimiter = dialect.delimiter
        source = {
            "format": self._format(format_name),
            "encoding": self._text.encoding,
            "delimiter": delimiter if layout.width > 1 and not dialect.cuts else "",
            "quote": dialect.quote,
            "escape": dialect.escape,
            **({"space_after_delimiter": True} if dialect.spaced else {}),
            **({"column_starts": list(dialect.cuts)} if dialect.cuts else {}),
            "lines_before_header": head.header_line - 1,
            "header_line": head.header_line if layout.header_rows else None,
            "header_rows": layout.header_rows,
        }
        return TableFacts(
            title=title,
            names=column_names(layout.headers),
            titles=layout.group_headers or layout.headers,
            first_row=layout.header_rows + 1,
            size=self._text.size,
            source=source,
            recipe=tuple(recipe),
            findings=tuple(findings),
            delimiter=delimiter,
            native=(None,) * layout.width,
        )

    def _format(self, format_name: str) -> str:
        if self._dialect.cuts:
            return "fixed-width"
        if self._dialect.delimiter == "\t":
            return "tsv"
        return format_name if format_name != "tsv" else "csv"

    def _preamble(self, header_line: int) -> str:
        before = [record for record in self._head.records if record.line < header_line]
        start = self._text.head(before[-1].end) if before else b""
        return start.decode("utf-8", "replace").strip()[:10_000]

    # ------------------------------------------------------------------------------------------ sampling

    def samples(self) -> list[Sample]:
        """The head and pieces all over the file; all of it when it is small."""
        begin = self._text.start + self._head.data_start
        whole = self._text.size - begin <= self._limits.whole_sample_bytes
        tables = [self._sample_all()] if whole else list(self._sample_pieces(begin))
        tables = [table for table in tables if table is not None]
        if not tables:
            return [Sample({}, whole=False) for _ in self._names]
        table = pa.concat_tables(tables)
        samples = []
        for column in table.columns:
            counts = pc.value_counts(column.drop_null()).slice(0, DISTINCT_LIMIT)
            pairs = zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
            samples.append(Sample(dict(pairs), whole))
        return samples

    def _sample_all(self) -> Any:
        while True:
            try:
                found = [pa.record_batch(list(batch.columns), names=self._names) for batch in self.batches()]
            except ReadAgainError:
                continue
            return pa.Table.from_batches(found) if found else None

    def _sample_pieces(self, begin: int) -> Iterator[Any]:
        """Even spaces, so that the same file gives the same sample. A piece that does not parse cleanly began
        inside of quotes and is left out.
        """
        limits = self._limits
        with self._text.path.open("rb") as file:
            file.seek(begin)
            yield self._parse_piece(file.read(limits.head_sample_bytes), strict=False)
            span = self._text.size - begin - limits.head_sample_bytes - limits.piece_bytes
            for number in range(1, limits.pieces + 1):
                file.seek(begin + limits.head_sample_bytes + span * number // limits.pieces)
                yield self._parse_piece(file.read(limits.piece_bytes).partition(b"\n")[2], strict=True)

    def _parse_piece(self, data: bytes, *, strict: bool) -> Any | None:
        faults: list[Any] = []
        data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]
        if not data.strip():
            return None

        def on_ragged(row: Any) -> str:
            faults.append(row.number)
            return "skip"

        try:
            table = self._open(io.BytesIO(data), on_ragged, max(len(data) + 1, 1 << 16)).read_all()
        except pa.ArrowInvalid:
            return None
        return None if strict and faults else table

    # ------------------------------------------------------------------------------------------- reading

    def batches(self) -> Iterator[Batch]:
        """All rows.

        Raises ReadAgainError when a record does not fit into a block: the next pass has larger ones.
        """
        mender = Mender(self._head.dialect, self._width, self.facts.first_row)
        limits = self._limits

        def on_ragged(row: Any) -> str:
            self._broken_lines = self._broken_lines or "\n" in row.text.rstrip("\r\n")
            mender.take(RaggedRow(row.number, row.actual_columns, row.text))
            hopeless = mender.seen > 10_000 and mender.seen > limits.ragged_share * row.number
            return "error" if hopeless else "skip"

        held: Batch | None = None
        late = self._late
        self._inspected = 0
        self._broken_lines = self._unclosed = False
        start = self._text.start + self._head.data_start
        with pa.OSFile(str(self._text.path)) as file, Tally(self._text.path, start, self._head.dialect.quote) as tally:
            file.seek(start)
            try:
                for batch in self._open(file, on_ragged, self._block):
                    # Looking at every byte costs as much as parsing: only where cells give reason to.
                    lines, mended = look_mended(batch.columns, self._head.dialect.quote)
                    self._broken_lines = self._broken_lines or lines
                    if (mended or self._broken_lines) and self._faulty(file.tell()):
                        raise ReadAgainError
                    tally.advance(file.tell())
                    columns, rows, findings = mender.mend(batch.columns, batch.num_rows)
                    if rows:
                        if held is not None:
                            yield held
                        held = Batch(columns, rows, file.tell(), (*late, *findings))
                        late = ()
            except pa.ArrowInvalid as error:
                self._explain(error, mender)
            # What a quote swallows up to the end of the file the parser drops without a word; then one has no other.
            tally.advance(self._text.size)
            suspect = self._broken_lines or tally.quotes % 2 == 1
            if suspect and self._faulty(self._text.size, at_end=True):
                raise ReadAgainError
            total = mender.records + mender.waiting
            columns, rows, findings = mender.rest()
            self._records, self._lines = total, tally.lines
            self._comments = np.array(mender.comments, dtype=np.int64)
        self._check_ragged(mender)
        if held is not None:
            # Notes that a spreadsheet wrote as rows of the table stand at its very end.
            yield held if rows else without_notes(held, self.facts.first_row, mender.records - len(mender.comments))
        if rows or findings:
            yield Batch(columns, rows, self._text.size, findings)

    def _open(self, file: Any, on_ragged: Any, block: int) -> Any:
        dialect = self._head.dialect
        try:
            return pcsv.open_csv(
                file,
                # Without threads Arrow numbers the rows that it could not split; with text columns they would
                # not make it any faster.
                read_options=pcsv.ReadOptions(use_threads=False, block_size=block, column_names=self._names),
                parse_options=pcsv.ParseOptions(
                    delimiter=dialect.delimiter,
                    quote_char=dialect.quote,
                    double_quote=not dialect.escape,
                    escape_char=dialect.escape or False,
                    newlines_in_values=True,
                    invalid_row_handler=on_ragged,
                ),
                convert_options=pcsv.ConvertOptions(
                    column_types=dict.fromkeys(self._names, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return pa.RecordBatchReader.from_batches(pa.schema([(name, pa.string()) for name in self._names]), [])
            raise

    def _explain(self, error: Exception, mender: Mender) -> NoReturn:
        """Turn Arrow's refusal into what it means for the upload."""
        message = str(error)
        if "invalid UTF8" in message:
            raise NotUtf8Error from error
        if "straddling object" in message:
            if self._block < self._limits.max_cell_bytes:
                self._block = min(self._block * 4, self._limits.max_cell_bytes)
                raise ReadAgainError from error
            if self._mend():
                raise ReadAgainError from error
            raise RejectionError(
                Finding(
                    "cell-too-large",
                    row=mender.records + self.facts.first_row,
                    params={
                        "bytes": f"more than {self._limits.max_cell_bytes}",
                        "limit": self._limits.max_cell_bytes,
                    },
                )
            ) from error
        if mender.seen > 10_000:
            raise self._broken(mender.seen, mender.last_number) from error
        raise RejectionError(Finding("format-damaged", params={"format": "CSV", "reason": message})) from error

    def _check_ragged(self, mender: Mender) -> None:
        grace, share = self._limits.ragged_grace, self._limits.ragged_share
        if mender.seen > grace and mender.seen > share * mender.records:
            raise self._broken(mender.seen, mender.records - len(mender.comments))

    def _broken(self, bad: int, total: int) -> RejectionError:
        return RejectionError(Finding("structure-broken", params={"bad": bad, "total": total, "expected": self._width}))

    def lines(self, rows: Any) -> Any | None:
        """The physical line on which each of the rows begins."""
        index = LineIndex(self._head.dialect.quote)
        first = self._head.records[self._head.layout.first_row - 1] if self._head.layout.first_row else None
        begin_line = 1 if first is None else 1 + self._text.head(first.end).count(b"\n")
        numbers = np.asarray(rows) - self.facts.first_row
        # Comments between the rows are records of the text and no rows of the table.
        before = self._comments - np.arange(len(self._comments))
        numbers = numbers + np.searchsorted(before, numbers, side="right")
        start = self._text.start + self._head.data_start
        return index.find(self._text.path, start, begin_line, self._records, self._lines, numbers)
