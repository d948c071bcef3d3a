import { styleText } from 'node:util'
import { lastDecisionOf, toldOf } from './decisions.ts'
import { ageOf, cut, lineOf, padded, proseOf, widthOf } from './text.ts'
import type { Comment, Context, Decision, QueuedComment, Reason } from './wire.ts'

export type Size = { columns: number; rows: number }

export type Line = { text: string; style?: 'bold' | 'dim' | 'inverse' }

export type View = {
  comment: QueuedComment | null
  context: Context | undefined
  /** All that the context has, and not only what is next to the comment. */
  isOpen: boolean
  nowMs: number
}

/** The first line and the last two; of the feet the first that there is room for. */
export type Frame = { head: string; said: string; feet: readonly string[] }

/** Longer lines are hard to read. */
const longestLine = 100
const parentLines = 3

/** What stands between the first line and the last two; it can be longer than the screen. */
export function linesOf(view: View, { columns }: Size): Line[] {
  const { comment, context, isOpen, nowMs } = view
  if (comment === null)
    return [{ text: '' }, { text: cut('  Nothing waits. What comes is shown here by itself.', columns) }]
  const width = Math.max(1, Math.min(longestLine, columns - 2))
  const parents = context?.parents ?? []
  const shownParents = isOpen ? parents : parents.slice(-1)
  const last = context === undefined ? null : lastDecisionOf(context.comment.decisions)
  return [
    ...titleOf(comment, width, nowMs),
    ...(comment.status === 'pending'
      ? []
      : indented(
          proseOf(
            last === null ? `It is ${comment.status}.` : `It is ${comment.status}: ${toldOf(last, nowMs)}`,
            width,
          ),
          'bold',
        )),
    ...(comment.repeats === null
      ? []
      : indented(
          proseOf('It repeats another, sent within the minute before: a double click, as a rule.', width),
          'dim',
        )),
    ...shownParents.flatMap((parent) => quotedOf(parent, isOpen ? null : parentLines, width)),
    { text: '' },
    ...indented(proseOf(comment.body ?? '(erased)', width)),
    { text: '' },
    ...notesOf(context, width, nowMs),
    ...authorOf(context, width),
    ...(isOpen && context !== undefined ? surroundingsOf(context, width, nowMs) : []),
  ]
}

export function reasonLines(reasons: readonly Reason[], language: string, { columns }: Size): Line[] {
  return [
    { text: '' },
    { text: cut('  Rejected, and why?', columns), style: 'bold' },
    ...reasons.slice(0, 10).map((reason, index) => ({
      text: cut(`  ${(index + 1) % 10}  ${lineOf(textOf(reason, language))}`, columns),
    })),
    { text: '' },
    { text: cut('  Enter none   / another   Esc back', columns), style: 'dim' },
  ]
}

export function keyLines({ columns }: Size): Line[] {
  return [
    { text: '' },
    ...keys.flatMap(([key, what]) =>
      proseOf(what, Math.max(1, columns - 9)).map((line, index) => ({
        text: `  ${padded(index === 0 ? key : '', 6)} ${line}`,
      })),
    ),
    { text: '' },
    { text: '  Any key goes back.', style: 'dim' },
  ]
}

const keys = [
  ['a', 'approve'],
  ['r', 'reject; then 1-9, 0 a reason, Enter none, / to type one, Esc back'],
  ['s', 'skip: leave it to others'],
  ['u', 'undo, up to the last 50 decisions of this run'],
  ['o', 'reopen: give back to the queue what is decided'],
  ['c', 'context: the thread, the article, what the author wrote before'],
  ['n', 'a note to colleagues'],
  ['space', 'further down; b further up; arrows by a line'],
  ['q', 'quit, and give back what is claimed'],
] as const

function textOf({ code, texts }: Reason, language: string): string {
  return texts[language] ?? texts['en'] ?? Object.values(texts)[0] ?? code
}

/**
 * Exactly so many lines, none wider than the screen: what is drawn is what is there. `from`: the first line of the middle that shows.
 */
export function drawn(
  { head, said, feet }: Frame,
  middle: readonly Line[],
  from: number,
  { columns, rows }: Size,
  isStyled: boolean,
): string[] {
  const saidLines = proseOf(said, columns).slice(0, Math.max(1, Math.min(3, rows - 3)))
  const room = Math.max(0, rows - 2 - saidLines.length)
  const shown = middle.slice(from, from + room)
  const isMore = middle.length > from + room
  const offered = feet.map((foot) => (isMore ? `space more  ${foot}` : foot))
  const foot = offered.find((text) => widthOf(text) <= columns) ?? offered.at(-1) ?? ''
  const blank = Array.from({ length: room - shown.length }, (): Line => ({ text: '' }))
  const all: Line[] = [
    { text: padded(cut(head, columns), columns), style: 'inverse' },
    ...shown,
    ...blank,
    ...saidLines.map((text): Line => ({ text, style: 'bold' })),
    { text: cut(foot, columns), style: 'dim' },
  ]
  return all
    .slice(0, rows)
    .map(({ text, style }) =>
      isStyled && style !== undefined && text !== ''
        ? styleText(style, text, { validateStream: false })
        : text,
    )
}

/** How many lines of the middle there is room for. */
export function roomFor({ said }: Pick<Frame, 'said'>, { columns, rows }: Size): number {
  return Math.max(1, rows - 2 - Math.min(3, proseOf(said, columns).length))
}

function titleOf(
  { author, submittedAt, articleId, articleUrl }: QueuedComment,
  width: number,
  nowMs: number,
): Line[] {
  const name = author === null ? '(erased)' : lineOf(author.name)
  const email = author === null ? '' : (author.email ?? 'address not known')
  const when = `${ageOf(submittedAt, nowMs)} ago, ${submittedAt.slice(0, 16).replace('T', ' ')} UTC`
  const full = `${name}  ${lineOf(email)}  ${when}`
  const lines = widthOf(full) <= width ? [full] : [name, lineOf(email), when]
  return [
    { text: '' },
    ...lines.flatMap((line, index) => indented(proseOf(line, width), index === 0 ? 'bold' : undefined)),
    ...indented(
      proseOf(`on ${lineOf(articleId)}${articleUrl === null ? '' : `  ${lineOf(articleUrl)}`}`, width),
    ),
  ]
}

/** One that stands above; with `most` only its beginning. */
function quotedOf(comment: Comment, most: number | null, width: number): Line[] {
  const name = comment.author === null ? '(erased)' : lineOf(comment.author.name)
  const lines = proseOf(comment.body ?? '(erased)', width - 4)
  const shown = most === null || lines.length <= most ? lines : [...lines.slice(0, most - 1), '…']
  return [
    { text: '' },
    ...indented(proseOf(`in reply to ${name} (${comment.status})`, width), 'dim'),
    ...shown.map((line): Line => ({ text: `  | ${line}`, style: 'dim' })),
  ]
}

function notesOf(context: Context | undefined, width: number, nowMs: number): Line[] {
  const notes = (context?.comment.decisions ?? []).flatMap(({ note, decidedBy, decidedAt }) =>
    note === null ? [] : [`${lineOf(decidedBy ?? '')} noted ${ageOf(decidedAt, nowMs)} ago: ${note}`],
  )
  return notes.flatMap((note) => indented(proseOf(note, width), 'bold'))
}

function authorOf(context: Context | undefined, width: number): Line[] {
  if (context === undefined) return [{ text: '' }]
  const { author } = context
  if (author === null) return indented(proseOf('Whose it is is not known: no address.', width), 'dim')
  const { approved, rejected, pending } = author.counts
  const share =
    author.decided30Days === 0
      ? ''
      : `; of ${author.decided30Days} decided in 30 days ${Math.round((100 * author.rejected30Days) / author.decided30Days)} % rejected`
  return indented(
    proseOf(
      `From this address: ${approved} approved, ${rejected} rejected, ${pending} pending${share}`,
      width,
    ),
    'dim',
  )
}

function surroundingsOf(
  { comment, replies, article, author, parentsLeftOut }: Context,
  width: number,
  nowMs: number,
): Line[] {
  const title = article.title === null ? lineOf(article.articleId) : lineOf(article.title)
  const more = replies.total - replies.comments.length
  const log = comment.decisions.filter(({ action }) => action !== 'note')
  const listed = (heading: string, items: readonly string[]): Line[] =>
    items.length === 0
      ? []
      : [...indented(proseOf(heading, width)), ...items.flatMap((item) => itemOf(item, width))]
  return [
    ...(parentsLeftOut ? indented(proseOf('Further ones above are left out.', width)) : []),
    ...indented(
      proseOf(
        `The article ${title}: ${article.approved} approved, ${article.pending} pending${article.closed ? ', closed' : ''}`,
        width,
      ),
    ),
    ...listed(`Replies, ${replies.total} in all:`, replies.comments.map(briefOf)),
    ...(more > 0 ? itemOf(`and ${more} more`, width) : []),
    ...listed(
      'Before, from this address:',
      (author?.last ?? []).map(
        ({ comment: one, lastDecision }) =>
          `${ageOf(one.submittedAt, nowMs)} ago, ${one.status}${whyOf(lastDecision)}: ${lineOf(one.body ?? '(erased)')}`,
      ),
    ),
    ...listed(
      'Decisions:',
      log.map((decision) => toldOf(decision, nowMs)),
    ),
  ]
}

const itemLines = 3

/** One of a list, as far as a glance goes. */
function itemOf(text: string, width: number): Line[] {
  const lines = proseOf(text, width - 4)
  const shown = lines.length <= itemLines ? lines : [...lines.slice(0, itemLines - 1), '…']
  return shown.map((line, index) => ({ text: `  ${index === 0 ? '- ' : '  '}${line}` }))
}

function briefOf({ author, status, body }: Comment): string {
  return `${author === null ? '(erased)' : lineOf(author.name)} (${status}): ${lineOf(body ?? '(erased)')}`
}

function whyOf(decision: Decision | null): string {
  const why = decision?.reason ?? decision?.reasonCode ?? null
  return why === null ? '' : ` (${lineOf(why)})`
}

function indented(lines: readonly string[], style?: Line['style']): Line[] {
  return lines.map((line) => ({ text: `  ${line}`, ...(style !== undefined && { style }) }))
}
