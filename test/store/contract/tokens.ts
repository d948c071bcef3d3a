import type { Token } from '../../../src/domain/tokens/token.ts'
import { contract } from './given.ts'

/** The part of tokens. */
export const tokensContract = contract((test) => {
  test('tokens are found by hash, listed, touched and revoked', async (t, store) => {
    const marie = someToken('marie', { scopes: ['moderate', 'admin'], expiresAtMs: 9 })
    t.equal(await store.createToken(marie), 'created')
    t.equal(await store.createToken(someToken('marie', { id: 'other', hash: 'other' })), 'name-taken')
    t.same(await store.findTokenByHash(marie.hash), marie)
    t.equal(await store.findTokenByHash('unknown'), null)
    await store.touchToken(marie.id, 77)
    t.equal((await store.findTokenByHash(marie.hash))?.lastUsedAtMs, 77)
    t.equal(await store.revokeToken('marie', 88), 'revoked')
    t.equal(await store.revokeToken('marie', 99), 'missing')
    t.equal((await store.findTokenByHash(marie.hash))?.revokedAtMs, 88)
    t.equal(await store.createToken(someToken('marie', { id: 'second', hash: 'second' })), 'created')
    t.same(
      (await store.listTokens()).map(({ id, revokedAtMs }) => [id, revokedAtMs]),
      [
        [marie.id, 88],
        ['second', null],
      ],
    )
  })

  test('a token that several replicas make at the same moment is made once', async (t, store) => {
    for (let round = 0; round < 20; round++) {
      const makes = Array.from({ length: 5 }, (_, index) =>
        store.createToken(someToken(`token ${round}`, { id: `${round} ${index}`, hash: `hash ${round}` })),
      )
      t.same((await Promise.all(makes)).sort(), ['created', ...Array.from({ length: 4 }, () => 'name-taken')])
    }
    t.equal((await store.listTokens()).length, 20)
  })

  test('a first token is made once, and again when all are revoked', async (t, store) => {
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((id) => store.createFirstToken(someToken(id, { id, hash: id }))),
    )
    t.same(outcomes.sort(), ['created', 'not-first', 'not-first'])
    const [first] = await store.listTokens()
    await store.revokeToken(first?.name ?? '', 1)
    t.equal(await store.createFirstToken(someToken('d', { id: 'd', hash: 'd' })), 'created')
  })

  test('a first token is made beside one that does not count, and beside no other', async (t, store) => {
    const token = (name: string) => someToken(name, { id: name, hash: name })
    t.equal(await store.createToken(token('environment')), 'created')
    t.equal(await store.createFirstToken(token('a')), 'not-first')
    t.equal(await store.createFirstToken(token('a'), 'environment'), 'created')
    t.equal(await store.createFirstToken(token('b'), 'environment'), 'not-first')
  })

  test('a token takes the place of that of its name with one commit, or nothing changes', async (t, store) => {
    const token = (id: string) => someToken('environment', { id, hash: id, createdAtMs: 7 })
    t.equal(await store.replaceToken(token('a')), 'created')
    t.equal(await store.replaceToken(token('b')), 'replaced')
    t.equal(await store.replaceToken(token('b')), 'known')
    t.equal(await store.replaceToken(someToken('environment', { id: 'c', hash: 'a' })), 'known')
    t.same(
      (await store.listTokens()).map(({ id, revokedAtMs }) => [id, revokedAtMs]),
      [
        ['a', 7],
        ['b', null],
      ],
    )
    const outcomes = await Promise.all(['c', 'd', 'e'].map((id) => store.replaceToken(token(id))))
    t.notOk(outcomes.includes('known'))
    t.equal((await store.listTokens()).filter(({ revokedAtMs }) => revokedAtMs === null).length, 1)
  })
})

function someToken(name: string, more: Partial<Token> = {}): Token {
  return {
    id: `id-${name}`,
    name,
    scopes: ['moderate'],
    hash: `hash-${name}`,
    createdAtMs: 1,
    expiresAtMs: null,
    lastUsedAtMs: null,
    revokedAtMs: null,
    ...more,
  }
}
