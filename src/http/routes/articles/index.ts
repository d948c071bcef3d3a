import type { Route } from '../../route.ts'
import { listArticles } from './list-articles.ts'
import { moveArticle } from './move-article.ts'
import { putArticle } from './put-article.ts'
import { viewArticle } from './view-article.ts'

export const articleRoutes: readonly Route[] = [listArticles, viewArticle, putArticle, moveArticle]
