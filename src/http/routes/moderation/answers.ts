import { z } from 'zod'
import { commentActions, commentLimits, repliesWalked } from '../../../domain/comments/comment.ts'
import { decisionsShown } from '../../../operations/moderation/view-comment.ts'
import {
  articleIdAnswer,
  articleUrl,
  body,
  count,
  id,
  name,
  nextCursor,
  parentId,
  plain,
  publishedAt,
  reasonAnswer,
  statusAnswer,
  submittedAt,
  timestamp,
} from '../../answer-fields.ts'
import { listMaximum } from '../../fields.ts'
import { problem } from '../../problems.ts'

const moderatedFields = {
  id: id("The comment's id."),
  articleId: articleIdAnswer,
  articleUrl,
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

const queuedComment = z
  .strictObject({
    ...moderatedFields,
    repeats: id(
      'The comment that this one repeats: the same article, parent, address and text, submitted within the minute before. Null where it repeats none, or is no longer pending.',
    ).nullable(),
  })
  .meta({ id: 'QueuedComment' })

export const queue = z
  .strictObject({
    pending: count('How many comments wait in all, whatever the filter.'),
    comments: z
      .array(queuedComment)
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
    reason: reasonAnswer,
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

export type ModeratedComment = z.infer<typeof moderatedComment>
export type DecisionLine = z.infer<typeof decisionLine>
export type DecisionOutcome = z.infer<typeof decisionOutcomes>['outcomes'][number]
