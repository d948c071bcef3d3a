import { type Call, isMissing, Refused } from './api.ts'
import type { World } from './card.ts'
import { reasonPanel, textPanel } from './panels.ts'
import type { Chosen, Row } from './rows.ts'
import type { Comment, LoggedDecision } from './wire.ts'

type Owner = {
  call: () => Call | null
  world: () => World
  hasKeys: () => boolean
  reject: (row: Row, chosen: Chosen) => void
  close: (row: Row) => void
  erased: (row: Row) => void
  /** It could not be done; `isStale` where somebody has decided since. */
  refused: (row: Row, isStale: boolean) => Promise<void>
  say: (text: string) => void
}

/** What is asked beside a comment: a reason, a note, why it is erased; and what becomes of the latter two. */
export class Asking {
  readonly #owner: Owner

  constructor(owner: Owner) {
    this.#owner = owner
  }

  panel(row: Row): HTMLElement | null {
    const { words, language, reasons } = this.#owner.world()
    const { drafts, panel } = row
    const close = () => this.#owner.close(row)
    switch (panel) {
      case null:
        return null
      case 'reject':
        return reasonPanel({
          words,
          language,
          title: words.whichReason,
          reasons,
          draft: drafts,
          offersReplies: row.comment.status === 'approved',
          hasKeys: this.#owner.hasKeys,
          choose: (chosen) => this.#owner.reject(row, chosen),
          close,
        })
      case 'note':
        return textPanel({
          words,
          name: 'note',
          label: words.noteLabel,
          hint: null,
          send: words.noteSend,
          draft: drafts,
          submit: (text) => void this.#note(row, text),
          close,
        })
      case 'erase':
        return textPanel({
          words,
          name: 'erase',
          label: words.eraseLabel,
          hint: words.eraseHint,
          send: words.eraseSend,
          draft: drafts,
          submit: (reason) => void this.#erase(row, reason),
          close,
        })
    }
  }

  async #note(row: Row, text: string): Promise<void> {
    const path = `comments/${row.comment.id}/notes`
    const line = await this.#ask(row, (call) => call<LoggedDecision>('POST', path, { text }))
    if (line === null) return
    row.drafts.note = ''
    row.decisions = [...(row.decisions ?? []).filter(({ id }) => id !== line.id), line]
    this.#owner.close(row)
    this.#owner.say(this.#owner.world().words.didNote)
  }

  /** It cannot be undone, so it waits for no connection: it is done before the eyes of who asks for it, or not. */
  async #erase(row: Row, reason: string): Promise<void> {
    const { id, version } = row.comment
    const path = `comments/${id}/erase`
    const erased = await this.#ask(row, (call) => call<Comment>('POST', path, { reason }, { version }))
    if (erased === null) return
    row.comment = { ...row.comment, ...erased, claim: null }
    row.drafts.erase = ''
    row.panel = null
    row.mark = { kind: 'done', action: 'erase' }
    this.#owner.say(this.#owner.world().words.didErase)
    this.#owner.erased(row)
  }

  /** What was written stays in its field where it could not be sent. */
  async #ask<T>(row: Row, ask: (call: Call) => Promise<T>): Promise<T | null> {
    const call = this.#owner.call()
    if (call === null) return null
    const { words } = this.#owner.world()
    try {
      return await ask(call)
    } catch (error) {
      const isStale = error instanceof Refused && error.code === 'version-mismatch'
      await this.#owner.refused(row, isStale)
      this.#owner.say(isStale ? words.whyChanged : isMissing(error) ? words.missing : words.failed)
      return null
    }
  }
}
