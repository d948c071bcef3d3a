import { tokenPrefix, tokenState } from '../../domain/tokens/token.ts'
import type { TokenStore } from '../../store/tokens.ts'
import type { Deps } from '../deps.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { environmentTokenName, type PublishedSecret, tokenOf } from './create-token.ts'

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
 * where the token that the environment gave before was revoked: other replicas may still have it. To revoke is the last that
 * is done, or done together with what takes its place: whatever fails before leaves that token in force.
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
  const isFirst =
    inForce.every(({ name }) => name === environmentTokenName) && (await makeFirstToken(deps, publish))
  if (inForce.some(({ name }) => name === environmentTokenName)) {
    await store.revokeToken(environmentTokenName, clock())
    onRevoked()
  }
  return { kind: isFirst ? 'first' : 'existing' }
}

/** Whether it was made: another process may have been first. */
async function makeFirstToken(
  deps: Deps<TokenStore>,
  publish: (secret: string) => Promise<PublishedSecret>,
): Promise<boolean> {
  const { store, clock } = deps
  const secret = newSecret(tokenPrefix)
  const published = await publish(secret)
  const token = tokenOf(deps, { name: 'moderator', scopes: firstScopes, expiresAtMs: null }, secret)
  if ((await store.createFirstToken(token, environmentTokenName)) === 'not-first') {
    await published.discard()
    return false
  }
  try {
    await published.keep()
  } catch (error) {
    // A token in force whose secret nobody has would keep every later start from making another.
    await store.revokeToken(token.name, clock())
    await published.discard()
    throw error
  }
  return true
}

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
  if (known === null) {
    const token = tokenOf(
      deps,
      { name: environmentTokenName, scopes: firstScopes, expiresAtMs: null },
      secret,
    )
    // Another replica that starts at the same moment with the same secret may have been faster: as good.
    if ((await store.replaceToken(token)) === 'replaced') onRevoked()
    return { kind: 'environment' }
  }
  // The one before ends, also where the new one is known by a name of its own.
  if (
    known.name !== environmentTokenName &&
    (await store.revokeToken(environmentTokenName, clock())) === 'revoked'
  )
    onRevoked()
  return { kind: 'environment' }
}
