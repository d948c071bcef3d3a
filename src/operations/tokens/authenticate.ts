import { accepted, type Outcome, refused } from '../../domain/refusal.ts'
import { lastUseResolutionMs, type Token, tokenState } from '../../domain/tokens/token.ts'
import type { TokenStore } from '../../store/tokens.ts'
import type { Deps } from '../deps.ts'
import { hashSecret } from '../secrets.ts'

/** The token that this secret opens, its use noted; refused where it is unknown, expired or revoked. */
export async function authenticate(
  { store, clock }: Pick<Deps<TokenStore>, 'store' | 'clock'>,
  secret: string,
): Promise<Outcome<Token>> {
  const token = await store.findTokenByHash(hashSecret(secret))
  const nowMs = clock()
  const state = token === null ? 'unknown' : tokenState(token, nowMs)
  if (token === null || state !== 'active') {
    return refused(
      'token-invalid',
      state === 'expired'
        ? 'The bearer token has expired.'
        : 'The bearer token is unknown here, or was revoked.',
    )
  }
  // Either way: a clock that was set back must not keep the next uses from being noted.
  if (token.lastUsedAtMs === null || Math.abs(nowMs - token.lastUsedAtMs) >= lastUseResolutionMs) {
    // Not waited for, and its fault turns nobody away: where the database takes no writes, it can still be read.
    void store.touchToken(token.id, nowMs).catch(() => {})
  }
  return accepted(token)
}
