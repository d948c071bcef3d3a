import { spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  additionText,
  articleAddition,
  faultsAt,
  type Moderated,
  someAdditions,
} from '../support/additions.ts'
import { imprimatur, startService } from '../support/process.ts'
import { contentOf, dialects, folderOf, freshUrl, inSql } from '../support/transfers.ts'
import { until } from '../support/until.ts'
import { clientOf, moderator, unlimitedAt } from './client.ts'
import { randomFrom } from './random.ts'

/*
 * ROUNDS=100 SEED=7 node test/crash/add.test.ts
 *
 * Comments are added beside a service in use, by a process that is killed again and again, until one comes to its end.
 */
const rounds = Number(process.env['ROUNDS'] ?? 1)
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
const random = randomFrom(seed)

const articleIds = Array.from({ length: 30 }, (_, index) => `article-${index}`)

t.setTimeout(600_000 + rounds * 120_000)
t.comment(`SEED=${seed} ROUNDS=${rounds}`)

for (const dialect of dialects)
  t.test(`${dialect}: what is added beside a service is whole, wherever it is killed`, async (t) => {
    for (let round = 0; round < rounds; round++) {
      const url = await freshUrl(t, dialect)
      const service = await startService(t, unlimitedAt(url))
      const additions = someAdditions(rounds === 1 ? 600 : 1_500, articleIds)
      const file = fileOf(t, additions)
      const [own, others] = [useOf(service.origin), followerOf(service.origin)]
      let kills = 0
      for (let code: number | null = null; code !== 0; ) {
        code = await addKilledAfter(url, file, random.int(1, 500))
        if (code === null) kills += 1
        t.same(await faultsAt(url), [], `round ${round} of SEED=${seed}: nothing is half there`)
      }
      const submitted = await own.stop()
      const followed = await others.stop()
      t.ok(kills > 0, `it was killed ${kills} times`)
      await same(t, url, additions, submitted)
      const published = (await contentOf(url)).comments.filter(({ status }) => status === 'approved')
      const seen = followed.get('article-0') ?? []
      t.same(
        seen.toSorted(),
        published
          .filter(({ article_id }) => article_id === 'article-0')
          .map(({ id }) => id)
          .sort(),
        'who reads in order of approval has met each comment once',
      )
      t.equal(await service.stop(), 0)
    }
  })

/** Kills it at the moment when so many more are in. Gives its exit code; `null` where it was killed. */
async function addKilledAfter(url: string, file: string, more: number): Promise<number | null> {
  const wanted = (await addedAt(url)) + more
  const [command, args] = imprimatur(['import', '--add', file])
  const child = spawn(command, args, { env: { ...process.env, DATABASE_URL: url }, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await until(async () => (child.exitCode !== null || (await addedAt(url)) >= wanted ? true : undefined))
  child.kill('SIGKILL')
  const [code] = await ended
  return code
}

/** How many of the file's comments are in, which are older than all that is submitted. */
async function addedAt(url: string): Promise<number> {
  return inSql(url, async (ask) => {
    const [row] = await ask('SELECT count(*) AS count FROM comments WHERE submitted_at_ms < 1600000000000')
    return Number(row?.['count'])
  })
}

function fileOf(t: Test, additions: readonly Moderated[]): string {
  const file = join(folderOf(t), 'comments.ndjson')
  writeFileSync(
    file,
    additionText(
      articleIds.map((id) => articleAddition(id)),
      additions,
    ),
  )
  return file
}

/** Each comment is there as the file has it, beside those that were submitted meanwhile. */
async function same(t: Test, url: string, additions: readonly Moderated[], submitted: number): Promise<void> {
  const { comments, decisions } = await contentOf(url)
  t.equal(comments.length, additions.length + submitted)
  const found = new Map(comments.map((row) => [row['id'], row]))
  const wrong = additions.filter(({ comment }) => {
    const row = found.get(comment.id)
    return (
      row?.['status'] !== comment.status ||
      row['body'] !== comment.body ||
      row['parent_id'] !== comment.parentId ||
      row['version'] !== comment.version
    )
  })
  t.same(wrong, [])
  const ids = new Set(decisions.map(({ id }) => id))
  t.same(
    additions.flatMap((one) => one.decisions).filter(({ id }) => !ids.has(id)),
    [],
  )
}

/** A reader who writes and a moderator who approves, the whole time; `stop` gives how many comments were submitted. */
function useOf(origin: string): { stop: () => Promise<number> } {
  const client = clientOf(origin)
  let goesOn = true
  const using = (async () => {
    let submitted = 0
    for (; goesOn; submitted++) {
      const answer = await client.submit({
        idempotencyKey: randomUUID(),
        articleId: articleIds[submitted % articleIds.length] ?? '',
        parentId: null,
        author: { name: 'Ada', email: 'ada@example.org' },
        body: 'Written meanwhile.',
      })
      if (answer?.statusCode !== 202) throw new Error(`${answer?.statusCode} ${answer?.body}`)
      const { id } = JSON.parse(answer.body)
      const decided = await client.post(`/v1/moderation/comments/${id}/approve`, undefined, moderator)
      if (decided?.statusCode !== 200) throw new Error(`${decided?.statusCode} ${decided?.body}`)
    }
    return submitted
  })()
  return {
    async stop() {
      goesOn = false
      return using
    },
  }
}

/** Reads an article in order of approval the whole time, from where it was; `stop` gives all that it met. */
function followerOf(origin: string): { stop: () => Promise<Map<string, string[]>> } {
  const client = clientOf(origin)
  let goesOn = true
  const met = new Map<string, string[]>()
  const read = async (articleId: string, cursor: string | null): Promise<string | null> => {
    const more = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const path = `/v1/articles/${articleId}/comments?order=published&limit=100${more}`
    const answer = await client.get(path, goesOn ? {} : { 'cache-control': 'no-cache' })
    const page = JSON.parse(answer?.body ?? '{}')
    const seen = met.get(articleId) ?? []
    met.set(articleId, [...seen, ...page.comments.map(({ id }: { id: string }) => id)])
    return page.followCursor ?? cursor
  }
  const following = (async () => {
    let cursor: string | null = null
    while (goesOn) cursor = await read('article-0', cursor)
    // What came last may stand on several pages.
    for (let page = 0; page < 10; page++) cursor = await read('article-0', cursor)
    return met
  })()
  return {
    async stop() {
      goesOn = false
      return following
    },
  }
}
