import { z } from 'zod'
import {
  articleId,
  commentId,
  cursor,
  cursorOfItsOrder,
  limitOf,
  listOrder,
  pageLanguage,
} from '../../fields.ts'

/** How many comments a page shows at first: most articles have fewer. */
export const threadPage = 50

export const threadPath = z.strictObject({ articleId })

const oneOf = (values: readonly [string, ...string[]], fallback: string, description: string) =>
  z
    .enum(values, { error: `must be one of ${values.join(', ')}` })
    .default(fallback)
    .meta({ description, examples: [fallback] })

const listQuery = {
  lang: pageLanguage,
  limit: limitOf(threadPage),
  cursor: cursor.optional(),
  order: listOrder,
}

export const fragmentQuery = z
  .strictObject({
    ...listQuery,
    heading: oneOf(['2', '3', '4', '5', '6'], '2', 'The level of the heading above the thread.').transform(
      Number,
    ),
    depth: oneOf(
      ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      '3',
      'Levels by which replies are indented; 0 is a flat list.',
    ).transform(Number),
    form: z
      .enum(['below', 'above', 'none'], { error: 'must be one of below, above, none' })
      .default('below')
      .meta({ description: 'Where the form stands.', examples: ['below'] }),
  })
  .superRefine(cursorOfItsOrder)

/** Whoever shares an address of a page puts something of his own behind it, which is passed over. */
export const pageQuery = z
  .object({
    ...listQuery,
    reply: commentId
      .optional()
      .meta({ description: 'The comment that the form replies to; none, where it is not there.' }),
    sent: z
      .enum(['yes'], { error: 'must be yes' })
      .optional()
      .meta({ description: 'Whether to thank for a comment.', examples: ['yes'] }),
  })
  .superRefine(cursorOfItsOrder)

export const formQuery = z.object({ lang: pageLanguage })

/** In bytes: ten thousand characters of four bytes each, percent-encoded, with what else a form sends. */
export const formLimitBytes = 192 * 1024

/** What the document says is longer than what is taken; more comes back with the page, up to the size of the whole form. */
const sent = (description: string, example: string, maxLength = 1_000) =>
  z
    .string()
    .default('')
    .meta({ description, examples: [example], override: { maxLength } })

/**
 * Whatever stands in the fields: what is wrong with them is said on the page, and not in a problem. What else somebody has put
 * into the form, a browser's extension or a firewall, is passed over.
 */
export const formBody = z
  .object({
    name: sent('As `author.name`.', 'Ada'),
    email: sent('As `author.email`.', 'ada@example.org'),
    body: sent('As `body`.', 'A fine article.', 20_000),
    parentId: sent('As `parentId`; nothing, where it replies to none.', ''),
    website: sent('The field that no reader sees: to be left empty.', ''),
    key: sent('As the form had it.', '7'),
    shown: sent('As the form had it: when it was made, in milliseconds since 1970.', '1767225600000'),
  })
  .meta({
    id: 'SubmissionForm',
    description: 'What the form of a page sends. Other fields are passed over.',
    override: { additionalProperties: false },
  })

/** Whether the URL asks for nothing but what a page knows: what anybody can spell anew each time is not worth keeping. */
export function isPlain(url: string): boolean {
  const mark = url.indexOf('?')
  if (mark < 0) return true
  const known = Object.keys(pageQuery.shape)
  return url
    .slice(mark + 1)
    .split('&')
    .every((pair) => known.includes(pair.replace(/=.*$/, '')))
}
