import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Answer, Client } from './client.ts'

/*
 * What a site relies on, in the order of a comment's life. One test goes on from where the one before it ended: each
 * submission counts against the limit of six a minute, so six are all that there are.
 */

type Acknowledgement = { id: string; status: string; message: string; receipt: string }
type PublicComment = { id: string; parentId: string | null; author: { name: string }; body: string }
type CommentList = { total: number; comments: PublicComment[]; nextCursor: string | null }
type Moderated = {
  id: string
  status: string
  version: number
  author: { name: string; email: string | null } | null
  body: string | null
}
type Decided = Moderated & { changed: boolean; approvedReplies: number; rejectedReplyIds: string[] }
type Viewed = Moderated & { decisions: { action: string; reason: string | null; note: string | null }[] }
type Queue = { pending: number; comments: (Moderated & { claim: object | null })[] }
type Context = {
  comment: Viewed & { claim: object | null }
  parents: Moderated[]
  replies: { total: number }
  article: { approved: number; pending: number }
  author: { last: { comment: Moderated }[] } | null
}
type OwnComment = {
  status: string
  body: string | null
  author: { name: string } | null
  reason: string | null
}
type Counts = { counts: { articleId: string; total: number }[] }
type Log = { decisions: { action: string; position: number }[]; nextAfter: number }
type Problem = { type: string; detail: string; errors?: { in: string; pointer: string }[] }

/** Defines the tests. `difference` says how the served document differs from the committed one, if it does. */
export function defineSuite(client: Client, difference: string | null): void {
  const { call, moderate } = client
  const run = randomUUID()
  const articleId = `contract-${run}`
  const path = `/v1/articles/${articleId}/comments`
  const feeds = [`${path}.atom`, '/v1/comments.atom']
  const email = `reader-${run}@example.org`
  const author = { name: 'Zoé <b>Lefèvre</b>', email }
  const body = 'Première ligne\n\n  seconde & <script>alert(1)</script> 🙂'
  const submission = { author, body }
  const key = { 'idempotency-key': run }

  const submitted: Acknowledgement[] = []
  const nth = (index: number): Acknowledgement =>
    submitted[index] ?? assert.fail('this needs a comment that an earlier test could not submit')
  const first = () => nth(0)
  const reply = () => nth(1)
  const list = async (query = '') => (await call('GET', `${path}${query}`)).json<CommentList>()
  const listedIds = async (query = '') => (await list(query)).comments.map(({ id }) => id)
  const decide = async (id: string, verdict: 'approve' | 'reject', json?: object): Promise<Decided> => {
    const answer = await moderate('POST', `/v1/moderation/comments/${id}/${verdict}`, json && { json })
    assert.equal(answer.status, 200)
    return answer.json<Decided>()
  }
  const own = async ({ id, receipt }: Acknowledgement, method: 'GET' | 'DELETE' = 'GET') =>
    call(method, `/v1/comments/${id}`, { headers: { authorization: `Bearer ${receipt}` } })

  test('serves the document that is committed here', () => {
    assert.equal(difference, null)
  })

  test('answers its probes', async () => {
    assert.equal((await call('GET', '/livez')).status, 200)
    assert.equal((await call('GET', '/readyz')).status, 200)
  })

  test('an article never heard of is an empty list, not a 404', async () => {
    const answer = await call('GET', path)
    assert.equal(answer.status, 200)
    // Fields that are not named here may be added.
    const { articleId: id, closed, total, comments, nextCursor } = answer.json<Record<string, unknown>>()
    assert.deepEqual([id, closed, total, comments, nextCursor], [articleId, false, 0, [], null])
  })

  test("an article's id may be a whole URL, percent-encoded", async () => {
    const url = `https://example.org/2026/été?page=${run}#top`
    const answer = await call('GET', `/v1/articles/${encodeURIComponent(url)}/comments`)
    assert.equal(answer.json<{ articleId: string }>().articleId, url, 'a proxy may have decoded %2F')
  })

  test("a submission is acknowledged with 202 and a receipt, in the reader's language", async () => {
    const headers = { ...key, 'accept-language': 'fr-FR, fr;q=0.9, en;q=0.5' }
    const answer = await call('POST', path, { json: submission, headers })
    assert.equal(answer.status, 202)
    const acknowledgement = answer.json<Acknowledgement>()
    submitted.push(acknowledgement)
    assert.equal(acknowledgement.status, 'pending')
    assert.match(acknowledgement.receipt, /^imr_/)
    assert.match(acknowledgement.message, /^Merci/)
    assert.equal(answer.headers.get('content-language'), 'fr')
    assert.equal(answer.headers.get('location'), `/v1/comments/${acknowledgement.id}`)
    assert.equal(answer.headers.get('idempotency-replayed'), null)
  })

  test('the same submission under the same Idempotency-Key gets the first answer again', async () => {
    const answer = await call('POST', path, { json: submission, headers: key })
    assert.equal(answer.status, 202)
    assert.deepEqual(answer.json(), first())
    assert.equal(answer.headers.get('idempotency-replayed'), 'true')
  })

  test('another submission under the same Idempotency-Key is refused with 422', async () => {
    const answer = await call('POST', path, { json: { ...submission, body: 'Another.' }, headers: key })
    assertProblem(answer, 422, 'idempotency-key-reused')
  })

  test('a submission that is not valid is refused with 400, every bad field named at once', async () => {
    const json = { author: { name: ' ', email: 'nobody' }, parentId: 7, website: 'https://example.org' }
    const { errors = [] } = assertProblem(await call('POST', path, { json }), 400, 'invalid-request')
    assert.deepEqual(errors.map((error) => `${error.in} ${error.pointer}`).sort(), [
      'body /author/email',
      'body /author/name',
      'body /body',
      'body /parentId',
      'body /website',
    ])
  })

  test('a submission without an e-mail address is refused with 400', async () => {
    // Only of what an import has brought along may it be unknown.
    for (const none of [{}, { email: null }, { email: '' }]) {
      const answer = await call('POST', path, { json: { author: { name: author.name, ...none }, body } })
      const { errors = [] } = assertProblem(answer, 400, 'invalid-request')
      assert.deepEqual(
        errors.map(({ pointer }) => pointer),
        ['/author/email'],
      )
    }
  })

  test('a pending comment waits in the queue, e-mail included, and is public nowhere', async () => {
    const answer = await moderate('GET', `/v1/moderation/comments?articleId=${articleId}`)
    const { pending, comments } = answer.json<Queue>()
    assert.ok(pending >= 1)
    assert.deepEqual(
      comments.map(({ id, status, author, body }) => ({ id, status, author, body })),
      [{ id: first().id, status: 'pending', author, body }],
    )
    assert.equal((await list()).total, 0)
  })

  test('its author sees where it stands, and only with its receipt', async () => {
    const answer = await own(first())
    assert.equal(answer.status, 200)
    assert.equal(answer.json<OwnComment>().status, 'pending')
    assertProblem(await call('GET', `/v1/comments/${first().id}`), 401, 'token-missing')
    const wrong = await own({ ...first(), receipt: `imr_${'A'.repeat(43)}` })
    assertProblem(wrong, 401, 'token-invalid')
  })

  test('a decision about a version that is no longer there is refused with 412', async () => {
    const approval = `/v1/moderation/comments/${first().id}/approve`
    const stale = await moderate('POST', approval, { headers: { 'if-match': '"999"' } })
    assertProblem(stale, 412, 'version-mismatch')
    assert.equal((await list()).total, 0)
  })

  test('an approval needs no body, and publishes the comment as it was sent', async () => {
    const view = `/v1/moderation/comments/${first().id}`
    const etag = (await moderate('GET', view)).headers.get('etag') ?? assert.fail('there is no ETag')
    const answer = await moderate('POST', `${view}/approve`, { headers: { 'if-match': etag } })
    assert.equal(answer.status, 200)
    assert.equal(answer.json<Decided>().changed, true)
    assert.notEqual(answer.headers.get('etag'), etag)
    const { total, comments } = await list()
    assert.equal(total, 1)
    assert.deepEqual(
      comments.map(({ id, parentId, author, body }) => ({ id, parentId, author, body })),
      [{ id: first().id, parentId: null, author: { name: author.name }, body }],
    )
  })

  test('the feeds of the article and of the whole site have it', async () => {
    for (const path of feeds) {
      const answer = await call('GET', path)
      assert.match(answer.headers.get('content-type') ?? '', /^application\/atom\+xml\b/)
      assert.ok(answer.text.includes(`<id>urn:uuid:${first().id}</id>`), path)
      const etag = answer.headers.get('etag') ?? assert.fail('there is no ETag')
      // Elsewhere on the site somebody may have been published meanwhile.
      if (path === feeds[0])
        assert.equal((await call('GET', path, { headers: { 'if-none-match': etag } })).status, 304)
    }
  })

  test('the same decision again changes nothing', async () => {
    assert.equal((await decide(first().id, 'approve')).changed, false)
  })

  test('one call counts the comments of many articles, those never heard of as well', async () => {
    const other = `${articleId}-other`
    const answer = await call('GET', `/v1/counts?articleId=${articleId}&articleId=${other}`)
    assert.deepEqual(answer.json<Counts>().counts, [
      { articleId, total: 1 },
      { articleId: other, total: 0 },
    ])
  })

  test('a list that has not changed is answered with 304 and no body', async () => {
    const etag = (await call('GET', path)).headers.get('etag') ?? assert.fail('there is no ETag')
    const again = await call('GET', path, { headers: { 'if-none-match': etag } })
    assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', etag])
    const other = await call('GET', path, { headers: { 'if-none-match': '"another"' } })
    assert.equal(other.status, 200)
  })

  test('HEAD answers as GET does, without the body', async () => {
    const [get, head] = [await call('GET', path), await call('HEAD', path)]
    assert.equal(head.status, 200)
    for (const name of ['etag', 'content-type', 'cache-control']) {
      assert.equal(head.headers.get(name), get.headers.get(name), name)
    }
  })

  test('a reply to a comment of another article is refused with 422', async () => {
    const answer = await call('POST', `/v1/articles/${articleId}-other/comments`, {
      json: { ...submission, parentId: first().id },
    })
    const { errors = [] } = assertProblem(answer, 422, 'parent-not-available')
    assert.deepEqual(
      errors.map(({ pointer }) => pointer),
      ['/parentId'],
    )
  })

  test('a reply is submitted like any comment, here by an English reader', async () => {
    const answer = await call('POST', path, {
      json: { author, body: 'A reply.', parentId: first().id },
      headers: { 'accept-language': 'en' },
    })
    assert.equal(answer.status, 202)
    const acknowledgement = answer.json<Acknowledgement>()
    submitted.push(acknowledgement)
    assert.match(acknowledgement.message, /^Thank you/)
    assert.equal(answer.headers.get('content-language'), 'en')
  })

  test('what one moderator has taken is given to nobody else, until it is given up', async () => {
    const claims = '/v1/moderation/claims'
    const json = { where: { articleIds: [articleId] }, seconds: 30 }
    const claim = async () => (await moderate('POST', claims, { json })).json<Pick<Queue, 'comments'>>()
    const taken = await claim()
    assert.deepEqual(
      taken.comments.map(({ id, claim }) => [id, claim !== null]),
      [[reply().id, true]],
    )
    assert.deepEqual((await claim()).comments, [], 'not even to who has it')
    const renewal = { json: { commentIds: [reply().id] } }
    const { commentIds } = (await moderate('PATCH', claims, renewal)).json<{ commentIds: string[] }>()
    assert.deepEqual(commentIds, [reply().id])
    const { released } = (await moderate('DELETE', `${claims}?commentId=${reply().id}`)).json<{
      released: number
    }>()
    assert.equal(released, 1)
  })

  test('a comment is shown in its surroundings, to moderators', async () => {
    const context = (await moderate('GET', `/v1/moderation/comments/${reply().id}/context`)).json<Context>()
    assert.deepEqual([context.comment.id, context.comment.claim], [reply().id, null])
    assert.deepEqual(
      context.parents.map(({ id }) => id),
      [first().id],
    )
    const { approved, pending } = context.article
    assert.deepEqual([approved, pending, context.replies.total], [1, 1, 0])
    assert.deepEqual(
      context.author?.last.map(({ comment }) => comment.id),
      [first().id],
    )
  })

  test('one call decides about many comments, each on its own', async () => {
    const unknown = '00000000-0000-7000-8000-000000000000'
    const answer = await moderate('POST', '/v1/moderation/decisions', {
      json: {
        decisions: [
          { commentId: first().id, verdict: 'approve' },
          { commentId: reply().id, verdict: 'approve', note: 'contract' },
          { commentId: unknown, verdict: 'reject', reason: 'contract' },
        ],
      },
    })
    const { outcomes } = answer.json<{ outcomes: { commentId: string; outcome: string }[] }>()
    assert.deepEqual(
      outcomes.map(({ commentId, outcome }) => [commentId, outcome]),
      [
        [first().id, 'unchanged'],
        [reply().id, 'decided'],
        [unknown, 'refused'],
      ],
    )
  })

  test('a list is paged by cursor, in order of submission or the other way round', async () => {
    const inOrder = [first().id, reply().id]
    assert.deepEqual(await listedIds(), inOrder)
    assert.deepEqual(await listedIds('?order=newest'), inOrder.toReversed())
    const answer = await call('GET', `${path}?limit=1`)
    const page = answer.json<CommentList>()
    assert.equal(page.total, 2, 'the total is of the article, not of the page')
    const cursor = page.nextCursor ?? assert.fail('there is no next page')
    assert.match(answer.headers.get('link') ?? '', /^<\/v1\/articles\/.*cursor=.*>; rel="next"$/)
    const next = await list(`?limit=1&cursor=${cursor}`)
    assert.deepEqual(
      [...page.comments, ...next.comments].map(({ id }) => id),
      inOrder,
    )
    assert.equal(next.comments[0]?.parentId, first().id)
    assert.equal(next.nextCursor, null)
  })

  test('a rejection takes the comment away, gives its author the reason, and leaves the replies', async () => {
    const decided = await decide(first().id, 'reject', { reason: 'Off the subject.', note: 'contract' })
    assert.deepEqual([decided.status, decided.approvedReplies, decided.rejectedReplyIds], ['rejected', 1, []])
    assert.deepEqual(await listedIds(), [reply().id])
    const { status, reason } = (await own(first())).json<OwnComment>()
    assert.deepEqual({ status, reason }, { status: 'rejected', reason: 'Off the subject.' })
    for (const path of feeds)
      assert.ok(!(await call('GET', path)).text.includes(`<id>urn:uuid:${first().id}</id>`), path)
  })

  test('a rejection can be reversed, and both decisions stay in the log', async () => {
    assert.equal((await decide(first().id, 'approve')).status, 'approved')
    assert.equal((await list()).total, 2)
    const viewed = (await moderate('GET', `/v1/moderation/comments/${first().id}`)).json<Viewed>()
    assert.deepEqual(
      viewed.decisions.map(({ action, reason, note }) => [action, reason, note]),
      [
        ['approve', null, null],
        ['reject', 'Off the subject.', 'contract'],
        ['approve', null, null],
      ],
    )
    assert.equal((await own(first())).json<OwnComment>().reason, null, 'the reason went with the rejection')
  })

  test('a rejection takes the replies along where it is asked to', async () => {
    const decided = await decide(first().id, 'reject', { replies: 'reject' })
    assert.deepEqual([decided.approvedReplies, decided.rejectedReplyIds], [0, [reply().id]])
    const { total, comments } = await list()
    assert.deepEqual([total, comments], [0, []])
    await decide(first().id, 'approve')
    await decide(reply().id, 'approve')
  })

  test('what is given back waits again, and the log tells each step in order', async () => {
    const view = `/v1/moderation/comments/${reply().id}`
    const log = `/v1/moderation/decisions?commentId=${reply().id}&limit=100`
    const before = (await moderate('GET', log)).json<Log>()
    const etag = (await moderate('GET', view)).headers.get('etag') ?? assert.fail('there is no ETag')
    const reopened = await moderate('POST', `${view}/reopen`, { headers: { 'if-match': etag } })
    assert.equal(reopened.json<Decided>().status, 'pending')
    assert.deepEqual(await listedIds(), [first().id])
    const stale = await moderate('POST', `${view}/reopen`, { headers: { 'if-match': etag } })
    assertProblem(stale, 412, 'version-mismatch')
    const note = await moderate('POST', `${view}/notes`, { json: { text: 'contract' } })
    assert.equal(note.status, 201)
    await decide(reply().id, 'approve')
    const { decisions } = (await moderate('GET', `${log}&after=${before.nextAfter}`)).json<Log>()
    assert.deepEqual(
      decisions.map(({ action }) => action),
      ['reopen', 'note', 'approve'],
    )
    const positions = decisions.map(({ position }) => position)
    assert.ok(positions.every((position, index) => position > (positions[index - 1] ?? before.nextAfter)))
  })

  test('moderation is for tokens of that scope only', async () => {
    assertProblem(await call('GET', '/v1/moderation/comments'), 401, 'token-missing')
    const headers = { authorization: `Bearer imt_${'A'.repeat(43)}` }
    const approval = `/v1/moderation/comments/${first().id}/approve`
    assertProblem(await call('POST', approval, { headers }), 401, 'token-invalid')
    const withReceipt = { authorization: `Bearer ${first().receipt}` }
    assertProblem(await call('POST', approval, { headers: withReceipt }), 401, 'token-invalid')
  })

  test('unknown parameters, broken JSON and unknown fields are refused with 400', async () => {
    const query = assertProblem(await call('GET', `${path}?page=2&limit=0`), 400, 'invalid-request')
    assert.deepEqual(query.errors?.map((error) => `${error.in} ${error.pointer}`).sort(), [
      'query /limit',
      'query /page',
    ])
    const decisions = '/v1/moderation/decisions'
    const headers = { 'content-type': 'application/json' }
    assertProblem(await moderate('POST', decisions, { text: '[{', headers }), 400, 'invalid-request')
    assertProblem(await moderate('POST', decisions, { json: [{ all: 'approve' }] }), 400, 'invalid-request')
  })

  test('what is not there is 404, what is not taken 405 with Allow, what cannot be given 406', async () => {
    const unknown = '/v1/moderation/comments/00000000-0000-7000-8000-000000000000'
    assertProblem(await moderate('GET', unknown), 404, 'comment-not-found')
    assertProblem(await call('GET', '/v1/no-such-path'), 404, 'path-not-found')
    const put = await call('PUT', path)
    assertProblem(put, 405, 'method-not-allowed')
    assert.match(put.headers.get('allow') ?? '', /GET.*POST/)
    const html = await call('GET', path, { headers: { accept: 'text/html' } })
    assertProblem(html, 406, 'not-acceptable')
  })

  test('a body that is too large is refused with 413, one that is no JSON with 415', async () => {
    const decisions = '/v1/moderation/decisions'
    const large = await moderate('POST', decisions, { json: ['x'.repeat(70_000)] })
    assertProblem(large, 413, 'body-too-large')
    const headers = { 'content-type': 'text/plain' }
    assertProblem(await moderate('POST', decisions, { text: '[]', headers }), 415, 'unsupported-media-type')
  })

  test('a withdrawal erases the comment for good', async () => {
    const answer = await own(first(), 'DELETE')
    assert.equal(answer.status, 200)
    const { status, author, body } = answer.json<OwnComment>()
    assert.deepEqual({ status, author, body }, { status: 'withdrawn', author: null, body: null })
    assert.deepEqual(await listedIds(), [reply().id], 'its reply stays')
    const viewed = (await moderate('GET', `/v1/moderation/comments/${first().id}`)).json<Viewed>()
    assert.deepEqual([viewed.status, viewed.author, viewed.body], ['withdrawn', null, null])
    const approval = await moderate('POST', `/v1/moderation/comments/${first().id}/approve`)
    assertProblem(approval, 409, 'comment-withdrawn')
  })

  test('a moderator erases a comment for good, and its author is told why', async () => {
    const erasure = `/v1/moderation/comments/${reply().id}/erase`
    assertProblem(await moderate('POST', erasure, { json: {} }), 400, 'invalid-request')
    const erased = (await moderate('POST', erasure, { json: { reason: 'Asked to.' } })).json<Decided>()
    assert.deepEqual([erased.status, erased.author, erased.body], ['withdrawn', null, null])
    assert.equal((await own(reply())).json<OwnComment>().reason, 'Asked to.')
    assert.equal((await list()).total, 0)
  })

  test('withdraws what is left of its comments', async () => {
    for (const acknowledgement of submitted) {
      assert.equal((await own(acknowledgement, 'DELETE')).json<OwnComment>().status, 'withdrawn')
    }
    assert.equal((await list()).total, 0)
  })

  test('no answer to a reader ever had an e-mail address in it', () => {
    assert.ok(client.publicAnswers.length > 20)
    assert.deepEqual(
      client.publicAnswers.filter((answer) => answer.includes(email)),
      [],
    )
  })
}

/** Its members are what the document says; which problem it is, the last part of its type says. */
function assertProblem(answer: Answer, status: number, code: string): Problem {
  assert.equal(answer.status, status, answer.text)
  const problem = answer.json<Problem>()
  assert.equal(problem.type, `urn:imprimatur:problem:${code}`)
  return problem
}
