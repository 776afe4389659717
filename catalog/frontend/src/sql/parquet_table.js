// A table of ours (one or more Parquet files) as a source of squirreling's: one row group at a time is in memory.
import { decompress } from 'fzstd';
import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { affords, spend, TooManyCells } from './budget.js';
import { rangesOf } from './ranges.js';
import { finisherOf, PARSERS } from './stored_values.js';

const compressors = { ZSTD: (bytes, length) => decompress(bytes, new Uint8Array(length)) };
const FOOTER = 65_536;

// A value that is only added up costs less than one that becomes a cell of a row.
const VALUE = 0.1;

/** Open the files of a table: `parts` is [{url, bytes}]. */
export async function openTable(parts) {
  const files = await Promise.all(
    parts.map(async (part) => {
      const file = rangesOf(part);
      return { file, metadata: await parquetMetadataAsync(file, { initialFetchSize: FOOTER, parsers: PARSERS }) };
    }),
  );
  const fields = parquetSchema(files[0].metadata).children;
  const finishers = new Map(fields.map((field) => [field.element.name, finisherOf(field)]));
  return new ParquetTable(files, finishers);
}

class ParquetTable {
  #files;
  #finishers;

  constructor(files, finishers) {
    this.#files = files;
    this.#finishers = finishers;
    this.columns = [...finishers.keys()];
    this.numRows = files.reduce((rows, { metadata }) => rows + Number(metadata.num_rows), 0);
  }

  /** squirreling's own contract (AsyncDataSource). Limits are applied here where no filter comes before them. */
  scan({ columns = this.columns, where, limit, offset = 0, signal }) {
    const applied = !where;
    const [first, last] = this.#span(applied ? limit : undefined, applied ? offset : 0);
    // Known before a byte is read.
    if (!affords((last - first) * Math.max(1, columns.length))) throw new TooManyCells();
    const groups = this.#groups(columns, first, last, signal);
    return { appliedWhere: false, appliedLimitOffset: applied, rows: () => rowsOf(groups, columns) };
  }

  /** One column's values in blocks: sums and counts make no rows of it. */
  async *scanColumn({ column, limit, offset = 0, signal }) {
    const [first, last] = this.#span(limit, offset);
    for await (const { length, values } of this.#groups([column], first, last, signal)) {
      spend(length * VALUE);
      yield values.get(column);
    }
  }

  #span(limit, offset) {
    const first = Math.min(offset, this.numRows);
    return [first, limit === undefined ? this.numRows : Math.min(this.numRows, first + limit)];
  }

  async *#groups(columns, first, last, signal) {
    let base = 0;
    for (const { file, metadata } of this.#files) {
      let inFile = 0;
      for (const { num_rows: count } of metadata.row_groups) {
        const length = Number(count);
        const from = Math.max(first, base);
        const to = Math.min(last, base + length);
        if (from < to) {
          if (signal?.aborted) return;
          yield await this.#read(file, metadata, columns, from - base + inFile, to - base + inFile);
        }
        base += length;
        inFile += length;
      }
    }
  }

  /** Rows `from` to `to` of a file: how many, and the columns' values. */
  async #read(file, metadata, columns, from, to) {
    const length = to - from;
    const values = new Map(columns.map((name) => [name, new Array(length).fill(null)]));
    if (!columns.length) return { length, values };
    await parquetRead({
      file,
      metadata,
      columns,
      compressors,
      parsers: PARSERS,
      rowStart: from,
      rowEnd: to,
      useOffsetIndex: true,
      onChunk: ({ columnName, columnData, rowStart }) =>
        this.#take(values.get(columnName), columnName, columnData, rowStart - from),
    });
    return { length, values };
  }

  #take(values, name, data, place) {
    const finish = this.#finishers.get(name);
    for (let index = Math.max(0, -place); index < data.length && place + index < values.length; index += 1) {
      const value = data[index] ?? null;
      values[place + index] = value !== null && finish ? finish(value) : value;
    }
  }
}

async function* rowsOf(groups, columns) {
  for await (const { length, values } of groups) {
    spend(length * Math.max(1, columns.length));
    const arrays = columns.map((name) => values.get(name));
    for (let index = 0; index < length; index += 1) {
      const cells = {};
      columns.forEach((name, place) => {
        const value = arrays[place][index];
        cells[name] = () => Promise.resolve(value);
      });
      yield { columns, cells };
    }
  }
}
