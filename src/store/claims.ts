import { setImmediate } from 'node:timers/promises'
import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import type { Comment } from '../domain/comments/comment.ts'
import { idsSubmitted } from '../domain/comments/comment-id.ts'
import { type Claim, claimLimits } from '../domain/moderation/claim.ts'
import { articlesBegun, beginsWith } from './article-prefix.ts'
import { sql } from './drizzle.ts'
import { commentFromRow, type StoredComment } from './rows.ts'
import { columnsOf, type Step, type Units } from './units.ts'

/**
 * Who of the moderators looks at what. A claim ends by its time, by the clock that all who share the database have; when it is
 * given up; and by any decision about its comment, which is then at another version.
 */
export interface ClaimStore {
  /**
   * Takes pending comments on which nobody has a claim, in order of their ids: as many as are asked for, as there are, and as
   * leave this moderator no more than `claimLimits.held`. No two calls are given the same one, whatever replica they reach.
   */
  claim(call: NewClaims): Promise<Claimed[]>

  /** What this moderator has claims on, in order of the ids. */
  claimsOf(by: string): Promise<Claimed[]>

  /** Lets those of these that this moderator still has last for `forMs` from now; `null` is all of them. */
  renewClaims(call: OwnClaims & { forMs: number }): Promise<Claimed[]>

  /** Gives up those of these that this moderator still has; `null` is all of them. Tells how many they were. */
  releaseClaims(call: OwnClaims): Promise<number>

  /** Those of these comments that somebody has a claim on. */
  findClaims(ids: readonly string[]): Promise<Map<string, Claim>>

  /** How many claims this moderator has, and how many all others. */
  countClaims(by: string): Promise<{ mine: number; others: number }>

  /** Removes at most `limit` claims that have been over for a while. Tells whether there may be more. */
  removeOldClaims(limit: number): Promise<boolean>
}

/** `call` is an id of this call's own: by it the call finds what it got. */
export type NewClaims = {
  call: string
  by: string
  forMs: number
  limit: number
  order: 'oldest' | 'newest'
  where: ClaimFilter
}

/** Which comments; `null` leaves nothing out. `articleIds` are those of articles that answer for themselves. */
export type ClaimFilter = {
  articleIds: readonly string[] | null
  articlePrefix: string | null
  submittedAfterMs: number | null
  submittedBeforeMs: number | null
}

export type OwnClaims = { call: string; by: string; ids: readonly string[] | null }

export type Claimed = { comment: Comment; untilMs: number }

/** For so long what is over is kept: a call that gives claims up counts them afterwards. */
const keptMs = 60_000

/** Beyond this a claim was made before the clock was set back, and is over. */
const longestMs = 2 * claimLimits.seconds.most * 1_000

/** How many that wait are looked at in one step, and before anybody's turn is taken. */
const pageSize = 200

export function claimStore(
  units: Units,
  {
    claims,
    comments,
    articles,
    totals,
  }: {
    claims: Table & Record<'commentId' | 'claimedBy' | 'untilMs' | 'version' | 'call', AnyColumn>
    comments: Table & Record<'id' | 'version' | 'status' | 'articleId' | 'submittedAtMs', AnyColumn>
    articles: Table & Record<'articleId', AnyColumn>
    totals: Table
  },
): ClaimStore {
  const { all, commit, isOneOf, nowMs } = units

  /** Read once for a statement, and not anew for each of its rows. */
  const now = sql`(SELECT ${nowMs})`

  /** They who claim wait here, one for the other: each sees what those before it took. */
  const inTurn: Step = { sql: sql`UPDATE ${totals} SET value = value + 1 WHERE name = 'claims'`, touches: 1 }

  let last: Promise<unknown> = Promise.resolve()

  /**
   * They of this process wait here, and not in the database: there each would hold a connection while it waits, and two hundred
   * of them all that other callers need.
   */
  async function commitInTurn(step: Step): Promise<void> {
    const own = last.then(async () => commit({ steps: [inTurn, step] }))
    last = own.catch(() => {})
    await own
  }

  const isLive = sql`${claims.untilMs} > ${now} AND EXISTS (
    SELECT 1 FROM ${comments} AS own WHERE own.id = ${claims.commentId} AND own.version = ${claims.version}
  )`
  const liveOnes = sql`${claims} JOIN ${comments}
    ON ${comments.id} = ${claims.commentId} AND ${comments.version} = ${claims.version}`

  const isFree = sql`${comments.status} = 'pending' AND NOT EXISTS (
    SELECT 1 FROM ${claims} AS held WHERE held.comment_id = ${comments.id}
      AND held.version = ${comments.version} AND held.until_ms > ${now}
  )`

  const among = (ids: readonly string[] | null): SQL =>
    ids === null ? sql`TRUE` : isOneOf(claims.commentId, ids)

  async function claimed(which: SQL): Promise<Claimed[]> {
    const own = sql.join(
      [
        sql`SELECT held.until_ms AS ${sql.identifier('claimUntilMs')}, ${columnsOf(comments, 'claimed')}`,
        sql`FROM ${claims} AS held JOIN ${comments} AS claimed`,
        sql`ON claimed.id = held.comment_id AND claimed.version = held.version`,
        sql`WHERE held.until_ms > ${now} AND ${which} ORDER BY claimed.id`,
      ],
      sql` `,
    )
    const rows = await all<StoredComment & { claimUntilMs: number }>(own)
    return rows.map(({ claimUntilMs, ...row }) => ({ comment: commentFromRow(row), untilMs: claimUntilMs }))
  }

  return {
    async claim({ call, by, forMs, limit, order, where }) {
      const held = sql.raw(String(claimLimits.held))
      const take = async (which: SQL, most: number) => {
        const room = sql`(SELECT CASE WHEN count(*) >= ${held} THEN 0 WHEN ${held} - count(*) < ${most}
          THEN ${held} - count(*) ELSE ${most} END FROM ${liveOnes}
          WHERE ${claims.claimedBy} = ${by} AND ${claims.untilMs} > ${now})`
        await commitInTurn({
          sql: sql`INSERT INTO ${claims} (comment_id, version, claimed_by, until_ms, call)
                SELECT free.id, free.version, ${by}, ${now} + ${forMs}, ${call} FROM (
                  SELECT ${comments.id}, ${comments.version} FROM ${comments} WHERE ${which} AND ${isFree}
                  ORDER BY ${comments.id} ${directionOf(order)} LIMIT ${room}
                ) AS free WHERE TRUE
                ON CONFLICT (comment_id) DO UPDATE SET version = excluded.version, claimed_by = excluded.claimed_by,
                  until_ms = excluded.until_ms, call = excluded.call`,
          touches: null,
        })
      }
      if (Object.values(where).every((part) => part === null)) await take(sql`TRUE`, limit)
      else {
        let left = limit
        for await (const ids of freeOnes(where, order)) {
          await take(sql`${isOneOf(comments.id, ids)} AND ${conditionsOf(where)}`, left)
          const mine = await all<{ own: number }>(
            sql`SELECT CASE WHEN ${claims.call} = ${call} THEN 1 ELSE 0 END AS own FROM ${liveOnes}
              WHERE ${claims.claimedBy} = ${by} AND ${claims.untilMs} > ${now}`,
          )
          left = limit - mine.filter(({ own }) => own === 1).length
          if (left <= 0 || mine.length >= claimLimits.held) break
        }
      }
      const found = await claimed(sql`held.claimed_by = ${by} AND held.call = ${call}`)
      return order === 'oldest' ? found : found.reverse()
    },
    async claimsOf(by) {
      return claimed(sql`held.claimed_by = ${by}`)
    },
    async renewClaims({ call, by, ids, forMs }) {
      await commitInTurn({
        sql: sql`UPDATE ${claims} SET until_ms = ${now} + ${forMs}, call = ${call}
              WHERE ${claims.claimedBy} = ${by} AND ${isLive} AND ${among(ids)}`,
        touches: null,
      })
      return claimed(sql`held.claimed_by = ${by} AND held.call = ${call}`)
    },
    async releaseClaims({ call, by, ids }) {
      await commitInTurn({
        sql: sql`UPDATE ${claims} SET until_ms = ${now}, call = ${call}
              WHERE ${claims.claimedBy} = ${by} AND ${isLive} AND ${among(ids)}`,
        touches: null,
      })
      const [row] = await all<{ released: number }>(
        sql`SELECT count(*) AS released FROM ${claims} WHERE ${claims.claimedBy} = ${by} AND ${claims.call} = ${call}`,
      )
      return row?.released ?? 0
    },
    async findClaims(ids) {
      if (ids.length === 0) return new Map()
      const rows = await all<{ id: string; by: string; untilMs: number }>(
        sql`SELECT ${claims.commentId} AS id, ${claims.claimedBy} AS ${sql.identifier('by')},
          ${claims.untilMs} AS ${sql.identifier('untilMs')} FROM ${liveOnes}
          WHERE ${isOneOf(claims.commentId, ids)} AND ${claims.untilMs} > ${now}`,
      )
      return new Map(rows.map(({ id, ...claim }) => [id, claim]))
    },
    async countClaims(by) {
      const rows = await all<{ claimedBy: string; held: number }>(
        sql`SELECT ${claims.claimedBy} AS ${sql.identifier('claimedBy')}, count(*) AS held FROM ${liveOnes}
          WHERE ${claims.untilMs} > ${now} GROUP BY ${claims.claimedBy}`,
      )
      const sum = (own: boolean) =>
        rows.reduce((total, { claimedBy, held }) => total + (own === (claimedBy === by) ? held : 0), 0)
      return { mine: sum(true), others: sum(false) }
    },
    async removeOldClaims(limit) {
      const isOver = sql`(${claims.untilMs} <= ${now} - ${sql.raw(String(keptMs))}
        OR ${claims.untilMs} > ${now} + ${sql.raw(String(longestMs))})`
      const some = sql`SELECT ${claims.commentId} FROM ${claims} WHERE ${isOver} LIMIT ${limit}`
      await commitInTurn({
        sql: sql`DELETE FROM ${claims} WHERE ${claims.commentId} IN (${some}) AND ${isOver}`,
        touches: null,
      })
      return (await all(sql`SELECT 1 AS one FROM ${claims} WHERE ${isOver} LIMIT 1`)).length > 0
    },
  }

  /**
   * Those that match and that nobody has, in their order, a few at a time: who claims looks for them before its turn, so that nobody
   * waits while a long queue is looked through for what is rare in it.
   */
  async function* freeOnes(where: ClaimFilter, order: NewClaims['order']): AsyncGenerator<string[]> {
    const { articlePrefix, submittedAfterMs, submittedBeforeMs } = where
    const articleIds =
      where.articleIds ??
      (articlePrefix === null ? null : await articlesBegun(units, articles, articlePrefix))
    let { from, to } = idsSubmitted(submittedAfterMs, submittedBeforeMs)
    const isMatching = conditionsOf(where)
    for (;;) {
      const near = await waitingOnes(articleIds, order, { from, to })
      const last = near.at(-1)
      if (last === undefined) return
      const free = await all<{ id: string }>(
        sql`SELECT ${comments.id} AS id FROM ${comments}
          WHERE ${isOneOf(comments.id, near)} AND ${isMatching} AND ${isFree}`,
      )
      if (free.length > 0) yield free.map(({ id }) => id)
      if (near.length < pageSize) return
      if (order === 'oldest') from = last
      else to = last
      await setImmediate()
    }
  }

  /** The next page of what waits, on these articles or on all: no more is read than that, for each article. */
  async function waitingOnes(
    articleIds: readonly string[] | null,
    order: NewClaims['order'],
    { from, to }: { from: string; to: string },
  ): Promise<string[]> {
    const page = sql`near.status = 'pending' AND near.id > ${from} AND near.id < ${to}
      ORDER BY near.id ${directionOf(order)} LIMIT ${pageSize}`
    if (articleIds === null) {
      const rows = await all<{ id: string }>(sql`SELECT near.id FROM ${comments} AS near WHERE ${page}`)
      return rows.map(({ id }) => id)
    }
    const rows = await all<{ ids: string | null }>(
      sql`SELECT (
        SELECT string_agg(id, ' ') FROM (
          SELECT near.id FROM ${comments} AS near WHERE near.article_id = ${articles.articleId} AND ${page}
        ) AS found
      ) AS ids FROM ${articles} WHERE ${isOneOf(articles.articleId, articleIds)}`,
    )
    const found = rows.flatMap(({ ids }) => (ids === null ? [] : ids.split(' '))).sort()
    return (order === 'newest' ? found.reverse() : found).slice(0, pageSize)
  }

  function conditionsOf({
    articleIds,
    articlePrefix,
    submittedAfterMs,
    submittedBeforeMs,
  }: ClaimFilter): SQL {
    const parts = [
      sql`TRUE`,
      ...(articleIds === null ? [] : [isOneOf(comments.articleId, articleIds)]),
      ...(articlePrefix === null ? [] : [beginsWith(comments.articleId, articlePrefix)]),
      ...(submittedAfterMs === null ? [] : [sql`${comments.submittedAtMs} >= ${submittedAfterMs}`]),
      ...(submittedBeforeMs === null ? [] : [sql`${comments.submittedAtMs} < ${submittedBeforeMs}`]),
    ]
    return sql.join(parts, sql` AND `)
  }
}

function directionOf(order: NewClaims['order']): SQL {
  return sql.raw(order === 'oldest' ? 'ASC' : 'DESC')
}
