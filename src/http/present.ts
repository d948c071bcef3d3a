import type { Comment, Decision, PublishedComment } from '../domain/comment.ts'
import type { DecidedComment } from '../operations/decide-comment.ts'
import type { OwnComment as OwnCommentFound } from '../operations/own-comment.ts'
import type { DecisionLine, ModeratedComment, OwnComment, PublicComment } from './answers.ts'

/*
 * Domain → what this caller may see. Nothing else makes a comment's wire form, so nothing else can let an address out.
 */

export function presentPublic(comment: PublishedComment): PublicComment {
  return {
    id: comment.id,
    parentId: comment.parentId,
    author: { name: comment.authorName },
    body: comment.body,
    submittedAt: timestamp(comment.submittedAtMs),
    publishedAt: timestamp(comment.publishedAtMs),
  }
}

/** For its author: no address either, since a receipt may be shown to somebody who helps. */
export function presentOwn({ comment, reason }: OwnCommentFound): OwnComment {
  return {
    id: comment.id,
    articleId: comment.articleId,
    parentId: comment.parentId,
    status: comment.status,
    author: comment.author === null ? null : { name: comment.author.name },
    body: comment.body,
    reason,
    submittedAt: timestamp(comment.submittedAtMs),
    publishedAt: timestampOrNull(comment.publishedAtMs),
  }
}

export function presentModerated(comment: Comment): ModeratedComment {
  return {
    id: comment.id,
    articleId: comment.articleId,
    parentId: comment.parentId,
    status: comment.status,
    version: comment.version,
    author: comment.author,
    body: comment.body,
    submittedAt: timestamp(comment.submittedAtMs),
    publishedAt: timestampOrNull(comment.publishedAtMs),
  }
}

export function presentDecided({ comment, changed, approvedReplies, rejectedReplyIds }: DecidedComment) {
  return { ...presentModerated(comment), changed, approvedReplies, rejectedReplies: rejectedReplyIds.length }
}

export function presentDecision(decision: Decision): DecisionLine {
  return {
    id: decision.id,
    action: decision.action,
    version: decision.version,
    decidedBy: decision.decidedBy,
    reason: decision.reason,
    note: decision.note,
    decidedAt: timestamp(decision.decidedAtMs),
  }
}

/**
 * RFC 3339 in UTC to the millisecond, as `toISOString` writes it, in a fifth of its time: a list of comments has twice
 * as many timestamps, and most of them are of the day before in the list.
 */
export function timestamp(ms: number): string {
  const inDay = ((ms % dayMs) + dayMs) % dayMs
  if (ms - inDay !== lastDayMs) {
    lastDayMs = ms - inDay
    lastDay = new Date(lastDayMs).toISOString().slice(0, 11)
  }
  const [hours, minutes] = [Math.trunc(inDay / 3_600_000), Math.trunc(inDay / 60_000) % 60]
  return `${lastDay}${two(hours)}:${two(minutes)}:${two(Math.trunc(inDay / 1_000) % 60)}.${three(inDay % 1_000)}Z`
}

const dayMs = 86_400_000
let lastDayMs = Number.NaN
let lastDay = ''

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

function three(value: number): string {
  return value < 100 ? `0${two(value)}` : String(value)
}

function timestampOrNull(ms: number | null): string | null {
  return ms === null ? null : timestamp(ms)
}
