/*
 * `node bench/add.ts`: what `imprimatur import --add` costs beside a service that is read: into an empty database, and into one
 * that holds as many comments already. Prints seconds, memory, and the readers' p99 beside it and alone.
 *
 *   --comments 1000000   so many (default 100,000), over a fiftieth as many articles
 *   --before 1000000     into a database with so many, and no other
 *   --wordpress          as a file of WordPress, which is converted first
 *   --postgres           over a PostgreSQL that is started for this, or the one of --url
 *   --reads 100          requests a second, at fixed moments (default 100): half of one article, half of all in turn
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeAdditions, writeWordpress } from './addition-file.ts'
import type { Databases, Seeded } from './databases.ts'
import { endAll, type Server, startService } from './processes.ts'
import { at, list } from './requests.ts'
import { quantile } from './results.ts'
import { articleName } from './seed.ts'
import { sqliteDatabases } from './sqlite.ts'

const { values } = parseArgs({
  options: {
    comments: { type: 'string', default: '100000' },
    reads: { type: 'string', default: '100' },
    before: { type: 'string' },
    wordpress: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    url: { type: 'string' },
  },
})
const comments = Number(values.comments)
const articles = Math.ceil(comments / 50)
const everyMs = 1_000 / Number(values.reads)

/** For how long readers are alone. */
const aloneMs = 15_000

let turnedAway = 0

/** The least that a database is seeded with, in place of nothing. */
const nearlyNone = 100

const folder = mkdtempSync(join(tmpdir(), 'imprimatur-add-'))
let endDatabases = async () => {}
try {
  const databases = await databasesOf()
  const file = join(folder, 'comments')
  const out = createWriteStream(file)
  await (values.wordpress ? writeWordpress : writeAdditions)(out, comments, articles)
  out.end()
  await once(out, 'finish')
  const befores = values.before === undefined ? [nearlyNone, comments] : [Number(values.before)]
  for (const before of befores) await measure(await databases.seed(before), before, file)
} finally {
  await endAll()
  await endDatabases()
  rmSync(folder, { recursive: true })
}

async function databasesOf(): Promise<Databases> {
  if (!values.postgres && values.url === undefined) return sqliteDatabases(folder)
  const { postgresDatabases } = await import('./postgres.ts')
  const databases = await postgresDatabases(values.url)
  endDatabases = databases.end
  console.log(databases.name)
  return databases
}

async function measure({ url, discard }: Seeded, before: number, file: string): Promise<void> {
  const service = await startService(url, {}, 'any')
  const alone = await readsOf(service, setTimeout(aloneMs))
  const startMs = performance.now()
  const adding = add(url, file)
  const beside = await readsOf(service, adding)
  const { peakMib, cpuMs, said } = await adding
  const seconds = (performance.now() - startMs) / 1_000
  const shown = (ms: readonly number[]) =>
    `p50 ${quantile(ms, 0.5).toFixed(1)}, p99 ${quantile(ms, 0.99).toFixed(1)} ms`
  console.log(`${comments.toLocaleString('en')} comments into ${before.toLocaleString('en')}: ${said}`)
  console.log(
    `  ${seconds.toFixed(0)} s, of the processor ${(cpuMs / 1_000).toFixed(0)} s, at most ${peakMib.toFixed(0)} MiB`,
  )
  console.log(
    `  reads alone: ${shown(alone)}; beside it: ${shown(beside)} (${beside.length} reads; turned away in all: ${turnedAway})`,
  )
  await service.stop()
  await discard()
}

/** Each at its own moment, whatever became of those before: a stall is seen by all that fall into it. */
async function readsOf(service: Server, until: Promise<unknown>): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const tookMs: number[] = []
  const open = new Set<Promise<void>>()
  let goesOn = true
  const stop = () => {
    goesOn = false
  }
  // Not `finally`, whose promise would fail as well, with nobody to see it: the process would end before what it has begun.
  until.then(stop, stop)
  const startMs = performance.now()
  for (let index = 0; goesOn; index++) {
    const dueMs = startMs + index * everyMs
    await setTimeout(Math.max(0, dueMs - performance.now()))
    const article = index % 2 === 0 ? 0 : (index * 7_919) % articles
    const read = readOne(agent, at(service, list(articleName(article)))).then(() => {
      tookMs.push(performance.now() - dueMs)
    })
    open.add(read)
    const forget = () => open.delete(read)
    read.then(forget, forget)
  }
  await Promise.all(open)
  agent.destroy()
  return tookMs
}

async function readOne(agent: Agent, url: string): Promise<void> {
  const request = get(url, { agent })
  let answer: IncomingMessage
  try {
    ;[answer] = await once(request, 'response')
  } catch (error) {
    // The server has closed a connection that was kept open, at this very moment.
    if (request.reusedSocket) return readOne(agent, url)
    throw error
  }
  answer.resume()
  await once(answer, 'end')
  // A service that has no time turns reads away; none may be wrong.
  if (answer.statusCode === 503) turnedAway += 1
  else if (answer.statusCode !== 200) throw new Error(`A read got ${answer.statusCode}.`)
}

async function add(url: string, file: string): Promise<{ peakMib: number; cpuMs: number; said: string }> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  // The service's own articles have no slash before their names.
  const map = join(folder, 'map.tsv')
  writeFileSync(map, '/*\t*\n')
  const from = values.wordpress ? ['--map', map, '--from', 'wordpress'] : []
  const child = spawn(process.execPath, [main, 'import', '--add', ...from, file], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    // What it has added comes before what it has to say about that; what went wrong, alone.
    const lines = String(chunk).trim().split('\n')
    said = lines.find((line) => line.startsWith('Added')) ?? lines.at(-1) ?? ''
  })
  let [peakMib, cpuMs] = [0, 0]
  const procOf = (name: string) => {
    try {
      return readFileSync(`/proc/${child.pid}/${name}`, 'utf8')
    } catch {
      // It has ended.
      return ''
    }
  }
  const looking = setInterval(() => {
    // Of a process that has ended, and is not collected yet, there is no memory.
    peakMib = Math.max(peakMib, Number(/VmHWM:\s+(\d+)/.exec(procOf('status'))?.[1] ?? 0) / 1_024)
    const fields = procOf('stat')
      .replace(/^.*\) /s, '')
      .split(' ')
    cpuMs = Math.max(cpuMs, 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)))
  }, 100)
  child.on('exit', () => clearInterval(looking))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(said)
  return { peakMib, cpuMs, said }
}
