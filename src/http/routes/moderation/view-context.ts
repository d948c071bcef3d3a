import { z } from 'zod'
import type { Comment } from '../../../domain/comments/comment.ts'
import { contextLimits } from '../../../domain/moderation/context.ts'
import { articleLinks } from '../../../operations/article-links.ts'
import { viewContext as viewContextOf } from '../../../operations/moderation/view-context.ts'
import { commentId } from '../../fields.ts'
import { problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { commentContext } from './answers.ts'
import { presentClaim, presentDecision, presentModerated } from './present.ts'

export const viewContext = defineRoute({
  operationId: 'viewContext',
  method: 'GET',
  path: '/v1/moderation/comments/{commentId}/context',
  tag: 'Moderation',
  summary: 'View a comment in its surroundings',
  description: `What a moderator asks before deciding, in one call: what it replies to, up to the top of the thread; what replies to it, pending ones too; its article; and what became of the author's other comments. Whoever wrote under the same address, letter for letter, is the same author. However long a thread or busy an author is, what is looked at is bounded: ${contextLimits.repliesCounted} replies of each kind, ${contextLimits.authorsCounted} of the author's comments, ${contextLimits.pendingCounted} pending ones of the article.`,
  access: 'moderate',
  limits: [],
  request: { path: z.strictObject({ commentId }) },
  answers: {
    200: { description: 'The comment, and what is around it.', schema: commentContext, headers: ['ETag'] },
  },
  problems: ['comment-not-found'],
  indented: true,
  async handle({ deps, input }) {
    const result = await viewContextOf(deps, input.path.commentId)
    if (!result.ok) return problemOf(result.refusal)
    const { viewed, parents, parentsLeftOut, replies, article, author } = result.value
    const all = [
      viewed.comment,
      ...parents,
      ...replies.comments,
      ...(author?.last ?? []).map(({ comment }) => comment),
    ]
    const linkOf = await articleLinks(deps, all)
    const shown = (comment: Comment) => presentModerated(comment, linkOf(comment))
    return {
      status: 200,
      isTaggedByContent: true,
      body: {
        comment: {
          ...shown(viewed.comment),
          claim: presentClaim(viewed.claim),
          decisions: viewed.decisions.map(presentDecision),
        },
        parents: parents.map(shown),
        parentsLeftOut,
        replies: { total: replies.total, comments: replies.comments.map(shown) },
        article: {
          articleId: article.articleId,
          title: article.title,
          url: linkOf(viewed.comment),
          approved: article.approved,
          pending: article.pending,
          closed: article.closed,
        },
        author:
          author === null
            ? null
            : {
                last: author.last.map(({ comment, decision }) => ({
                  comment: shown(comment),
                  lastDecision: decision === null ? null : presentDecision(decision),
                })),
                counts: author.counts,
                decided30Days: author.decidedSince,
                rejected30Days: author.rejectedSince,
              },
      },
    }
  },
})
