import { type Token, type TokenScope, tokenPrefix } from '../../domain/tokens/token.ts'
import type { TokenStore } from '../../store/tokens.ts'
import type { Deps } from '../deps.ts'
import { hashSecret, newSecret } from '../secrets.ts'

/** Of the token that `MODERATOR_TOKEN` gives; no other token may have it. */
export const environmentTokenName = 'environment'

export type NewToken = { name: string; scopes: readonly TokenScope[]; expiresAtMs: number | null }

/** A secret written down but not yet in its place: kept once the token is valid, discarded where it is not. */
export type PublishedSecret = { keep: () => Promise<void>; discard: () => Promise<void> }

/** The secret is in the answer and nowhere else, or where `publish` writes it before the token is valid. */
export async function createToken(
  { store, clock, newId }: Deps<TokenStore>,
  wanted: NewToken,
  publish: (secret: string) => Promise<Pick<PublishedSecret, 'discard'>> = async () => unpublished,
): Promise<{ kind: 'created'; token: Token; secret: string } | { kind: 'name-taken' }> {
  if (wanted.name === environmentTokenName) return { kind: 'name-taken' }
  const secret = newSecret(tokenPrefix)
  const token = tokenOf({ clock, newId }, wanted, secret)
  const published = await publish(secret)
  try {
    if ((await store.createToken(token)) === 'created') return { kind: 'created', token, secret }
  } catch (error) {
    await published.discard()
    throw error
  }
  await published.discard()
  return { kind: 'name-taken' }
}

const unpublished = { discard: async () => {} }

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
