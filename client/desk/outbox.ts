import { type Call, codeOf, Refused, Unreachable } from './api.ts'
import type { Row, Sending } from './rows.ts'
import type { DecisionOutcome, DecisionRequest, ViewedComment } from './wire.ts'

const mostAtOnce = 100
const firstWaitMs = 1_000
const longestWaitMs = 30_000

export type Settled = { sending: Sending; outcome: DecisionOutcome }

type Told = {
  settled: (settled: readonly Settled[]) => void
  /** They could not be sent, and are kept. */
  stuck: (sendings: readonly Sending[]) => void
}

/**
 * Decisions of one moderator on their way, in the order in which they were made, one call at a time. What the service did not answer stays, and is
 * sent again until it did: none is lost while the page is there.
 */
export class Outbox {
  #waiting: Sending[] = []
  #flying: readonly Sending[] = []
  #waitMs = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Whose they are, where the service tells. */
  readonly name: string | null
  readonly #call: () => Call | null
  readonly #told: Told

  /** `call` is `null` while it is not theirs. */
  constructor(name: string | null, call: () => Call | null, told: Told) {
    this.name = name
    this.#call = call
    this.#told = told
  }

  get size(): number {
    return this.#waiting.length + this.#flying.length
  }

  get rows(): Row[] {
    return [...this.#flying, ...this.#waiting].map(({ row }) => row)
  }

  add(sendings: readonly Sending[]): void {
    this.#waiting.push(...sendings)
    if (this.#timer !== undefined) this.#told.stuck(sendings)
    else this.send()
  }

  /** Takes back what was never sent; `false` where it was, answered or not. */
  takeBack(sending: Sending): boolean {
    if (sending.wasSent) return false
    const at = this.#waiting.indexOf(sending)
    if (at >= 0) this.#waiting.splice(at, 1)
    return at >= 0
  }

  /** Now, and not when the time comes. */
  send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const call = this.#call()
    if (this.#flying.length > 0 || this.#waiting.length === 0 || call === null) return
    this.#flying = this.#takeBatch()
    if (this.#flying.length > 0) void this.#sendBatch(call, this.#flying)
  }

  /** No comment twice in one call; what undoes another waits for it. */
  #takeBatch(): Sending[] {
    const seen = new Set<string>()
    const batch: Sending[] = []
    while (batch.length < mostAtOnce) {
      const next = this.#waiting[0]
      if (next === undefined || seen.has(next.row.comment.id)) break
      this.#waiting.shift()
      // What was to be undone was never done.
      if (next.after !== null && next.after.made === null) continue
      seen.add(next.row.comment.id)
      next.wasSent = true
      batch.push(next)
    }
    return batch
  }

  async #sendBatch(call: Call, batch: readonly Sending[]): Promise<void> {
    let outcomes: (DecisionOutcome | undefined)[]
    try {
      for (const sending of batch) if (sending.tellsAgain) await tellAgain(call, sending)
      const decisions = batch.map(requestOf)
      outcomes = (await call<{ outcomes: DecisionOutcome[] }>('POST', 'decisions', { decisions })).outcomes
    } catch (error) {
      this.#flying = []
      if (error instanceof Unreachable || isSignedOut(error)) {
        this.#keep(batch)
        return
      }
      const problem = { type: error instanceof Refused ? error.code : '' }
      outcomes = batch.map(({ row }) => ({
        commentId: row.comment.id,
        outcome: 'refused',
        comment: null,
        problem,
      }))
    }
    this.#flying = []
    const answered = batch.map((sending, index) => ({ sending, outcome: outcomes[index] }))
    const settled = answered.filter(
      (one): one is Settled => one.outcome !== undefined && !isForLater(one.outcome),
    )
    for (const { sending, outcome } of settled) {
      sending.isSettled = true
      if (outcome.outcome === 'decided' || isOwnAlready(sending, outcome, this.name))
        sending.made = outcome.comment?.version ?? null
    }
    const kept = batch.filter((sending) => !settled.some((one) => one.sending === sending))
    if (kept.length < batch.length) this.#waitMs = 0
    this.#told.settled(settled)
    if (kept.length > 0) this.#keep(kept)
    else this.send()
  }

  #keep(batch: readonly Sending[]): void {
    this.#waiting.unshift(...batch)
    this.#told.stuck(this.#waiting)
    this.#waitMs = Math.min(longestWaitMs, Math.max(firstWaitMs, 2 * this.#waitMs))
    this.#timer = setTimeout(() => this.send(), this.#waitMs)
  }
}

/** The log is asked, whatever of it is known here: it may be another's rejection, or one that was made just now. */
async function tellAgain(call: Call, sending: Sending): Promise<void> {
  const { row, version, after } = sending
  const seen = version ?? after?.made ?? Infinity
  try {
    const { decisions } = await call<ViewedComment>('GET', `comments/${row.comment.id}`)
    const told = decisions.findLast((line) => line.action === 'reject' && line.version < seen)
    Object.assign(sending, { reason: told?.reason ?? null, reasonCode: told?.reasonCode ?? null })
    sending.tellsAgain = false
  } catch (error) {
    // Where it is gone the decision itself is refused.
    if (!(error instanceof Refused) || isSignedOut(error)) throw error
  }
}

/**
 * Sent once more after an answer that was lost on its way: the decision that now stands in the way is this very one.
 */
export function isOwnAlready(
  { verdict, version, after }: Sending,
  { lastDecision, problem }: DecisionOutcome,
  me: string | null,
): boolean {
  const seen = version ?? after?.made ?? null
  return (
    codeOf(problem) === 'version-mismatch' &&
    seen !== null &&
    lastDecision?.action === verdict &&
    lastDecision.version === seen + 1 &&
    lastDecision.decidedBy === me
  )
}

/** A fault of the service's, or too many at once: the same again may succeed. */
function isForLater({ outcome, problem }: DecisionOutcome): boolean {
  return outcome === 'failed' || codeOf(problem) === 'decision-conflict'
}

function isSignedOut(error: unknown): boolean {
  return error instanceof Refused && (error.status === 401 || error.status === 403)
}

function requestOf({ row, verdict, version, after, reason, reasonCode, replies }: Sending): DecisionRequest {
  const seen = version ?? after?.made ?? null
  return {
    commentId: row.comment.id,
    verdict,
    ...(seen !== null && { version: seen }),
    ...(reason !== null && { reason }),
    ...(reasonCode !== null && { reasonCode }),
    ...(replies !== null && { replies }),
  }
}
