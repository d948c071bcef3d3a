import { z } from 'zod'
import { articleIdBytes } from '../../../domain/articles/article-id.ts'
import { claimLimits } from '../../../domain/moderation/claim.ts'
import { articleId, commentId, listMaximum, moment, text } from '../../fields.ts'

const { least, most, usual } = claimLimits.seconds

const seconds = z
  .int({ error: 'must be a whole number' })
  .min(least, { error: `must be at least ${least}` })
  .max(most, { error: `must be at most ${most}` })
  .default(usual)
  .meta({
    description: 'How long from now on, unless it is renewed.',
    examples: [usual],
    override: { type: 'integer', format: 'int32', minimum: least, maximum: most, default: usual },
  })

/** Which comments, where not all: the fields that a claim has of what a search has. */
const claimFilter = z
  .strictObject({
    articleIds: z
      .array(articleId)
      .min(1, { error: 'must hold at least one id' })
      .max(listMaximum, { error: `must hold at most ${listMaximum} ids` })
      .nullish()
      .meta({ description: 'Only those on these articles.', examples: [['why-we-print']] }),
    articlePrefix: text('line', articleIdBytes, {
      description: "Only those on articles whose id begins so: a section's.",
      examples: ['news/'],
    })
      .transform((value) => value.normalize('NFC'))
      .nullish(),
    submittedAfter: moment('Only those submitted then or later.'),
    submittedBefore: moment('Only those submitted before.'),
  })
  .meta({ id: 'ClaimFilter', examples: [{ articlePrefix: 'news/' }] })

export const claimBody = z
  .strictObject({
    limit: z
      .int({ error: 'must be a whole number' })
      .min(1, { error: 'must be at least 1' })
      .max(claimLimits.atOnce, { error: `must be at most ${claimLimits.atOnce}` })
      .default(20)
      .meta({
        description: 'How many at the most.',
        examples: [20],
        override: {
          type: 'integer',
          format: 'int32',
          minimum: 1,
          maximum: claimLimits.atOnce,
          default: 20,
        },
      }),
    where: claimFilter.nullish(),
    order: z
      .enum(['oldest', 'newest'], { error: 'must be oldest or newest' })
      .default('oldest')
      .meta({
        description: 'Which first: those that have waited longest, or the last.',
        examples: ['oldest'],
      }),
    seconds,
  })
  .meta({ id: 'NewClaims', examples: [{ limit: 20, seconds: usual }] })

export const renewalBody = z
  .strictObject({
    seconds,
    commentIds: z
      .array(commentId)
      .min(1, { error: 'must hold at least one id' })
      .max(claimLimits.held, { error: `must hold at most ${claimLimits.held} ids` })
      .nullish()
      .meta({
        description: 'Only those on these comments; without it, all of yours.',
        examples: [['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11']],
      }),
  })
  .meta({ id: 'Renewal', examples: [{ seconds: usual }] })

/** As many as an answer to a call fits into an address. */
export const releasedIds = z
  .array(commentId)
  .max(listMaximum, { error: `must be given at most ${listMaximum} times` })
  .optional()
  .meta({
    description: `Only those on these comments, up to ${listMaximum} times; without it, all of yours.`,
    examples: [['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11']],
  })
