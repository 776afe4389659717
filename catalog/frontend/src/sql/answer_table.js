// An answer as a table of the page and as CSV. Cells are text always: what a dataset holds is foreign input.
export const SHOWN = 500;

/** A table of the first rows; `missing` is the word for null. */
export function drawTable({ columns, rows }, missing) {
  const table = document.createElement('table');
  table.className = 'grid plain';
  const head = table.createTHead().insertRow();
  for (const name of columns) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const values of rows.slice(0, SHOWN)) {
    const row = body.insertRow();
    for (const value of values) drawCell(row.insertCell(), value, missing);
  }
  return table;
}

function drawCell(cell, value, missing) {
  if (value === null) {
    cell.className = 'null';
    cell.textContent = missing;
    return;
  }
  if (typeof value === 'number') cell.className = 'n';
  cell.textContent = value === '' ? '""' : written(value);
}

/** A number without the noise of its last bit: 0.1 + 0.2 is 0.3. */
const written = (value) =>
  typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(12))) : String(value);

/** The whole answer as CSV, missing values as nothing. */
export function toCsv({ columns, rows }) {
  return [columns, ...rows].map((row) => row.map(quoted).join(',')).join('\r\n') + '\r\n';
}

function quoted(value) {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
