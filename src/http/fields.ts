import { z } from 'zod'
import {
  type ArticleIdFault,
  articleIdBytes,
  articleIdFault,
  charactersPerByte,
  normalizedArticleId,
} from '../domain/articles/article-id.ts'
import { commentStatuses } from '../domain/comments/comment.ts'
import { isRanked, listOrders, type Place, queueOrders } from '../domain/comments/list-order.ts'
import { languages, localeOf } from '../domain/language.ts'
import { lastMomentMs } from '../domain/moment.ts'
import { type TextFault, type TextKind, textFault } from '../domain/text.ts'
import { placeIn } from './cursor.ts'
import { wrong, wrongIssue } from './field-errors.ts'

/*
 * What the wire shapes of every capability are made of. Those of requests validate, and the OpenAPI document is generated
 * from all of them; `override` says in JSON Schema what a refinement does in code.
 */

/** As many as one page, one count request or one batch of decisions may hold. */
export const listMaximum = 100
export const pageDefault = 20

/*
 * What the domain's rules of text are in JSON Schema, as far as a pattern can say it that every engine of regular expressions
 * takes: no look-ahead, no character beyond U+00FF (for which they have no common way to write it, and of which those that
 * cannot be seen would stand in the code that generators make). It takes all that the service takes; the description says
 * the rest, and the service asks for all of it.
 */
const unseen = '\\x00-\\x20\\x7f-\\xa0\\xad'
const space = '\\x00-\\x20\\x7f-\\xa0'
const notIn = {
  line: '\\x00-\\x1f\\x7f-\\x9f',
  prose: '\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f',
} as const satisfies Record<TextKind, string>

const rules = {
  line: 'One line: no line breaks, no control characters.',
  prose: 'Line breaks and tabs are kept, other control characters refused.',
} as const satisfies Record<TextKind, string>

const somethingToSee =
  'Something in it must be visible: neither `White_Space` nor `Default_Ignorable_Code_Point` in Unicode, nor U+2800.'

/** Text as people write it, kept as it was sent: `max` counts code points; blank counts as missing. */
export function text(kind: TextKind, max: number, about: { description: string; examples: string[] }) {
  return z
    .string()
    .superRefine((value, context) => {
      // One check and not several that abort: an aborted field would keep the lists that hold it from being checked.
      const fault = textFault(value, kind, max)
      if (fault !== null) context.addIssue(wrongIssue(fault, faultMessages(kind, max)[fault]))
    })
    .meta({
      ...about,
      description: `${about.description} ${rules[kind]} ${somethingToSee}`,
      override: {
        minLength: 1,
        maxLength: max,
        pattern: `^[^${notIn[kind]}]*[^${unseen}][^${notIn[kind]}]*$`,
      },
    })
}

function faultMessages(kind: TextKind, max: number): Record<TextFault, string> {
  return {
    blank: 'must not be blank',
    'not-storable': notStorable,
    controls:
      kind === 'line'
        ? 'must be one line, without control characters'
        : 'must not contain control characters other than line breaks and tabs',
    'too-long': `must be at most ${max} characters long`,
  }
}

const notStorable = 'must not contain NUL characters or ill-formed Unicode'

const articleIdMessages: Record<ArticleIdFault, string> = {
  blank: 'must not be blank',
  'not-storable': notStorable,
  controls: 'must be one line, without control characters',
  'space-at-an-end': 'must not begin or end with white space',
  dots: 'must not be . or .., which URLs cannot carry',
  'too-long': `must be at most ${articleIdBytes} bytes long in UTF-8`,
}

/** An article id, percent-encoded. */
export const longestPathPart = articleIdBytes * charactersPerByte

export const articleId = z
  .string()
  .transform(normalizedArticleId)
  .superRefine((value, context) => {
    const fault = articleIdFault(value)
    if (fault !== null) context.addIssue(wrongIssue(fault, articleIdMessages[fault]))
  })
  .meta({
    id: 'ArticleId',
    description: `The site's own id of the article: a slug, a number or a whole URL, percent-encoded in the path (\`/\` as \`%2F\`). It is kept and compared in Unicode's form NFC, in which it has at most ${articleIdBytes} bytes of UTF-8. ${rules.line} ${somethingToSee} No white space at an end.`,
    examples: ['why-we-print'],
    override: {
      type: 'string',
      minLength: 1,
      // No character has less than a byte. JSON Schema has no word for bytes.
      maxLength: articleIdBytes,
      pattern: `^[^${space}](?:[^${notIn.line}]*[^${space}])?$`,
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

function uuidPattern(before = ''): string {
  return `^${before}[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`
}

/** Before the id, what an order goes by first: fifteen digits are enough until the year 33658. */
const cursorPattern = uuidPattern('(?:[0-9]{1,15}\\.)?')

/** The form of a cursor in answers as well. */
export const cursorForm = { type: 'string', pattern: cursorPattern, minLength: 36, maxLength: 52 } as const

const aCursor = new RegExp(cursorPattern)

export const cursor = z
  .string()
  .refine((value) => aCursor.test(value), {
    ...wrong('not-a-cursor', 'must be the nextCursor of an earlier page'),
    abort: true,
  })
  .transform(placeIn)
  .meta({
    description:
      'The `nextCursor` of the page before, in the same order. Opaque: do not make one up. A place in the list, and no moment: what was to stand before it is on no page behind it.',
    examples: ['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'],
    override: cursorForm,
  })

/** Refuses the cursor of another order: its pages would begin anywhere. */
export function cursorOfItsOrder(
  query: { cursor?: unknown; order?: unknown },
  context: { addIssue: (issue: ReturnType<typeof wrongIssue> & { path: string[] }) => void },
): void {
  const { cursor, order } = query as { cursor?: Place; order?: Parameters<typeof isRanked>[0] }
  if (cursor === undefined || order === undefined || isRanked(order) === (cursor.rank !== null)) return
  context.addIssue({
    ...wrongIssue('not-a-cursor', 'must be the nextCursor of an earlier page in this order'),
    path: ['cursor'],
  })
}

const notInRange = wrong('out-of-range', `must be a whole number from 1 to ${listMaximum}`)

export const limitOf = (fallback: number) =>
  z
    .string()
    // Not .regex(): the document would have a pattern, which a number has no use for.
    .refine((value) => /^[1-9][0-9]{0,2}$/.test(value), {
      ...notInRange,
      abort: true,
    })
    .transform(Number)
    .refine((value) => value <= listMaximum, notInRange)
    .default(fallback)
    .meta({
      description: 'How many comments a page holds at the most.',
      examples: [fallback],
      override: { type: 'integer', format: 'int32', minimum: 1, maximum: listMaximum, default: fallback },
    })

export const limit = limitOf(pageDefault)

/** In which a page speaks: the article's own, as its `lang` has it, and not the reader's, so that caches have one page for all. */
export const pageLanguage = z
  .string()
  .refine(
    (value) => /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8}$/.test(value),
    wrong('not-a-language', 'must be a language tag, such as fr'),
  )
  .transform(localeOf)
  .optional()
  .meta({
    description: `The language of the page (BCP 47); of ours, ${languages.join(', ')}, the nearest, or else the deployment's own.`,
    examples: ['fr'],
    override: { type: 'string', maxLength: 80, pattern: '^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8}$' },
  })

export const listOrder = z
  .enum(listOrders, { error: `must be one of ${listOrders.join(', ')}` })
  .default('oldest')
  .meta({
    description:
      '`oldest`, `newest`: in order of submission, or the other way round. `published`, `last-published`: in order of approval, or the other way round. Who follows a list asks for `published`: what is approved later is behind what was read, whenever it was submitted.',
    examples: ['oldest'],
  })

export const queueOrder = z
  .enum(queueOrders, { error: `must be one of ${queueOrders.join(', ')}` })
  .default('oldest')
  .meta({
    description:
      '`oldest`, `newest`: in order of submission, or the other way round. `decided`: the last decided first.',
    examples: ['oldest'],
  })

/** Never negotiated: whoever keeps answers for others has one for each URL. */
export const language = z
  .enum(languages, { error: `must be one of ${languages.join(', ')}` })
  .optional()
  .meta({
    description: 'The language of what the service says itself; the deployment’s own where it is left out.',
    examples: ['fr'],
  })

export const status = z.enum(commentStatuses, { error: `must be one of ${commentStatuses.join(', ')}` })

const rfc3339 = z.iso.datetime({ offset: true })

function isMoment(value: string): boolean {
  // With an offset there are years after 9999.
  const ms = rfc3339.safeParse(value).success ? Date.parse(value) : Number.NaN
  return ms >= 0 && ms <= lastMomentMs
}

/** A time, as milliseconds since 1970; it may be left out. */
export const moment = (description: string) =>
  z
    .string()
    .refine(
      isMoment,
      wrong('not-a-time', 'must be a time since 1970 as RFC 3339 writes it, such as 2026-05-04T09:30:00Z'),
    )
    .transform((value) => Date.parse(value))
    .meta({
      description,
      examples: ['2026-05-04T09:30:00Z'],
      override: {
        type: 'string',
        format: 'date-time',
        maxLength: 40,
        pattern:
          '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})$',
      },
    })
    .nullish()
