import { directionOf, type Language } from '../../../domain/language.ts'
import type { ArticlePage } from '../../../operations/comments/list-comments.ts'
import type { FormState } from '../../../page/form.ts'
import { momentsIn, type TellMoment } from '../../../page/moment.ts'
import { idPrefixOf, type ThreadView } from '../../../page/thread.ts'
import { cursorOf } from '../../cursor.ts'
import type { RouteDeps } from '../../route.ts'
import { presentPublic } from '../comments/present.ts'
import type { ThreadLinks } from './links.ts'

export type ThreadParts = Pick<ThreadView, 'heading' | 'depth' | 'formAt' | 'status'> & {
  language: Language
  isClosed: boolean
  /** There is a page before this one. */
  isLater: boolean
  links: ThreadLinks
  form: Partial<FormState>
}

/** An article's page as a thread for a reader: of its comments, what anybody may see. */
export function presentThread(
  deps: Pick<RouteDeps, 'wordsIn' | 'clock'>,
  { article, comments, nextCursor }: ArticlePage,
  { language, isClosed, isLater, links, form, ...parts }: ThreadParts,
): ThreadView {
  const next = cursorOf(nextCursor)
  return {
    articleId: article.articleId,
    language,
    direction: directionOf(language),
    words: deps.wordsIn(language),
    total: article.approvedCount,
    isClosed,
    comments: comments.map(presentPublic),
    nextHref: next === null ? null : links.page({ cursor: next }),
    firstHref: isLater ? links.page() : null,
    feedHref: links.feed,
    tell: tellingIn(language),
    replyHref: (commentId) => `${links.page({ reply: commentId })}#${idPrefixOf(article.articleId)}-form`,
    form: {
      action: links.page(),
      values: {},
      errors: {},
      parent: null,
      cancelHref: links.page(),
      // The same for all who are shown the same: with what they write it makes a key of each reader's own.
      key: `${article.revision}`,
      shownAtMs: deps.clock(),
      isSending: false,
      rulesUrl: null,
      privacyUrl: null,
      ...form,
    },
    ...parts,
  }
}

const telling = new Map<Language, TellMoment>()

/** Nobody's zone is known here, so times are UTC's, and say so. Each language's formats cost a millisecond to make. */
function tellingIn(language: Language): TellMoment {
  const known = telling.get(language) ?? momentsIn(language, 'UTC')
  telling.set(language, known)
  return known
}
