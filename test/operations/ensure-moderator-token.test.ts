import t from 'tap'
import { authenticate } from '../../src/operations/authenticate.ts'
import { createToken } from '../../src/operations/create-token.ts'
import { ensureModeratorToken } from '../../src/operations/ensure-moderator-token.ts'
import type { Store } from '../../src/store/store.ts'
import { testDeps } from '../support/deps.ts'

const one = 'a'.repeat(32)
const two = 'b'.repeat(32)

/** Remembers what became of the secret. */
function notebook() {
  const fates: string[] = []
  const secrets: string[] = []
  const publish = async (secret: string) => {
    secrets.push(secret)
    return { keep: async () => void fates.push('kept'), discard: async () => void fates.push('discarded') }
  }
  return { fates, secrets, publish }
}

t.test('a first start makes a token that moderates and administers, and later ones leave it', async (t) => {
  const deps = await testDeps(t)
  const { fates, secrets, publish } = notebook()
  t.same(await ensureModeratorToken(deps, null, publish), { kind: 'first' })
  t.same(fates, ['kept'])
  t.match(await authenticate(deps, secrets[0] ?? ''), { ok: true, value: { scopes: ['moderate', 'admin'] } })
  t.same(await ensureModeratorToken(deps, null, publish), { kind: 'existing' })
  t.equal(secrets.length, 1)
})

t.test('where another process was first, the secret is discarded', async (t) => {
  const deps = await testDeps(t)
  const { fates, publish } = notebook()
  const store: Store = { ...deps.store, createFirstToken: async () => 'not-first' }
  t.same(await ensureModeratorToken({ ...deps, store }, null, publish), { kind: 'existing' })
  t.same(fates, ['discarded'])
})

t.test("the environment's token opens, and a changed one takes its place", async (t) => {
  const deps = await testDeps(t)
  const { secrets, publish } = notebook()
  t.same(await ensureModeratorToken(deps, one, publish), { kind: 'environment' })
  t.same(await ensureModeratorToken(deps, one, publish), { kind: 'environment' })
  t.match(await authenticate(deps, one), { ok: true, value: { name: 'environment' } })
  t.same(await ensureModeratorToken(deps, two, publish), { kind: 'environment' })
  t.match(await authenticate(deps, one), { ok: false })
  t.match(await authenticate(deps, two), { ok: true })
  t.same(secrets, [])
})

t.test(
  'the one before ends as well where the environment gives a token that has a name already',
  async (t) => {
    const deps = await testDeps(t)
    const { publish } = notebook()
    await ensureModeratorToken(deps, one, publish)
    const marie = await createToken(deps, { name: 'marie', scopes: ['moderate'], expiresAtMs: null })
    if (marie.kind !== 'created') throw new Error(marie.kind)
    t.same(await ensureModeratorToken(deps, marie.secret, publish), { kind: 'environment' })
    t.match(await authenticate(deps, one), { ok: false })
    t.match(await authenticate(deps, marie.secret), { ok: true, value: { name: 'marie' } })
  },
)

t.test('a token that was revoked does not come back by a restart', async (t) => {
  const deps = await testDeps(t)
  const { publish } = notebook()
  await ensureModeratorToken(deps, one, publish)
  await deps.store.revokeToken('environment', deps.clock())
  t.same(await ensureModeratorToken(deps, one, publish), { kind: 'environment-revoked' })
  t.match(await authenticate(deps, one), { ok: false })
})

t.test('a token that the environment no longer gives ends', async (t) => {
  const deps = await testDeps(t)
  const { publish } = notebook()
  await ensureModeratorToken(deps, one, publish)
  await createToken(deps, { name: 'marie', scopes: ['moderate'], expiresAtMs: null })
  t.same(await ensureModeratorToken(deps, null, publish), { kind: 'existing' })
  t.match(await authenticate(deps, one), { ok: false })
})
