import { z } from 'zod'
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

const author = z.strictObject({ name }).meta({ id: 'PublicAuthor' })

export const publicComment = z
  .strictObject({
    id: id("The comment's id."),
    parentId,
    author,
    body,
    submittedAt,
    publishedAt: timestamp('When it was approved.'),
  })
  .meta({ id: 'PublicComment' })

export const commentList = z
  .strictObject({
    articleId: articleIdAnswer.meta({
      description: 'The article that answers: another one where the id was moved.',
    }),
    articleUrl,
    closed: z
      .boolean()
      .meta({ description: 'Whether the article takes no more comments.', examples: [false] }),
    total: count('How many approved comments the article has in all.'),
    comments: z
      .array(publicComment)
      .max(listMaximum)
      .meta({ description: 'One page, in the order asked for.' }),
    nextCursor,
    followCursor: cursorAnswer(
      'With `order=published`, the `cursor` behind all that has been read: it asks for what is approved from now on. Null where nothing was approved yet, and in any other order.',
    ).nullable(),
  })
  .meta({ id: 'CommentList' })

export const acknowledgement = z
  .strictObject({
    id: id("The new comment's id."),
    status: z.enum(['pending']).meta({ description: 'It waits for a moderator.', examples: ['pending'] }),
    message: plain(
      200,
      "A sentence for the reader, in the reader's language.",
      'Thank you for your comment. It will appear once a moderator has approved it.',
    ),
    receipt: z.string().meta({
      description:
        "The author's key to the comment: a bearer token for `/v1/comments/{commentId}`. Kept nowhere else.",
      examples: ['imr_yP0yWnVPO4mV4b3vJ3sB4YwTqkq4mBqk1vFjvC2S1eM'],
      override: { maxLength: 60, pattern: '^imr_[A-Za-z0-9_-]{43}$' },
    }),
  })
  .meta({ id: 'Acknowledgement' })

export const counts = z
  .strictObject({
    counts: z
      .array(
        z
          .strictObject({ articleId: articleIdAnswer, total: count('How many approved comments it has.') })
          .meta({ id: 'ArticleCount' }),
      )
      .max(listMaximum)
      .meta({ description: 'One entry for each distinct article asked for, in that order.' }),
  })
  .meta({ id: 'Counts' })

export const ownComment = z
  .strictObject({
    id: id("The comment's id."),
    articleId: articleIdAnswer,
    articleUrl,
    parentId,
    status: statusAnswer,
    author: author.nullable().meta({ description: 'Null once withdrawn.' }),
    body: body.nullable().meta({ description: 'Null once withdrawn.' }),
    reason: reasonAnswer.meta({ description: 'What the last decision told the author, if anything.' }),
    submittedAt,
    publishedAt,
  })
  .meta({ id: 'OwnComment' })

export type Counts = z.infer<typeof counts>
export type PublicComment = z.infer<typeof publicComment>
export type OwnComment = z.infer<typeof ownComment>
