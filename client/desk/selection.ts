import { fill, h, keepingFocus } from './dom.ts'
import { openDialog, reasonPanel } from './panels.ts'
import { type Chosen, isOpen, nothingChosen, type Row, verdictsOf } from './rows.ts'
import type { Reason } from './wire.ts'
import type { Words } from './words.ts'

/** So many are before one's eyes, and can be undone. Beyond it the number is written back. */
const withoutAsking = 20

type Owner = {
  words: () => Words
  language: () => string
  reasons: () => readonly Reason[]
  hasKeys: () => boolean
  rows: () => readonly Row[]
  /** These are selected otherwise than before. */
  changed: (rows: readonly Row[]) => void
  decide: (rows: readonly Row[], verdict: 'approve' | 'reject', chosen: Chosen) => void
  /** Where there may be more than what is shown: one decision about all of it. */
  matching: () => (() => void) | null
  /** Nothing here needs the focus any more. */
  left: () => void
}

/** What is selected, and one decision about all of it. */
export class Selection {
  readonly #owner: Owner
  #place: HTMLElement | null = null
  #isRejecting = false
  #draft = { reason: '', reasonCode: null as string | null }

  constructor(owner: Owner) {
    this.#owner = owner
  }

  /** In this place from now on. */
  drawIn(place: HTMLElement): void {
    this.#place = place
    this.draw()
  }

  /** What was begun. */
  forget(): void {
    this.#draft = { reason: '', reasonCode: null }
    this.#isRejecting = false
  }

  /** With other reasons. */
  drawAgain(): void {
    const place = this.#place
    if (place === null) return
    keepingFocus(place, () => {
      place.replaceChildren()
      this.draw()
    })
  }

  draw(): void {
    if (this.#place === null) return
    const words = this.#owner.words()
    const count = this.#selected().length
    if (count === 0) this.#isRejecting = false
    // What is being written there stays.
    if (this.#isRejecting && this.#place.querySelector('.panel') !== null) return
    this.#place.classList.toggle('active', count > 0)
    const all =
      this.#owner.rows().length > 1 &&
      button('select-all', words.selectAll, null, () => this.#selectAll(true))
    if (count === 0) {
      const matching = this.#owner.matching()
      fill(this.#place, all, matching !== null && button('matching', words.matchAll, null, matching))
      return
    }
    fill(
      this.#place,
      h('p', {}, words.selected(count)),
      button('approve-selected', words.approve, `${words.shift}+A`, () => this.decide('approve')),
      button('reject-selected', words.reject, `${words.shift}+R`, () => this.reject()),
      all,
      button('clear', words.clear, null, () => this.#selectAll(false)),
      this.#isRejecting &&
        reasonPanel({
          words,
          language: this.#owner.language(),
          title: words.whichReasonMany(count),
          reasons: this.#owner.reasons(),
          draft: this.#draft,
          offersReplies: false,
          hasKeys: this.#owner.hasKeys,
          choose: (chosen) => this.decide('reject', chosen),
          close: () => this.#close(),
        }),
    )
  }

  /** Asks for a reason first. */
  reject(): void {
    if (this.#selected().length === 0) return
    this.#close()
    this.#isRejecting = true
    this.draw()
    this.#place?.querySelector<HTMLElement>('.panel')?.focus({ preventScroll: true })
  }

  decide(verdict: 'approve' | 'reject', chosen: Chosen = nothingChosen): void {
    const rows = this.#selected().filter((row) => verdictsOf(row).includes(verdict))
    if (rows.length === 0) return
    const seen = rows.map((row) => ({ row, version: row.comment.version }))
    const decide = () => {
      // While the number is written back, colleagues decide: nobody is overruled unseen.
      const left = seen.filter(({ row, version }) => row.isSelected && row.comment.version === version)
      this.forget()
      for (const row of this.#selected()) row.isSelected = false
      this.#owner.decide(
        left.map(({ row }) => row).filter((row) => verdictsOf(row).includes(verdict)),
        verdict,
        chosen,
      )
      if (this.#place !== null) fill(this.#place)
      this.draw()
    }
    if (rows.length <= withoutAsking) decide()
    else askForCount(this.#owner.words(), rows.length, decide)
  }

  #selected(): Row[] {
    return this.#owner.rows().filter(({ isSelected }) => isSelected)
  }

  #selectAll(isSelected: boolean): void {
    const rows = this.#owner.rows()
    for (const row of rows) row.isSelected = isSelected && isOpen(row)
    this.#owner.changed(rows)
    this.draw()
    if (!isSelected) this.#owner.left()
  }

  #close(): void {
    const wasOpen = this.#isRejecting
    this.#isRejecting = false
    if (this.#place !== null) fill(this.#place)
    this.draw()
    if (wasOpen) this.#owner.left()
  }
}

function button(name: string, text: string, shifted: string | null, click: () => void): HTMLElement {
  const key = shifted?.split('+').at(-1)
  return h(
    'button',
    { type: 'button', 'data-do': name, 'aria-keyshortcuts': key && `Shift+${key}`, click },
    text,
    key && h('kbd', { 'aria-hidden': 'true' }, shifted),
  )
}

function askForCount(words: Words, count: number, go: () => void): void {
  const field = h('input', { name: 'count', inputmode: 'numeric', autocomplete: 'off' })
  const dialog = openDialog(
    words.countBack(count),
    words,
    h(
      'form',
      {
        novalidate: true,
        submit: (event) => {
          event.preventDefault()
          if (field.value.trim() !== `${count}`) {
            field.select()
            return
          }
          dialog.close()
          go()
        },
      },
      h('label', { class: 'field' }, words.number, field),
      h('p', { class: 'actions' }, h('button', { type: 'submit', class: 'primary' }, words.go)),
    ),
  )
  field.focus()
}
