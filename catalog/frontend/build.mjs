// Bundles src/ into ../static/commonfield/dist/, which is committed: `npm ci --ignore-scripts && npm run build`.
// The same input gives the same bytes; tests/house/test_frontend_build.py compares. Another folder may be named.
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { standardSql } from './standard_sql.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? `${here}/../static/commonfield/dist`);

await mkdir(target, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: ['src/upload.js', 'src/upload.worker.js', 'src/data.js', 'src/sql.js', 'src/sql.worker.js'],
  outdir: target,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'inline',
  logLevel: 'warning',
  plugins: [standardSql],
});
await copyFile(`${here}/node_modules/htmx.org/dist/htmx.min.js`, `${target}/htmx.min.js`);
