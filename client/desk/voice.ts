import { didWord } from './card.ts'
import type { Sending } from './rows.ts'
import type { Decision } from './wire.ts'
import type { Words } from './words.ts'

const saidForMs = 10_000

/** The one place where news are told. */
export class Voice {
  readonly #words: () => Words
  readonly #place: () => HTMLElement
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(words: () => Words, place: () => HTMLElement) {
    this.#words = words
    this.#place = place
  }

  say(text: string): void {
    clearTimeout(this.#timer)
    this.#place().textContent = text
    this.#timer = setTimeout(() => {
      this.#place().textContent = ''
    }, saidForMs)
  }

  made(sendings: readonly Sending[]): void {
    const words = this.#words()
    const [first] = sendings
    if (first === undefined) return
    if (sendings.some(({ isUndo }) => isUndo)) {
      this.say(words.undone)
      return
    }
    const what = didWord(words, first.verdict)
    const isOne = sendings.every(({ verdict }) => verdict === first.verdict)
    this.say(words.undoes(sendings.length === 1 || !isOne ? what : words.many(sendings.length, what)))
  }

  refused({ verdict, row }: Sending): void {
    const words = this.#words()
    const not = { approve: words.refusedApprove, reject: words.refusedReject, reopen: words.refusedReopen }
    const decision = row.mark?.kind === 'refused' ? row.mark.decision : null
    this.say(decision === null ? not[verdict] : `${not[verdict]} ${this.#whoDid(decision)}`)
  }

  elsewhere(decision: Decision): void {
    this.say(this.#whoDid(decision))
  }

  #whoDid({ action, decidedBy }: Decision): string {
    const words = this.#words()
    return words.by[action](decidedBy ?? words.somebody)
  }
}
