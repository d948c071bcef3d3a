import type { PageWords, Words } from '../words/en.ts'
import { type CommentLook, type ShownComment, threads } from './comment.ts'
import { type FormState, formTree } from './form.ts'
import { numbered } from './phrase.ts'
import { type Branch, type Child, h } from './tree.ts'

/** What an article's page shows of its comments, as far as it has been read. */
export type ThreadView = {
  articleId: string
  language: string
  direction: 'ltr' | 'rtl'
  words: PageWords
  /** How many approved comments the article has in all; `null` while that is not known. */
  total: number | null
  /** It takes no more comments. */
  isClosed: boolean
  comments: readonly ShownComment[]
  /** Where the next page is without a script; `null` on the last. */
  nextHref: string | null
  /** Where the page before this one's first is, so that nobody who was led here misses it; `null` on the first. */
  firstHref: string | null
  feedHref: string | null
  tell: CommentLook['tell']
  /** The level of the heading, 2 to 6. */
  heading: number
  depth: number
  replyHref: (commentId: string) => string
  /** Where the form stands; `none` where it is not wanted. */
  formAt: 'below' | 'above' | 'none'
  form: FormState
  /** What is said to who has just sent a comment. */
  thanks: Child
  /** In place of a list that is not there yet. */
  instead?: Child
  /** Of the reader's own comments, where a browser keeps their receipts. */
  own?: Child
  /** What a site puts in a place of its own, by the place's name. */
  slots?: Readonly<Partial<Record<SlotName, Branch>>>
  /** A site's own words of this language, for the element that takes over. */
  ownWords: Partial<Words> | null
}

export const slotNames = ['empty', 'closed', 'before-form', 'after-form', 'thanks'] as const
export type SlotName = (typeof slotNames)[number]

/** The thread of an article: the same tree from the server and in a browser. */
export function threadTree(view: ThreadView): Branch {
  const { words, language, total, comments, slots = {} } = view
  const idPrefix = idPrefixOf(view.articleId)
  const takesComments = !view.isClosed && view.formAt !== 'none'
  const form = takesComments && [
    slots['before-form'],
    formTree(view.form, { words, language, heading: Math.min(6, view.heading + 1), idPrefix }),
    slots['after-form'],
  ]
  const { parent } = view.form
  const isBelowParent = parent !== null && comments.some(({ id }) => id === parent.id)
  // There before it says anything, or what it says is not read out (WAI-ARIA 1.2, role status).
  const atHome = [
    h('div', { class: 'imprimatur-status', role: 'status', tabindex: -1 }, view.thanks),
    !isBelowParent && form,
  ]
  const look: CommentLook = {
    words,
    tell: view.tell,
    depth: view.depth,
    replyHref: takesComments ? (commentId) => `${view.replyHref(commentId)}#${idPrefix}-form` : null,
    replyForm: isBelowParent ? { parentId: parent.id, form } : null,
  }
  return h(
    'section',
    {
      class: 'imprimatur',
      lang: language,
      dir: view.direction,
      'aria-labelledby': `${idPrefix}-count`,
      'data-article': view.articleId,
      'data-total': total,
      'data-words': view.ownWords === null ? null : JSON.stringify(view.ownWords),
    },
    h(
      `h${view.heading}`,
      { class: 'imprimatur-count', id: `${idPrefix}-count`, tabindex: -1 },
      total === null ? words.commentsOfSite : numbered(words.comments, total, language),
    ),
    view.formAt === 'above' && atHome,
    view.isClosed && (slots.closed ?? h('p', { class: 'imprimatur-closed' }, words.closed)),
    view.own,
    view.firstHref !== null &&
      h('a', { class: 'imprimatur-first', href: view.firstHref }, words.firstComments),
    comments.length > 0 && threads(comments, look),
    view.instead,
    total === 0 &&
      (slots.empty ??
        h('p', { class: 'imprimatur-empty' }, words.none, takesComments && [' ', words.beFirst])),
    view.nextHref !== null &&
      h('a', { class: 'imprimatur-more', href: view.nextHref, rel: 'next' }, words.more),
    view.formAt !== 'above' && atHome,
    view.feedHref !== null &&
      h(
        'a',
        { class: 'imprimatur-feed', href: view.feedHref, rel: 'alternate', type: 'application/atom+xml' },
        words.feed,
      ),
  )
}

/** Two threads on a page have elements of their own: 32 bits of the article's id (FNV-1a), in letters and digits. */
export function idPrefixOf(articleId: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < articleId.length; at++) {
    hash = Math.imul(hash ^ articleId.charCodeAt(at), 0x01000193)
  }
  return `imprimatur-${(hash >>> 0).toString(36)}`
}
