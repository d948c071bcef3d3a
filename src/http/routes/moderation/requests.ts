import { z } from 'zod'
import { commentLimits } from '../../../domain/comments/comment.ts'
import { repliesTakenAlong } from '../../../operations/moderation/decide-comment.ts'
import { wrong, wrongIssue } from '../../field-errors.ts'
import { commentId, listMaximum, requiredAnd, text } from '../../fields.ts'

const version = z
  .int({ error: 'must be a whole number' })
  .min(1, { error: 'must be at least 1' })
  .meta({
    override: { type: 'integer', format: 'int64', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  })

/** RFC 9110, section 13.1.1: a list of strong entity tags, or `*`. Parsed to the versions that may be decided about. */
export const ifMatch = z
  .string()
  .refine((value) => /^(?:\*|(?:W\/)?"[!#-~]*"(?:[ \t]*,[ \t]*(?:W\/)?"[!#-~]*")*)$/.test(value), {
    ...wrong('not-an-entity-tag', 'must be an entity tag in double quotes, as an ETag header gives it, or *'),
    abort: true,
  })
  .transform((value) => (value === '*' ? null : versionsOf(value)))
  .optional()
  .meta({
    description:
      'The `ETag` of the comment you looked at. If somebody decided since, the answer is 412 and nothing changes. A weak tag (`W/"1"`), which a proxy that compresses may have made of it, matches nothing (RFC 9110, section 13.1.1).',
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

export const position = z
  .string()
  .refine((value) => /^(?:0|[1-9][0-9]{0,15})$/.test(value) && Number.isSafeInteger(Number(value)), {
    ...wrong('out-of-range', `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`),
    abort: true,
  })
  .transform(Number)
  .optional()
  .meta({
    description:
      'The `nextAfter` of the answer before: the lines behind it, in the order asked for. Without it, from the beginning.',
    examples: [0],
    override: { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  })

export const logOrder = z
  .enum(['oldest', 'newest'], { error: 'must be oldest or newest' })
  .default('oldest')
  .meta({ description: '`oldest` first, as the log was written, or `newest` first.', examples: ['oldest'] })

export const decider = text('line', 100, {
  description: "Only what this moderator decided or noted: a token's name, or `me` for your own.",
  examples: ['me'],
})

const reason = text('line', commentLimits.reason, {
  description: 'Shown to the author, who asks with the receipt.',
  examples: ['Please stay on the subject.'],
}).nullish()

const reasonCode = text('line', commentLimits.reasonCode, {
  description:
    'A ready reason, by its code; see `/v1/moderation/reasons`. Without a `reason`, its text is what the author is told, in their language.',
  examples: ['off-topic'],
}).nullish()

const note = text('prose', commentLimits.note, {
  description: 'For moderators only.',
  examples: ['Third time this week.'],
}).nullish()

const repliesReason = text('line', commentLimits.reason, {
  description:
    'Shown to the authors of the replies that are decided along with it. Without it they are told no reason: that of the comment is for its own author.',
  examples: ['The comment that you replied to was removed.'],
}).nullish()

export const approvalBody = z
  .strictObject({
    reason,
    reasonCode,
    note,
    replies: z
      .enum(['keep', 'restore'], { error: 'must be keep or restore' })
      .default('keep')
      .meta({
        description: `\`restore\` approves again the replies that went along with its rejection and were not decided about since, up to ${repliesTakenAlong} at once, each with its own line in the log.`,
        examples: ['restore'],
      }),
    repliesReason,
  })
  .meta({ id: 'Approval', examples: [{ note: 'Checked the quotation.' }] })

export const rejectionBody = z
  .strictObject({
    reason,
    reasonCode,
    note,
    replies: z
      .enum(['keep', 'reject'], { error: 'must be keep or reject' })
      .default('keep')
      .meta({
        description:
          '`reject` rejects the approved replies below it as well, each with its own line in the log.',
        examples: ['reject'],
      }),
    repliesReason,
  })
  .meta({
    id: 'Rejection',
    examples: [{ reason: 'Please stay on the subject.', note: 'Third time this week.' }],
  })

/** What gives a comment back has nothing to tell its author. */
export const reopeningBody = z
  .strictObject({ note })
  .meta({ id: 'Reopening', examples: [{ note: 'Not mine to decide: somebody from the desk, please.' }] })

export const erasureBody = z
  .strictObject(
    {
      reason: text('line', commentLimits.reason, {
        description: 'Why. The author, who asks with the receipt, is shown it.',
        examples: ['It named a private address.'],
      }),
      note,
    },
    { error: requiredAnd('must be an object') },
  )
  .meta({ id: 'Erasure', examples: [{ reason: 'It named a private address.' }] })

export const noteBody = z
  .strictObject(
    {
      text: text('prose', commentLimits.note, {
        description: 'For moderators only. It stays when the comment is withdrawn or erased.',
        examples: ['I have written to the author.'],
      }),
    },
    { error: requiredAnd('must be an object') },
  )
  .meta({ id: 'NewNote', examples: [{ text: 'I have written to the author.' }] })

const decisions = z
  .array(
    z
      .strictObject({
        commentId,
        verdict: z
          .enum(['approve', 'reject', 'reopen'], {
            error: requiredAnd('must be approve, reject or reopen'),
          })
          .meta({
            description: 'What to decide; `reopen` gives it back to the queue.',
            examples: ['approve'],
          }),
        version: version.nullish().meta({
          description:
            'The version that you looked at. If somebody decided since, this decision is refused, and its outcome says who. Without it, whatever is there is decided about.',
          examples: [1],
        }),
        reason,
        reasonCode,
        note,
        replies: z
          .enum(['keep', 'reject', 'restore'], { error: 'must be keep, reject or restore' })
          .default('keep')
          .meta({
            description:
              '`reject`: with a rejection, the approved replies below go along. `restore`: with an approval, those that went along with its rejection come back. Neither does anything with another verdict.',
            examples: ['keep'],
          }),
        repliesReason,
      })
      .meta({ id: 'DecisionRequest' }),
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
          context.addIssue({
            ...wrongIssue('repeated', 'must not be named twice'),
            path: [index, 'commentId'],
          })
        }
        seen.add(id)
      }
    },
    // Also where something else is wrong, which is when the decisions are not yet known to be any.
    { when: ({ value }) => Array.isArray(value) && value.length <= listMaximum },
  )
  .meta({ description: `Up to ${listMaximum}, no comment twice.` })

/** An object and no bare array, so that what is said of all of them can be added one day. */
export const decisionsBody = z.strictObject({ decisions }, { error: requiredAnd('must be an object') }).meta({
  id: 'Decisions',
  examples: [{ decisions: [{ commentId: '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11', verdict: 'approve' }] }],
})
