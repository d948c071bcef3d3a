import { cardParts, timeOf, type World } from './card.ts'
import { fill, h, keepingFocus } from './dom.ts'
import { isField } from './keys.ts'
import { type Row, rowOf } from './rows.ts'
import type { QueuedComment } from './wire.ts'

type Card = { element: HTMLElement; parts: HTMLElement; slot: HTMLElement; panel: Row['panel'] }

type Owner = {
  world: () => World
  panel: (row: Row) => HTMLElement | null
  /** The focus has come to it. */
  reached: (row: Row) => void
  /** What somebody is writing in goes away. */
  interrupted: () => void
}

/** What the bar at the foot covers. */
const coveredPx = { bottom: 64 }

/** Where a card begins to be seen: a selection stays above. */
function freeTop(): number {
  return 8 + (document.querySelector('.selection.active')?.getBoundingClientRect().height ?? 0)
}

/** The comments that the desk knows, each with its one card, whichever list shows it. */
export class Cards {
  readonly #owner: Owner
  readonly #rows = new Map<string, Row>()
  readonly #cards = new Map<Row, Card>()

  constructor(owner: Owner) {
    this.#owner = owner
  }

  find(commentId: string): Row | undefined {
    return this.#rows.get(commentId)
  }

  /** With what is known now, unless more is known already. */
  rowOf(comment: QueuedComment): Row {
    const known = this.#rows.get(comment.id)
    if (known !== undefined) {
      const { version } = known.comment
      // What was begun was begun about what was there before.
      if (comment.version > version) {
        if (this.isWrittenIn(known)) this.#owner.interrupted()
        Object.assign(known, { isSelected: false, panel: null })
      }
      if (comment.version >= version) known.comment = { ...known.comment, ...comment }
      return known
    }
    const row = rowOf(comment)
    this.#rows.set(comment.id, row)
    return row
  }

  /** Whether somebody has the hands in its panel. */
  isWrittenIn(row: Row): boolean {
    const { activeElement } = document
    return isField(activeElement) && this.#cards.get(row)?.slot.contains(activeElement) === true
  }

  /** As they were when they were forgotten. */
  adopt(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(row.comment.id, row)
  }

  forget(): void {
    this.#rows.clear()
    this.#cards.clear()
  }

  /** What a list shows, in its order; a card that is there already stays where it is. */
  show(parent: HTMLElement, rows: readonly Row[], current: Row | null): void {
    const wanted = rows.map((row) => this.#cardOf(row).element)
    for (const child of [...parent.children]) if (!wanted.includes(child as HTMLElement)) child.remove()
    wanted.forEach((element, index) => {
      const there = parent.children[index]
      if (there !== element) parent.insertBefore(element, there ?? null)
    })
    for (const row of rows) this.setCurrent(row, row === current)
  }

  setCurrent(row: Row, isCurrent: boolean): void {
    const { element } = this.#cardOf(row)
    if (isCurrent) element.setAttribute('aria-current', 'true')
    else element.removeAttribute('aria-current')
    element.tabIndex = isCurrent ? 0 : -1
  }

  draw(row: Row): void {
    const card = this.#cardOf(row)
    const { element, parts, slot } = card
    const { comment, mark } = row
    element.dataset['status'] = comment.status
    if (mark === null) delete element.dataset['mark']
    else element.dataset['mark'] = mark.kind
    const hadFocus = element.contains(document.activeElement)
    fill(parts, ...cardParts(row, this.#owner.world()))
    if (card.panel !== row.panel) {
      card.panel = row.panel
      const panel = this.#owner.panel(row)
      slot.replaceChildren(...(panel === null ? [] : [panel]))
    }
    if (hadFocus && !element.contains(document.activeElement)) element.focus({ preventScroll: true })
  }

  /** In other words: a panel that is made anew takes what was begun from the drafts. */
  redrawAll(isMadeAnew: (row: Row) => boolean = () => true): void {
    for (const [row, card] of this.#cards) {
      if (isMadeAnew(row)) card.panel = null
      keepingFocus(card.element, () => this.draw(row))
    }
  }

  /** Whether it could have the focus. `top` is where on the screen it is to stand. */
  focus(row: Row, top: number | null = null): boolean {
    const { element } = this.#cardOf(row)
    if (!element.isConnected) return false
    element.focus({ preventScroll: true })
    this.#owner.reached(row)
    const rect = element.getBoundingClientRect()
    const free = freeTop()
    if (top !== null)
      scrollBy(
        0,
        rect.top -
          Math.max(
            free,
            Math.min(top, Math.max(innerHeight / 2, innerHeight - coveredPx.bottom - rect.height)),
          ),
      )
    else if (rect.top < free) scrollBy(0, rect.top - free)
    else if (rect.bottom > innerHeight - coveredPx.bottom)
      scrollBy(0, Math.min(rect.top - free, rect.bottom - innerHeight + coveredPx.bottom))
    return true
  }

  focusPanel(row: Row): void {
    const { slot } = this.#cardOf(row)
    const panel = slot.querySelector<HTMLElement>('.panel')
    if (row.panel === 'reject') panel?.focus({ preventScroll: true })
    else panel?.querySelector<HTMLElement>('input, textarea')?.focus({ preventScroll: true })
    // Of a text that is longer than the screen what is asked is seen, and not the beginning.
    const { top, bottom } = slot.getBoundingClientRect()
    if (bottom > innerHeight - coveredPx.bottom)
      scrollBy(0, Math.min(bottom - innerHeight + coveredPx.bottom, Math.max(0, top - freeTop())))
  }

  topOf(row: Row | null): number | null {
    const element = row === null ? undefined : this.#cards.get(row)?.element
    return element?.isConnected ? element.getBoundingClientRect().top : null
  }

  /** While what is above it changes, what is read stays where it is. */
  keepingHeight(row: Row | null, change: () => void): void {
    const before = this.topOf(row)
    change()
    const after = this.topOf(row)
    if (before !== null && after !== null && after !== before) scrollBy(0, after - before)
  }

  tellTime(): void {
    const { language } = this.#owner.world()
    for (const time of document.querySelectorAll('time'))
      time.textContent = timeOf(time.dateTime, language).textContent
  }

  #cardOf(row: Row): Card {
    const known = this.#cards.get(row)
    if (known !== undefined) return known
    const parts = h('div', {})
    const slot = h('div', {})
    const element = h(
      'article',
      {
        class: 'card',
        tabindex: -1,
        'data-id': row.comment.id,
        'aria-labelledby': `name-${row.comment.id}`,
        focusin: () => this.#owner.reached(row),
      },
      parts,
      slot,
    )
    const card: Card = { element, parts, slot, panel: null }
    this.#cards.set(row, card)
    this.draw(row)
    return card
  }
}
