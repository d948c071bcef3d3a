import t from 'tap'
import { authenticate } from '../../../src/operations/tokens/authenticate.ts'
import { createToken } from '../../../src/operations/tokens/create-token.ts'
import { StoreFault } from '../../../src/store/store-fault.ts'
import { testDeps } from '../../support/store.ts'

t.test('a token opens until it expires', async (t) => {
  const deps = await testDeps(t)
  const start = deps.clock()
  const created = await createToken(deps, { name: 'marie', scopes: ['moderate'], expiresAtMs: start + 1_000 })
  if (created.kind !== 'created') throw new Error(created.kind)
  t.match(created.secret, /^imt_[\w-]{43}$/)
  t.match(await authenticate(deps, created.secret), {
    ok: true,
    value: { name: 'marie', scopes: ['moderate'] },
  })
  t.match(await authenticate(deps, `${created.secret}x`), { ok: false, refusal: { code: 'token-invalid' } })
  deps.setClock(start + 1_000)
  t.match(await authenticate(deps, created.secret), { ok: false, refusal: { detail: /expired/ } })
  await deps.store.revokeToken('marie', start)
  t.match(await authenticate(deps, created.secret), { ok: false, refusal: { detail: /unknown here/ } })
})

t.test('its last use is noted, once a minute', async (t) => {
  const deps = await testDeps(t)
  const created = await createToken(deps, { name: 'marie', scopes: ['moderate'], expiresAtMs: null })
  if (created.kind !== 'created') throw new Error(created.kind)
  const lastUse = async () => (await deps.store.findTokenByHash(created.token.hash))?.lastUsedAtMs
  const start = deps.clock()
  t.equal(await lastUse(), null)
  await authenticate(deps, created.secret)
  t.equal(await lastUse(), start)
  deps.setClock(start + 59_999)
  await authenticate(deps, created.secret)
  t.equal(await lastUse(), start)
  deps.setClock(start + 60_000)
  await authenticate(deps, created.secret)
  t.equal(await lastUse(), start + 60_000)
  deps.setClock(start - 3_600_000)
  await authenticate(deps, created.secret)
  t.equal(await lastUse(), start - 3_600_000, 'the clock was set back')
})

t.test('a use that cannot be noted turns nobody away', async (t) => {
  const deps = await testDeps(t)
  const created = await createToken(deps, { name: 'marie', scopes: ['moderate'], expiresAtMs: null })
  if (created.kind !== 'created') throw new Error(created.kind)
  const asked: string[] = []
  const store = {
    ...deps.store,
    touchToken: async (id: string) => {
      asked.push(id)
      throw new StoreFault('STORE_READ_ONLY', 'no writes')
    },
  }
  t.match(await authenticate({ ...deps, store }, created.secret), { ok: true, value: { name: 'marie' } })
  t.same(asked, [created.token.id])
})

t.test('names are unique, and one is kept for the environment', async (t) => {
  const deps = await testDeps(t)
  const wanted = { scopes: ['moderate'] as const, expiresAtMs: null }
  t.match(await createToken(deps, { ...wanted, name: 'marie' }), { kind: 'created' })
  t.same(await createToken(deps, { ...wanted, name: 'marie' }), { kind: 'name-taken' })
  t.same(await createToken(deps, { ...wanted, name: 'environment' }), { kind: 'name-taken' })
})
