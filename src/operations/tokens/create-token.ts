import { type Token, type TokenScope, tokenPrefix } from '../../domain/tokens/token.ts'
import type { TokenStore } from '../../store/tokens.ts'
import type { Deps } from '../deps.ts'
import { hashSecret, newSecret } from '../secrets.ts'

/** Of the token that `MODERATOR_TOKEN` gives; no other token may have it. */
export const environmentTokenName = 'environment'

export type NewToken = { name: string; scopes: readonly TokenScope[]; expiresAtMs: number | null }

/** The secret is in the answer and nowhere else. */
export async function createToken(
  { store, clock, newId }: Deps<TokenStore>,
  wanted: NewToken,
): Promise<{ kind: 'created'; token: Token; secret: string } | { kind: 'name-taken' }> {
  if (wanted.name === environmentTokenName) return { kind: 'name-taken' }
  const secret = newSecret(tokenPrefix)
  const token = tokenOf({ clock, newId }, wanted, secret)
  const outcome = await store.createToken(token)
  return outcome === 'created' ? { kind: 'created', token, secret } : { kind: 'name-taken' }
}

export function tokenOf(
  { clock, newId }: Pick<Deps<unknown>, 'clock' | 'newId'>,
  wanted: NewToken,
  secret: string,
): Token {
  return {
    id: newId(),
    ...wanted,
    hash: hashSecret(secret),
    createdAtMs: clock(),
    lastUsedAtMs: null,
    revokedAtMs: null,
  }
}
