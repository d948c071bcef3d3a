import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import SqliteDatabase from 'better-sqlite3'
import t from 'tap'
import { decide } from '../../src/domain/moderation/decide.ts'
import { openStore } from '../../src/store/open-store.ts'
import { someComment } from '../support/comments.ts'
import { startService } from '../support/process.ts'
import { clientOf, moderator, unlimited } from './client.ts'
import { randomFrom } from './random.ts'

/*
 * ROUNDS=100 SEED=7 node test/crash/move.test.ts
 *
 * An article of some thousand comments is moved to and fro, and the process killed in the middle of it.
 */
const rounds = Number(process.env['ROUNDS'] ?? 1)
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
const random = randomFrom(seed)

const [inFirst, inSecond] = [1_500, 700]

t.setTimeout(600_000 + rounds * 20_000)
t.comment(`SEED=${seed} ROUNDS=${rounds}`)

t.test('a move that is killed shows all comments under both ids, and is ended by the next', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const ids = await fill(file)
  let from = 'a'
  let to = 'b'
  for (let round = 0; round < rounds; round++) {
    const killed = await startService(t, unlimited(file))
    const moving = clientOf(killed.origin).post(`/v1/moderation/articles/${from}/move`, { to }, moderator)
    await setTimeout(random.int(0, 150))
    await killed.stop('SIGKILL')
    const answer = await moving

    const service = await startService(t, unlimited(file))
    const client = clientOf(service.origin)
    if (answer !== null) t.equal(answer.statusCode, 200)
    const whole = async (id: string) => {
      const seen: string[] = []
      let total = 0
      for (let cursor: string | null = ''; cursor !== null; ) {
        const path = `/v1/articles/${id}/comments?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`
        const page = JSON.parse((await client.get(path))?.body ?? '{}')
        seen.push(...page.comments.map((comment: { id: string }) => comment.id))
        total = page.total
        cursor = page.nextCursor
      }
      return { total, seen }
    }
    const moved = await client.post(`/v1/moderation/articles/${from}/move`, { to }, moderator)
    // Where the kill came before the commit, it is moved only now; where after it, this ends what was begun.
    t.equal(moved?.statusCode, 200)
    for (const id of [from, to])
      t.same(await whole(id), { total: ids.length, seen: ids }, `round ${round} of SEED=${seed}: ${id}`)
    t.equal(await service.stop(), 0)
    t.same(underIds(file), { [to]: ids.length }, 'all lie under the new id')
    ;[from, to] = [to, from]
  }
})

t.test('what a kill leaves is whole before anybody mends it', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const ids = await fill(file)
  const store = await openStore({ dialect: 'sqlite', file })
  t.equal(await store.beginMove('a', 'b', Date.now()), 'committed')
  await store.close()
  t.equal(Object.keys(underIds(file)).length, 2, 'some have not gone over yet')
  const service = await startService(t, unlimited(file))
  const client = clientOf(service.origin)
  for (const id of ['a', 'b']) {
    const page = JSON.parse(
      (await client.get(`/v1/articles/${id}/comments?limit=100&order=newest`))?.body ?? '{}',
    )
    t.equal(page.total, ids.length)
    t.same(
      page.comments.map((comment: { id: string }) => comment.id),
      ids.toReversed().slice(0, 100),
    )
  }
})

/** Published comments under two ids; gives their ids in order of submission. */
async function fill(file: string): Promise<string[]> {
  const store = await openStore({ dialect: 'sqlite', file })
  const comments = Array.from({ length: inFirst + inSecond }, (_, index) =>
    someComment({ articleId: index % 22 < 15 ? 'a' : 'b' }),
  )
  for (let start = 0; start < comments.length; start += 500) {
    const some = comments.slice(start, start + 500)
    await Promise.all(some.map((comment) => store.submit({ comment, idempotency: null, maxPending: 0 })))
    await store.commit(
      some.map((comment) => {
        const decided = decide(comment, {
          action: 'approve',
          decisionId: `decision-${comment.id}`,
          decidedBy: 'marie',
          reason: null,
          reasonCode: null,
          note: null,
          along: null,
          decidedAtMs: 1_800_000_000_000,
        })
        if (decided.kind !== 'changed') throw new Error(decided.kind)
        return decided.change
      }),
    )
  }
  await store.close()
  return comments.map(({ id }) => id)
}

/** How many comments lie under each id. */
function underIds(file: string): Record<string, number> {
  const database = new SqliteDatabase(file, { readonly: true })
  try {
    const rows = database
      .prepare<[], { id: string; count: number }>(
        'SELECT article_id AS id, count(*) AS count FROM comments GROUP BY article_id',
      )
      .all()
    return Object.fromEntries(rows.map(({ id, count }) => [id, count]))
  } finally {
    database.close()
  }
}
