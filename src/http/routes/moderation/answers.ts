import { z } from 'zod'
import { articleLimits } from '../../../domain/articles/article.ts'
import { commentLimits, logActions, repliesWalked } from '../../../domain/comments/comment.ts'
import { languages } from '../../../domain/language.ts'
import { claimLimits } from '../../../domain/moderation/claim.ts'
import { contextLimits } from '../../../domain/moderation/context.ts'
import { mostReasons } from '../../../domain/moderation/reason.ts'
import { repliesTakenAlong } from '../../../operations/moderation/decide-comment.ts'
import { matchingMaximum, remainingMaximum } from '../../../operations/moderation/decide-matching.ts'
import { decisionsShown } from '../../../operations/moderation/view-comment.ts'
import {
  articleIdAnswer,
  articleUrl,
  body,
  count,
  cursorAnswer,
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
    .strictObject({
      name,
      email: plain(
        commentLimits.email,
        'For moderators only. Null where it is not known: the comment was brought along from elsewhere, without an address.',
        'ada@example.org',
      ).nullable(),
    })
    .meta({ id: 'ModeratedAuthor' })
    .nullable()
    .meta({ description: 'Null once withdrawn.' }),
  body: body.nullable().meta({ description: 'Null once withdrawn.' }),
  submittedAt,
  publishedAt,
}

export const moderatedComment = z.strictObject(moderatedFields).meta({ id: 'ModeratedComment' })

const claim = z
  .strictObject({
    by: plain(100, "The name of the moderator's token.", 'marie'),
    until: timestamp('When it ends, unless it is renewed.'),
  })
  .meta({ id: 'Claim' })
  .nullable()
  .meta({ description: 'Who looks at it now; null where nobody does. It keeps nobody from a decision.' })

const queuedComment = z
  .strictObject({
    ...moderatedFields,
    repeats: id(
      'The comment that this one repeats: the same article, parent, address and text, submitted within the minute before. Null where it repeats none, its address is not known, or it is no longer pending.',
    ).nullable(),
    claim,
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

export const reasonList = z
  .strictObject({
    reasons: z
      .array(
        z
          .strictObject({
            code: plain(commentLimits.reasonCode, 'Send it as `reasonCode`. Stable.', 'off-topic'),
            texts: z
              .partialRecord(
                z.enum(languages),
                plain(
                  commentLimits.reason,
                  'What the author is told.',
                  'It is not about the subject of the article.',
                ),
              )
              .meta({
                description: 'What the author is told, by language.',
                examples: [{ en: 'It is not about the subject of the article.' }],
              }),
          })
          .meta({ id: 'ReadyReason' }),
      )
      .max(mostReasons)
      .meta({ description: 'In the order in which to show them.' }),
  })
  .meta({ id: 'ReasonList' })

export const newClaims = z
  .strictObject({
    comments: z
      .array(queuedComment)
      .max(claimLimits.atOnce)
      .meta({ description: 'What is yours by this call, in the order asked for.' }),
    until: timestamp('When these claims end, unless they are renewed.'),
  })
  .meta({ id: 'NewClaimsAnswer' })

export const ownClaims = z
  .strictObject({
    comments: z.array(queuedComment).max(claimLimits.held).meta({ description: 'Oldest first.' }),
  })
  .meta({ id: 'OwnClaims' })

export const renewedClaims = z
  .strictObject({
    commentIds: z
      .array(id('A comment that is still yours.'))
      .max(claimLimits.held)
      .meta({ description: 'Of those asked for, those that are still yours.', examples: [[]] }),
    until: timestamp('When these claims end, unless they are renewed again.'),
  })
  .meta({ id: 'RenewedClaims' })

export const releasedClaims = z
  .strictObject({ released: count('How many were given up.') })
  .meta({ id: 'ReleasedClaims' })

const decisionFields = {
  id: id("The decision's id."),
  position: z.int().meta({
    description:
      'Where it stands in the whole log: a number that grows with each line, in the order of their commits.',
    examples: [1],
    override: { type: 'integer', format: 'int64', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  }),
  action: z.enum(logActions).meta({
    description: 'What was decided. A `note` is for moderators only, and changes nothing.',
    examples: ['approve'],
  }),
  version: moderatedFields.version,
  decidedBy: plain(
    100,
    "The name of the moderator's token; `import:` and the name of a format, such as `import:disqus`, where it was brought along from elsewhere; null when the author withdrew.",
    'marie',
  ).nullable(),
  reason: reasonAnswer,
  reasonCode: plain(
    commentLimits.reasonCode,
    'The ready reason that was given, by its code; its text is what the author is shown where `reason` is null.',
    'off-topic',
  ).nullable(),
  note: plain(commentLimits.note, 'For moderators only.', 'Third time this week.').nullable(),
  decidedAt: timestamp('When it was decided.'),
  rejectedWith: id(
    'The comment whose rejection took this one along; null where it was decided about by itself.',
  ).nullable(),
}

const decisionLine = z.strictObject(decisionFields).meta({ id: 'Decision' })

export const logLine = z
  .strictObject({ ...decisionFields, commentId: id('The comment.'), articleId: articleIdAnswer })
  .meta({ id: 'LogLine' })

export const decisionLog = z
  .strictObject({
    decisions: z.array(logLine).max(listMaximum).meta({ description: 'In the order asked for.' }),
    nextAfter: z.int().meta({
      description: 'Send it as `after` to go on. Where nothing is new, it is the one that was sent.',
      examples: [1],
      override: { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    }),
  })
  .meta({ id: 'DecisionLog' })

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
    claim,
    decisions: z
      .array(decisionLine)
      .max(decisionsShown)
      .meta({ description: `The newest ${decisionsShown} decisions, oldest first.` }),
  })
  .meta({ id: 'ViewedComment' })

export const commentContext = z
  .strictObject({
    comment: viewedComment,
    parents: z
      .array(moderatedComment)
      .max(contextLimits.parents)
      .meta({ description: 'What it replies to, and what that replies to: the topmost first.' }),
    parentsLeftOut: z.boolean().meta({
      description: `Whether there are more above than the nearest ${contextLimits.parents}.`,
      examples: [false],
    }),
    replies: z
      .strictObject({
        total: count('How many pending and approved comments reply to it.'),
        comments: z.array(moderatedComment).max(contextLimits.replies).meta({ description: 'Oldest first.' }),
      })
      .meta({ id: 'ContextReplies', description: 'What replies directly to it.' }),
    article: z
      .strictObject({
        articleId: articleIdAnswer,
        title: plain(articleLimits.title, 'Its headline; null where nobody told.', 'Why we print').nullable(),
        url: articleUrl,
        approved: count('How many of its comments are approved.'),
        pending: count('How many of them wait.'),
        closed: z.boolean().meta({ description: 'Whether it takes no more comments.', examples: [false] }),
      })
      .meta({ id: 'ContextArticle' }),
    author: z
      .strictObject({
        last: z
          .array(
            z
              .strictObject({
                comment: moderatedComment,
                lastDecision: decisionLine
                  .nullable()
                  .meta({ description: 'What made it what it is; null where nobody decided.' }),
              })
              .meta({ id: 'AuthorsComment' }),
          )
          .max(contextLimits.authorsLast)
          .meta({ description: 'What else they wrote, the newest first.' }),
        counts: z
          .strictObject({
            pending: count('Pending.'),
            approved: count('Approved.'),
            rejected: count('Rejected.'),
          })
          .meta({ id: 'AuthorsCounts', description: 'Of all that they wrote, this one too.' }),
        decided30Days: count('How many of these were approved or rejected within thirty days.'),
        rejected30Days: count('How many of those were rejected.'),
      })
      .meta({ id: 'ContextAuthor' })
      .nullable()
      .meta({ description: 'Null where no address is known.' }),
  })
  .meta({ id: 'CommentContext' })

const verdictCounts = {
  approve: count('Approvals.'),
  reject: count('Rejections.'),
  reopen: count('Given back to the queue.'),
  erase: count('Erased.'),
}

const seconds = (description: string) => count(`${description} Null where none was decided about.`).nullable()

export const summaryAnswer = z
  .strictObject({
    moderator: plain(100, 'The name of your token.', 'marie'),
    at: timestamp('When it was counted.'),
    counts: z
      .strictObject({
        pending: count('Pending.'),
        approved: count('Approved.'),
        rejected: count('Rejected.'),
        withdrawn: count('Withdrawn or erased.'),
      })
      .meta({ id: 'StatusCounts', description: 'How many comments have each status.' }),
    oldestPendingAt: timestamp(
      'When the one that has waited longest was submitted; null where none waits.',
    ).nullable(),
    claimed: z
      .strictObject({ mine: count('By you.'), others: count('By all others.') })
      .meta({ id: 'ClaimCounts', description: 'How many pending comments are taken.' }),
    today: z
      .strictObject({
        since: timestamp('00:00 UTC.'),
        ...verdictCounts,
        byModerator: z
          .array(
            z
              .strictObject({ name: plain(100, "The token's name.", 'marie'), ...verdictCounts })
              .meta({ id: 'ModeratorCounts' }),
          )
          .max(100_000)
          .meta({ description: 'By their names.' }),
        byReason: z
          .array(
            z
              .strictObject({
                code: plain(commentLimits.reasonCode, 'A ready reason.', 'off-topic'),
                count: count('How often it was given.'),
              })
              .meta({ id: 'ReasonCount' }),
          )
          .max(100_000)
          .meta({ description: 'The most frequent first.' }),
      })
      .meta({ id: 'Today', description: 'What moderators decided since.' }),
    waits: z
      .strictObject({
        decided: count('How many were decided about for the first time.'),
        medianSeconds: seconds('Half of them waited no longer.'),
        p90Seconds: seconds('Nine of ten waited no longer.'),
      })
      .meta({ id: 'Waits', description: 'Of the last 24 hours: from the submission to the first decision.' }),
    arrivals: z
      .array(
        z
          .strictObject({
            hour: timestamp('When it begins.'),
            count: count('How many comments came within it; at most 100,000.'),
          })
          .meta({ id: 'Arrivals' }),
      )
      .max(24)
      .meta({ description: 'The last 24 hours, this one last.' }),
  })
  .meta({ id: 'Summary' })

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
    lastDecision: z.null().meta({ description: 'It is this one.', examples: [null] }),
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
    comment: moderatedComment.nullable().meta({
      description:
        'As it is now, where somebody decided since the version that you looked at; otherwise null.',
    }),
    lastDecision: decisionLine.nullable().meta({ description: 'Who decided then, and what.' }),
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

export const foundComments = z
  .strictObject({
    comments: z.array(queuedComment).max(listMaximum).meta({ description: 'In the order asked for.' }),
    nextCursor: cursorAnswer(
      'The `cursor` that goes on, also behind a page that is not full; null where there is no more.',
    ).nullable(),
  })
  .meta({ id: 'FoundComments' })

const matchedDecision = z
  .strictObject({
    commentId: id('A comment that matched.'),
    outcome: z.enum(['decided', 'unchanged', 'refused', 'failed']).meta({
      description:
        '`unchanged`: it already was so. `refused`: somebody else decided in the meantime. `failed`: a fault of the service; the same call may succeed later.',
      examples: ['decided'],
    }),
    problem: problem.nullable().meta({ description: 'Why, where it was refused or failed.' }),
  })
  .meta({ id: 'MatchedDecision' })

export const matchingOutcomes = z
  .strictObject({
    matched: count('How many this call is about.'),
    decided: count('How many of them were decided.'),
    unchanged: count('How many already were so.'),
    refused: count('How many somebody else has decided about in the meantime.'),
    failed: count('How many met a fault of the service.'),
    remaining: count(
      `How many more match; counted up to ${remainingMaximum}. At least 1 where some have not been looked at, whether they match or not.`,
    ),
    until: id('The `until` with which the next call goes on; `null` where none remain.').nullable(),
    outcomes: z
      .array(matchedDecision)
      .max(matchingMaximum)
      .meta({ description: 'One for each that matched, the newest first; none of a dry run.' }),
  })
  .meta({ id: 'MatchingOutcomes' })

export type QueuedComment = z.infer<typeof queuedComment>
export type MatchedDecision = z.infer<typeof matchedDecision>
export type ModeratedComment = z.infer<typeof moderatedComment>
export type LogLine = z.infer<typeof logLine>
export type DecisionLine = z.infer<typeof decisionLine>
export type DecisionOutcome = z.infer<typeof decisionOutcomes>['outcomes'][number]
export type ViewedComment = z.infer<typeof viewedComment>
export type DecidedComment = z.infer<typeof decidedComment>
export type CommentContext = z.infer<typeof commentContext>
export type Reason = z.infer<typeof reasonList>['reasons'][number]
export type Summary = z.infer<typeof summaryAnswer>
