import t from 'tap'
import { isGuessable, isTokenName, type Token, tokenState } from '../../../src/domain/tokens/token.ts'
import { newSecret } from '../../../src/operations/secrets.ts'

const token: Token = {
  id: 'id',
  name: 'marie',
  scopes: ['moderate'],
  hash: 'hash',
  createdAtMs: 1,
  expiresAtMs: null,
  lastUsedAtMs: null,
  revokedAtMs: null,
}

t.test('a token is active until it expires or is revoked', async (t) => {
  t.equal(tokenState(token, 1_000), 'active')
  t.equal(tokenState({ ...token, expiresAtMs: 1_001 }, 1_000), 'active')
  t.equal(tokenState({ ...token, expiresAtMs: 1_000 }, 1_000), 'expired')
  t.equal(tokenState({ ...token, revokedAtMs: 999, expiresAtMs: 1_000 }, 1_000), 'revoked')
})

t.test('a secret of a few characters, or of one piece again and again, is anybody’s guess', (t) => {
  for (const secret of ['a'.repeat(32), 'ab'.repeat(20), '1234567'.repeat(5), '0123456789abcdef'.repeat(2)])
    t.equal(isGuessable(secret), true, secret)
  const secrets = Array.from({ length: 1_000 }, () => newSecret(''))
  t.same(secrets.filter(isGuessable), [])
  t.same(secrets.map((secret) => Buffer.from(secret).toString('hex').slice(-48)).filter(isGuessable), [])
  t.end()
})

t.test('a name is one line of letters, digits and few signs, of which something can be seen', async (t) => {
  for (const name of ['marie', 'Élodie 2', 'ada@example.org', '編集者', 'a'.repeat(100)])
    t.ok(isTokenName(name))
  for (const name of ['', ' a', 'a\nb', 'a\u001b[2J', 'a\u202eb', '\u3164', 'a/b', 'a'.repeat(101)])
    t.notOk(isTokenName(name), JSON.stringify(name))
})
