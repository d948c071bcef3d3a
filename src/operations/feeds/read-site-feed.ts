import { type FeedComment, feedLength } from '../../domain/feeds/feed.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { FeedStore } from '../../store/feeds.ts'
import type { Deps } from '../deps.ts'

/** The comments of all articles that were published last, and the site's revision, under which they were read. */
export async function readSiteFeed({
  store,
}: Pick<Deps<FeedStore & Pick<CommentStore, 'changeStamp'>>, 'store'>): Promise<{
  comments: FeedComment[]
  revision: number
}> {
  // Asked first: what is committed in between is seen by the query, or moves the stamp after it.
  const revision = store.changeStamp()
  return { comments: await store.listPublishedLast(feedLength), revision }
}
