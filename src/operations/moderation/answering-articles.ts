import type { ArticleStore } from '../../store/articles.ts'

/** Of ids that were moved, the articles that answer for them, with what is still to go over to those. */
export async function answeringArticles(
  store: Pick<ArticleStore, 'findArticles'>,
  ids: readonly string[],
): Promise<string[]> {
  const known = await store.findArticles(ids)
  const own = ids.flatMap((id) => {
    const article = known.get(id)
    return article === undefined
      ? [id]
      : [article.articleId, ...(article.movingFrom === null ? [] : [article.movingFrom])]
  })
  return [...new Set(own)]
}
