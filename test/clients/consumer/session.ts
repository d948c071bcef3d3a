import createClient from 'openapi-fetch'
import type { paths } from './generated/api.d.ts'

/*
 * A comment's life and all calls of the API, by a client whose types are made of the document: what does not fit the document does
 * not compile. `node session.ts ORIGIN MODERATOR_TOKEN ADMIN_TOKEN [no-redirect]`: a proxy that follows redirects by itself passes none on,
 * and is sent no form.
 */

const [baseUrl = '', moderator = '', admin = '', kind = ''] = process.argv.slice(2)
const client = createClient<paths>({ baseUrl })
const by = (token: string) => ({ authorization: `Bearer ${token}` })

/** The body of an answer that the document says is a good one. */
async function good<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call
  if (data === undefined || !response.ok)
    throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`)
  return data
}

function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`)
}

const articleId = 'why we print/2026'
const thread = { path: { articleId } }

const article = await good(
  client.PUT('/v1/moderation/articles/{articleId}', {
    params: thread,
    headers: by(moderator),
    body: { title: 'Why we print', url: 'https://www.example.org/why-we-print' },
  }),
)
equal(article.closed, false)

const submitted = await good(
  client.POST('/v1/articles/{articleId}/comments', {
    params: { ...thread, header: { 'Idempotency-Key': crypto.randomUUID() } },
    body: { author: { name: 'Ada', email: 'ada@example.org' }, body: 'A fine article.' },
  }),
)
equal(submitted.status, 'pending')
const comment = { path: { commentId: submitted.id } }

const queue = await good(
  client.GET('/v1/moderation/comments', {
    params: { query: { status: 'pending', articleId, limit: 100 } },
    headers: by(moderator),
  }),
)
equal(queue.comments.map(({ id }) => id).join(), submitted.id)
// Null where it is not known, which is so of some that were brought along.
equal(queue.comments[0]?.author?.email?.split('@').at(-1), 'example.org')

const seen = await client.GET('/v1/moderation/comments/{commentId}', {
  params: comment,
  headers: by(moderator),
})
const approved = await good(
  client.POST('/v1/moderation/comments/{commentId}/approve', {
    params: { ...comment, header: { 'If-Match': seen.response.headers.get('etag') ?? '' } },
    headers: by(moderator),
    body: { note: 'Checked.' },
  }),
)
equal(approved.status, 'approved')

const reply = await good(
  client.POST('/v1/articles/{articleId}/comments', {
    params: thread,
    body: {
      parentId: submitted.id,
      author: { name: 'Zoé', email: 'zoe@example.org' },
      body: 'C’est vrai.',
    },
  }),
)

const { outcomes } = await good(
  client.POST('/v1/moderation/decisions', {
    headers: by(moderator),
    body: { decisions: [{ commentId: reply.id, verdict: 'approve' }] },
  }),
)
equal(outcomes[0]?.outcome, 'decided')

const list = await good(
  client.GET('/v1/articles/{articleId}/comments', { params: { ...thread, query: { order: 'newest' } } }),
)
equal(list.comments.map(({ author }) => author.name).join(), 'Zoé,Ada')
const { counts } = await good(
  client.GET('/v1/counts', { params: { query: { articleId: [articleId, 'another'] } } }),
)
equal(counts.map(({ total }) => total).join(), '2,0')

const rejected = await good(
  client.POST('/v1/moderation/comments/{commentId}/reject', {
    params: comment,
    headers: by(moderator),
    body: { reason: 'Please stay on the subject.', replies: 'keep' },
  }),
)
equal(rejected.version, 3)
const own = await good(
  client.GET('/v1/comments/{commentId}', { params: comment, headers: by(submitted.receipt) }),
)
equal(own.reason, 'Please stay on the subject.')
const withdrawn = await good(
  client.DELETE('/v1/comments/{commentId}', { params: comment, headers: by(submitted.receipt) }),
)
equal(withdrawn.body, null)

const moved = await good(
  client.POST('/v1/moderation/articles/{articleId}/move', {
    params: thread,
    headers: by(moderator),
    body: { to: 'why-we-print' },
  }),
)
equal(moved.changed, true)
const articles = await good(client.GET('/v1/moderation/articles', { headers: by(moderator) }))
equal(articles.articles.length, 1)
const told = await good(
  client.GET('/v1/moderation/articles/{articleId}', {
    params: { path: { articleId: 'why-we-print' } },
    headers: by(moderator),
  }),
)
equal(told.title, 'Why we print')

// A moderator at the desk.
const waiting = await good(
  client.POST('/v1/articles/{articleId}/comments', {
    params: { path: { articleId: 'why-we-print' } },
    body: { author: { name: 'Grace', email: 'grace@example.org' }, body: 'Is it so?' },
  }),
)
const third = { path: { commentId: waiting.id } }
const claimed = await good(
  client.POST('/v1/moderation/claims', { headers: by(moderator), body: { limit: 5, seconds: 60 } }),
)
equal(claimed.comments.map(({ id }) => id).join(), waiting.id)
const claims = await good(client.GET('/v1/moderation/claims', { headers: by(moderator) }))
equal(claims.comments.length, 1)
await good(client.PATCH('/v1/moderation/claims', { headers: by(moderator), body: { seconds: 120 } }))
const found = await good(
  client.POST('/v1/moderation/search', { headers: by(moderator), body: { q: 'grace', status: ['pending'] } }),
)
equal(found.comments.map(({ id }) => id).join(), waiting.id)
const context = await good(
  client.GET('/v1/moderation/comments/{commentId}/context', { params: third, headers: by(moderator) }),
)
equal(context.parents.length, 0)
await good(
  client.POST('/v1/moderation/comments/{commentId}/notes', {
    params: third,
    headers: by(moderator),
    body: { text: 'I have asked.' },
  }),
)
const counted = await good(
  client.POST('/v1/moderation/decisions/matching', {
    headers: by(moderator),
    body: { where: { q: 'grace', status: ['pending'] }, until: waiting.id, verdict: 'approve', dryRun: true },
  }),
)
equal(counted.matched, 1)
await good(
  client.POST('/v1/moderation/comments/{commentId}/approve', { params: third, headers: by(moderator) }),
)
const reopened = await good(
  client.POST('/v1/moderation/comments/{commentId}/reopen', { params: third, headers: by(moderator) }),
)
equal(reopened.status, 'pending')
await good(
  client.POST('/v1/moderation/comments/{commentId}/erase', {
    params: third,
    headers: by(moderator),
    body: { reason: 'It named a private address.' },
  }),
)
await good(client.DELETE('/v1/moderation/claims', { headers: by(moderator) }))
const log = await good(
  client.GET('/v1/moderation/decisions', {
    params: { query: { order: 'newest', limit: 1 } },
    headers: by(moderator),
  }),
)
equal(log.decisions[0]?.action, 'erase')
await good(client.GET('/v1/moderation/reasons', { headers: by(moderator) }))
const summary = await good(client.GET('/v1/moderation/summary', { headers: by(moderator) }))
equal(summary.counts.pending, 0)

// What is no JSON: a reader's page, and what follows an article.
const ofArticle = { params: { path: { articleId: 'why-we-print' } }, parseAs: 'text' } as const
const fragment = await good(client.GET('/v1/articles/{articleId}/thread.html', ofArticle))
equal(fragment.includes('class="imprimatur"'), true)
const page = await good(client.GET('/thread/{articleId}', ofArticle))
equal(page.startsWith('<!doctype html>'), true)
const feed = await good(client.GET('/v1/articles/{articleId}/comments.atom', ofArticle))
equal(feed.includes('<feed '), true)
await good(client.GET('/v1/comments.atom', { parseAs: 'text' }))
if (kind !== 'no-redirect') {
  const sent = await client.POST('/thread/{articleId}', {
    ...ofArticle,
    body: {
      name: 'Hedy',
      email: 'hedy@example.org',
      body: 'By a form.',
      parentId: '',
      website: '',
      key: '',
      shown: '',
    },
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    bodySerializer: (body) => new URLSearchParams(body),
    redirect: 'manual',
  })
  equal(sent.response.status, 303)
}

const metrics = await client.GET('/metrics', { headers: by(admin), parseAs: 'text' })
equal(metrics.response.status, 200)
await good(client.GET('/livez'))
await good(client.GET('/readyz'))

await good(client.GET('/openapi.json'))

console.log('All calls were answered as the document says.')
