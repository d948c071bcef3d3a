import t from 'tap'
import { startApp } from '../../support/app.ts'

t.test('an article never heard of is an empty list', async (t) => {
  const { call } = await startApp(t)
  const response = await call({ url: '/v1/articles/unheard-of/comments' })
  t.equal(response.statusCode, 200)
  t.same(response.json(), { articleId: 'unheard-of', total: 0, comments: [], nextCursor: null })
})

t.test('lists what was approved, and nothing else', async (t) => {
  const { call, submit, publish } = await startApp(t)
  const { id } = await publish('a')
  await submit('a', { body: 'still pending' })
  const response = await call({ url: '/v1/articles/a/comments' })
  t.match(response.json(), {
    total: 1,
    comments: [{ id, parentId: null, author: { name: 'Ada' }, body: 'A fine article.' }],
  })
  t.notMatch(response.body, /example\.org|pending/)
})
