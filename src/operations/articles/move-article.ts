import type { Article } from '../../domain/articles/article.ts'
import { accepted, type Outcome, refused } from '../../domain/refusal.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { Deps } from '../deps.ts'
import { articleMoving, articleNotFound } from './article-refusals.ts'

export type MovedArticle = {
  /** The article that answers now. */
  article: Article
  /** `false`: it did so already. */
  changed: boolean
}

type MoveDeps = Pick<Deps<ArticleStore>, 'store' | 'clock'>

/** Each attempt looks anew at both articles, and ends a move first that stands in the way. */
const maxAttempts = 5

/**
 * Lets the article `to` answer for the id `from` from now on, with all the comments of both. Where `to` was itself moved, the
 * article that answers for it is meant; moved back to an id of its own, an article takes that id again.
 */
export async function moveArticle(deps: MoveDeps, from: string, to: string): Promise<Outcome<MovedArticle>> {
  const { store, clock } = deps
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    await finishMoves(deps, from, to)
    const article = await store.findArticle(from)
    if (article === null) return articleNotFound
    const heir = await store.findArticle(to)
    if (article.articleId !== from) {
      if (article.articleId === heir?.articleId) return accepted({ article, changed: false })
      return refused('article-moved', `This id was moved before, to ${article.articleId}. Move that one.`)
    }
    // Where the two are one article, `to` is a former id of it, which it takes again.
    const target = heir === null || heir.articleId === from ? to : heir.articleId
    if (target === from) return accepted({ article, changed: false })
    if ((await store.beginMove(from, target, clock())) === 'stale') continue
    await finishMove(deps, from, target)
    const moved = await store.findArticle(target)
    if (moved !== null) return accepted({ article: moved, changed: true })
  }
  return articleMoving
}

/** Ends moves that have begun, of these articles or of all: one that a crash has cut short goes on from where it was. */
export async function finishMoves(deps: MoveDeps, ...articleIds: readonly string[]): Promise<void> {
  for (const { from, to } of await deps.store.movesUnderWay()) {
    if (articleIds.length === 0 || articleIds.includes(from) || articleIds.includes(to))
      await finishMove(deps, from, to)
  }
}

/** In steps of one commit each. Two who do so at once only share the work. */
async function finishMove({ store, clock }: MoveDeps, from: string, to: string): Promise<void> {
  // Each step lets the writes pass that wait.
  let step: 'more' | 'moved' = 'more'
  while (step === 'more') step = await store.moveSome(from, to, clock())
}
