import type { FastifyBaseLogger } from 'fastify'
import type { Outcome } from '../../../domain/refusal.ts'
import type { Token } from '../../../domain/tokens/token.ts'
import { articleLinks } from '../../../operations/article-links.ts'
import {
  type DecidedComment,
  type DecideInput,
  decideComment,
} from '../../../operations/moderation/decide-comment.ts'
import { etagOf } from '../../entity-tag.ts'
import { type Problem, problemOf } from '../../problems.ts'
import type { Answer, RouteDeps } from '../../route.ts'
import { presentDecided } from './present.ts'

/** What approving, rejecting, giving back and erasing one comment have in common: everything but what the body may say. */
export async function answerDecision(
  deps: RouteDeps,
  log: FastifyBaseLogger,
  input: DecideInput,
): Promise<Answer | Problem> {
  const result = await decideComment(deps, input)
  logDecision(log, input, result)
  if (!result.ok) return problemOf(result.refusal)
  const { comment } = result.value
  return {
    status: 200,
    headers: { etag: etagOf(comment.version) },
    body: presentDecided(result.value, (await articleLinks(deps, [comment]))(comment)),
  }
}

/** One line for each decision, those about replies that went along too; nothing of the comment in it. */
export function logDecision(
  log: FastifyBaseLogger,
  { commentId, action, decidedBy }: DecideInput,
  result: Outcome<DecidedComment>,
): void {
  const about = { event: 'decision', commentId, action, decidedBy }
  if (!result.ok) {
    log.info({ ...about, refused: result.refusal.code }, 'decision refused')
    return
  }
  const { comment, changed, rejectedReplyIds, restoredReplyIds } = result.value
  log.info(
    {
      ...about,
      version: comment.version,
      changed,
      rejectedReplies: rejectedReplyIds.length,
      restoredReplies: restoredReplyIds.length,
    },
    'comment decided',
  )
  for (const replyId of rejectedReplyIds) {
    log.info(
      { event: 'decision', commentId: replyId, action: 'reject', decidedBy, rejectedWith: commentId },
      'reply rejected along',
    )
  }
  for (const replyId of restoredReplyIds) {
    log.info(
      { event: 'decision', commentId: replyId, action: 'approve', decidedBy, restoredWith: commentId },
      'reply restored along',
    )
  }
}

/** One of many that met a fault. Alone, the error handler logs it. */
export function logFailedDecision(
  log: FastifyBaseLogger,
  { commentId, action, decidedBy }: DecideInput,
  fault: unknown,
): void {
  log.error({ event: 'decision', commentId, action, decidedBy, err: fault }, 'decision failed')
}

/** The route's access sees to it that there is a token. */
export function moderatorName(token: Token | null): string {
  return token?.name ?? ''
}
