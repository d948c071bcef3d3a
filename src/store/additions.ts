import type { AnyColumn, Table } from 'drizzle-orm'
import type { Article } from '../domain/articles/article.ts'
import { commentStatuses, type Decision, isPublic } from '../domain/comments/comment.ts'
import { laterRevision } from './articles.ts'
import { sql } from './drizzle.ts'
import type { StoredComment } from './rows.ts'
import { StoreFault } from './store-fault.ts'
import { insertRows, type RowsStep, type Step, type Units, type Values } from './units.ts'

/**
 * Takes in what another database held, while this one is in use. What is there already stays as it is, so each call may be
 * made again. Whatever is added moves counts and revisions in the same commit, as if it had been decided there.
 */
export interface AdditionStore {
  /**
   * Makes those of these articles that are not there, all or none, and tells those that are there what nobody has told of
   * them: title, URL, publication. One that is there takes comments as before, even where these are closed. An id that was
   * moved here stays so. One with `movedTo` is made as an id for which that article answers, or the one that does for it.
   * Gives how many were made, and how many were told something.
   */
  addArticles(articles: readonly ArticleAddition[], nowMs: number): Promise<{ made: number; told: number }>

  /**
   * Adds those of these comments that are not there, each with its decisions, all or none. They go to the article that answers
   * for theirs by now, which is made where it is not there, and those that are approved are published by this very commit. A
   * parent has to be there, or to stand before its replies. Gives how many were added of each.
   */
  addComments(additions: readonly CommentAddition[], nowMs: number): Promise<Added>

  /** Of those of these comments that are there: the article that answers for each, by their ids. */
  articlesOfComments(ids: readonly string[]): Promise<Map<string, string>>

  /** Of those of these ids that are an article's: the article that answers for each. */
  answeringArticles(articleIds: readonly string[]): Promise<Map<string, string>>
}

export type ArticleAddition = Pick<
  Article,
  'articleId' | 'title' | 'url' | 'publishedAtMs' | 'closedAtMs' | 'movedTo'
>

export type CommentAddition = { comment: StoredComment; decisions: readonly Decision[] }

export type Added = {
  comments: number
  decisions: number
  articles: number
  /** Of the comments those whose parent is on another article: they stand at the top, as no list could show them below it. */
  atTheTop: number
}

/** A commit is stale where one of its articles was moved, or one of its rows was made, since it was looked at. */
const maxAttempts = 20

type Known = Pick<Article, 'articleId' | 'movedTo' | 'title' | 'url' | 'publishedAtMs'>

export function additionStore(
  { all, commit, isOneOf }: Pick<Units, 'all' | 'commit' | 'isOneOf'>,
  tables: {
    articles: Table & Record<keyof Article, AnyColumn>
    comments: Table & Record<'id' | 'articleId' | 'status', AnyColumn>
    decisions: Table
    totals: Table & Record<'name' | 'value', AnyColumn>
    /** Comments that the index of words has to be told of. */
    late: Table
  },
): AdditionStore {
  const { articles, comments, decisions, totals, late } = tables

  async function knownAmong(articleIds: readonly string[]): Promise<Map<string, Known>> {
    const fields = sql.join(
      (['articleId', 'movedTo', 'title', 'url', 'publishedAtMs'] as const).map(
        (field) => sql`${articles[field]} AS ${sql.identifier(field)}`,
      ),
      sql`, `,
    )
    const rows = await all<Known>(
      sql`SELECT ${fields} FROM ${articles} WHERE ${isOneOf(articles.articleId, [...new Set(articleIds)])}`,
    )
    return new Map(rows.map((row) => [row.articleId, row]))
  }

  async function missingComments(ids: readonly string[]): Promise<string[]> {
    const rows = await all<{ id: string }>(
      sql`SELECT ${comments.id} AS ${sql.identifier('id')} FROM ${comments} WHERE ${isOneOf(comments.id, ids)}`,
    )
    const there = new Set(rows.map(({ id }) => id))
    return ids.filter((id) => !there.has(id))
  }

  async function articlesOfComments(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await all<{ id: string; articleId: string }>(
      sql`SELECT ${comments.id} AS ${sql.identifier('id')}, ${comments.articleId} AS ${sql.identifier('articleId')}
        FROM ${comments} WHERE ${isOneOf(comments.id, ids)}`,
    )
    const answering = await answeringArticles(rows.map(({ articleId }) => articleId))
    return new Map(rows.map(({ id, articleId }) => [id, answering.get(articleId) ?? articleId]))
  }

  async function answeringArticles(articleIds: readonly string[]): Promise<Map<string, string>> {
    const known = await knownAmong(articleIds)
    return new Map([...known.values()].map(({ articleId, movedTo }) => [articleId, movedTo ?? articleId]))
  }

  /** By the ids of the parents: the article that answers for each, whether it goes in together with its replies or is there. */
  async function articlesOfParents(added: readonly StoredComment[]): Promise<Map<string, string>> {
    const articleOf = new Map(added.map(({ id, articleId }) => [id, articleId]))
    const elsewhere = added.flatMap(({ parentId }) =>
      parentId === null || articleOf.has(parentId) ? [] : [parentId],
    )
    if (elsewhere.length === 0) return articleOf
    for (const [id, articleId] of await articlesOfComments([...new Set(elsewhere)]))
      articleOf.set(id, articleId)
    return articleOf
  }

  /** Tries again until what it has looked at is still so in the commit. */
  async function settled<T>(plan: () => Promise<Plan<T>>): Promise<T> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const { steps, visible, result } = await plan()
      if (steps.length === 0 || (await commit({ steps, visible })) === 'committed') return result
    }
    /* c8 ignore next: twenty moves, each in the time of one commit. */
    throw new StoreFault('STORE_BUSY', 'Its articles are being moved.')
  }

  return {
    articlesOfComments,
    answeringArticles,
    async addArticles(additions, nowMs) {
      return settled(async () => {
        const named = additions.flatMap(({ articleId, movedTo }) => movedTo ?? articleId)
        const known = await knownAmong([...additions.map(({ articleId }) => articleId), ...named])
        const fresh = additions.filter(({ articleId }) => !known.has(articleId))
        const own = fresh.filter(({ movedTo }) => movedTo === null)
        const aliases = fresh.flatMap((addition) => {
          if (addition.movedTo === null) return []
          const heir = known.get(addition.movedTo)
          return [{ ...addition, movedTo: heir?.movedTo ?? addition.movedTo }]
        })
        const told = additions.filter((addition) => tells(addition, known.get(addition.articleId)))
        return {
          steps: [
            ...ifAny(own, (rows) =>
              insertRows(
                articles,
                rows.map((row) => newArticle(row, nowMs)),
              ),
            ),
            ...ifAny(told, (rows) => tellMore(rows, nowMs)),
            // Keeps them from being moved until this is committed.
            ...ifAny(sortedIds(aliases.map(({ movedTo }) => movedTo)), (ids) => holding(ids)),
            ...ifAny(aliases, (rows) =>
              insertRows(
                articles,
                rows.map((row) => newArticle(row, nowMs)),
              ),
            ),
          ],
          visible: [...fresh, ...told].map(({ articleId }) => articleId),
          result: { made: fresh.length, told: told.length },
        }
      })
    },
    async addComments(additions, nowMs) {
      return settled(async () => {
        const missing = new Set(await missingComments(additions.map(({ comment }) => comment.id)))
        const wanted = additions.filter(({ comment }) => missing.has(comment.id))
        const known = await knownAmong(wanted.map(({ comment }) => comment.articleId))
        const placed = wanted.map(({ comment, decisions }) => ({
          comment: { ...comment, articleId: known.get(comment.articleId)?.movedTo ?? comment.articleId },
          decisions,
        }))
        const articleOf = await articlesOfParents(placed.map(({ comment }) => comment))
        const fresh = placed.map(({ comment, decisions }) => ({
          comment: {
            ...comment,
            parentId:
              comment.parentId === null || articleOf.get(comment.parentId) === comment.articleId
                ? comment.parentId
                : null,
          },
          decisions,
        }))
        const atTheTop = fresh.filter(
          ({ comment }, index) => comment.parentId !== placed[index]?.comment.parentId,
        ).length
        const grown = grownBy(fresh.map(({ comment }) => comment))
        const made = [...new Set(wanted.map(({ comment }) => comment.articleId))].filter(
          (id) => !known.has(id),
        )
        const log = fresh.flatMap(({ decisions }) => decisions)
        const statuses = commentStatuses.flatMap((status) => {
          const by = fresh.filter(({ comment }) => comment.status === status).length
          return by === 0 ? [] : [growTotal(status, by)]
        })
        return {
          // Locks are taken as the hot writes take them: totals, that of the log first, then articles in order of their ids.
          steps: [
            ...(log.length === 0 ? [] : [growTotal('decisions', log.length)]),
            ...statuses,
            ...ifAny(made, (rows) =>
              insertRows(
                articles,
                rows.map((articleId) => ({ articleId, approvedCount: 0, revision: 0 })),
              ),
            ),
            ...ifAny(grown, (rows) => grow(rows, nowMs)),
            ...ifAny(
              fresh.map(({ comment }) => comment),
              (rows) =>
                insertRows(comments, rows, {
                  publishedRevision: sql`CASE WHEN input.status = 'approved' THEN (
                    SELECT own.revision FROM ${articles} AS own WHERE own.article_id = input.article_id
                  ) END`,
                }),
            ),
            ...ifAny(log, (rows) =>
              insertRows(
                decisions,
                rows.map((row, index) => ({ ...row, position: index + 1 - rows.length })),
                // The last of them has the position that the log has come to.
                {
                  position: sql`input.position + (SELECT log.value FROM ${totals} AS log WHERE log.name = 'decisions')`,
                },
              ),
            ),
            ...ifAny(fresh, (rows) =>
              insertRows(
                late,
                rows.map(({ comment }) => ({ commentId: comment.id })),
              ),
            ),
          ],
          visible: grown.map(({ articleId }) => articleId),
          result: { comments: fresh.length, decisions: log.length, articles: made.length, atTheTop },
        }
      })
    },
  }

  function newArticle(addition: ArticleAddition, nowMs: number): Values {
    const { articleId, title, url, publishedAtMs, closedAtMs, movedTo } = addition
    return { articleId, approvedCount: 0, revision: nowMs, title, url, publishedAtMs, closedAtMs, movedTo }
  }

  /** Says again what has to be unknown still: it may have been told in the meantime. */
  function tellMore(additions: readonly ArticleAddition[], nowMs: number): RowsStep {
    return {
      rows: additions.map(({ articleId, title, url, publishedAtMs }) => ({
        articleId,
        title,
        url,
        publishedAtMs,
      })),
      like: articles,
      sql: (input) => sql`UPDATE ${articles} SET
        title = coalesce(${articles.title}, input.title), url = coalesce(${articles.url}, input.url),
        published_at_ms = coalesce(${articles.publishedAtMs}, input.published_at_ms),
        revision = ${laterRevision(articles, nowMs)}
        FROM ${input} AS input WHERE ${articles.articleId} = input.article_id AND ${articles.movedTo} IS NULL`,
      touches: 1,
    }
  }

  function holding(articleIds: readonly string[]): RowsStep {
    return {
      rows: articleIds.map((articleId) => ({ articleId })),
      like: articles,
      sql: (input) => sql`UPDATE ${articles} SET revision = ${articles.revision}
        FROM ${input} AS input WHERE ${articles.articleId} = input.article_id AND ${articles.movedTo} IS NULL`,
      touches: 1,
    }
  }

  /**
   * A first comment that is earlier than all that were there may close the article, which a list in memory learns by the
   * revision alone.
   */
  function grow(rows: readonly Grown[], nowMs: number): RowsStep {
    const isFirst = sql`(${articles.firstCommentAtMs} IS NULL OR ${articles.firstCommentAtMs} > input.first_comment_at_ms)`
    return {
      rows,
      like: articles,
      sql: (input) => sql`UPDATE ${articles} SET
        approved_count = ${articles.approvedCount} + input.approved_count,
        revision = CASE WHEN input.approved_count > 0 OR ${isFirst} THEN ${laterRevision(articles, nowMs)} ELSE ${articles.revision} END,
        first_comment_at_ms = CASE WHEN ${isFirst} THEN input.first_comment_at_ms ELSE ${articles.firstCommentAtMs} END
        FROM ${input} AS input WHERE ${articles.articleId} = input.article_id AND ${articles.movedTo} IS NULL`,
      touches: 1,
    }
  }

  function growTotal(name: string, by: number): Step {
    return {
      sql: sql`UPDATE ${totals} SET value = value + ${by} WHERE ${totals.name} = ${name}`,
      touches: 1,
    }
  }
}

type Plan<T> = { steps: readonly (Step | RowsStep)[]; visible: readonly string[]; result: T }

/** A statement of no rows is left out. */
function ifAny<R>(rows: readonly R[], stepOf: (rows: readonly R[]) => RowsStep): RowsStep[] {
  return rows.length === 0 ? [] : [stepOf(rows)]
}

/** Whether it says something of an article that nobody has told of it. */
function tells(addition: ArticleAddition, known: Known | undefined): boolean {
  if (known === undefined || known.movedTo !== null || addition.movedTo !== null) return false
  return (['title', 'url', 'publishedAtMs'] as const).some(
    (field) => known[field] === null && addition[field] !== null,
  )
}

/** What an article gets by these comments, in its own fields, in order of the ids. */
type Grown = { articleId: string; approvedCount: number; firstCommentAtMs: number }

function grownBy(comments: readonly StoredComment[]): Grown[] {
  const grown = new Map<string, Grown>()
  for (const { articleId, status, submittedAtMs } of comments) {
    const { approvedCount, firstCommentAtMs } = grown.get(articleId) ?? {
      approvedCount: 0,
      firstCommentAtMs: submittedAtMs,
    }
    grown.set(articleId, {
      articleId,
      approvedCount: approvedCount + Number(isPublic({ status })),
      firstCommentAtMs: Math.min(firstCommentAtMs, submittedAtMs),
    })
  }
  return [...grown.values()].sort((one, other) => (one.articleId < other.articleId ? -1 : 1))
}

function sortedIds(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort()
}
