import type { AnyColumn, Table } from 'drizzle-orm'
import { type Token, type TokenScope, tokenScopes } from '../domain/tokens/token.ts'
import { sql } from './drizzle.ts'
import { columnsOf, insertInto, type Units } from './units.ts'

export interface TokenStore {
  /** `name-taken` where a token that is not revoked has this name. */
  createToken(token: Token): Promise<'created' | 'name-taken'>

  /**
   * Creates it only where there is no token that is not revoked, or none but one of the name `apartFrom`: of several first
   * starts at once, one wins.
   */
  createFirstToken(token: Token, apartFrom?: string): Promise<'created' | 'not-first'>

  /**
   * Creates it in place of the token of its name that is not revoked, which is revoked with the same commit. `known`, and
   * nothing changed, where a token of this secret is there already.
   */
  replaceToken(token: Token): Promise<'created' | 'replaced' | 'known'>

  findTokenByHash(hash: string): Promise<Token | null>

  /** All tokens, revoked ones too, oldest first. */
  listTokens(): Promise<Token[]>

  /** Revokes the token of this name that is not revoked yet. */
  revokeToken(name: string, revokedAtMs: number): Promise<'revoked' | 'missing'>

  touchToken(id: string, lastUsedAtMs: number): Promise<void>
}

/** A token as every dialect's `tokens` table holds it: scopes as one space-separated text. */
export type TokenRow = Omit<Token, 'scopes'> & { scopes: string }

export function tokenStore(
  { all, prepared, commit }: Units,
  tokens: Table & Record<keyof TokenRow, AnyColumn>,
  totals: Table & Record<'name' | 'value', AnyColumn>,
): TokenStore {
  const everyToken = sql`SELECT ${columnsOf(tokens)} FROM ${tokens}`
  /** Asked with each call of a moderator or of a site's server. */
  const byHash = prepared<TokenRow>(sql`${everyToken} WHERE ${tokens.hash} = ${sql.placeholder('hash')}`)
  /** Whoever makes a token waits here for who does so at the same moment, and then sees what that one made. */
  const oneByOne = {
    sql: sql`UPDATE ${totals} SET value = value WHERE ${totals.name} = 'pending'`,
    touches: 1,
  }
  const noneActive = (apartFrom: string) => ({
    sql: sql`${oneByOne.sql} AND NOT EXISTS (
      SELECT 1 FROM ${tokens} WHERE ${tokens.revokedAtMs} IS NULL AND ${tokens.name} <> ${apartFrom}
    )`,
    touches: 1,
  })
  const revoke = (
    name: string,
    revokedAtMs: number,
  ) => sql`UPDATE ${tokens} SET revoked_at_ms = ${revokedAtMs}
    WHERE ${tokens.name} = ${name} AND ${tokens.revokedAtMs} IS NULL`
  const isInForce = async (name: string) => {
    const named = sql`SELECT id FROM ${tokens} WHERE ${tokens.name} = ${name} AND ${tokens.revokedAtMs} IS NULL`
    return (await all(named)).length > 0
  }
  const add = (token: Token) => ({
    // Another replica that starts at the same moment may bring the same secret under the same name.
    sql: sql`${insertInto(tokens, tokenToRow(token))} ON CONFLICT DO NOTHING`,
    touches: 1,
  })

  return {
    async createToken(token) {
      const outcome = await commit({ steps: [oneByOne, add(token)] })
      if (outcome === 'committed') return 'created'
      if (await isInForce(token.name)) return 'name-taken'
      throw new Error('A token with this id or this secret is there already, under another name.')
    },
    async createFirstToken(token, apartFrom = '') {
      const outcome = await commit({ steps: [oneByOne, noneActive(apartFrom), add(token)] })
      return outcome === 'committed' ? 'created' : 'not-first'
    },
    async replaceToken(token) {
      const replaces = await isInForce(token.name)
      const end = { sql: revoke(token.name, token.createdAtMs), touches: null }
      const outcome = await commit({ steps: [oneByOne, end, add(token)] })
      if (outcome === 'stale') return 'known'
      return replaces ? 'replaced' : 'created'
    },
    async findTokenByHash(hash) {
      const [row] = await byHash({ hash })
      return row === undefined ? null : tokenFromRow(row)
    },
    async listTokens() {
      return (await all<TokenRow>(sql`${everyToken} ORDER BY ${tokens.id}`)).map(tokenFromRow)
    },
    async revokeToken(name, revokedAtMs) {
      const outcome = await commit({ steps: [{ sql: revoke(name, revokedAtMs), touches: 1 }] })
      return outcome === 'committed' ? 'revoked' : 'missing'
    },
    async touchToken(id, lastUsedAtMs) {
      const touch = sql`UPDATE ${tokens} SET last_used_at_ms = ${lastUsedAtMs} WHERE ${tokens.id} = ${id}`
      await commit({ steps: [{ sql: touch, touches: null }] })
    },
  }
}

function tokenFromRow(row: TokenRow): Token {
  return { ...row, scopes: row.scopes.split(' ').filter(isScope) }
}

function tokenToRow(token: Token): TokenRow {
  return { ...token, scopes: token.scopes.join(' ') }
}

function isScope(text: string): text is TokenScope {
  return tokenScopes.some((scope) => scope === text)
}
