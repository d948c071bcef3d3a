import { z } from 'zod'
import { articleLimits } from '../../../domain/articles/article.ts'
import { articleIdAnswer, articleUrl, count, plain, timestamp } from '../../answer-fields.ts'
import { listMaximum } from '../../fields.ts'

const articleFields = {
  articleId: articleIdAnswer,
  title: plain(articleLimits.title, 'As the site told it.', 'Why we print').nullable(),
  url: articleUrl,
  publishedAt: timestamp('As the site told it.').nullable(),
  closedAt: timestamp('As the site told it; null where it did not.').nullable(),
  closesAt: timestamp(
    'From when on it takes no more comments, by what the site told or by `CLOSE_AFTER_DAYS`; null where that is never, or not known yet.',
  ).nullable(),
  closed: z.boolean().meta({ description: 'Whether it takes no more comments.', examples: [false] }),
  total: count('How many approved comments it has.'),
}

export const article = z.strictObject(articleFields).meta({ id: 'Article' })

export const movedArticle = z
  .strictObject({
    ...articleFields,
    changed: z
      .boolean()
      .meta({ description: 'False where it answered for the id already.', examples: [true] }),
  })
  .meta({ id: 'MovedArticle' })

export const articleList = z
  .strictObject({
    articles: z.array(article).max(listMaximum).meta({ description: 'One page, in order of the ids.' }),
    nextCursor: z
      .string()
      .meta({
        description: 'The `cursor` of the next page; null on the last.',
        examples: ['d2h5LXdlLXByaW50'],
        override: { type: 'string', maxLength: 2_800, pattern: '^[A-Za-z0-9_-]+$' },
      })
      .nullable(),
  })
  .meta({ id: 'ArticleList' })

export type ArticleAnswer = z.infer<typeof article>
