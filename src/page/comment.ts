import type { PageWords } from '../words/en.ts'
import type { TellMoment } from './moment.ts'
import { phrase } from './phrase.ts'
import { prose } from './prose.ts'
import { type Branch, type Child, h, type Tree } from './tree.ts'

/** What of a comment anybody may see: as the API's list has it. */
export type ShownComment = {
  id: string
  parentId: string | null
  author: { name: string }
  body: string
  submittedAt: string
}

export type CommentLook = {
  words: PageWords
  tell: TellMoment
  /** Levels by which replies are indented; deeper ones stand below those they answer. 0 is a flat list. */
  depth: number
  /** Where the form for a reply to it is, without a script; `null` where it takes none. */
  replyHref: ((commentId: string) => string) | null
  /** The form, where it stands below the comment that it replies to. */
  replyForm: { parentId: string; form: Child } | null
}

/** A comment's element: what a permalink names. */
export const anchorOf = (commentId: string): string => `comment-${commentId}`

/** The first of a list are near the screen; so many fill most. A style need not lay out the others before somebody gets there. */
const near = 10

/** The comments as threads: replies below what they answer, in the order in which they come. */
export function threads(comments: readonly ShownComment[], look: CommentLook): Branch {
  const byId = new Map(comments.map((comment) => [comment.id, comment]))
  const roots: Branches = []
  // The lists that are open, the innermost last: one more than the level of the comment before.
  let open: Branches[] = [roots]
  let before = 0
  for (const { comment, level } of inThreads(comments, byId, look.depth)) {
    const replies: Branches = []
    const parent = comment.parentId === null ? undefined : byId.get(comment.parentId)
    open = [...open.slice(0, level + 1), replies]
    const form = look.replyForm?.parentId === comment.id && look.replyForm.form
    const shown = [commentTree(comment, parent, look), form]
    open[level]?.push({ id: comment.id, isFar: before >= near, shown, replies })
    before += 1
  }
  return listOf(roots)
}

type Branches = { id: string; isFar: boolean; shown: Child[]; replies: Branches }[]

function listOf(items: Branches): Branch {
  return h(
    'ol',
    { class: 'imprimatur-list' },
    items.map(({ id, isFar, shown, replies }) =>
      h('li', { 'data-id': id, 'data-far': isFar }, ...shown, replies.length > 0 && listOf(replies)),
    ),
  )
}

/** Each comment after the one it answers, with how far it is indented. Not by recursion: chains may be as long as a list. */
function inThreads(
  comments: readonly ShownComment[],
  byId: ReadonlyMap<string, ShownComment>,
  depth: number,
): { comment: ShownComment; level: number }[] {
  if (depth === 0) return comments.map((comment) => ({ comment, level: 0 }))
  const repliesTo = new Map<string | null, ShownComment[]>()
  for (const comment of comments) {
    const { parentId } = comment
    const below = parentId !== null && byId.has(parentId) ? parentId : null
    const siblings = repliesTo.get(below)
    if (siblings === undefined) repliesTo.set(below, [comment])
    else siblings.push(comment)
  }
  const ordered: { comment: ShownComment; level: number }[] = []
  const waiting = [...(repliesTo.get(null) ?? [])].reverse().map((comment) => ({ comment, level: 0 }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    ordered.push({ comment: next.comment, level: Math.min(next.level, depth) })
    for (const reply of (repliesTo.get(next.comment.id) ?? []).toReversed())
      waiting.push({ comment: reply, level: next.level + 1 })
  }
  return ordered
}

function commentTree(
  comment: ShownComment,
  parent: ShownComment | undefined,
  { words, tell, replyHref }: CommentLook,
): Branch {
  const { id, parentId, author, body, submittedAt } = comment
  const anchor = anchorOf(id)
  const { text, exact } = tell(submittedAt)
  return h(
    'article',
    {
      class: 'imprimatur-comment',
      id: anchor,
      // Focus goes to the first of those that were asked for.
      tabindex: -1,
      'data-parent': parentId,
      'aria-labelledby': `${anchor}-by`,
    },
    h(
      'header',
      { id: `${anchor}-by` },
      nameOf(author.name, 'imprimatur-author'),
      ' ',
      h(
        'a',
        { class: 'imprimatur-time', href: `#${anchor}` },
        h('time', { datetime: submittedAt, title: exact }, text),
      ),
      parentId !== null && [' ', inReplyTo(parent, words)],
    ),
    h('div', { class: 'imprimatur-body', dir: 'auto' }, prose(body)),
    replyHref !== null &&
      h(
        'a',
        { class: 'imprimatur-reply', href: replyHref(id), 'aria-describedby': `${anchor}-by` },
        words.reply,
      ),
  )
}

function inReplyTo(parent: ShownComment | undefined, words: PageWords): Tree {
  return h(
    'span',
    { class: 'imprimatur-to' },
    parent === undefined
      ? words.inReplyToNobody
      : phrase(words.inReplyTo, {
          name: h('a', { href: `#${anchorOf(parent.id)}` }, nameOf(parent.author.name)),
        }),
  )
}

/** A reader's name: its direction ends with it. */
export function nameOf(name: string, className?: string): Child {
  return h('bdi', { class: className }, name)
}
