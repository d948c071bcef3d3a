import t from 'tap'
import { type Token, tokenState } from '../../../src/domain/tokens/token.ts'

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
