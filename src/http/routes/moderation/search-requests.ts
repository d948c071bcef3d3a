import { z } from 'zod'
import { articleIdBytes } from '../../../domain/articles/article-id.ts'
import { commentLimits, commentStatuses } from '../../../domain/comments/comment.ts'
import { claimKinds, searchOrders } from '../../../domain/moderation/comment-filter.ts'
import { matchingMaximum } from '../../../operations/moderation/decide-matching.ts'
import type { Where } from '../../../operations/moderation/filter-of.ts'
import { wrong } from '../../field-errors.ts'
import {
  articleId,
  commentId,
  cursor,
  cursorOfItsOrder,
  listMaximum,
  moment,
  pageDefault,
  requiredAnd,
  status,
  text,
} from '../../fields.ts'

const longestQuery = 500

const whereFields = {
  q: text('line', longestQuery, {
    description:
      "Words in name, address or text, all of them, whatever their case and accents; the last may be the beginning of one. An address is one word, and each of its parts is one. Of scripts without spaces any part is found. Or a comment's id, or the link to it (`…#comment-ID`), pasted.",
    examples: ['subscrip'],
  }).nullish(),
  status: z
    .array(status)
    .min(1, { error: 'must hold at least one status' })
    .max(commentStatuses.length, { error: `must hold at most ${commentStatuses.length} statuses` })
    .nullish()
    .meta({ description: 'Any of these.', examples: [['pending']] }),
  articleIds: z
    .array(articleId)
    .min(1, { error: 'must hold at least one id' })
    .max(listMaximum, { error: `must hold at most ${listMaximum} ids` })
    .nullish()
    .meta({ description: 'On any of these articles.', examples: [['why-we-print']] }),
  articlePrefix: text('line', articleIdBytes, {
    description: "On articles whose id begins so: a section's.",
    examples: ['news/'],
  })
    .transform((value) => value.normalize('NFC'))
    .nullish(),
  sameAuthorAs: commentId.nullish().meta({
    description: 'From the same address as this comment. So an address is in no URL and in no log.',
    examples: ['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'],
  }),
  submittedAfter: moment('Submitted then or later.'),
  submittedBefore: moment('Submitted before.'),
  decidedBy: text('line', 100, {
    description:
      "Somebody of this name decided about it, whatever was decided since: a token's name, or `me`. With `reasonCode`, it is one decision that has both.",
    examples: ['me'],
  }).nullish(),
  reasonCode: text('line', commentLimits.reasonCode, {
    description: 'A decision about it gave this ready reason.',
    examples: ['off-topic'],
  }).nullish(),
  claim: z
    .enum(claimKinds, { error: `must be one of ${claimKinds.join(', ')}` })
    .nullish()
    .meta({ description: 'Whom it is claimed by now.', examples: ['none'] }),
}

const where = z
  .strictObject(whereFields, { error: requiredAnd('must be an object') })
  // A filter that came out empty would decide about all that wait.
  .refine(
    (fields) => Object.values(fields).some((field) => field !== null && field !== undefined),
    wrong('too-few', 'must say something of the comments; all that wait are {"status": ["pending"]}'),
  )
  .meta({
    id: 'CommentFilter',
    examples: [{ q: 'casino', status: ['pending'] }],
    override: { minProperties: 1 },
  })

export const searchBody = z
  .strictObject(
    {
      ...whereFields,
      order: z
        .enum(searchOrders, { error: `must be one of ${searchOrders.join(', ')}` })
        .default('newest')
        .meta({ description: 'In order of submission.', examples: ['newest'] }),
      limit: wholeUpTo(listMaximum, pageDefault, 'How many comments a page holds at the most.'),
      cursor: cursor.nullish(),
    },
    { error: requiredAnd('must be an object') },
  )
  .superRefine(({ cursor, order }, context) =>
    cursorOfItsOrder({ cursor: cursor ?? undefined, order }, context),
  )
  .meta({ id: 'Search', examples: [{ q: 'casino', status: ['pending'] }] })

export const matchingBody = z
  .strictObject(
    {
      where,
      // The newest comment that the moderator has seen.
      until: commentId,
      verdict: z
        .enum(['approve', 'reject', 'reopen'], { error: requiredAnd('must be approve, reject or reopen') })
        .meta({ description: 'What to decide about each.', examples: ['reject'] }),
      reason: text('line', commentLimits.reason, {
        description: 'Shown to each author, who asks with the receipt.',
        examples: ['Please stay on the subject.'],
      }).nullish(),
      reasonCode: text('line', commentLimits.reasonCode, {
        description: 'A ready reason, by its code.',
        examples: ['advertising'],
      }).nullish(),
      note: text('prose', commentLimits.note, {
        description: 'For moderators only.',
        examples: ['The wave of this morning.'],
      }).nullish(),
      limit: wholeUpTo(matchingMaximum, matchingMaximum, 'How many are decided about at the most.'),
      dryRun: z
        .boolean({ error: 'must be true or false' })
        .default(false)
        .meta({ description: 'Only tells how many there are.', examples: [true] }),
    },
    { error: requiredAnd('must be an object') },
  )
  .meta({
    id: 'MatchingDecision',
    examples: [
      {
        where: { q: 'casino' },
        until: '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11',
        verdict: 'reject',
        dryRun: true,
      },
    ],
  })

/** As the use cases have it. */
export function whereOf(given: Partial<z.output<typeof where>>): Where {
  return {
    q: given.q ?? null,
    statuses: given.status ?? null,
    articleIds: given.articleIds ?? null,
    articlePrefix: given.articlePrefix ?? null,
    sameAuthorAs: given.sameAuthorAs ?? null,
    submittedFromMs: given.submittedAfter ?? null,
    submittedBeforeMs: given.submittedBefore ?? null,
    decidedBy: given.decidedBy ?? null,
    reasonCode: given.reasonCode ?? null,
    claim: given.claim ?? null,
  }
}

function wholeUpTo(maximum: number, fallback: number, description: string) {
  return z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(maximum, { error: `must be at most ${maximum}` })
    .default(fallback)
    .meta({
      description,
      examples: [fallback],
      override: { type: 'integer', format: 'int32', minimum: 1, maximum, default: fallback },
    })
}
