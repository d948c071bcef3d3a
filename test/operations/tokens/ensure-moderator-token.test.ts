import t from 'tap'
import type { TokenScope } from '../../../src/domain/tokens/token.ts'
import { authenticate } from '../../../src/operations/tokens/authenticate.ts'
import { createToken } from '../../../src/operations/tokens/create-token.ts'
import { ensureModeratorToken } from '../../../src/operations/tokens/ensure-moderator-token.ts'
import type { Store } from '../../../src/store/store.ts'
import { testDeps } from '../../support/store.ts'

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
  t.same(await ensureModeratorToken(deps, one, publish), { kind: 'environment-refused', because: 'revoked' })
  t.match(await authenticate(deps, one), { ok: false })
})

t.test('a known token that lets nobody moderate is refused, and the one before stays', async (t) => {
  const deps = await testDeps(t)
  const { publish } = notebook()
  const secretOf = async (name: string, scopes: readonly TokenScope[], expiresAtMs: number | null) => {
    const created = await createToken(deps, { name, scopes, expiresAtMs })
    if (created.kind !== 'created') throw new Error(created.kind)
    return created.secret
  }
  await ensureModeratorToken(deps, one, publish)
  const site = await secretOf('site', ['submit', 'admin'], null)
  t.same(await ensureModeratorToken(deps, site, publish), {
    kind: 'environment-refused',
    because: 'cannot-moderate',
  })
  const soon = await secretOf('soon', ['moderate'], deps.clock() + 1)
  deps.setClock(deps.clock() + 1)
  t.same(await ensureModeratorToken(deps, soon, publish), { kind: 'environment-refused', because: 'expired' })
  t.match(await authenticate(deps, one), { ok: true })
})

t.test('a first token whose secret cannot be kept is no longer valid', async (t) => {
  const deps = await testDeps(t)
  const { fates, secrets, publish } = notebook()
  const fault = new Error('no room')
  const failing = async (secret: string) => ({
    ...(await publish(secret)),
    keep: async () => {
      t.match(await authenticate(deps, secret), { ok: true }, 'it was valid by then')
      throw fault
    },
  })
  await t.rejects(ensureModeratorToken(deps, null, failing), fault)
  t.same(fates, ['discarded'])
  t.match(await authenticate(deps, secrets[0] ?? ''), { ok: false })
  t.same(await ensureModeratorToken(deps, null, publish), { kind: 'first' }, 'the next start makes another')
})

t.test('a token that the environment no longer gives ends', async (t) => {
  const deps = await testDeps(t)
  const { publish } = notebook()
  await ensureModeratorToken(deps, one, publish)
  await createToken(deps, { name: 'marie', scopes: ['moderate'], expiresAtMs: null })
  t.same(await ensureModeratorToken(deps, null, publish), { kind: 'existing' })
  t.match(await authenticate(deps, one), { ok: false })
})

t.test('whatever fails before the last step leaves the token of the environment in force', async (t) => {
  const fault = new Error('the database is away')
  const cases: Record<string, { secret: string | null; broken: Partial<Store>; unpublished?: Error }> = {
    'the secret of a first one cannot be written': { secret: null, broken: {}, unpublished: fault },
    'a first one cannot be made': {
      secret: null,
      broken: { createFirstToken: async () => Promise.reject(fault) },
    },
    'the next one cannot be made': {
      secret: two,
      broken: {
        createToken: async () => Promise.reject(fault),
        replaceToken: async () => Promise.reject(fault),
      },
    },
  }
  for (const [name, { secret, broken, unpublished }] of Object.entries(cases))
    await t.test(name, async (t) => {
      const deps = await testDeps(t)
      const { publish } = notebook()
      await ensureModeratorToken(deps, one, publish)
      const failing = { ...deps, store: { ...deps.store, ...broken } }
      const publishing = unpublished === undefined ? publish : async () => Promise.reject(unpublished)
      await t.rejects(ensureModeratorToken(failing, secret, publishing), fault)
      t.match(await authenticate(deps, one), { ok: true })
    })
})
