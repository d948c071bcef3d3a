import type { InjectOptions } from 'fastify'
import t from 'tap'
import { codeOf, fieldErrorCodes } from '../../src/http/field-errors.ts'
import { startApp, submission } from '../support/app.ts'

const comments = '/v1/articles/a/comments'
const comment = (change: object): InjectOptions => ({
  method: 'POST',
  url: comments,
  payload: { ...submission, ...change },
})
const author = (change: object) => comment({ author: { ...submission.author, ...change } })
const id = '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'

t.test('each thing that can be wrong with a field has a code of its own', async (t) => {
  const { app, call, token } = await startApp(t)
  const headers = await token('moderate')
  const decisions = (list: unknown): InjectOptions => ({
    method: 'POST',
    url: '/v1/moderation/decisions',
    headers,
    payload: { decisions: list },
  })
  const approve = { commentId: id, verdict: 'approve' }
  const put = (payload: object): InjectOptions => ({
    method: 'PUT',
    url: '/v1/moderation/articles/a',
    headers,
    payload,
  })
  const requests: [pointer: string, code: string, request: InjectOptions][] = [
    ['body /body', 'required', comment({ body: undefined })],
    ['body /author', 'required', comment({ author: undefined })],
    ['query /articleId', 'required', { url: '/v1/counts' }],
    ['body /decisions', 'required', decisions(undefined)],
    ['body /decisions/0/commentId', 'required', decisions([{ verdict: 'approve' }])],
    ['body /decisions/0/verdict', 'required', decisions([{ commentId: id }])],
    ['body /website', 'unknown', comment({ website: '' })],
    ['query /page', 'unknown', { url: `${comments}?page=2` }],
    ['body /body', 'wrong-type', comment({ body: null })],
    ['body ', 'wrong-type', { method: 'POST', url: comments, payload: [] }],
    ['body /decisions', 'wrong-type', decisions('all')],
    ['query /order', 'not-one-of', { url: `${comments}?order=best` }],
    ['body /decisions/0/verdict', 'not-one-of', decisions([{ ...approve, verdict: 'spam' }])],
    ['query /limit', 'out-of-range', { url: `${comments}?limit=101` }],
    ['query /limit', 'out-of-range', { url: `${comments}?limit=many` }],
    ['body /form/shownForMs', 'out-of-range', comment({ form: { trap: '', shownForMs: -1 } })],
    ['body /form/shownForMs', 'out-of-range', comment({ form: { trap: '', shownForMs: 2 ** 60 } })],
    ['body /form/trap', 'required', comment({ form: {} })],
    ['query /heading', 'not-one-of', { url: '/v1/articles/a/thread.html?heading=1' }],
    ['query /lang', 'not-a-language', { url: '/v1/articles/a/thread.html?lang=e%20n' }],
    ['body /author/name', 'blank', author({ name: ' \u200b' })],
    ['query ', 'blank', { url: `${comments}?&` }],
    ['body /author/name', 'too-long', author({ name: 'a'.repeat(101) })],
    ['body /url', 'too-long', put({ url: `https://example.org/${'a'.repeat(5_000)}` })],
    ['body /decisions', 'too-many', decisions(Array(101).fill(approve))],
    ['query /articleId', 'too-many', { url: `/v1/counts?${Array(101).fill('articleId=a').join('&')}` }],
    ['query ', 'too-many', { url: `${comments}?${Array(201).fill('a').join('&')}` }],
    ['body /decisions', 'too-few', decisions([])],
    ['body /decisions/1/commentId', 'repeated', decisions([approve, approve])],
    ['query /limit', 'repeated', { url: `${comments}?limit=1&limit=1` }],
    ['body /author/name', 'controls', author({ name: 'Ada\nLovelace' })],
    ['body /body', 'not-storable', comment({ body: 'a\u0000' })],
    ['path /articleId', 'space-at-an-end', { url: '/v1/articles/a%20/comments' }],
    ['query /articleId/0', 'dots', { url: '/v1/counts?articleId=..' }],
    ['body /author/email', 'not-an-email', author({ email: 'ada' })],
    ['body /author/name', 'holds-the-address', author({ name: `${submission.author.email}.` })],
    ['header /host', 'not-a-host', { url: comments, headers: { host: 'a b' } }],
    ['body /parentId', 'not-a-uuid', comment({ parentId: '7' })],
    ['query /cursor', 'not-a-cursor', { url: `${comments}?cursor=7` }],
    ['query /cursor', 'not-a-cursor', { url: '/v1/moderation/articles?cursor=!', headers }],
    ['body /url', 'not-a-url', put({ url: 'ftp://example.org/' })],
    ['body /closedAt', 'not-a-time', put({ closedAt: 'tomorrow' })],
    [
      'header /if-match',
      'not-an-entity-tag',
      {
        method: 'POST',
        url: `/v1/moderation/comments/${id}/approve`,
        headers: { ...headers, 'if-match': '1' },
      },
    ],
    [
      'header /idempotency-key',
      'not-a-key',
      { ...comment({}), headers: { 'idempotency-key': 'a'.repeat(256) } },
    ],
    [
      'header /forwarded',
      'not-an-address',
      { ...comment({}), headers: { ...(await token('submit')), forwarded: 'for=somewhere' } },
    ],
    [
      'body ',
      'not-json',
      { method: 'POST', url: comments, headers: { 'content-type': 'application/json' }, payload: '{' },
    ],
    ['path ', 'bad-encoding', { url: '/v1/articles/%ff/comments' }],
    ['query ', 'bad-encoding', { url: `${comments}?limit=%ff` }],
    [
      'body ',
      'not-taken',
      { method: 'DELETE', url: `/v1/comments/${id}`, headers: { authorization: 'Bearer x' }, payload: {} },
    ],
    ['header /content-length', 'wrong-length', { ...comment({}), headers: { 'content-length': '7' } }],
    ['body /parentId', 'parent-not-available', comment({ parentId: id })],
  ]
  const seen = new Set<string>()
  for (const [place, code, request] of requests) {
    const send = code === 'wrong-length' ? app.inject.bind(app) : call
    const { errors = [] } = (await send(request)).json() as {
      errors?: { in: string; pointer: string; code: string }[]
    }
    t.same(
      errors.map((error) => [`${error.in} ${error.pointer}`, error.code]),
      [[place, code]],
    )
    seen.add(code)
  }
  t.same(
    fieldErrorCodes.filter((code) => !seen.has(code)),
    ['invalid'],
    'all but the one for a rule whose own was forgotten',
  )
})

t.test('a rule that brings no code has one all the same', (t) => {
  t.equal(
    codeOf({ code: 'not_multiple_of', divisor: 2, input: 3, path: [], message: '' } as never),
    'invalid',
  )
  t.end()
})
