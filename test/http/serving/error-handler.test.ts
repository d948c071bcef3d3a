import t from 'tap'
import { startApp, submission } from '../../support/app.ts'
import { equalProblem } from '../../support/routes.ts'

const submit = { method: 'POST', url: '/v1/articles/a/comments', payload: submission } as const

t.test('what the store cannot do for now is answered with 503, and when to try again', async (t) => {
  const faults: [code: string, problem: string, retryAfter: string, logged: boolean][] = [
    ['STORE_BUSY', 'overloaded', '1', false],
    ['STORE_FULL', 'not-ready', '5', true],
    ['STORE_READ_ONLY', 'not-ready', '5', true],
    ['STORE_FAILED', 'not-ready', '5', true],
    ['STORE_CLOSED', 'not-ready', '5', true],
  ]
  for (const [code, problem, retryAfter, logged] of faults) {
    const { call, log, store } = await startApp(t)
    const fault = Object.assign(new Error('database or disk is full'), { code })
    Object.assign(store, { submit: async () => Promise.reject(fault) })
    const response = await call(submit)
    equalProblem(t, response, 503, problem)
    t.equal(response.headers['retry-after'], retryAfter)
    t.notMatch(response.body, /disk/)
    const lines = log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50)
    t.match(lines, logged ? [{ err: { code, message: fault.message } }] : [])
    t.equal(lines.length, logged ? 1 : 0, code)
  }
})

t.test('a connection that the database lost is a fault, unlike one that the client gave up', async (t) => {
  const { call, log, store } = await startApp(t)
  const fault = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  Object.assign(store, { submit: async () => Promise.reject(fault) })
  equalProblem(t, await call(submit), 500, 'internal-error')
  t.match(
    log.map((line) => JSON.parse(line)),
    [{ level: 50, err: { code: 'ECONNRESET' } }],
  )
})

t.test('a body that is not as long as it says is refused', async (t) => {
  const { call } = await startApp(t)
  const response = await call({
    ...submit,
    payload: JSON.stringify(submission),
    headers: { 'content-type': 'application/json', 'content-length': '7' },
  })
  equalProblem(t, response, 400, 'invalid-request', [
    'header /content-length: must be the length of the body',
  ])
})
