import t, { type Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import type { Comment } from '../../src/domain/comments/comment.ts'
import { decide } from '../../src/domain/moderation/decide.ts'
import { hashSecret, newSecret } from '../../src/operations/secrets.ts'
import { startApp } from '../support/app.ts'
import { someComment } from '../support/comments.ts'
import { readFeed } from '../support/feeds.ts'
import { allOf, documentOf, fragmentOf, textOf } from '../support/html.ts'

/* What an import brings along may have no address. From there on it is a comment like any other. */

const unknown = { name: 'Ada', email: null }

/** A service with one pending comment that was brought along, and what its author would need to know. */
async function startImported(t: Test, more: Partial<Comment> = {}) {
  const app = await startApp(t)
  const receipt = newSecret('imr_')
  const comment = someComment({
    id: uuidv7(),
    articleId: 'a',
    author: unknown,
    receiptHash: hashSecret(receipt),
    submittedAtMs: Date.now(),
    ...more,
  })
  await app.store.submit({ comment, idempotency: null, maxPending: 0 })
  return { ...app, comment, id: comment.id, receipt, headers: await app.token('moderate') }
}

t.test('moderators see that there is none, wherever they see the comment', async (t) => {
  const { call, id, headers } = await startImported(t)
  const listed = async (query: string) =>
    (await call({ url: `/v1/moderation/comments?${query}`, headers })).json().comments[0]
  const decided = async (verdict: string) =>
    (await call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers })).json()
  t.match(await listed('status=pending'), { id, author: unknown, repeats: null })
  t.match((await call({ url: `/v1/moderation/comments/${id}`, headers })).json(), { id, author: unknown })
  t.same((await decided('approve')).author, unknown)
  t.same((await decided('reject')).author, unknown)
  t.match(await listed('order=decided'), { id, status: 'rejected', author: unknown })
  const { outcomes } = (
    await call({
      method: 'POST',
      url: '/v1/moderation/decisions',
      headers,
      payload: { decisions: [{ commentId: id, verdict: 'approve' }] },
    })
  ).json()
  t.match(outcomes, [{ outcome: 'decided', comment: { id, author: unknown } }])
})

t.test('readers see it as any other: in lists, counts, feeds, the fragment and the page', async (t) => {
  const { call, id, headers, publish } = await startImported(t)
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers })
  const reply = await publish('a', { parentId: id, body: 'A reply.' })
  t.match((await call({ url: '/v1/articles/a/comments' })).json(), {
    total: 2,
    comments: [{ id, author: { name: 'Ada' }, body: 'A fine article.' }, { id: reply.id }],
  })
  t.match((await call({ url: '/v1/counts?articleId=a' })).json(), { counts: [{ total: 2 }] })
  for (const url of ['/v1/articles/a/comments.atom', '/v1/comments.atom'])
    t.match(readFeed((await call({ url })).body).entries.length, 2)
  for (const [url, treeOf] of [
    ['/v1/articles/a/thread.html', fragmentOf],
    [`/thread/a?reply=${id}`, documentOf],
  ] as const) {
    const { body, statusCode } = await call({ url })
    t.equal(statusCode, 200)
    t.same(allOf(treeOf(body.trimEnd()), '.imprimatur-body').map(textOf), ['A fine article.', 'A reply.'])
    t.notMatch(body, /\bnull\b|\bundefined\b/)
  }
})

t.test('its author, where there is one, sees and withdraws it', async (t) => {
  const { call, id, receipt, headers, store } = await startImported(t)
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers })
  const own = { url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } }
  t.match((await call(own)).json(), { status: 'approved', author: { name: 'Ada' } })
  t.match((await call({ ...own, method: 'DELETE' })).json(), {
    status: 'withdrawn',
    author: null,
    body: null,
  })
  t.match(await store.findComment(id), { status: 'withdrawn', author: null, body: null })
  t.match((await call({ url: `/v1/moderation/comments/${id}`, headers })).json(), { author: null })
})

t.test('who submits the same with an address repeats nobody', async (t) => {
  const { call, submit, headers } = await startImported(t)
  await submit('a')
  const { comments } = (await call({ url: '/v1/moderation/comments', headers })).json()
  t.same(
    comments.map(({ author, repeats }: { author: unknown; repeats: unknown }) => ({ author, repeats })),
    [
      { author: unknown, repeats: null },
      { author: { name: 'Ada', email: 'ada@example.org' }, repeats: null },
    ],
  )
})

t.test('a decision of an import tells which', async (t) => {
  const { call, comment, id, headers, store } = await startImported(t)
  const decided = decide(comment, {
    action: 'approve',
    decisionId: uuidv7(),
    decidedBy: 'import:disqus',
    reason: null,
    reasonCode: null,
    note: 'post 4711',
    along: null,
    decidedAtMs: Date.now(),
  })
  if (decided.kind !== 'changed') throw new Error(decided.kind)
  t.equal(await store.commit([decided.change]), 'committed')
  t.match((await call({ url: `/v1/moderation/comments/${id}`, headers })).json().decisions, [
    { decidedBy: 'import:disqus', note: 'post 4711', reason: null },
  ])
})
