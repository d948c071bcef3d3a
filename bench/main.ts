/*
 * `npm run bench`: prints a table and writes it to bench/results.json. Every figure is a ratio to a control measured in
 * the same run, the median of short alternating runs.
 *
 *   npm run bench -- --comments 10000000   the larger table of the growth row, and that of search (default 200,000; 10 million take some minutes, and an hour)
 *   npm run bench -- --runs 9 --seconds 2  more and longer runs (default 5 of 1.5 s)
 *   npm run bench -- --only 'cached read'  the rows whose names begin so
 *   npm run bench -- --postgres            the same over PostgreSQL, and what 2 and 4 replicas give; results-postgres.json
 *
 * The PostgreSQL is the one of `--url postgres://…` or DATABASE_URL, which names a database from which others can be made
 * and dropped; otherwise one that is started for this, on the same disk as SQLite's files.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Databases } from './databases.ts'
import { endAll, pinned } from './processes.ts'
import { type Bench, cachedReadBeside, type Row, rows } from './rows.ts'
import { sqliteDatabases } from './sqlite.ts'

const { values } = parseArgs({
  options: {
    comments: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1.5' },
    only: { type: 'string', default: '' },
    postgres: { type: 'boolean', default: false },
    url: { type: 'string' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'imprimatur-bench-'))
let endDatabases = async () => {}
const interrupted = Promise.withResolvers<never>()
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
for (const [signal, exitCode] of Object.entries(signals)) {
  // A terminal's Ctrl-C comes from npm once more: the second changes nothing.
  process.on(signal, () => {
    process.exitCode = exitCode
    interrupted.reject(`Ended by ${signal}.`)
  })
}

try {
  await Promise.race([
    values.postgres || values.url !== undefined ? onPostgres() : onSqlite(),
    interrupted.promise,
  ])
} catch (error) {
  console.error(error)
  process.exitCode ||= 1
} finally {
  await endAll()
  await endDatabases()
  rmSync(folder, { recursive: true })
}
// An interrupted row may still wait for what has ended.
process.exit()

async function onSqlite(): Promise<void> {
  await measure(benchOf(sqliteDatabases(folder)), rows, { heading: [], file: './results.json' })
}

async function onPostgres(): Promise<void> {
  const { postgresDatabases } = await import('./postgres.ts')
  const { replicaRows } = await import('./replicas.ts')
  const fromEnvironment = process.env['DATABASE_URL']
  const url = values.url ?? (fromEnvironment?.startsWith('postgres') ? fromEnvironment : undefined)
  const databases = await postgresDatabases(url)
  endDatabases = databases.end
  const beside: Row = {
    name: "cached read, share of SQLite's",
    measure: (bench) => cachedReadBeside(bench, sqliteDatabases(folder)),
  }
  const [cachedRead, ...others] = rows
  await measure(
    benchOf(databases),
    [...(cachedRead === undefined ? [] : [cachedRead]), beside, ...others, ...replicaRows],
    {
      heading: [
        databases.name,
        `PostgreSQL takes whichever core it gets. Where a row has replicas, so do they and the load: all share ${availableParallelism()} cores.`,
      ],
      file: './results-postgres.json',
    },
  )
}

function benchOf(databases: Databases): Bench {
  return {
    databases,
    comments: Number(values.comments),
    runs: Number(values.runs),
    seconds: Number(values.seconds),
  }
}

async function measure(
  bench: Bench,
  rows: readonly Row[],
  { heading, file }: { heading: readonly string[]; file: string },
): Promise<void> {
  console.log(
    `Node ${process.versions.node}, ${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  )
  console.log(
    pinned
      ? 'Servers on core 0, load on core 1.'
      : 'Servers and load share their cores: the figures are rough.',
  )
  for (const line of heading) console.log(line)
  console.log()
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
    new URL(file, import.meta.url),
    `${JSON.stringify({ machine, comments: bench.comments, results }, null, 2)}
`,
  )
}
