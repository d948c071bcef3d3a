import { z } from 'zod'
import { commentLimits, commentStatuses } from '../domain/comments/comment.ts'
import { listOrders } from '../domain/comments/list-order.ts'
import { codePointLength, isBlank, isStorable } from '../domain/text.ts'

/*
 * What the wire shapes of every capability are made of. Those of requests validate, and the OpenAPI document is generated
 * from all of them; `override` says in JSON Schema what a refinement does in code.
 */

/** As many as one page, one count request or one batch of decisions may hold. */
export const listMaximum = 100
export const pageDefault = 20

/** No NUL, and something to see. JSON Schema has no word for ill-formed Unicode; JSON in UTF-8 cannot carry it. */
const readable = '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$'

/** Text as people write it, kept as it was sent: `max` counts code points; blank counts as missing. */
export function text(max: number, about: { description: string; examples: string[] }) {
  return printable(max).meta({ ...about, override: { minLength: 1, maxLength: max, pattern: readable } })
}

function printable(max: number) {
  // One check and not three that abort: an aborted field would keep the lists that hold it from being checked.
  return z.string().superRefine((value, context) => {
    const message = textFault(value, max)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
}

function textFault(value: string, max: number): string | null {
  if (isBlank(value)) return 'must not be blank'
  if (!isStorable(value)) return 'must not contain NUL characters or ill-formed Unicode'
  return codePointLength(value) > max ? `must be at most ${max} characters long` : null
}

export const articleId = printable(commentLimits.articleId)
  .refine((value) => value !== '.' && value !== '..', {
    error: 'must not be . or .., which URLs cannot carry',
  })
  .meta({
    id: 'ArticleId',
    description:
      "The site's own id of the article: a slug, a number or a whole URL, percent-encoded in the path (`/` as `%2F`).",
    examples: ['why-we-print'],
    override: {
      minLength: 1,
      maxLength: commentLimits.articleId,
      pattern: readable.replace('^', '^(?!\\.{1,2}$)'),
    },
  })

export const commentId = z
  .uuid({ error: requiredAnd('must be a UUID') })
  .toLowerCase()
  .meta({
    id: 'CommentId',
    description: 'A UUIDv7: later comments have greater ids.',
    examples: ['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'],
    override: { type: 'string', format: 'uuid', pattern: uuidPattern(), minLength: 36, maxLength: 36 },
  })

/** A field that is not there is told so, whatever else it would have to be. */
export function requiredAnd(detail: string): (issue: { input?: unknown }) => string {
  return (issue) => (issue.input === undefined ? 'is required' : detail)
}

function uuidPattern(): string {
  return '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$'
}

export const cursor = z
  .uuid({ error: 'must be the nextCursor of an earlier page' })
  .toLowerCase()
  .meta({
    description: 'The `nextCursor` of the page before. Opaque: do not make one up.',
    examples: ['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'],
    override: { type: 'string', format: 'uuid', pattern: uuidPattern(), minLength: 36, maxLength: 36 },
  })

export const limit = z
  .string()
  // Not .regex(): the document would have a pattern, which a number has no use for.
  .refine((value) => /^[1-9][0-9]{0,2}$/.test(value), {
    error: `must be a whole number from 1 to ${listMaximum}`,
    abort: true,
  })
  .transform(Number)
  .refine((value) => value <= listMaximum, { error: `must be a whole number from 1 to ${listMaximum}` })
  .default(pageDefault)
  .meta({
    description: 'How many comments a page holds at the most.',
    examples: [pageDefault],
    override: { type: 'integer', format: 'int32', minimum: 1, maximum: listMaximum, default: pageDefault },
  })

export const order = z
  .enum(listOrders, { error: `must be one of ${listOrders.join(', ')}` })
  .default('oldest')
  .meta({ description: 'In order of submission, or the other way round.', examples: ['oldest'] })

export const status = z.enum(commentStatuses, { error: `must be one of ${commentStatuses.join(', ')}` })
