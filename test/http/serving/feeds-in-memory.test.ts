import { join } from 'node:path'
import t, { type Test } from 'tap'
import { decideComment } from '../../../src/operations/moderation/decide-comment.ts'
import { openStore } from '../../../src/store/open-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { startApp, type TestAppOptions } from '../../support/app.ts'
import { readFeed } from '../../support/feeds.ts'
import { emptyStore, testDeps } from '../../support/store.ts'
import { until } from '../../support/until.ts'

const ofArticle = '/v1/articles/a/comments.atom'
const ofSite = '/v1/comments.atom'

/** A listening service: what is in memory is answered before `inject` would come in. `reads` counts what was not. */
async function listening(t: Test, options: TestAppOptions = {}) {
  const store = options.store ?? (await emptyStore(t))
  // Until a replica hears of others, it takes nothing to hold.
  await until(() => {
    const stamp = store.changeStamp()
    return stamp === store.changeStamp() ? true : undefined
  })
  let reads = 0
  const counting: Store = {
    ...store,
    listApproved(query) {
      reads += 1
      return store.listApproved(query)
    },
    listPublishedLast(limit) {
      reads += 1
      return store.listPublishedLast(limit)
    },
  }
  const service = await startApp(t, { ...options, store: counting })
  const origin = await service.app.listen({ port: 0, host: '127.0.0.1' })
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(origin + path, { headers })
    const { status } = response
    return { status, headers: response.headers, body: await response.text() }
  }
  const moderator = await service.token('moderate')
  const decide = (id: string, verdict: 'approve' | 'reject') =>
    service.call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers: moderator })
  return { ...service, get, decide, reads: () => reads }
}

for (const path of [ofArticle, ofSite]) {
  t.test(`${path} is made once, and given again to the byte; 304 is from memory too`, async (t) => {
    const { get, publish, reads } = await listening(t)
    await publish('a')
    const first = await get(path)
    const made = reads()
    for (let again = 0; again < 5; again++) t.equal((await get(path)).body, first.body)
    const etag = first.headers.get('etag') ?? ''
    const unchanged = await get(path, { 'if-none-match': etag })
    t.match([unchanged.status, unchanged.body, unchanged.headers.get('etag')], [304, '', etag])
    t.equal(unchanged.headers.get('cache-control'), first.headers.get('cache-control'))
    t.equal(unchanged.headers.get('ratelimit'), null)
    t.equal(reads(), made)
    t.match((await get(path)).headers.get('content-type'), 'application/atom+xml')
  })

  t.test(`${path} shows each decision with the next request, and nothing that was rejected`, async (t) => {
    const { get, submit, decide } = await listening(t)
    const ids = async () => readFeed((await get(path)).body).entries.map(({ id }) => id)
    t.same(await ids(), [])
    const { id } = await submit('a')
    for (let round = 0; round < 10; round++) {
      await decide(id, 'approve')
      t.same(await ids(), [`urn:uuid:${id}`])
      t.same(await ids(), [`urn:uuid:${id}`])
      await decide(id, 'reject')
      t.same(await ids(), [])
      t.same(await ids(), [])
    }
  })

  t.test(`${path} that a decision overtook on its way is not kept`, async (t) => {
    const store = await emptyStore(t)
    const read = Promise.withResolvers<void>()
    const overtaken = Promise.withResolvers<void>()
    let first = true
    const late = async <T>(answer: Promise<T>): Promise<T> => {
      const page = await answer
      if (first) {
        first = false
        read.resolve()
        await overtaken.promise
      }
      return page
    }
    const slow: Store = {
      ...store,
      listApproved: (query) => late(store.listApproved(query)),
      listPublishedLast: (limit) => late(store.listPublishedLast(limit)),
    }
    const { get, submit, decide } = await listening(t, { store: slow })
    const { id } = await submit('a')
    await decide(id, 'approve')
    const early = get(path)
    await read.promise
    await decide(id, 'reject')
    overtaken.resolve()
    t.match((await early).body, id, 'it was asked for before the rejection')
    t.notMatch((await get(path)).body, id)
    t.notMatch((await get(path)).body, id)
  })

  t.test(`${path} in one language is none of another`, async (t) => {
    const { get, publish } = await listening(t)
    await publish('a')
    for (let round = 0; round < 2; round++)
      for (const lang of ['fr', 'en'])
        t.equal(readFeed((await get(`${path}?lang=${lang}`)).body).language, lang)
  })
}

t.test("an article's feed is made anew for nothing but its own changes", async (t) => {
  const { get, publish, submit, reads } = await listening(t)
  await publish('a')
  await get(ofArticle)
  const made = reads()
  await publish('b')
  await submit('a')
  await get(ofArticle)
  t.equal(reads(), made)
})

t.test("the site's feed keeps its tag while what is in it stays the same", async (t) => {
  const { get, publish, submit } = await listening(t)
  await publish('a')
  const etag = (await get(ofSite)).headers.get('etag') ?? ''
  await submit('b')
  t.equal((await get(ofSite, { 'if-none-match': etag })).status, 304)
  await publish('b')
  t.equal((await get(ofSite, { 'if-none-match': etag })).status, 200)
})

t.test("a decision by another process on the same SQLite file is seen in the site's feed", async (t) => {
  const location = { dialect: 'sqlite', file: join(t.testdir(), 'imprimatur.db') } as const
  const { get, publish } = await listening(t, { store: await openStore(location) })
  const { id } = await publish('a')
  t.match((await get(ofSite)).body, id)
  t.match((await get(ofSite)).body, id)
  const other = await testDeps(t, { store: await openStore(location) })
  t.teardown(() => other.store.close())
  const rejected = await decideComment(other, {
    commentId: id,
    action: 'reject',
    decidedBy: 'other process',
    reason: null,
    reasonCode: null,
    note: null,
    onlyVersions: null,
    replies: 'keep',
    countsReplies: true,
    repliesReason: null,
  })
  t.equal(rejected.ok, true)
  t.notMatch((await get(ofSite)).body, id)
})

t.test("what is told of an article is in the site's feed with the next request", async (t) => {
  const { get, publish, call, token } = await listening(t)
  await publish('a')
  await get(ofSite)
  await call({
    method: 'PUT',
    url: '/v1/moderation/articles/a',
    headers: await token('submit'),
    payload: { title: 'Why we print' },
  })
  t.match(readFeed((await get(ofSite)).body).entries, [{ title: 'Ada on Why we print' }])
})
