import { z } from 'zod'
import { articleLimits, isArticleUrl } from '../../../domain/articles/article.ts'
import { wrong } from '../../field-errors.ts'
import { articleId, moment, requiredAnd, text } from '../../fields.ts'

const title = text('line', articleLimits.title, {
  description: 'Its headline, for moderators and feeds.',
  examples: ['Why we print'],
}).nullish()

const noPartOfUrl = '\\x00-\\x20<>"\\\\^`{|}\\x7f-\\xa0'

const url = z
  .string()
  .max(articleLimits.url, { error: `must be at most ${articleLimits.url} characters long`, abort: true })
  .refine(
    isArticleUrl,
    wrong('not-a-url', 'must be a whole URL without a user, such as https://www.example.org/why-we-print'),
  )
  .meta({
    description: 'Where its readers find it.',
    examples: ['https://www.example.org/why-we-print'],
    override: {
      type: 'string',
      minLength: 8,
      maxLength: articleLimits.url,
      pattern: `^[hH][tT][tT][pP][sS]?://[^${noPartOfUrl}/?#@]+([/?#][^${noPartOfUrl}]*)?$`,
    },
  })
  .nullish()

export const articleBody = z
  .strictObject({
    title,
    url,
    publishedAt: moment('When it was published: from then on `CLOSE_AFTER_DAYS` counts.'),
    closedAt: moment('From when on it takes no more comments; a later time keeps it open until then.'),
  })
  .meta({
    id: 'ArticleDetails',
    examples: [
      {
        title: 'Why we print',
        url: 'https://www.example.org/why-we-print',
        publishedAt: '2026-05-04T09:30:00Z',
      },
    ],
  })

export const moveBody = z
  .strictObject({ to: articleId }, { error: requiredAnd('must be an object') })
  .meta({ id: 'Move', examples: [{ to: 'why-we-print' }] })

/** The last id of the page before, so that no client takes it for anything else. */
export const articleCursor = z
  .string()
  .refine(
    (value) => /^[A-Za-z0-9_-]{2,2800}$/.test(value),
    wrong('not-a-cursor', 'must be the nextCursor of an earlier page'),
  )
  .meta({
    description: 'The `nextCursor` of the page before. Opaque: do not make one up.',
    examples: ['d2h5LXdlLXByaW50'],
    override: { type: 'string', minLength: 2, maxLength: 2_800, pattern: '^[A-Za-z0-9_-]+$' },
  })

export function cursorOf(articleId: string): string {
  return Buffer.from(articleId).toString('base64url')
}

export function idIn(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString()
}
