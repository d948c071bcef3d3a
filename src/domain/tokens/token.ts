import { isBlank } from '../text.ts'

/**
 * What a token lets its bearer do: `moderate` decides, `submit` is a site's own server vouching for its readers'
 * addresses, `admin` sees what only an operator may.
 */
export const tokenScopes = ['submit', 'moderate', 'admin'] as const
export type TokenScope = (typeof tokenScopes)[number]

/** Recognisable prefixes, so that a leaked secret is found by a scanner and told apart by a person. */
export const tokenPrefix = 'imt_'
export const receiptPrefix = 'imr_'

/** 1 to 100 letters, digits, spaces, `.`, `_`, `@` or `-`, of which something can be seen: it stands in lists and logs. */
export function isTokenName(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,99}$/u.test(text) && !isBlank(text)
}

export type Token = {
  id: string
  /** Unique among the tokens that are not revoked; decisions carry it. */
  name: string
  scopes: readonly TokenScope[]
  /** SHA-256 of the secret. The secret itself is kept nowhere. */
  hash: string
  createdAtMs: number
  expiresAtMs: number | null
  lastUsedAtMs: number | null
  revokedAtMs: number | null
}

/** Of 32 random hexadecimal digits fewer than 8 different ones are there once in thirty million times. */
const leastDifferent = 8

/**
 * Whether a secret from outside is one that anybody may come upon: of a few characters, or one piece said again and again.
 * What is not is no good secret for that; only where it came from tells.
 */
export function isGuessable(secret: string): boolean {
  return new Set(secret).size < leastDifferent || /^(.+?)\1+$/.test(secret)
}

export type TokenState = 'active' | 'expired' | 'revoked'

export function tokenState(token: Token, nowMs: number): TokenState {
  if (token.revokedAtMs !== null) return 'revoked'
  if (token.expiresAtMs !== null && token.expiresAtMs <= nowMs) return 'expired'
  return 'active'
}

/** How stale `lastUsedAtMs` may be: a write for each request would cost more than it tells. */
export const lastUseResolutionMs = 60_000
