"""An answer in each format, a batch of rows at a time: the engine streams, nothing holds a whole table.

Runs in cells only: this is where pyarrow is loaded.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.querying import lines
from catalog.querying.messages import Column, Question
from catalog.querying.workbook import Workbook, row_cells
from catalog.rows.query import TableColumn
from catalog.transport.csv_lines import csv_line as header_line
from catalog.transport.csv_lines import harmless

BATCH_ROWS = 8_192
_GROUP_ROWS = 122_880
Send = Callable[[Any], None]


def write_answer(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    *,
    columns: Sequence[Column],
    known: Sequence[TableColumn],
    send: Send,
) -> tuple[int, bool]:
    """Run the query and send its answer in pieces. Returns the rows, and whether there was more.

    Raises duckdb.Error, before anything is sent where the query itself is wrong.
    """
    sink = _Sink(send, question.max_bytes)
    asked = _bounded(question)
    if question.format in {"arrow", "parquet"}:
        return _tables(_reader(connection, asked, question), question, columns, sink)
    text = _Text(question, columns, known, sink)
    aliases = ", ".join(column.alias for column in known)
    sql = f"SELECT {text.row} FROM ({asked}) AS answer({aliases})"
    return _texts(_reader(connection, sql, question), question, text, sink)


class _Sink(io.RawIOBase):
    """Takes what a writer writes, sends it on in pieces of some size, and counts."""

    def __init__(self, send: Send, limit: int | None) -> None:
        super().__init__()
        self._send = send
        self._limit = limit
        self._held = bytearray()
        self.count = 0

    @property
    def is_full(self) -> bool:
        return self._limit is not None and self.count >= self._limit

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.count

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self.count += len(view)
        self._held += view
        if len(self._held) >= 1 << 18:
            self.flush()
        return len(view)

    def flush(self) -> None:
        if not self.closed and self._held:
            self._send(bytes(self._held))
            self._held.clear()


class _Batches:
    """The batches of a reader, none beyond the limit of rows; ``more`` tells whether there was something behind."""

    def __init__(self, reader: pa.RecordBatchReader, max_rows: int | None, sink: _Sink) -> None:
        self._reader = reader
        self._left = max_rows
        self._sink = sink
        self.rows = 0
        self.more = False

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._reader:
            if not len(batch):
                continue
            if self._left == 0 or self._sink.is_full:
                self.more = True
                return
            if self._left is not None and len(batch) > self._left:
                batch = batch.slice(0, self._left)  # noqa: PLW2901 -- the rest of it is what there is more of
                self.more = True
            if self._left is not None:
                self._left -= len(batch)
            self.rows += len(batch)
            yield batch
            if self.more:
                return


def _bounded(question: Question) -> str:
    """The query with the limit that its answer has anyway, and one row more, which says that there was more.

    Otherwise the engine goes on until its buffer is full: 12 of a processor's milliseconds for 1,000 rows as CSV, with
    the limit 2 (DuckDB 1.5.5).
    """
    return (
        question.sql if question.max_rows is None else f"SELECT * FROM ({question.sql}) LIMIT {question.max_rows + 1}"
    )


def _reader(connection: duckdb.DuckDBPyConnection, sql: str, question: Question) -> pa.RecordBatchReader:
    """The answer as it is found; of a few rows no batch is waited for that is larger than they are."""
    rows = BATCH_ROWS if question.max_rows is None else min(BATCH_ROWS, question.max_rows + 1)
    return connection.execute(sql).to_arrow_reader(rows)


def _tables(
    reader: pa.RecordBatchReader, question: Question, columns: Sequence[Column], sink: _Sink
) -> tuple[int, bool]:
    batches = _Batches(reader, question.max_rows, sink)
    found = reader.schema
    schema = pa.schema([pa.field(column.name, item.type) for column, item in zip(columns, found, strict=True)])
    if question.format == "arrow":
        with pa.ipc.new_stream(sink, schema) as stream:
            for number, batch in enumerate(batches):
                stream.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
                if number == 0:
                    sink.flush()
    else:
        with pq.ParquetWriter(sink, schema, compression="zstd", compression_level=3) as parquet:
            for group in _groups(batches, schema):
                parquet.write_table(group, row_group_size=_GROUP_ROWS)
    sink.flush()
    return batches.rows, batches.more


def _groups(batches: _Batches, schema: pa.Schema) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        if sum(len(item) for item in held) >= _GROUP_ROWS:
            yield pa.Table.from_batches(held, schema)
            held = []
    if held:
        yield pa.Table.from_batches(held, schema)


def _texts(reader: pa.RecordBatchReader, question: Question, text: _Text, sink: _Sink) -> tuple[int, bool]:
    batches = _Batches(reader, question.max_rows, sink)
    text.begin()
    for number, batch in enumerate(batches):
        text.add(_bytes_of(batch.column(0)))
        if number == 0:
            sink.flush()
    text.end(batches.rows, partial=batches.more)
    sink.flush()
    return batches.rows, batches.more


def _bytes_of(texts: Any) -> memoryview:
    """All the texts of an array, one behind the other, as they lie in it."""
    data = texts.buffers()[2]
    if data is None:
        return memoryview(b"")
    code: Literal["q", "i"] = "q" if pa.types.is_large_string(texts.type) else "i"
    offsets = memoryview(texts.buffers()[1]).cast("B").cast(code)
    first, last = offsets[texts.offset], offsets[texts.offset + len(texts)]
    return memoryview(data)[first:last]


class _Text:
    """What stands around the rows of a format, and the SQL of one row."""

    def __init__(
        self, question: Question, columns: Sequence[Column], known: Sequence[TableColumn], sink: _Sink
    ) -> None:
        self._question = question
        self._columns = columns
        self._sink = sink
        self._format = question.format
        self._workbook = Workbook(sink) if self._format == "xlsx" else None
        self._is_first = True
        self._is_array = self._format == "json"
        self.row = self._row(known)

    def _row(self, known: Sequence[TableColumn]) -> str:
        if self._format == "csv":
            return lines.csv_line(known, faithful=self._question.faithful)
        if self._format == "xlsx":
            return row_cells(known)
        if self._format == "ndjson":
            return f"concat({lines.json_object(known)}, '\n')"
        row = lines.json_array if self._question.shape == "rows" else lines.json_object
        return f"concat(',\n', {row(known)})"

    def begin(self) -> None:
        names = [column.name for column in self._columns]
        if self._workbook is not None:
            self._workbook.begin(names)
        elif self._format == "csv":
            shown = names if self._question.faithful else [harmless(name) for name in names]
            self._sink.write(header_line(shown).encode())
        elif self._is_array and self._question.shape == "rows":
            described = [{"name": column.name, "type": column.type} for column in self._columns]
            self._sink.write(f'{{"columns": {json.dumps(described, ensure_ascii=False)}, "rows": ['.encode())
        elif self._is_array:
            self._sink.write(b"[")

    def add(self, data: memoryview) -> None:
        if self._workbook is not None:
            self._workbook.add(data)
            return
        # The first row of a JSON list has no comma in front.
        self._sink.write(data[1:] if self._is_array and self._is_first else data)
        self._is_first = False

    def end(self, rows: int, *, partial: bool) -> None:
        if self._workbook is not None:
            self._workbook.end()
        elif self._is_array and self._question.shape == "rows":
            tail = {"row_count": rows, "partial": partial}
            self._sink.write(f"\n], {json.dumps(tail)[1:]}\n".encode())
        elif self._is_array:
            self._sink.write(b"\n]\n")
