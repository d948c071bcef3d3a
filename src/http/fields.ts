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
import { type TextFault, type TextKind, textFault } from '../domain/text.ts'
import { placeIn } from './cursor.ts'

/*
 * What the wire shapes of every capability are made of. Those of requests validate, and the OpenAPI document is generated
 * from all of them; `override` says in JSON Schema what a refinement does in code.
 */

/** As many as one page, one count request or one batch of decisions may hold. */
export const listMaximum = 100
export const pageDefault = 20

/*
 * What the domain's rules of text are in JSON Schema, in ranges that every engine of regular expressions knows. It has no word
 * for ill-formed Unicode, which JSON in UTF-8 cannot carry; and beyond U+FFFF, where most engines see two halves, what cannot
 * be seen (the tags of U+E0000 and some more) is refused though the pattern takes it.
 */
const space = '\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const unseen = `\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8`
const notIn = {
  line: '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029',
  prose: '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f',
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
      if (fault !== null) context.addIssue({ code: 'custom', message: faultMessages(kind, max)[fault] })
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
    if (fault !== null) context.addIssue({ code: 'custom', message: articleIdMessages[fault] })
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
      pattern: `^(?!\\.{1,2}$)(?=[^${notIn.line}]*[^${unseen}])[^${notIn.line}${space}](?:[^${notIn.line}]*[^${notIn.line}${space}])?$`,
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

export const cursor = z
  .string()
  .refine((value) => new RegExp(cursorPattern).test(value), {
    error: 'must be the nextCursor of an earlier page',
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
  context: { addIssue: (issue: { code: 'custom'; path: string[]; message: string }) => void },
): void {
  const { cursor, order } = query as { cursor?: Place; order?: Parameters<typeof isRanked>[0] }
  if (cursor === undefined || order === undefined || isRanked(order) === (cursor.rank !== null)) return
  context.addIssue({
    code: 'custom',
    path: ['cursor'],
    message: 'must be the nextCursor of an earlier page in this order',
  })
}

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

export const status = z.enum(commentStatuses, { error: `must be one of ${commentStatuses.join(', ')}` })
