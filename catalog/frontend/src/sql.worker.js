// Answers one question of the page's SQL panel beside the page's own thread; it is ended to stop it.
// In:  {id, sql, tables: {name: [{url, bytes}]}, limits: {cells, rows}}
// Out: {id, columns, rows, isCut} or {id, refusal: 'cells' | 'session' | 'network' | 'engine', detail}
import { executeSql } from 'squirreling';
import { begin, TooManyCells } from './sql/budget.js';
import { openTable } from './sql/parquet_table.js';
import { Unreadable } from './sql/ranges.js';

const opened = new Map();

self.addEventListener('message', async ({ data: { id, sql, tables, limits } }) => {
  begin(limits.cells);
  try {
    self.postMessage({ id, ...(await answer(sql, await sources(sql, tables), limits.rows)) });
  } catch (error) {
    self.postMessage({ id, ...refusalOf(error) });
  }
});

/** The tables that the question may mean, opened once: those whose names stand in it. */
async function sources(sql, tables) {
  const text = sql.toLowerCase();
  const named = Object.entries(tables).filter(([name]) => text.includes(name.toLowerCase()));
  const pairs = named.map(async ([name, parts]) => {
    const key = JSON.stringify(parts);
    if (!opened.has(key)) opened.set(key, openTable(parts));
    try {
      return [name, await opened.get(key)];
    } catch (error) {
      opened.delete(key);
      throw error;
    }
  });
  return Object.fromEntries(await Promise.all(pairs));
}

async function answer(sql, tables, most) {
  const result = executeSql({ tables, query: sql });
  const rows = [];
  let isCut = false;
  for await (const row of result.rows()) {
    if (rows.length === most) {
      isCut = true;
      break;
    }
    rows.push(await Promise.all(row.columns.map(async (name) => plain(await row.cells[name]()))));
  }
  return { columns: result.columns, rows, isCut };
}

/** What can be sent and shown: nested values as JSON, bytes as hexadecimal digits. */
function plain(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? Number(item) : item));
}

function refusalOf(error) {
  if (error instanceof TooManyCells) return { refusal: 'cells', detail: '' };
  if (error instanceof Unreadable) return { refusal: error.status ? 'session' : 'network', detail: error.message };
  return { refusal: 'engine', detail: String(error?.message ?? error) };
}
