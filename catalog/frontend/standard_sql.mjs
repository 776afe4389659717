// The browser's engine answers as the server's does. Squirreling treats an unknown comparison as false, sorts missing
// values first, ignores case in LIKE and reads times in the reader's own zone; SQL, and DuckDB beside it, do not. Each
// change is one piece of text that must stand in the module exactly once: a new release that moves it breaks the build.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const BUDGET = fileURLToPath(new URL('src/sql/budget.js', import.meta.url));

const CHANGES = {
  'expression/binary.js': [
    [
      `if (a == null || b == null) {
    return false
  }`,
      `if (a == null || b == null) {
    if (op === 'AND') return (a != null && !a) || (b != null && !b) ? false : null
    if (op === 'OR') return a || b ? true : null
    return null
  }`,
    ],
    ["return numB === 0 ? null : numA / numB", 'return numA / numB'],
    ["new RegExp(`^${regexPattern}$`, 'i')", "new RegExp(`^${regexPattern}$`, 's')"],
  ],
  'expression/evaluate.js': [
    ["if (node.op === 'NOT') return !val", "if (node.op === 'NOT') return val == null ? null : !val"],
    ["if (node.op === 'AND' && !left) return false", "if (node.op === 'AND' && left != null && !left) return false"],
    [
      `      if (exprVal == val) return true
    }
    return false`,
      `      if (val != null && exprVal == val) return true
      isUnknown ||= val == null
    }
    return isUnknown ? null : false`,
    ],
    [
      `for (const valueNode of node.values) {`,
      `let isUnknown = exprVal == null
    for (const valueNode of node.values) {`,
    ],
    // The answer of a subquery that names nothing of the row is asked for once, not for every row.
    [
      `    const subResult = executeStatement({ query: node.subquery, context })
    for await (const resRow of subResult.rows()) {
      const value = await resRow.cells[resRow.columns[0]]()
      if (exprVal == value) return true
    }
    return false`,
      `    node.answer ??= firstColumn(executeStatement({ query: node.subquery, context }))
    const values = await node.answer
    if (values.size === 0) return false
    if (exprVal == null) return null
    return values.has(exprVal) || (values.has(null) ? null : false)`,
    ],
    [
      'export async function evaluateExpr(',
      `async function firstColumn(result) {
  const values = new Set()
  for await (const row of result.rows()) values.add(await row.cells[row.columns[0]]() ?? null)
  return values
}

export async function evaluateExpr(`,
    ],
    ['return Math.trunc(num)', 'return Math.abs(num % 1) === 0.5 ? 2 * Math.round(num / 2) : Math.round(num)'],
    [
      'return Boolean(val)',
      'return typeof val === \'string\' ? ({ true: true, t: true, 1: true, false: false, f: false, 0: false }[val.toLowerCase()] ?? null) : Boolean(val)',
    ],
  ],
  'expression/math.js': [
    [
      'return Math.round(Number(val) * multiplier) / multiplier',
      'return (Math.sign(Number(val)) * Math.round(Math.abs(Number(val)) * multiplier)) / multiplier',
    ],
  ],
  // A join without a key makes every pair of rows, and its filter comes after: pairs are paid for as they are made.
  'execute/join.js': [
    ["import { executePlan } from './execute.js'", `import { executePlan } from './execute.js'\nimport { spend } from '${BUDGET}'`],
    [
      'function mergeRows(leftRow, rightRow, leftTable, rightTable) {',
      'function mergeRows(leftRow, rightRow, leftTable, rightTable) {\n  spend(leftRow.columns.length + rightRow.columns.length)',
    ],
  ],
  'execute/utils.js': [["const nullsFirst = term.nulls !== 'LAST'", "const nullsFirst = term.nulls === 'FIRST'"]],
  'expression/date.js': [
    ['/^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2})?/', '/^\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}:\\d{2})?/'],
    [
      'const date = new Date(val)',
      "const date = new Date(val.length === 10 ? val : `${val.replace(' ', 'T').replace(/(Z|\\+00)$/, '')}Z`)",
    ],
  ],
};
// Twice in one module: intervals and DATE_TRUNC give a moment back in the form in which it came.
const AGAIN = {
  'expression/date.js': [
    ["String(dateVal).includes('T')", 'String(dateVal).length > 10'],
    ['return date.toISOString()\n', "return date.toISOString().slice(0, 19).replace('T', ' ')\n"],
  ],
};

export const standardSql = {
  name: 'standard-sql',
  setup(build) {
    build.onLoad({ filter: /squirreling\/src\/.*\.js$/ }, async ({ path }) => {
      const name = path.replaceAll('\\', '/').split('squirreling/src/')[1];
      if (!(name in CHANGES)) return undefined;
      let contents = await readFile(path, 'utf8');
      for (const [before, after] of CHANGES[name]) {
        if (contents.split(before).length !== 2) throw new Error(`${name} does not say once: ${before}`);
        contents = contents.replace(before, () => after);
      }
      for (const [before, after] of AGAIN[name] ?? []) {
        if (contents.split(before).length !== 3) throw new Error(`${name} does not say twice: ${before}`);
        contents = contents.replaceAll(before, () => after);
      }
      return { contents, loader: 'js' };
    });
  },
};
