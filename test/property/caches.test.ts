import fc from 'fast-check'
import t from 'tap'
import type { Store } from '../../src/store/store.ts'
import { wholeNumber } from '../support/amount.ts'
import { type Acknowledgement, startApp } from '../support/app.ts'
import { emptyStore } from '../support/store.ts'
import { until } from '../support/until.ts'

/*
 * Whatever is done to comments and articles, in whatever order: what is answered from memory is what the database has. Any
 * number of steps, the same ones again:
 * STEPS=5000 SEED=42 node test/property/caches.test.ts
 */
const steps = wholeNumber('STEPS') ?? 50
const seed = wholeNumber('SEED') ?? Date.now() % 2 ** 31

t.setTimeout(600_000 + steps * 1_000)

const articleIds = ['a', 'b', 'c', 'd']
const listUrls = articleIds.map((articleId) => `/v1/articles/${articleId}/comments?order=published`)
const countsUrls = ['abcd', 'dcba', 'ab', 'cd', 'a', 'd', 'aab'].map(
  (ids) => `/v1/counts?${[...ids].map((articleId) => `articleId=${articleId}`).join('&')}`,
)

/** `which` picks among the comments that there are. */
const anyStep = fc.record({
  kind: fc.constantFrom('submit', 'approve', 'approve', 'reject', 'withdraw', 'move', 'put', 'moved', 'wait'),
  which: fc.nat(),
  articleId: fc.constantFrom(...articleIds),
  other: fc.constantFrom(...articleIds),
})

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

for (const storeName of ['sqlite', 'postgres']) {
  t.test(`${storeName}: ${steps} steps leave nothing wrong in memory (SEED=${seed})`, async (t) => {
    const store = await emptyStore(t, storeName)
    await until(() => hears(store))
    let read = 0
    const counting: Store = {
      ...store,
      listApproved(query) {
        read += 1
        return store.listApproved(query)
      },
      countApproved(ids) {
        read += 1
        return store.countApproved(ids)
      },
    }
    const { app, call, token, submit } = await startApp(t, { store: counting })
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    const headers = await token('moderate')
    const comments: Acknowledgement[] = [await submit('a'), await submit('b')]
    let fromMemory = 0

    async function get(url: string, more: Record<string, string> = {}) {
      const answer = await fetch(origin + url, { headers: more })
      return { status: answer.status, etag: answer.headers.get('etag'), body: await answer.text() }
    }
    const post = (url: string, payload = {}) => call({ method: 'POST', url, headers, payload })

    async function take({ kind, which, articleId, other }: Step) {
      const comment = comments[which % comments.length]
      if (comment === undefined) return
      if (kind === 'submit') comments.push(await submit(articleId))
      if (kind === 'approve' || kind === 'reject') await post(`/v1/moderation/comments/${comment.id}/${kind}`)
      if (kind === 'withdraw' && which % 3 === 0)
        await call({
          method: 'DELETE',
          url: `/v1/comments/${comment.id}`,
          headers: { authorization: `Bearer ${comment.receipt}` },
        })
      if (kind === 'put')
        await call({
          method: 'PUT',
          url: `/v1/moderation/articles/${articleId}`,
          headers,
          payload: { title: kind },
        })
      if (kind === 'move') await post(`/v1/moderation/articles/${articleId}/move`, { to: other })
      // Some of it again is no change.
      if (kind === 'moved') await post(`/v1/moderation/articles/${other}/move`, { to: articleId })
    }

    await fc.assert(
      fc.asyncProperty(anyStep, async (one) => {
        await take(one)
        for (const url of [...listUrls, ...countsUrls]) {
          const kept = await get(url)
          const before = read
          const again = await get(url)
          if (read === before) fromMemory += 1
          const fresh = await get(url, { 'cache-control': 'no-cache' })
          if (JSON.stringify([kept, again]) !== JSON.stringify([fresh, fresh]))
            throw new Error(
              `${url} after ${JSON.stringify(one)}: ${kept.body}, then ${again.body}, not ${fresh.body}`,
            )
        }
      }),
      {
        seed,
        numRuns: steps,
        endOnFailure: true,
        reporter(run) {
          if (!run.failed) return
          throw new Error(`SEED=${seed}, step ${run.numRuns}: ${(run.errorInstance as Error).message}`)
        },
      },
    )
    t.equal(fromMemory, steps * (listUrls.length + countsUrls.length), 'the second time all came from memory')
  })
}

function hears(store: Store): true | undefined {
  const stamp = store.changeStamp()
  return stamp === store.changeStamp() ? true : undefined
}
