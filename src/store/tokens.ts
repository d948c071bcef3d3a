import type { AnyColumn, Table } from 'drizzle-orm'
import { type Token, type TokenScope, tokenScopes } from '../domain/tokens/token.ts'
import { sql } from './drizzle.ts'
import { columnsOf, insertInto, type Units } from './units.ts'

export interface TokenStore {
  /** `name-taken` where a token that is not revoked has this name. */
  createToken(token: Token): Promise<'created' | 'name-taken'>

  /** Creates it only where there is no token that is not revoked: of several first starts at once, one wins. */
  createFirstToken(token: Token): Promise<'created' | 'not-first'>

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
  const noneActive = {
    sql: sql`${oneByOne.sql} AND NOT EXISTS (SELECT 1 FROM ${tokens} WHERE ${tokens.revokedAtMs} IS NULL)`,
    touches: 1,
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
      const named = await all(
        sql`SELECT id FROM ${tokens} WHERE ${tokens.name} = ${token.name} AND ${tokens.revokedAtMs} IS NULL`,
      )
      if (named.length > 0) return 'name-taken'
      throw new Error('A token with this id or this secret is there already, under another name.')
    },
    async createFirstToken(token) {
      const outcome = await commit({ steps: [oneByOne, noneActive, add(token)] })
      return outcome === 'committed' ? 'created' : 'not-first'
    },
    async findTokenByHash(hash) {
      const [row] = await byHash({ hash })
      return row === undefined ? null : tokenFromRow(row)
    },
    async listTokens() {
      return (await all<TokenRow>(sql`${everyToken} ORDER BY ${tokens.id}`)).map(tokenFromRow)
    },
    async revokeToken(name, revokedAtMs) {
      const revoke = sql`UPDATE ${tokens} SET revoked_at_ms = ${revokedAtMs}
        WHERE ${tokens.name} = ${name} AND ${tokens.revokedAtMs} IS NULL`
      return (await commit({ steps: [{ sql: revoke, touches: 1 }] })) === 'committed' ? 'revoked' : 'missing'
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
