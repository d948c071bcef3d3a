import type { Article } from '../articles/article.ts'
import type { PublishedComment } from '../comments/comment.ts'

/** How many comments a feed has at the most: those that were published last. */
export const feedLength = 50

/** Stands for all articles together where an article's id is asked for: blank, so no article has it. */
export const wholeSite = ''

/** What a feed tells of an article. */
export type FeedArticle = Pick<Article, 'articleId' | 'title' | 'url'>

export type FeedComment = { comment: PublishedComment; article: FeedArticle }
