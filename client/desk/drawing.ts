import { timeOf } from './card.ts'
import { type Child, fill, h } from './dom.ts'
import { type Frame, type ListName, listNames } from './frame.ts'
import type { Lists } from './lists.ts'
import { isOpen, isWaiting } from './rows.ts'
import type { Summary } from './wire.ts'
import type { Words } from './words.ts'

/* What stands around the cards. */

export type Told = { words: Words; language: string; me: string | null; summary: Summary | null }

type Buttons = { open: () => void; take: () => void; more: () => void }

/** Below the cards: what is on its way, or not there, and how to get more. */
export function drawFoot(frame: Frame, lists: Lists, name: ListName, words: Words, press: Buttons): void {
  const { rows, state, nextCursor } = lists.get(name)
  const isMine = name === 'mine'
  const isLoaded = state === 'loaded'
  const button = (name: string, text: string, click: () => void) =>
    h('button', { type: 'button', 'data-do': name, click }, text)
  const hint = (text: string, name = 'hint') => h('p', { class: name }, text)
  fill(
    frame.foot,
    state === 'loading' && hint(words.loading),
    state === 'missing' && hint(words.missing),
    state === 'failed' && hint(words.loadFailed, 'fault'),
    state === 'failed' && button('again', words.again, press.open),
    isLoaded && isMine && !rows.some(isOpen) && hint(words.emptyMine),
    isLoaded && !isMine && rows.length === 0 && hint(words.empty),
    isLoaded && isMine && button('take', words.takeMore, press.take),
    isLoaded && nextCursor !== null && button('more', words.more, press.more),
    isLoaded && !isMine && button('reload', words.reload, press.open),
  )
}

/** The names of the lists, with how many each has. */
export function drawCounts(
  frame: Frame,
  lists: Lists,
  shown: ListName,
  { words, language, summary }: Told,
): void {
  const counts = summary?.counts
  const inTab = {
    mine: lists.get('mine').rows.filter(isWaiting).length,
    found: lists.get('found').rows.length,
  }
  const numbers = new Intl.NumberFormat(language)
  // How many there are of what is found is told by no call: more than are shown.
  const isMore = lists.get('found').nextCursor !== null
  for (const name of listNames) {
    const count = name === 'mine' || name === 'found' ? inTab[name] : counts?.[name]
    const button = frame.buttons[name]
    fill(
      button,
      words[name],
      count !== undefined &&
        h('span', { class: 'count' }, numbers.format(count), name === 'found' && isMore && '+'),
    )
    if (name === shown) button.setAttribute('aria-current', 'page')
    else button.removeAttribute('aria-current')
  }
  frame.buttons.found.hidden = lists.get('found').state === 'new'
  document.title = counts === undefined ? words.title : `(${numbers.format(counts.pending)}) ${words.title}`
}

/** What was decided today, and how long people wait. */
export function drawNumbers(frame: Frame, { words, language, me, summary }: Told): void {
  if (summary === null) return
  const { today, claimed, oldestPendingAt, waits } = summary
  const mine = today.byModerator.find(({ name }) => name === me)
  const line = (...children: Child[]) => h('p', {}, ...children)
  fill(
    frame.numbers,
    line(
      words.todayLine(today.approve, today.reject),
      mine !== undefined && ` (${words.todayMine(mine.approve + mine.reject)})`,
    ),
    claimed.others > 0 && line(words.claimedByOthers(claimed.others)),
    oldestPendingAt !== null && line(words.oldest, ' ', timeOf(oldestPendingAt, language)),
    waits.medianSeconds !== null &&
      waits.p90Seconds !== null &&
      waits.p90Seconds >= 60 &&
      line(words.waits(spanOf(waits.medianSeconds, language), spanOf(waits.p90Seconds, language))),
  )
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** How long, in the largest unit of which there is one; nothing is less than a second. */
function spanOf(exactSeconds: number, language: string): string {
  const seconds = Math.max(1, exactSeconds)
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? units[3]
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.round(seconds / length),
  )
}
