import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/* The end of `npm test`: every line of src is run by a test, or marked with its reason (`c8 ignore`). */

const root = fileURLToPath(new URL('..', import.meta.url))
const summary = JSON.parse(
  readFileSync(new URL('../.tap/report/coverage-summary.json', import.meta.url), 'utf8'),
) as Record<string, { lines: { total: number; covered: number } }>
const files = Object.entries(summary)
  .map(([file, { lines }]) => ({ file: relative(root, file), missing: lines.total - lines.covered }))
  .filter(({ file }) => file.startsWith('src/'))
const incomplete = files.filter(({ missing }) => missing > 0)

for (const { file, missing } of incomplete) console.error(`${file}: ${missing} lines that no test runs`)
if (incomplete.length > 0)
  console.error('Or none of those whose lines are counted: scripts/uncounted-tests.mjs has the others.')
if (files.length === 0) console.error('There is no coverage of src: run this after the tests.')
process.exitCode = incomplete.length > 0 || files.length === 0 ? 1 : 0
