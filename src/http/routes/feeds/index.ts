import type { Route } from '../../route.ts'
import { readArticleFeed } from './read-article-feed.ts'
import { readSiteFeed } from './read-site-feed.ts'

export const feedRoutes: readonly Route[] = [readArticleFeed, readSiteFeed]
