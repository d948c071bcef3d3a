import { momentsIn } from '../../src/page/moment.ts'
import { bdi, type Child, h } from './dom.ts'
import { textOf } from './panels.ts'
import { isOpen, type Mark, type Row, statusAfter, verdictsOf } from './rows.ts'
import type { Action, Decision, Reason, Verdict } from './wire.ts'
import type { Words } from './words.ts'

/** What a card can be asked to do. */
export type CardAction =
  | Verdict
  | 'skip'
  | 'note'
  | 'context'
  | 'erase'
  | 'select'
  | 'anyway'
  | 'leave'
  | 'undo'
  | 'send'

export type World = {
  words: Words
  language: string
  me: string | null
  reasons: readonly Reason[]
  act: (row: Row, action: CardAction) => void
}

/** What a card shows; its panel is no part of it, so that what is being written there stays where it is. */
export function cardParts(row: Row, world: World): Child[] {
  const { words } = world
  const { comment, mark, isSelected } = row
  const name = comment.author?.name ?? words.noAuthor
  return [
    h(
      'header',
      { class: 'who' },
      isOpen(row) &&
        h('input', {
          type: 'checkbox',
          'data-do': 'select',
          'aria-label': words.select(name),
          'aria-keyshortcuts': 'x',
          ...(isSelected && { checked: true }),
          change: () => world.act(row, 'select'),
        }),
      h('h3', { id: `name-${comment.id}` }, bdi(name)),
      comment.author !== null && h('span', { class: 'address' }, comment.author.email ?? words.noAddress),
      timeOf(comment.submittedAt, world.language),
      (comment.status !== 'pending' || mark !== null) &&
        h('span', { class: `status ${comment.status}` }, words[comment.status]),
    ),
    h('p', { class: 'about' }, ...about(row, world)),
    comment.body === null
      ? h('p', { class: 'body erased' }, words.noBody)
      : h('div', { class: 'body', dir: 'auto' }, comment.body),
    logOf(logBesides(row), world),
    mark !== null && mark.kind !== 'done' && markOf(row, mark, world),
    buttonsOf(row, world),
  ]
}

/** What the mark tells is not told twice. */
function logBesides({ decisions, mark }: Row): readonly Decision[] {
  const told = mark !== null && 'decision' in mark ? mark.decision?.id : undefined
  return (decisions ?? []).filter(({ id }) => id !== told)
}

export function timeOf(timestamp: string, language: string): HTMLElement {
  const { text, exact } = momentsIn(language, undefined, Date.now())(timestamp)
  return h('time', { datetime: timestamp, title: exact }, text)
}

/** A link where an address is known that a browser may follow: a site's word for it is not taken for that. */
export function articleLink(articleId: string, url: string | null, title: string | null = null): HTMLElement {
  const text = bdi(title ?? articleId)
  return url !== null && /^https?:/i.test(url)
    ? h('a', { href: url, target: '_blank', rel: 'noopener noreferrer', 'data-do': 'article' }, text)
    : text
}

function about({ comment }: Row, { words, language, me }: World): Child[] {
  const { claim = null, repeats = null } = comment
  const until = claim === null ? '' : hourOf(claim.until, language)
  return [
    h('span', {}, `${words.onArticle} `, articleLink(comment.articleId, comment.articleUrl)),
    comment.parentId !== null && h('span', {}, words.isReply),
    repeats !== null && h('span', { class: 'repeats' }, words.repeats),
    claim !== null &&
      h('span', { class: 'claim' }, claim.by === me ? words.yours(until) : words.claimedBy(claim.by, until)),
  ]
}

export function hourOf(timestamp: string, language: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(new Date(timestamp))
}

export function logOf(decisions: readonly Decision[], world: World): Child {
  return (
    decisions.length > 0 &&
    h(
      'ol',
      { class: 'log', 'aria-label': world.words.log },
      decisions.map((decision) => h('li', {}, ...decisionParts(decision, world))),
    )
  )
}

/** Who did what, when, and why. */
export function decisionParts(decision: Decision, { words, language, reasons }: World): Child[] {
  const { action, decidedBy, decidedAt, reason, reasonCode = null, note } = decision
  const ready = reasons.find(({ code }) => code === reasonCode)
  const why = reason ?? (ready === undefined ? reasonCode : textOf(ready.texts, language))
  return [
    words.by[action](decidedBy ?? words.somebody),
    ' ',
    timeOf(decidedAt, language),
    why !== null && [' ', h('q', { dir: 'auto' }, why)],
    note !== null && [' ', h('span', { class: 'note', dir: 'auto' }, note)],
  ]
}

export function didWord(words: Words, action: Action): string {
  const did: Record<Action, string> = {
    approve: words.didApprove,
    reject: words.didReject,
    reopen: words.didReopen,
    withdraw: words.didWithdraw,
    erase: words.didErase,
    note: words.didNote,
  }
  return did[action]
}

function markOf(row: Row, mark: Exclude<Mark, { kind: 'done' }>, world: World): HTMLElement {
  const { words } = world
  const button = (action: CardAction, text: string) =>
    h('button', { type: 'button', 'data-do': action, click: () => world.act(row, action) }, text)
  switch (mark.kind) {
    case 'sending': {
      const stuck = { approve: words.stuckApprove, reject: words.stuckReject, reopen: words.stuckReopen }
      return h(
        'p',
        { class: 'mark' },
        mark.isStuck ? stuck[mark.verdict] : words.sending,
        ' ',
        mark.isStuck && button('send', words.sendNow),
      )
    }
    case 'skipped':
      return h('p', { class: 'mark' }, words.skipped)
    case 'elsewhere':
      return h(
        'p',
        { class: 'mark' },
        ...decisionParts(mark.decision, world),
        ' ',
        row.comment.status !== 'withdrawn' && button('anyway', words.decideAnyway),
      )
    case 'refused': {
      const not = { approve: words.refusedApprove, reject: words.refusedReject, reopen: words.refusedReopen }
      const again = { approve: words.approveAnyway, reject: words.rejectAnyway, reopen: words.reopenAnyway }
      const { status } = row.comment
      const isPossible =
        mark.code === 'version-mismatch' && status !== 'withdrawn' && status !== statusAfter[mark.verdict]
      return h(
        'p',
        { class: 'mark refused' },
        h('strong', {}, not[mark.verdict]),
        ' ',
        ...(mark.decision === null ? [whyOf(mark.code, words)] : decisionParts(mark.decision, world)),
        ' ',
        isPossible && button('anyway', again[mark.verdict]),
        button('leave', words.leaveIt),
      )
    }
  }
}

function whyOf(code: string, words: Words): string {
  if (code === 'version-mismatch') return words.whyChanged
  if (code === 'comment-withdrawn') return words.whyWithdrawn
  if (code === 'comment-not-found') return words.whyGone
  return words.whyOther(code)
}

function buttonsOf(row: Row, world: World): Child {
  const { words } = world
  const button = (action: CardAction, text: string, key: string | null, more: Record<string, string> = {}) =>
    h(
      'button',
      {
        type: 'button',
        'data-do': action,
        'aria-keyshortcuts': key,
        ...more,
        click: () => world.act(row, action),
      },
      text,
      key !== null && h('kbd', { 'aria-hidden': 'true' }, key),
    )
  const texts = { approve: words.approve, reject: words.reject, reopen: words.reopen }
  const keys = { approve: 'a', reject: 'r', reopen: 'o' }
  const verdicts = verdictsOf(row)
  if (row.mark !== null && verdicts.length === 0) return null
  const isPending = row.comment.status === 'pending'
  return h(
    'p',
    { class: 'actions' },
    verdicts.map((verdict) => button(verdict, texts[verdict], keys[verdict], { class: verdict })),
    isPending && button('skip', words.skip, 's'),
    button('note', words.note, 'n'),
    button('context', words.context, 'c'),
    row.comment.status !== 'withdrawn' && button('erase', words.erase, null),
  )
}
