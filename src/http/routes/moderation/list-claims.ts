import { articleLinks } from '../../../operations/article-links.ts'
import { listClaims as listClaimsOf } from '../../../operations/moderation/list-claims.ts'
import { defineRoute } from '../../route.ts'
import { moderatorName } from './answer-decision.ts'
import { ownClaims } from './answers.ts'
import { presentQueued } from './present.ts'

export const listClaims = defineRoute({
  operationId: 'listClaims',
  method: 'GET',
  path: '/v1/moderation/claims',
  tag: 'Moderation',
  summary: 'List what you have taken',
  description: 'The comments on which you have a claim, oldest first: where a page that was closed goes on.',
  access: 'moderate',
  limits: [],
  request: {},
  answers: { 200: { description: 'All of yours.', schema: ownClaims, headers: ['ETag'] } },
  problems: [],
  indented: true,
  async handle({ deps, caller }) {
    const queued = await listClaimsOf(deps, moderatorName(caller.token))
    const linkOf = await articleLinks(
      deps,
      queued.map(({ comment }) => comment),
    )
    return {
      status: 200,
      isTaggedByContent: true,
      body: { comments: queued.map((one) => presentQueued(one, linkOf(one.comment))) },
    }
  },
})
