import { z } from 'zod'
import { commentLimits, commentStatuses } from '../domain/comment.ts'
import { listOrders } from '../domain/list-order.ts'
import { codePointLength, isBlank, isStorable } from '../domain/text.ts'

/*
 * Wire → input. These schemas validate the requests, and the OpenAPI document is generated from them; `override`
 * says in JSON Schema what a refinement does in code.
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

const atom = "[A-Za-z0-9\\u00a1-\\uffff!#$%&'*+/=?^_`{|}~-]+"
const label = '[A-Za-z0-9\\u00a1-\\uffff](?:[A-Za-z0-9\\u00a1-\\uffff-]{0,61}[A-Za-z0-9\\u00a1-\\uffff])?'

/**
 * Addresses as mail systems accept them: dot-atoms before the @ (RFC 5321; RFC 6531 for letters beyond ASCII), at
 * most 64 characters, then a domain of two labels or more, internationalised ones included. No quoted local parts,
 * no address literals: readers do not have those. Means the same with and without the flag `u`, as tools differ.
 */
export const emailPattern = new RegExp(
  `^(?!\\S*\\s)(?=[^@]{1,64}@)${atom}(?:\\.${atom})*@${label}(?:\\.${label})+$`,
)

export const email = z
  .string()
  .refine(isStorable, { error: 'must not contain NUL characters or ill-formed Unicode', abort: true })
  .refine((value) => codePointLength(value) <= commentLimits.email, {
    error: `must be at most ${commentLimits.email} characters long`,
    abort: true,
  })
  .refine((value) => emailPattern.test(value), {
    error: 'must be an e-mail address, such as ada@example.org',
  })
  .meta({
    description: 'Never shown publicly. Kept for the moderators until the comment is withdrawn.',
    examples: ['ada@example.org'],
    override: { minLength: 5, maxLength: commentLimits.email, pattern: emailPattern.source },
  })

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
function requiredAnd(detail: string): (issue: { input?: unknown }) => string {
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

/** RFC 9110, section 13.1.1: a list of strong entity tags, or `*`. Parsed to the versions that may be decided about. */
export const ifMatch = z
  .string()
  .regex(/^(?:\*|(?:W\/)?"[!#-~]*"(?:[ \t]*,[ \t]*(?:W\/)?"[!#-~]*")*)$/, {
    error: 'must be an entity tag in double quotes, as an ETag header gives it, or *',
    abort: true,
  })
  .transform((value) => (value === '*' ? null : versionsOf(value)))
  .optional()
  .meta({
    description:
      'The `ETag` of the comment you looked at. If somebody decided since, the answer is 412 and nothing changes.',
    examples: ['"1"'],
    override: {
      type: 'string',
      minLength: 1,
      maxLength: 1_000,
      pattern: '^(\\*|(W/)?"[!#-~]*"([ \\t]*,[ \\t]*(W/)?"[!#-~]*")*)$',
    },
  })

/** A weak tag never matches (strong comparison), nor does one that no version has. */
function versionsOf(list: string): number[] {
  return [...list.matchAll(/(W\/)?"([^"]*)"/g)].flatMap(([, weak, tag]) =>
    weak === undefined && tag !== undefined && /^[1-9][0-9]*$/.test(tag) ? [Number(tag)] : [],
  )
}

/** draft-ietf-httpapi-idempotency-key-header; quoted or not, the value is taken as it stands. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, { error: 'must be 1 to 255 printable ASCII characters' })
  .optional()
  .meta({
    description:
      'Makes a retry safe for 24 hours: the same key with the same body gets the first answer again. Use a random UUID.',
    examples: ['8e03978e-40d5-43e8-bc93-6894a57f9324'],
    override: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]{1,255}$' },
  })

export const submissionBody = z
  .strictObject({
    author: z.strictObject({
      name: text(commentLimits.name, { description: 'Shown with the comment.', examples: ['Ada'] }),
      email,
    }),
    body: text(commentLimits.body, {
      description: 'Plain text, kept as it was sent. No markup is interpreted: escape it where you show it.',
      examples: ['A fine article.'],
    }),
    parentId: commentId
      .nullish()
      .meta({ description: 'The approved comment of the same article that this one replies to.' }),
  })
  .meta({
    id: 'Submission',
    examples: [{ author: { name: 'Ada', email: 'ada@example.org' }, body: 'A fine article.' }],
  })

const reason = text(commentLimits.reason, {
  description: 'Shown to the author, who asks with the receipt.',
  examples: ['Please stay on the subject.'],
}).nullish()

const note = text(commentLimits.note, {
  description: 'For moderators only.',
  examples: ['Third time this week.'],
}).nullish()

export const approvalBody = z
  .strictObject({ reason, note })
  .meta({ id: 'Approval', examples: [{ note: 'Checked the quotation.' }] })

export const rejectionBody = z
  .strictObject({
    reason,
    note,
    replies: z
      .enum(['keep', 'reject'], { error: 'must be keep or reject' })
      .default('keep')
      .meta({
        description:
          '`reject` rejects the approved replies below it as well, each with its own line in the log.',
        examples: ['reject'],
      }),
  })
  .meta({
    id: 'Rejection',
    examples: [{ reason: 'Please stay on the subject.', note: 'Third time this week.' }],
  })

export const decisionsBody = z
  .array(
    z.strictObject({
      commentId,
      verdict: z
        .enum(['approve', 'reject'], { error: requiredAnd('must be approve or reject') })
        .meta({ description: 'What to decide.', examples: ['approve'] }),
      reason,
      note,
    }),
    { error: requiredAnd('must be an array') },
  )
  .min(1, { error: 'must hold at least one decision' })
  .max(listMaximum, { error: `must hold at most ${listMaximum} decisions` })
  .superRefine(
    (decisions, context) => {
      const seen = new Set<string>()
      for (const [index, decision] of decisions.entries()) {
        const id = commentId.safeParse((decision as Partial<typeof decision> | null)?.commentId).data
        if (id === undefined) continue
        if (seen.has(id)) {
          context.addIssue({ code: 'custom', path: [index, 'commentId'], message: 'must not be named twice' })
        }
        seen.add(id)
      }
    },
    // Also where something else is wrong, which is when the decisions are not yet known to be any.
    { when: ({ value }) => Array.isArray(value) && value.length <= listMaximum },
  )
  .meta({
    id: 'Decisions',
    description: 'Up to 100 decisions, no comment twice.',
    examples: [[{ commentId: '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11', verdict: 'approve' }]],
  })
