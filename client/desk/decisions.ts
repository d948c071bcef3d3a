import { type Call, codeOf } from './api.ts'
import { Outbox, type Settled } from './outbox.ts'
import { backFrom, type Chosen, decided, nothingChosen, type Row, type Sending, statusAfter } from './rows.ts'
import type { LoggedDecision, Verdict } from './wire.ts'

/** For so many decisions back an undo leads. */
const undoable = 50

type Owner = {
  call: () => Call | null
  find: (commentId: string) => Row | undefined
  changed: (rows: readonly Row[]) => void
  /** The service has taken them. */
  made: (sendings: readonly Sending[]) => void
  refused: (sending: Sending) => void
  stuck: () => void
  /** A colleague decided about one that is on the desk. */
  elsewhere: (row: Row, decision: LoggedDecision) => void
}

/** What this tab has decided, what of it the service has answered, and what others decided meanwhile. */
export class Decisions {
  readonly #owner: Owner
  /** By whose they are: what one has decided is never sent in the name of another. */
  readonly #outboxes = new Map<string, Outbox>()
  #outbox: Outbox
  /** What was decided together is undone together; newest last. */
  readonly #history: (readonly Sending[])[] = []
  /** `id:version` of what this tab has made: its lines in the log are no news. */
  readonly #made = new Set<string>()

  constructor(owner: Owner) {
    this.#owner = owner
    this.#outbox = this.#newOutbox(null)
  }

  /**
   * They are this one's from now on; `id` is the name, or where the service tells none what else is nobody else's. Gives the
   * comments whose decisions wait to be sent, and whether it is who it was.
   */
  begin(id: string, name: string | null): { rows: readonly Row[]; isSame: boolean } {
    const outbox = this.#outboxes.get(id) ?? this.#newOutbox(name)
    const isSame = outbox === this.#outbox
    this.#outboxes.set(id, outbox)
    this.#outbox = outbox
    if (!isSame) this.forget()
    return { rows: outbox.rows, isSame }
  }

  /** How many of this moderator's the service has not answered. */
  get unsent(): number {
    return this.#outbox.size
  }

  /** Whose decisions wait. */
  get waiting(): readonly Pick<Outbox, 'name' | 'size'>[] {
    return [...this.#outboxes.values()].filter(({ size }) => size > 0)
  }

  /** Those that wait for somebody else to sign in again. */
  get waitingForOthers(): readonly Pick<Outbox, 'name' | 'size'>[] {
    return this.waiting.filter((outbox) => outbox !== this.#outbox)
  }

  get canUndo(): boolean {
    return this.#history.length > 0
  }

  isUndoable(row: Row): boolean {
    return this.#history.some((together) => together.some((sending) => sending.row === row))
  }

  send(): void {
    this.#outbox.send()
  }

  forget(): void {
    this.#history.length = 0
  }

  /** Each on the version that was seen. */
  decide(rows: readonly Row[], verdict: Verdict, chosen: Chosen): void {
    const sendings = rows.map((row) => sendingOf(row, verdict, chosen, row.comment.version))
    this.#history.push(sendings)
    if (this.#history.length > undoable) this.#history.shift()
    this.#post(sendings)
  }

  /** The rows that go back to where they were; `null` where there is nothing to undo. */
  undo(): readonly Row[] | null {
    const together = this.#history.pop()
    if (together === undefined) return null
    const back: Sending[] = []
    const rows: Row[] = []
    for (const sending of together) {
      const { row, made, isSettled } = sending
      const way = backFrom(sending)
      // Somebody has refused it, or it was so already: nothing was changed.
      if (way === null || (isSettled && made === null)) continue
      rows.push(row)
      if (this.#outbox.takeBack(sending)) {
        row.mark = null
        continue
      }
      back.push({
        ...sendingOf(row, way.verdict, { ...nothingChosen, replies: way.replies }, made),
        from: statusAfter[sending.verdict],
        after: made === null ? sending : null,
        isUndo: true,
        tellsAgain: way.verdict === 'reject',
      })
    }
    this.#owner.changed(rows)
    this.#post(back)
    return rows
  }

  /** What was decided by another way than by a verdict. */
  noteMade({ comment }: Row): void {
    this.#made.add(`${comment.id}:${comment.version}`)
  }

  /** What the log tells. */
  follow(lines: readonly LoggedDecision[]): void {
    for (const line of lines) {
      const row = this.#owner.find(line.commentId)
      if (row === undefined) continue
      if (row.decisions !== null && !row.decisions.some(({ id }) => id === line.id)) row.decisions.push(line)
      const isOwn = this.#made.has(`${line.commentId}:${line.version}`)
      if (line.action === 'note' || isOwn || line.version <= row.comment.version) {
        this.#owner.changed([row])
        continue
      }
      // The answer to what is on its way tells it, and who was first.
      if (row.mark?.kind === 'sending' && !row.mark.isStuck) continue
      row.comment = decided(row.comment, line)
      if (row.mark?.kind === 'sending') continue
      // What was refused is still to be told, with what stands in its way now.
      row.mark =
        row.mark?.kind === 'refused' ? { ...row.mark, decision: line } : { kind: 'elsewhere', decision: line }
      row.panel = null
      row.isSelected = false
      this.#owner.elsewhere(row, line)
    }
  }

  #newOutbox(name: string | null): Outbox {
    const isTheirs = () => outbox === this.#outbox
    const outbox: Outbox = new Outbox(name, () => (isTheirs() ? this.#owner.call() : null), {
      // What became of another's is told by the lists.
      settled: (settled) => isTheirs() && this.#settle(settled),
      stuck: (sendings) => isTheirs() && this.#stick(sendings),
    })
    return outbox
  }

  #post(sendings: readonly Sending[]): void {
    for (const { row, verdict } of sendings) {
      row.mark = { kind: 'sending', verdict, isStuck: false }
      row.panel = null
      row.isSelected = false
    }
    this.#owner.changed(sendings.map(({ row }) => row))
    this.#outbox.add(sendings)
  }

  /** Nothing was done that could be undone. */
  #forgetIn(sending: Sending): void {
    const at = this.#history.findIndex((together) => together.includes(sending))
    if (at < 0) return
    const rest = this.#history[at]?.filter((one) => one !== sending) ?? []
    this.#history.splice(at, 1, ...(rest.length > 0 ? [rest] : []))
  }

  #stick(sendings: readonly Sending[]): void {
    for (const { row, verdict } of sendings) row.mark = { kind: 'sending', verdict, isStuck: true }
    this.#owner.changed(sendings.map(({ row }) => row))
    this.#owner.stuck()
  }

  #settle(settled: readonly Settled[]): void {
    const made: Sending[] = []
    for (const { sending, outcome } of settled) {
      const { row, verdict, isUndo } = sending
      const { comment, problem, lastDecision = null } = outcome
      if (comment !== null && comment.version >= row.comment.version)
        row.comment = { ...row.comment, ...comment, claim: null }
      const wasRefused = outcome.outcome === 'refused' && sending.made === null
      if (wasRefused) {
        const { reason, reasonCode, replies } = sending
        const code = codeOf(problem)
        if (code === 'comment-withdrawn')
          row.comment = { ...row.comment, status: 'withdrawn', author: null, body: null }
        row.mark = {
          kind: 'refused',
          verdict,
          decision: lastDecision,
          code,
          again: { reason, reasonCode, replies },
        }
        this.#forgetIn(sending)
        this.#owner.changed([row])
        this.#owner.refused(sending)
        continue
      }
      if (sending.made !== null) this.#made.add(`${row.comment.id}:${sending.made}`)
      row.mark = isUndo ? null : { kind: 'done', action: verdict }
      if (verdict === 'reject') Object.assign(row.drafts, { reason: '', reasonCode: null })
      made.push(sending)
    }
    this.#owner.changed(made.map(({ row }) => row))
    if (made.length > 0) this.#owner.made(made)
  }
}

function sendingOf(row: Row, verdict: Verdict, chosen: Chosen, version: number | null): Sending {
  return {
    ...chosen,
    row,
    verdict,
    version,
    after: null,
    from: row.comment.status,
    isUndo: false,
    tellsAgain: false,
    wasSent: false,
    isSettled: false,
    made: null,
  }
}
