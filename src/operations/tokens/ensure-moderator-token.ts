import { tokenPrefix, tokenState } from '../../domain/tokens/token.ts'
import type { TokenStore } from '../../store/tokens.ts'
import type { Deps } from '../deps.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { environmentTokenName, tokenOf } from './create-token.ts'

/** The first token decides, and sees what an operator may. */
const firstScopes = ['moderate', 'admin'] as const

export type Ensured =
  /** The environment's token is in force. */
  | { kind: 'environment' }
  /** The environment's secret is that of a token that lets nobody moderate, and nothing was changed. */
  | { kind: 'environment-refused'; because: 'revoked' | 'expired' | 'cannot-moderate' }
  | { kind: 'existing' }
  /** There was no token: `publish` was called with a new secret before it became valid. */
  | { kind: 'first' }

/**
 * Sees to it that somebody can moderate. `environmentSecret` becomes the one token named `environment`; another
 * that was so named before, or one that the environment no longer gives, is revoked. Without it, and with no token
 * that is not revoked, a first one is made: `publish` keeps its secret where the operator finds it. `onRevoked` is called
 * where the token that the environment gave before was revoked: other replicas may still have it.
 */
export async function ensureModeratorToken(
  deps: Deps<TokenStore>,
  environmentSecret: string | null,
  publish: (secret: string) => Promise<PublishedSecret>,
  onRevoked: () => void = () => {},
): Promise<Ensured> {
  if (environmentSecret !== null) return ensureEnvironmentToken(deps, environmentSecret, onRevoked)

  const { store, clock } = deps
  const inForce = (await store.listTokens()).filter((token) => token.revokedAtMs === null)
  if (inForce.some(({ name }) => name === environmentTokenName)) {
    await store.revokeToken(environmentTokenName, clock())
    onRevoked()
  }
  if (inForce.some(({ name }) => name !== environmentTokenName)) return { kind: 'existing' }
  const secret = newSecret(tokenPrefix)
  const published = await publish(secret)
  const token = tokenOf(deps, { name: 'moderator', scopes: firstScopes, expiresAtMs: null }, secret)
  if ((await store.createFirstToken(token)) === 'not-first') {
    await published.discard()
    return { kind: 'existing' }
  }
  try {
    await published.keep()
  } catch (error) {
    // A token in force whose secret nobody has would keep every later start from making another.
    await store.revokeToken(token.name, clock())
    await published.discard()
    throw error
  }
  return { kind: 'first' }
}

/** A secret written down but not yet in its place: kept once the token is valid, discarded where it is not. */
export type PublishedSecret = { keep: () => Promise<void>; discard: () => Promise<void> }

async function ensureEnvironmentToken(
  deps: Deps<TokenStore>,
  secret: string,
  onRevoked: () => void,
): Promise<Ensured> {
  const { store, clock } = deps
  const known = await store.findTokenByHash(hashSecret(secret))
  if (known !== null) {
    const state = tokenState(known, clock())
    // A leaked secret must not come back by a restart.
    if (state !== 'active') return { kind: 'environment-refused', because: state }
    if (!known.scopes.includes('moderate')) return { kind: 'environment-refused', because: 'cannot-moderate' }
  }
  // The one before ends, also where the new one is known by a name of its own.
  if (
    known?.name !== environmentTokenName &&
    (await store.revokeToken(environmentTokenName, clock())) === 'revoked'
  )
    onRevoked()
  if (known !== null) return { kind: 'environment' }
  const token = tokenOf(deps, { name: environmentTokenName, scopes: firstScopes, expiresAtMs: null }, secret)
  // Another replica that starts at the same moment with the same secret may have been faster: as good.
  await store.createToken(token)
  return { kind: 'environment' }
}
