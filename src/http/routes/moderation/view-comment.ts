import { z } from 'zod'
import { articleLinks } from '../../../operations/article-links.ts'
import { viewComment as viewCommentOf } from '../../../operations/moderation/view-comment.ts'
import { etagOf } from '../../entity-tag.ts'
import { commentId } from '../../fields.ts'
import { problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { viewedComment } from './answers.ts'
import { presentClaim, presentDecision, presentModerated } from './present.ts'

export const viewComment = defineRoute({
  operationId: 'viewComment',
  method: 'GET',
  path: '/v1/moderation/comments/{commentId}',
  tag: 'Moderation',
  summary: 'View one comment with its decisions',
  description:
    'Its `ETag` is what `If-Match` of a decision takes. That is refused where somebody has decided since, and not for a note or a claim: those do not move it, so there is no 304.',
  alwaysWhole: true,
  access: 'moderate',
  limits: [],
  request: { path: z.strictObject({ commentId }) },
  answers: { 200: { description: 'The comment.', schema: viewedComment, headers: ['ETag'] } },
  problems: ['comment-not-found'],
  indented: true,
  async handle({ deps, input }) {
    const result = await viewCommentOf(deps, input.path.commentId)
    if (!result.ok) return problemOf(result.refusal)
    const { comment, decisions, claim } = result.value
    const articleUrl = (await articleLinks(deps, [comment]))(comment)
    return {
      status: 200,
      etag: etagOf(comment.version),
      body: {
        ...presentModerated(comment, articleUrl),
        claim: presentClaim(claim),
        decisions: decisions.map(presentDecision),
      },
    }
  },
})
