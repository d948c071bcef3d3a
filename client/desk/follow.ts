import { type Call, isMissing } from './api.ts'
import type { LoggedDecision } from './wire.ts'

const pageSize = 100

type LogPage = { decisions: LoggedDecision[]; nextAfter: number }

/** Reads the log from where it ended when the desk was opened. */
export class Follower {
  readonly #call: Call
  #after: number | null = null
  #isReading = false
  #isMissing = false

  constructor(call: Call) {
    this.#call = call
  }

  /** Before any list is read: what is decided while one is on its way must not be missed. */
  async begin(): Promise<void> {
    try {
      const { decisions } = await this.#call<LogPage>('GET', 'decisions?order=newest&limit=1')
      this.#after = decisions[0]?.position ?? 0
    } catch (error) {
      this.#isMissing = isMissing(error)
    }
  }

  /** What was written since. Where nobody answers there is nothing: the next time it is asked from the same place. */
  async read(): Promise<LoggedDecision[]> {
    if (this.#isReading || this.#isMissing) return []
    this.#isReading = true
    const all: LoggedDecision[] = []
    try {
      if (this.#after === null) await this.begin()
      while (this.#after !== null) {
        const page: LogPage = await this.#call('GET', `decisions?after=${this.#after}&limit=${pageSize}`)
        this.#after = page.nextAfter
        all.push(...page.decisions)
        if (page.decisions.length < pageSize) break
      }
    } catch {
      // What was read until then counts.
    } finally {
      this.#isReading = false
    }
    return all
  }
}
