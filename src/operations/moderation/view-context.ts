import { type CloseAfterDays, isClosed } from '../../domain/articles/article.ts'
import type { Comment, LoggedDecision } from '../../domain/comments/comment.ts'
import { contextLimits } from '../../domain/moderation/context.ts'
import { accepted, type Outcome } from '../../domain/refusal.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { ClaimStore } from '../../store/claims.ts'
import type { AuthorsComments, ContextStore } from '../../store/context.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'
import { type ViewedComment, viewComment } from './view-comment.ts'

export type ContextDeps = Omit<
  Deps<
    ContextStore &
      ModerationStore &
      Pick<ClaimStore, 'findClaims'> &
      Pick<ArticleStore, 'findArticle' | 'findArticles'>
  >,
  'newId'
> & { closeAfterDays: CloseAfterDays }

export type Context = {
  viewed: ViewedComment
  parents: Comment[]
  parentsLeftOut: boolean
  replies: { total: number; comments: Comment[] }
  article: { articleId: string; title: string | null; approved: number; pending: number; closed: boolean }
  /** `null` where no address is known: nobody's comments are nobody else's. */
  author:
    | (Omit<AuthorsComments, 'last'> & { last: { comment: Comment; decision: LoggedDecision | null }[] })
    | null
}

/** All that a moderator asks before deciding, as it is by and by: its parts are read one after the other. */
export async function viewContext(deps: ContextDeps, commentId: string): Promise<Outcome<Context>> {
  const { store, clock, closeAfterDays } = deps
  const found = await viewComment(deps, commentId)
  if (!found.ok) return found
  const { comment } = found.value
  const article = await store.findArticle(comment.articleId)
  const articleId = article?.articleId ?? comment.articleId
  const [above, replies, pending, author] = await Promise.all([
    store.parentsOf(comment),
    store.repliesTo(commentId),
    store.countPendingOf(articleId),
    authorOf(deps, comment),
  ])
  return accepted({
    viewed: found.value,
    parents: above.parents,
    parentsLeftOut: above.leftOut,
    replies,
    article: {
      articleId,
      title: article?.title ?? null,
      approved: article?.approvedCount ?? 0,
      pending,
      closed: article !== null && isClosed(article, closeAfterDays, clock()),
    },
    author,
  })
}

async function authorOf({ store, clock }: ContextDeps, { id, author }: Comment): Promise<Context['author']> {
  if (author === null || author.email === null) return null
  const written = await store.commentsBy({
    email: author.email,
    without: id,
    decidedSinceMs: clock() - contextLimits.decidedWithinMs,
  })
  const standing = await store.findStanding(written.last.map((comment) => comment.id))
  return {
    ...written,
    last: written.last.map((comment) => ({ comment, decision: standing.get(comment.id)?.decision ?? null })),
  }
}
