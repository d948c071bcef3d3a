import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { faultsAt } from '../support/additions.ts'
import { wholeNumber } from '../support/amount.ts'
import { type Written, writers } from '../support/other-systems.ts'
import { imprimatur } from '../support/process.ts'
import { commandAt, contentOf, dialects, folderOf, freshUrl, hasBegun, inSql } from '../support/transfers.ts'
import { until } from '../support/until.ts'
import { randomFrom } from './random.ts'

/*
 * ROUNDS=50 SEED=7 node test/crash/move-in.test.ts
 *
 * Files of another system come in by a process that is killed: into an empty database, where `--resume` goes on, and into one in
 * use, where the same command does.
 */
const rounds = wholeNumber('ROUNDS') ?? 1
const seed = wholeNumber('SEED') ?? randomInt(1, 2 ** 29)
const random = randomFrom(seed)

/** More than goes in at once. */
const many = rounds === 1 ? 1_500 : 6_000

t.setTimeout(600_000 + rounds * 120_000)
t.comment(`SEED=${seed} ROUNDS=${rounds}`)

// A short run tries each way on one database: what a kill leaves there is what cli/import and crash/add look at on both.
const [resumedOn, addedTo] = rounds === 1 ? ([['sqlite'], ['postgres']] as const) : [dialects, dialects]

for (const dialect of resumedOn)
  t.test(`${dialect}: what is killed while it converts and imports goes on by --resume`, async (t) => {
    const file = fileOf(t)
    const wanted = await importedWhole(t, dialect, file)
    for (let round = 0; round < rounds; round++) {
      const url = await freshUrl(t, dialect)
      await commandAt(url, ['migrate'])
      const empty = await contentOf(url)
      // While it reads and works out nothing goes in.
      await killed(url, ['import', '--from', file], async (child) => {
        await until(() => (hasOpen(child, file) ? true : undefined))
        await setTimeout(random.int(0, 30))
      })
      t.same(await contentOf(url), empty, `SEED=${seed}: the database is as it was`)

      let left = 0
      for (let resume: string[] = []; ; resume = ['--resume']) {
        const had = left
        const code = await killed(url, ['import', ...resume, '--from', file], async (child) =>
          until(async () => child.exitCode !== null || (had === 0 && (await hasBegun(url))) || undefined),
        )
        if (code === 0) break
        t.equal(code, null, `SEED=${seed}`)
        left = (await contentOf(url)).comments.length
        t.ok(left > 0, `${left} comments were in`)
      }
      t.same(await contentOf(url), wanted, `SEED=${seed}`)
    }
  })

for (const dialect of addedTo)
  t.test(`${dialect}: what is killed while it converts and adds goes on when it is run again`, async (t) => {
    const file = fileOf(t)
    const wanted = await importedWhole(t, dialect, file)
    for (let round = 0; round < rounds; round++) {
      const url = await freshUrl(t, dialect)
      await commandAt(url, ['migrate'])
      let kills = 0
      for (let code: number | null = null; code !== 0; ) {
        const goal = (await countAt(url)) + random.int(1, many / 2)
        code = await killed(url, ['import', '--add', '--from', file], async (child) =>
          until(async () => child.exitCode !== null || (await countAt(url)) >= goal || undefined),
        )
        if (code === null) kills += 1
        t.same(await faultsAt(url), [], `SEED=${seed}: nothing is half there`)
      }
      t.ok(kills > 0, `it was killed ${kills} times`)
      const { comments, decisions } = await contentOf(url)
      t.same(comments.map(withoutRevision), wanted.comments.map(withoutRevision))
      t.same(
        decisions.map(({ position: _, ...decision }) => decision),
        wanted.decisions.map(({ position: _, ...decision }) => decision),
      )
    }
  })

/** Gives its exit code; `null` where it was killed before it had one. */
async function killed(
  url: string,
  args: readonly string[],
  when: (child: ChildProcess) => Promise<unknown>,
): Promise<number | null> {
  const [command, all] = imprimatur(args)
  const child = spawn(command, all, { env: { ...process.env, DATABASE_URL: url }, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await when(child)
  child.kill('SIGKILL')
  const [code] = await ended
  return code
}

function hasOpen({ pid }: ChildProcess, file: string): boolean {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).some((descriptor) => readlinkSync(join(folder, descriptor)) === file)
  } catch {
    // One that was closed meanwhile.
    return false
  }
}

t.test('whoever ends what adds is told what becomes of what went in', async (t) => {
  const url = await freshUrl(t, 'sqlite')
  await commandAt(url, ['migrate'])
  const [command, args] = imprimatur(['import', '--add', '--from', fileOf(t)])
  const child = spawn(command, args, {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (text) => {
    err += text
  })
  const ended = once(child, 'close')
  await until(async () => (child.exitCode !== null || (await countAt(url)) > 0 ? true : undefined))
  child.kill('SIGINT')
  t.same((await ended)[0], 130)
  t.match(
    err,
    /\nBroken off\. What went in is whole, and stays: the same command again goes on from there\.\n$/,
  )
  t.same(await faultsAt(url), [])
})

async function countAt(url: string): Promise<number> {
  const [row] = await inSql(url, (ask) => ask('SELECT count(*) AS count FROM comments'))
  return Number(row?.['count'])
}

async function importedWhole(t: Test, dialect: (typeof dialects)[number], file: string) {
  const url = await freshUrl(t, dialect)
  const { code, err } = await commandAt(url, ['import', '--from', file])
  t.equal(code, 0, err)
  const content = await contentOf(url)
  t.equal(content.comments.length, many)
  return content
}

function fileOf(t: Test): string {
  const folder = folderOf(t)
  const comments = Array.from(
    { length: many },
    (_, index): Written => ({
      number: index + 1,
      page: index % 37,
      parent: index % 3 === 0 && index >= 37 ? index - 36 : null,
      state: index % 5 === 0 ? 'pending' : 'approved',
      name: `Reader ${index}`,
      email: index % 2 === 0 ? null : 'ada@example.org',
      text: `The ${index}th of them.`,
      atMs: 1_400_000_000_000 + index * 1_000,
    }),
  )
  const [[name, content] = ['', '']] = Object.entries(writers.wordpress.write(comments, folder))
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

/** Of its article, which counts otherwise where comments come in one after the other. */
function withoutRevision({ published_revision: _, ...comment }: Record<string, unknown>) {
  return comment
}
