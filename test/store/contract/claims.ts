import { randomUUID } from 'node:crypto'
import type { Comment } from '../../../src/domain/comments/comment.ts'
import { firstIdOf } from '../../../src/domain/comments/comment-id.ts'
import { claimLimits } from '../../../src/domain/moderation/claim.ts'
import type { ClaimFilter, NewClaims } from '../../../src/store/claims.ts'
import { sql } from '../../../src/store/drizzle.ts'
import type { Store } from '../../../src/store/store.ts'
import { someComment } from '../../support/comments.ts'
import { until } from '../../support/until.ts'
import { change, contract, submit } from './given.ts'

/** The part of claims. */
export const claimsContract = contract((test) => {
  test('what one has claimed, no other is given, until it is given up', async (t, store) => {
    const comments = await waiting(store, 5)
    const [a, b, c, d, e] = idsOf(comments)
    t.same(await claim(store, 'marie', { limit: 2 }), [a, b])
    t.same(await claim(store, 'jean', { limit: 2 }), [c, d])
    t.same(await claim(store, 'jean', { limit: 2 }), [e], 'as many as there are')
    t.same(await claim(store, 'marie', { limit: 2 }), [])
    t.same(await heldBy(store, 'marie'), [a, b])
    t.same(await heldBy(store, 'jean'), [c, d, e])
    t.same(await store.countClaims('marie'), { mine: 2, others: 3 })
    const found = await store.findClaims([a, e, randomUUID()] as string[])
    t.same(
      [...found].map(([id, { by }]) => [id, by]).sort(),
      [
        [a, 'marie'],
        [e, 'jean'],
      ].sort(),
    )
    t.same([...(await store.findClaims([]))], [])

    t.equal(
      await store.releaseClaims({ ...own('jean'), ids: [a, d] as string[] }),
      1,
      'nobody’s but one’s own',
    )
    t.same(await claim(store, 'marie', { limit: 5 }), [d])
    t.equal(await store.releaseClaims({ ...own('marie'), ids: null }), 3)
    t.equal(await store.releaseClaims({ ...own('marie'), ids: null }), 0)
    t.same(await claim(store, 'jean', { limit: 5, order: 'newest' }), [d, b, a])
  })

  test('a claim lasts as long as was said, and from now on where it is renewed', async (t, store) => {
    const [comment] = await waiting(store, 1)
    const id = comment?.id ?? ''
    const before = Date.now()
    const [claimed] = await store.claim({ ...asked('marie'), forMs: 60_000 })
    const untilMs = claimed?.untilMs ?? 0
    // The database's clock is this machine's in the tests.
    t.ok(untilMs >= before + 59_000 && untilMs <= Date.now() + 61_000, `${untilMs - before} ms`)
    const [renewed] = await store.renewClaims({ ...own('marie'), ids: null, forMs: 600_000 })
    t.ok((renewed?.untilMs ?? 0) > untilMs)
    t.same((await store.findClaims([id])).get(id), { by: 'marie', untilMs: renewed?.untilMs })
    t.same(await store.renewClaims({ ...own('jean'), ids: [id], forMs: 600_000 }), [])
    t.same(await store.renewClaims({ ...own('marie'), ids: [randomUUID()], forMs: 600_000 }), [])

    await store.renewClaims({ ...own('marie'), ids: [id], forMs: 1 })
    await until(async () => ((await heldBy(store, 'marie')).length === 0 ? true : undefined))
    t.same(await store.renewClaims({ ...own('marie'), ids: [id], forMs: 60_000 }), [], 'it is over')
    t.same(await store.countClaims('marie'), { mine: 0, others: 0 })
    t.same(await claim(store, 'jean'), [id])
  })

  test('a claim that is over is free at once', async (t, store) => {
    const [comment] = await waiting(store, 1)
    const [claimed] = await store.claim({ ...asked('marie'), forMs: 300 })
    const taken = await until(async () => (await store.claim(asked('jean')))[0])
    t.equal(taken.comment.id, comment?.id)
    t.ok(taken.untilMs - asked('jean').forMs >= (claimed?.untilMs ?? 0), 'and not before')
  })

  test('a decision ends the claim, whoever makes it, and so does a reopening', async (t, store) => {
    const [comment] = (await waiting(store, 1)) as [Comment]
    t.same(await claim(store, 'marie'), [comment.id])
    const rejection = change(comment, 'reject')
    await store.commit([rejection])
    t.same(await heldBy(store, 'marie'), [])
    t.same([...(await store.findClaims([comment.id]))], [])
    t.same(await claim(store, 'jean'), [], 'it does not wait')
    t.equal(await store.releaseClaims({ ...own('marie'), ids: null }), 0)
    await store.commit([change(rejection.after, 'reopen')])
    t.same(await store.countClaims('marie'), { mine: 0, others: 0 })
    t.same(await claim(store, 'jean'), [comment.id], 'it waits again, for whoever comes')
    t.same(await heldBy(store, 'marie'), [])
  })

  test('nobody holds more than so many', async (t, store) => {
    await waiting(store, claimLimits.held + 2)
    for (let round = 0; round < claimLimits.held / 50; round++)
      t.equal((await claim(store, 'marie', { limit: 50 })).length, 50)
    t.same(await claim(store, 'marie', { limit: 50 }), [])
    const [first, second] = await heldBy(store, 'marie')
    await store.releaseClaims({ ...own('marie'), ids: [first ?? ''] })
    t.same(await claim(store, 'marie', { limit: 50 }), [first])
    t.equal((await heldBy(store, 'marie')).length, claimLimits.held)
    t.equal((await claim(store, 'jean', { limit: 50 })).length, 2)
    const { comment } = (await store.claimsOf('marie'))[1] ?? {}
    t.equal(comment?.id, second)
    await store.commit([change(comment as Comment, 'approve')])
    await waiting(store, 3)
    t.equal((await claim(store, 'marie', { limit: 50 })).length, 1, 'what is decided is not held')
  })

  test('only what is asked for is claimed', async (t, store) => {
    const comments = [at(1_000, 'news/1'), at(2_000, 'news/2'), at(3_000, 'news_2'), at(4_000, 'été/1')]
    for (const comment of comments) await submit(store, comment)
    const [a, b, c, d] = idsOf(comments)
    const ask = async (where: Partial<ClaimFilter>) => {
      const got = await claim(store, 'marie', { where: { ...everything, ...where } })
      await store.releaseClaims({ ...own('marie'), ids: null })
      return got
    }
    t.same(await ask({}), [a, b, c, d])
    t.same(await ask({ articleIds: ['news_2', 'news/1', 'other'] }), [a, c])
    t.same(await ask({ articleIds: [] }), [])
    t.same(await ask({ articlePrefix: 'news/' }), [a, b])
    t.same(await ask({ articlePrefix: 'ét' }), [d])
    t.same(await ask({ articlePrefix: '%' }), [])
    t.same(await ask({ submittedAfterMs: 2_000, submittedBeforeMs: 4_000 }), [b, c])
  })

  test('what is rare in a long queue is found, and who finds nothing keeps nobody waiting', async (t, store) => {
    const days = 86_400_000
    const many = Array.from({ length: 450 }, (_, index) => at(10 * days + index, `news/${index % 120}`))
    const few = [at(20 * days, 'letters/1'), at(30 * days, 'letters/2'), at(30 * days + 1, 'letters/1')]
    await Promise.all([...many, ...few].map(async (comment) => submit(store, comment)))
    const [a, b, c] = idsOf(few)
    const ask = async (where: Partial<ClaimFilter>, more: Partial<NewClaims> = {}) =>
      claim(store, 'marie', { where: { ...everything, ...where }, ...more })
    const give = async () => store.releaseClaims({ ...own('marie'), ids: null })

    t.same(await ask({ articlePrefix: 'letters/' }), [a, b, c])
    const turn = { sql: sql`UPDATE totals SET value = 0 WHERE name = 'claims'`, touches: 1 }
    await store.commit([], { steps: [turn] })
    t.same(await ask({ articlePrefix: 'letters/' }), [], 'they are claimed')
    t.same(await ask({ articlePrefix: 'nothing/' }), [])
    t.same(await ask({ articlePrefix: 'news/', submittedAfterMs: 25 * days }), [])
    t.same(await ask({ submittedBeforeMs: 5 * days }), [])
    const noTurn = { sql: sql`UPDATE totals SET value = 0 WHERE name = 'claims' AND value = 0`, touches: 1 }
    t.equal(await store.commit([], { steps: [noTurn] }), 'committed', 'nobody waited')

    await give()
    t.same(await ask({ submittedAfterMs: 30 * days }, { order: 'newest' }), [c, b])
    await give()
    t.same(
      await ask({ articlePrefix: 'news/', submittedBeforeMs: 10 * days + 2 }, { order: 'newest' }),
      idsOf(many.slice(0, 2)).reverse(),
      'behind pages of what is later',
    )
    await give()
    t.same(await ask({ articlePrefix: 'news/', articleIds: ['letters/1', 'news/3'] }, { limit: 2 }), [
      many[3]?.id,
      many[123]?.id,
    ])
    await give()
    // Of more articles than are looked into one by one, and more than a page.
    for (let held = 0; held < claimLimits.held; held += 50)
      t.same(await ask({ articlePrefix: 'news/' }), idsOf(many.slice(held, held + 50)))
    t.same(await ask({ articlePrefix: 'news/' }), [], 'nobody holds more')
    t.same(
      await claim(store, 'jean', { where: { ...everything, articlePrefix: 'news/' } }),
      idsOf(many.slice(200, 250)),
    )
  })

  test('they who ask for the same few at once are given each of them once', async (t, store) => {
    const comments = Array.from({ length: 300 }, (_, index) =>
      someComment({ articleId: index % 2 === 0 ? 'even' : 'odd' }),
    )
    await Promise.all(comments.map(async (comment) => submit(store, comment)))
    const where = { ...everything, articleIds: ['even'] }
    const given = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => claim(store, `moderator ${index}`, { limit: 7, where })),
    )
    const even = comments.filter(({ articleId }) => articleId === 'even')
    t.same(given.flat().toSorted(), idsOf(even).toSorted(), 'all of them, and none twice')
    t.equal(given.filter(({ length }) => length === 7).length, 21, 'each as many as there were')
  })

  test('two hundred who claim a thousand comments at once are given each of them once', async (t, store) => {
    const comments = await waiting(store, 1_000)
    const given = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => claim(store, `moderator ${index % 20}`, { limit: 7 })),
    )
    const ids = given.flat()
    t.equal(new Set(ids).size, ids.length, 'none twice')
    t.same(ids.toSorted(), idsOf(comments).toSorted(), 'and all of them')
    t.ok(given.every(({ length }) => length <= 7))
    t.equal(given.filter(({ length }) => length === 7).length, 142, 'each as many as there were')
  })

  test('what is over is removed after a while, and what is not stays', async (t, store) => {
    await waiting(store, 4)
    t.equal((await claim(store, 'marie')).length, 4)
    const ends = [sql`1`, sql`2`, sql.raw(String(Date.now() + 90_000_000))]
    const ids = await heldBy(store, 'marie')
    for (const [index, end] of ends.entries()) {
      const steps = [
        { sql: sql`UPDATE claims SET until_ms = ${end} WHERE comment_id = ${ids[index]}`, touches: 1 },
      ]
      await store.commit([], { steps })
    }
    t.equal(await store.removeOldClaims(2), true)
    t.equal(await store.removeOldClaims(2), false, 'one of a clock that was set back as well')
    t.same(await heldBy(store, 'marie'), ids.slice(3))
    t.same(await claim(store, 'jean'), ids.slice(0, 3))
  })
})

const everything: ClaimFilter = {
  articleIds: null,
  articlePrefix: null,
  submittedAfterMs: null,
  submittedBeforeMs: null,
}

/** Its id is of its own time. */
function at(submittedAtMs: number, articleId: string): Comment {
  const { id, ...comment } = someComment({ submittedAtMs, articleId })
  return { ...comment, id: `${firstIdOf(submittedAtMs)}${id.slice(13)}` }
}

function own(by: string) {
  return { call: randomUUID(), by }
}

function asked(by: string): NewClaims {
  return { ...own(by), forMs: 60_000, limit: 50, order: 'oldest', where: everything }
}

async function claim(store: Store, by: string, more: Partial<NewClaims> = {}): Promise<string[]> {
  return idsOf((await store.claim({ ...asked(by), ...more })).map(({ comment }) => comment))
}

async function heldBy(store: Store, by: string): Promise<string[]> {
  return idsOf((await store.claimsOf(by)).map(({ comment }) => comment))
}

function idsOf(comments: readonly Comment[]): string[] {
  return comments.map(({ id }) => id)
}

async function waiting(store: Store, count: number): Promise<Comment[]> {
  const comments = Array.from({ length: count }, () => someComment())
  await Promise.all(comments.map(async (comment) => submit(store, comment)))
  return comments
}
