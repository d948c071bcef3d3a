import t from 'tap'
import { checkAnswer } from '../../src/contract/document-check.ts'

const answer = { method: 'GET', url: '/livez', status: 200, headers: { 'content-type': 'application/json' } }

t.test('an answer that is not as the document says is complained of, and of what', (t) => {
  t.throws(() => checkAnswer({ ...answer, status: 418, body: '{}' }), {
    message: /GET \/livez.*418.*does not document this status/s,
  })
  t.throws(() => checkAnswer({ ...answer, body: '<h1>Hello</h1>\n' }), { message: /the body is not JSON/ })
  t.end()
})
