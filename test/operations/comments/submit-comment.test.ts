import t from 'tap'
import { idempotencyWindowMs } from '../../../src/domain/comments/idempotency.ts'
import { type SubmitInput, submitComment } from '../../../src/operations/comments/submit-comment.ts'
import { withdrawComment } from '../../../src/operations/comments/withdraw-comment.ts'
import { hashSecret } from '../../../src/operations/secrets.ts'
import type { Store } from '../../../src/store/store.ts'
import { testDeps } from '../../support/store.ts'

const input: SubmitInput = {
  articleId: 'article',
  parentId: null,
  author: { name: 'Ada', email: 'ada@example.org' },
  body: 'A fine article.',
  language: 'fr',
  idempotencyKey: null,
  form: null,
}

t.test('each submission has a receipt of its own, of which only the hash is kept', async (t) => {
  const deps = await testDeps(t)
  const [one, two] = [await submitComment(deps, input), await submitComment(deps, input)]
  if (!one.ok || !two.ok) throw new Error('refused')
  t.match(one.value.receipt, /^imr_[\w-]{43}$/)
  t.not(one.value.receipt, two.value.receipt)
  t.equal((await deps.store.findComment(one.value.commentId))?.receiptHash, hashSecret(one.value.receipt))
})

t.test('a retry gets the first answer again, in its language, and nothing new is written', async (t) => {
  const deps = await testDeps(t)
  const keyed = { ...input, idempotencyKey: 'key' }
  const first = await submitComment(deps, keyed)
  const again = await submitComment(deps, { ...keyed, language: 'en' })
  if (!first.ok) throw new Error('refused')
  t.same(again, { ok: true, value: { ...first.value, replayed: true } })
  t.equal((await deps.store.queue()).pending, 1)
})

t.test('a key is taken by any difference in the request', async (t) => {
  const deps = await testDeps(t)
  await submitComment(deps, { ...input, idempotencyKey: 'key' })
  const others: Partial<SubmitInput>[] = [
    { articleId: 'other' },
    { body: 'other' },
    { author: { ...input.author, name: 'Other' } },
    { author: { ...input.author, email: 'other@example.org' } },
    { parentId: '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11' },
  ]
  for (const other of others) {
    t.match(await submitComment(deps, { ...input, ...other, idempotencyKey: 'key' }), {
      ok: false,
      refusal: { code: 'idempotency-key-reused' },
    })
  }
})

t.test('after 24 hours the key is free', async (t) => {
  const deps = await testDeps(t)
  const keyed = { ...input, idempotencyKey: 'key' }
  const first = await submitComment(deps, keyed)
  deps.setClock(deps.clock() + idempotencyWindowMs)
  const later = await submitComment(deps, keyed)
  if (!first.ok || !later.ok) throw new Error('refused')
  t.not(first.value.commentId, later.value.commentId)
  t.equal(later.value.replayed, false)
})

t.test(
  'a retry while the first is being written is told to wait, and the key is free after a fault',
  async (t) => {
    const deps = await testDeps(t)
    const gate = Promise.withResolvers<void>()
    const store: Store = {
      ...deps.store,
      async submit() {
        await gate.promise
        throw new Error('the disk is gone')
      },
    }
    const keyed = { ...input, idempotencyKey: 'key' }
    const first = submitComment({ ...deps, store }, keyed)
    t.match(await submitComment({ ...deps, store }, keyed), {
      ok: false,
      refusal: { code: 'idempotency-key-in-flight', retryAfterSeconds: 1 },
    })
    gate.resolve()
    await t.rejects(first, { message: 'the disk is gone' })
    t.match(await submitComment(deps, keyed), { ok: true, value: { replayed: false } })
  },
)

t.test('once its author has withdrawn the comment, a retry is not known as one', async (t) => {
  const deps = await testDeps(t)
  const keyed = { ...input, idempotencyKey: 'key' }
  const first = await submitComment(deps, keyed)
  if (!first.ok) throw new Error('refused')
  await withdrawComment(deps, first.value)
  t.match(await submitComment(deps, keyed), { ok: false, refusal: { code: 'idempotency-key-reused' } })
})

t.test('a key that another process has just written is answered from there', async (t) => {
  const deps = await testDeps(t)
  const keyed = { ...input, idempotencyKey: 'key' }
  const first = await submitComment(deps, keyed)
  const store: Store = { ...deps.store, findIdempotencyRecord: async () => null }
  const again = await submitComment({ ...deps, store }, keyed)
  if (!first.ok) throw new Error('refused')
  t.same(again, { ok: true, value: { ...first.value, replayed: true } })
})
