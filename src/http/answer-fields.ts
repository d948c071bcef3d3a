import { z } from 'zod'
import { articleLimits } from '../domain/articles/article.ts'
import { articleIdBytes } from '../domain/articles/article-id.ts'
import { commentLimits, commentStatuses } from '../domain/comments/comment.ts'
import { cursorForm } from './fields.ts'

/*
 * What the shapes of the answers are made of, for the OpenAPI document and the types of what presents. Answers are not
 * validated against them at run time (it halves the throughput); the tests check every answer against the document.
 */

/** RFC 3339 in UTC, to the millisecond. */
export const timestamp = (description: string) =>
  z.iso.datetime().meta({
    description,
    examples: ['2026-05-04T09:30:00.000Z'],
    override: {
      type: 'string',
      format: 'date-time',
      maxLength: 24,
      pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$',
    },
  })

/** The id of what an answer shows. */
export const id = (description: string) =>
  z.uuid().meta({
    description,
    examples: ['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'],
    override: { type: 'string', format: 'uuid', maxLength: 36, pattern: '^[0-9a-f-]{36}$' },
  })

/** Text of at most so many code points. */
export const plain = (max: number, description: string, example: string) =>
  z.string().meta({ description, examples: [example], override: { maxLength: max, pattern: '^[^\\x00]*$' } })

export const count = (description: string) =>
  z.int().meta({
    description,
    examples: [1],
    override: { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  })

export const statusAnswer = z
  .enum(commentStatuses)
  .meta({ description: 'Where the comment stands.', examples: ['pending'] })
export const articleIdAnswer = plain(articleIdBytes, "The site's own id of the article.", 'why-we-print')
/** A template with an id in it, percent-encoded. */
const longestLink = articleLimits.url + 3 * articleIdBytes

export const articleUrl = plain(
  longestLink,
  'Where readers find the article: as the site told, or by the template of the deployment; null where neither is known.',
  'https://www.example.org/why-we-print',
).nullable()
export const name = plain(commentLimits.name, 'Shown with the comment.', 'Ada')
export const body = plain(
  commentLimits.body,
  'Plain text as it was sent. Escape it where you show it.',
  'A fine article.',
)
export const parentId = id('The comment this one replies to, if any.').nullable()
export const submittedAt = timestamp('When the comment was submitted.')
export const publishedAt = timestamp(
  'When the approval that stands was given; null while it is not public.',
).nullable()
export const cursorAnswer = (description: string) =>
  z.string().meta({ description, examples: ['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'], override: cursorForm })
export const nextCursor = cursorAnswer('The `cursor` of the next page; null on the last.').nullable()
export const reasonAnswer = plain(
  commentLimits.reason,
  'What the author is told.',
  'Please stay on the subject.',
).nullable()
