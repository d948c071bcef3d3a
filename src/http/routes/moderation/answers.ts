import { z } from 'zod'
import { commentActions, commentLimits, repliesWalked } from '../../../domain/comments/comment.ts'
import { repliesTakenAlong } from '../../../operations/moderation/decide-comment.ts'
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
    .meta({ id: 'ModeratedAuthor' })
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
      .meta({ description: 'One page, in the order asked for.' }),
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
    rejectedWith: id(
      'The comment whose rejection took this one along; null where it was decided about by itself.',
    ).nullable(),
  })
  .meta({ id: 'Decision' })

const approvedReplies = count(
  `How many approved replies stand below it, at any depth; of a very long thread, among the first ${repliesWalked}.`,
)

const replyIds = (description: string) =>
  z
    .array(id("A reply's id."))
    .max(repliesTakenAlong)
    .meta({ description, examples: [[]] })

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
    rejectedReplyIds: replyIds('The replies that were rejected along with it.'),
    restoredReplyIds: replyIds('The replies that were approved again along with it.'),
  })
  .meta({ id: 'DecidedComment' })

const standingDecision = z
  .strictObject({
    commentId: id('The comment asked for.'),
    outcome: z
      .literal(['decided', 'unchanged'])
      .meta({ description: '`unchanged`: it already was so.', examples: ['decided'] }),
    comment: moderatedComment,
    problem: z.null().meta({ description: 'There is none.', examples: [null] }),
  })
  .meta({ id: 'StandingDecision', description: 'The comment is as was asked for.' })

const missedDecision = z
  .strictObject({
    commentId: id('The comment asked for.'),
    outcome: z.literal(['refused', 'failed']).meta({
      description:
        '`refused`: the caller is told why. `failed`: a fault of the service; the same decision may succeed later.',
      examples: ['refused'],
    }),
    comment: z.null().meta({ description: 'It is not told.', examples: [null] }),
    problem,
  })
  .meta({ id: 'MissedDecision', description: 'Nothing was decided about the comment.' })

export const decisionOutcomes = z
  .strictObject({
    outcomes: z
      .array(
        z.discriminatedUnion('outcome', [standingDecision, missedDecision]).meta({ id: 'DecisionOutcome' }),
      )
      .max(listMaximum)
      .meta({ description: 'One for each decision, in the order sent.' }),
  })
  .meta({ id: 'DecisionOutcomes' })

export type ModeratedComment = z.infer<typeof moderatedComment>
export type DecisionLine = z.infer<typeof decisionLine>
export type DecisionOutcome = z.infer<typeof decisionOutcomes>['outcomes'][number]
