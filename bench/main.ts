/*
 * `npm run bench`: prints a table and writes it to bench/results.json. Every figure is a ratio to a control measured in
 * the same run, the median of short alternating runs.
 *
 *   npm run bench -- --comments 10000000   the larger table of the growth row (default 200,000; 10 million take some minutes)
 *   npm run bench -- --runs 9 --seconds 2  more and longer runs (default 5 of 1.5 s)
 *   npm run bench -- --only 'cached read'  the rows whose names begin so
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pinned } from './processes.ts'
import { type Bench, rows } from './rows.ts'

const { values } = parseArgs({
  options: {
    comments: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1.5' },
    only: { type: 'string', default: '' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'imprimatur-bench-'))
const bench: Bench = {
  folder,
  comments: Number(values.comments),
  runs: Number(values.runs),
  seconds: Number(values.seconds),
}

console.log(
  `Node ${process.versions.node}, ${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
)
console.log(
  pinned
    ? 'Servers on core 0, load on core 1.'
    : 'Servers and load share their cores: the figures are rough.',
)
console.log()

try {
  const results = []
  for (const row of rows.filter(({ name }) => name.startsWith(values.only))) {
    for (const result of await row.measure(bench)) {
      const met = result.bar === undefined ? '' : result.bar.met(result.value) ? 'met' : 'MISSED'
      console.log(
        `${result.name.padEnd(46)} ${result.shown.padEnd(14)} ${(result.bar?.text ?? '').padEnd(12)} ${met.padEnd(7)} ${result.detail}`,
      )
      results.push({ ...result, bar: result.bar?.text ?? null, met: met === '' ? null : met === 'met' })
    }
  }
  const machine = { node: process.versions.node, cpu: cpus()[0]?.model, cores: cpus().length, pinned }
  writeFileSync(
    new URL('./results.json', import.meta.url),
    `${JSON.stringify({ machine, comments: bench.comments, results }, null, 2)}\n`,
  )
} finally {
  rmSync(folder, { recursive: true })
}
