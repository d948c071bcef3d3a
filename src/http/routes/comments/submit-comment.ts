import type { FastifyBaseLogger } from 'fastify'
import { z } from 'zod'
import { languageOf, languages } from '../../../domain/language.ts'
import { withoutControls } from '../../../domain/text.ts'
import {
  type Acknowledgement,
  type SubmitInput,
  submitComment as submitCommentTo,
} from '../../../operations/comments/submit-comment.ts'
import { articleId } from '../../fields.ts'
import { negotiateLanguage } from '../../language.ts'
import { type Problem, problemOf } from '../../problems.ts'
import { defineRoute, type RouteContext, type RouteDeps } from '../../route.ts'
import { acknowledgement } from './answers.ts'
import { idempotencyKey, submissionBody } from './requests.ts'

export const submitComment = defineRoute({
  operationId: 'submitComment',
  method: 'POST',
  path: '/v1/articles/{articleId}/comments',
  tag: 'Public',
  summary: 'Submit a comment',
  description: `The comment waits for a moderator; when the answer arrives, it is on disk. \`message\` is in the reader's language (\`Accept-Language\`: ${languages.map((language) => `\`${language}\``).join(', ')}). Keep the receipt: with it the author can see where the comment stands, and withdraw it. A site's own server shows a token of scope \`submit\` and passes its reader's address in \`Forwarded\` or \`X-Forwarded-For\`, which then counts against the limits in its own address's stead.`,
  access: 'submit',
  openTo: 'pages',
  limits: [],
  refusals: 'refused-submissions',
  request: {
    path: z.strictObject({ articleId }),
    headers: z.strictObject({ 'idempotency-key': idempotencyKey }),
    body: submissionBody,
  },
  answers: {
    202: {
      description: 'It is in the queue.',
      schema: acknowledgement,
      headers: ['Location', 'Content-Language', 'Idempotency-Replayed'],
    },
  },
  problems: [
    'article-closed',
    'article-moving',
    'parent-not-available',
    'looks-automated',
    'idempotency-key-reused',
    'idempotency-key-in-flight',
    'queue-full',
  ],
  async handle(context) {
    const { deps, input, acceptLanguage } = context
    const { author, body, parentId, form } = input.body
    const accepted = await acceptSubmission(context, {
      articleId: input.path.articleId,
      parentId: parentId ?? null,
      author,
      body,
      language: negotiateLanguage(acceptLanguage, deps.defaultLanguage),
      idempotencyKey: input.headers['idempotency-key'] ?? null,
      form: form === undefined ? null : { trap: form.trap, shownForMs: form.shownForMs ?? null },
    })
    if ('code' in accepted) return accepted
    const { commentId, receipt, replayed } = accepted
    // A first answer of another version, given again, may be in a language that this one does not have.
    const language = languageOf(accepted.language) ?? 'en'
    return {
      status: 202,
      headers: {
        location: `/v1/comments/${commentId}`,
        'content-language': language,
        ...(replayed && { 'idempotency-replayed': 'true' }),
      },
      body: { id: commentId, status: 'pending', message: deps.wordsIn(language).submitted, receipt },
    }
  },
})

/** Takes a submission, however it came, and tells the log; the problem where it is not taken. */
export async function acceptSubmission(
  { deps, log, countSubmission }: Pick<RouteContext<unknown>, 'deps' | 'log' | 'countSubmission'>,
  input: SubmitInput,
): Promise<Acknowledgement | Problem> {
  let oneTooMany: Problem | null = null
  const mayWrite = async () => {
    oneTooMany = await countSubmission()
    return oneTooMany === null
  }
  const result = await submitCommentTo({ ...deps, mayWrite }, input)
  if (oneTooMany !== null) return oneTooMany
  if (!result.ok) {
    if (result.refusal.code === 'queue-full') raiseAlarm(deps, log)
    return problemOf(result.refusal)
  }
  const { commentId, replayed } = result.value
  // Only a new comment shows that there is room: the first answer again, or another refusal, says nothing of it.
  if (!replayed) deps.queueAlarm.raised = false
  log.info(
    { event: 'submission', commentId, articleId: withoutControls(input.articleId), replayed },
    'comment submitted',
  )
  return result.value
}

/** Tells the log that the queue is full once, not with each submission that it turns away. */
function raiseAlarm({ queueAlarm, maxPending }: RouteDeps, log: FastifyBaseLogger): void {
  if (queueAlarm.raised) return
  queueAlarm.raised = true
  log.warn({ event: 'queue-full', maxPending }, 'the queue is full: submissions are turned away')
}
