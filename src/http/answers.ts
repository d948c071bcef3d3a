import { z } from 'zod'
import { commentActions, commentLimits, commentStatuses, repliesWalked } from '../domain/comment.ts'
import { decisionsShown } from '../operations/view-comment.ts'
import { listMaximum } from './schemas.ts'

/*
 * The shapes of the answers, for the OpenAPI document and the types of http/present. Answers are not validated
 * against them at run time (it halves the throughput); the tests check every answer against the document.
 */

const timestamp = (description: string) =>
  z.iso.datetime().meta({
    description,
    examples: ['2026-05-04T09:30:00.000Z'],
    override: {
      type: 'string',
      format: 'date-time',
      maxLength: 24,
      pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
    },
  })

const id = (description: string) =>
  z.uuid().meta({
    description,
    examples: ['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'],
    override: { type: 'string', format: 'uuid', maxLength: 36, pattern: '^[0-9a-f-]{36}$' },
  })

const plain = (max: number, description: string, example: string) =>
  z
    .string()
    .meta({ description, examples: [example], override: { maxLength: max, pattern: '^[^\\u0000]*$' } })

const count = (description: string) =>
  z.int().meta({
    description,
    examples: [1],
    override: { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  })

const statusAnswer = z
  .enum(commentStatuses)
  .meta({ description: 'Where the comment stands.', examples: ['pending'] })
const articleId = plain(commentLimits.articleId, "The site's own id of the article.", 'why-we-print')
const name = plain(commentLimits.name, 'Shown with the comment.', 'Ada')
const body = plain(
  commentLimits.body,
  'Plain text as it was sent. Escape it where you show it.',
  'A fine article.',
)
const parentId = id('The comment this one replies to, if any.').nullable()
const submittedAt = timestamp('When the comment was submitted.')
const publishedAt = timestamp(
  'When the approval that stands was given; null while it is not public.',
).nullable()
const nextCursor = id('The `cursor` of the next page; null on the last.').nullable()
const reason = plain(
  commentLimits.reason,
  'What the author is told.',
  'Please stay on the subject.',
).nullable()

export const publicComment = z
  .strictObject({
    id: id("The comment's id."),
    parentId,
    author: z.strictObject({ name }),
    body,
    submittedAt,
    publishedAt: timestamp('When it was approved.'),
  })
  .meta({ id: 'PublicComment' })

export const commentList = z
  .strictObject({
    articleId,
    total: count('How many approved comments the article has in all.'),
    comments: z
      .array(publicComment)
      .max(listMaximum)
      .meta({ description: 'One page, in order of submission.' }),
    nextCursor,
  })
  .meta({ id: 'CommentList' })

export const acknowledgement = z
  .strictObject({
    id: id("The new comment's id."),
    status: z.enum(['pending']).meta({ description: 'It waits for a moderator.', examples: ['pending'] }),
    message: plain(
      200,
      "A sentence for the reader, in the reader's language.",
      'Thank you for your comment. It will appear once a moderator has approved it.',
    ),
    receipt: z.string().meta({
      description:
        "The author's key to the comment: a bearer token for `/v1/comments/{commentId}`. Kept nowhere else.",
      examples: ['imr_yP0yWnVPO4mV4b3vJ3sB4YwTqkq4mBqk1vFjvC2S1eM'],
      override: { maxLength: 60, pattern: '^imr_[A-Za-z0-9_-]{43}$' },
    }),
  })
  .meta({ id: 'Acknowledgement' })

export const counts = z
  .strictObject({
    counts: z
      .array(z.strictObject({ articleId, total: count('How many approved comments it has.') }))
      .max(listMaximum)
      .meta({ description: 'One entry for each distinct article asked for, in that order.' }),
  })
  .meta({ id: 'Counts' })

export const ownComment = z
  .strictObject({
    id: id("The comment's id."),
    articleId,
    parentId,
    status: statusAnswer,
    author: z.strictObject({ name }).nullable().meta({ description: 'Null once withdrawn.' }),
    body: body.nullable().meta({ description: 'Null once withdrawn.' }),
    reason: reason.meta({ description: 'What the last decision told the author, if anything.' }),
    submittedAt,
    publishedAt,
  })
  .meta({ id: 'OwnComment' })

const moderatedFields = {
  id: id("The comment's id."),
  articleId,
  parentId,
  status: statusAnswer,
  version: z.int().meta({
    description: 'Moves by one with every decision; the `ETag` of the comment.',
    examples: [1],
    override: { type: 'integer', format: 'int64', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  }),
  author: z
    .strictObject({ name, email: plain(commentLimits.email, 'For moderators only.', 'ada@example.org') })
    .nullable()
    .meta({ description: 'Null once withdrawn.' }),
  body: body.nullable().meta({ description: 'Null once withdrawn.' }),
  submittedAt,
  publishedAt,
}

export const moderatedComment = z.strictObject(moderatedFields).meta({ id: 'ModeratedComment' })

export const queue = z
  .strictObject({
    pending: count('How many comments wait in all, whatever the filter.'),
    comments: z
      .array(moderatedComment)
      .max(listMaximum)
      .meta({ description: 'One page, in order of submission.' }),
    nextCursor,
  })
  .meta({ id: 'Queue' })

const decisionLine = z
  .strictObject({
    id: id("The decision's id."),
    action: z.enum(commentActions).meta({ description: 'What was decided.', examples: ['approve'] }),
    version: moderatedFields.version,
    decidedBy: plain(
      100,
      "The name of the moderator's token; null when the author withdrew.",
      'marie',
    ).nullable(),
    reason,
    note: plain(commentLimits.note, 'For moderators only.', 'Third time this week.').nullable(),
    decidedAt: timestamp('When it was decided.'),
  })
  .meta({ id: 'Decision' })

const approvedReplies = count(
  `How many approved replies stand below it, at any depth; of a very long thread, among the first ${repliesWalked}.`,
)

export const viewedComment = z
  .strictObject({
    ...moderatedFields,
    decisions: z
      .array(decisionLine)
      .max(decisionsShown)
      .meta({ description: `The newest ${decisionsShown} decisions, oldest first.` }),
  })
  .meta({ id: 'ViewedComment' })

export const decidedComment = z
  .strictObject({
    ...moderatedFields,
    changed: z
      .boolean()
      .meta({ description: 'False where it already was what was asked for.', examples: [true] }),
    approvedReplies,
    rejectedReplies: count('How many replies were rejected along with it.'),
  })
  .meta({ id: 'DecidedComment' })

export const problem = z
  .strictObject({
    type: z.string().meta({
      description: 'Which problem it is: compare this one. Stable.',
      examples: ['urn:imprimatur:problem:comment-not-found'],
      override: { maxLength: 100, pattern: '^urn:imprimatur:problem:[a-z-]+$' },
    }),
    title: plain(100, 'The problem in a few words; the same for each of its type.', 'Comment not found'),
    status: z.int().meta({
      description: 'The HTTP status.',
      examples: [404],
      override: { type: 'integer', format: 'int32', minimum: 400, maximum: 599 },
    }),
    detail: plain(1_000, 'What went wrong this time and what helps.', 'There is no comment with this id.'),
    instance: z.string().meta({
      description: 'The id of this request, as the log has it.',
      examples: ['urn:uuid:5b1c1f0a-9d1e-8a52-9c3e-000000000001'],
      override: { maxLength: 45, pattern: '^urn:uuid:[0-9a-f-]{36}$' },
    }),
    errors: z
      .array(
        z.strictObject({
          in: z
            .enum(['body', 'path', 'query', 'header'])
            .meta({ description: 'Which part of the request.', examples: ['body'] }),
          pointer: plain(1_000, 'JSON pointer (RFC 6901) into that part.', '/author/email'),
          detail: plain(1_000, 'What is wrong there.', 'is required'),
        }),
      )
      .max(1_000)
      .optional()
      .meta({ description: 'Every field that is wrong, all at once.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })

export const decisionOutcomes = z
  .strictObject({
    outcomes: z
      .array(
        z.strictObject({
          commentId: id('The comment asked for.'),
          outcome: z.enum(['decided', 'unchanged', 'refused', 'failed']).meta({
            description:
              '`unchanged`: it already was so. `refused`: the caller is told why. `failed`: a fault of the service; the same decision may succeed later.',
            examples: ['decided'],
          }),
          comment: moderatedComment
            .nullable()
            .meta({ description: 'The comment now; null where the decision was refused or failed.' }),
          problem: problem.nullable().meta({ description: 'Why it was refused or failed; null otherwise.' }),
        }),
      )
      .max(listMaximum)
      .meta({ description: 'One for each decision, in the order sent.' }),
  })
  .meta({ id: 'DecisionOutcomes' })

export const health = z
  .strictObject({ status: z.enum(['ok']).meta({ description: 'All is well.', examples: ['ok'] }) })
  .meta({ id: 'Health' })

export type PublicComment = z.infer<typeof publicComment>
export type OwnComment = z.infer<typeof ownComment>
export type ModeratedComment = z.infer<typeof moderatedComment>
export type DecisionLine = z.infer<typeof decisionLine>
export type ProblemBody = z.infer<typeof problem>
export type DecisionOutcome = z.infer<typeof decisionOutcomes>['outcomes'][number]
export type FieldError = NonNullable<ProblemBody['errors']>[number]
