import { directionOf, languageOf } from '../../../domain/language.ts'
import type { ArticlePage } from '../../../operations/comments/list-comments.ts'
import type { FormState } from '../../../page/form.ts'
import { momentsIn } from '../../../page/moment.ts'
import type { ThreadView } from '../../../page/thread.ts'
import { cursorOf } from '../../cursor.ts'
import type { RouteDeps } from '../../route.ts'
import { presentPublic } from '../comments/present.ts'
import type { ThreadLinks } from './links.ts'

export type ThreadParts = Pick<ThreadView, 'heading' | 'depth' | 'formAt' | 'thanks'> & {
  /** The page's tag, of one of our languages. */
  locale: string
  isClosed: boolean
  /** There is a page before this one. */
  isLater: boolean
  links: ThreadLinks
  form: Partial<FormState>
}

/** An article's page as a thread for a reader: of its comments, what anybody may see. */
export function presentThread(
  deps: Pick<RouteDeps, 'wordsIn' | 'ownWords' | 'clock'>,
  { article, comments, nextCursor }: ArticlePage,
  { locale, isClosed, isLater, links, form, ...parts }: ThreadParts,
): ThreadView {
  const next = cursorOf(nextCursor)
  return {
    articleId: article.articleId,
    language: locale,
    direction: directionOf(locale),
    words: deps.wordsIn(locale),
    ownWords: deps.ownWords[languageOf(locale) ?? ''] ?? null,
    total: article.approvedCount,
    isClosed,
    comments: comments.map(presentPublic),
    nextHref: next === null ? null : links.page({ cursor: next }),
    firstHref: isLater ? links.page() : null,
    feedHref: links.feed,
    // Nobody's zone is known here, so times are UTC's, and say so.
    tell: momentsIn(locale, 'UTC'),
    replyHref: (commentId) => links.page({ reply: commentId }),
    form: {
      action: links.form,
      values: {},
      errors: {},
      parent: null,
      cancelHref: links.page(),
      // The same for all who are shown the same: with what they write it makes a key of each reader's own.
      key: `${article.revision}`,
      shownAtMs: deps.clock(),
      isSending: false,
      fault: null,
      rulesUrl: null,
      privacyUrl: null,
      ...form,
    },
    ...parts,
  }
}
