import { type Call, isMissing } from './api.ts'
import { Claims } from './claims.ts'
import type { ListName } from './frame.ts'
import { isBegun, isOpen, isUnsettled, isWaiting, type Row } from './rows.ts'
import type { Filter, Page, QueuedComment } from './wire.ts'

/** Where so few are left, the next ones are taken. */
const fewLeft = 5
const pageSize = 20

export type List = {
  rows: Row[]
  nextCursor: string | null
  state: 'new' | 'loading' | 'loaded' | 'failed' | 'missing'
}

type Owner = {
  call: () => Call | null
  me: () => string | null
  /** The row of a comment as the service tells it now. */
  row: (comment: QueuedComment) => Row
  /** Whether it stays where it is, decided as it may be. */
  isKept: (row: Row) => boolean
  /** Something is on its way, or has come. */
  changed: (name: ListName) => void
}

/** What the lists hold, and how they get more: claims for one's own, pages for the others. */
export class Lists {
  readonly #owner: Owner
  readonly #lists: Record<ListName, List> = {
    mine: newList(),
    pending: newList(),
    approved: newList(),
    rejected: newList(),
    found: newList(),
  }
  #claims: Claims | null = null
  filter: Filter = {}

  constructor(owner: Owner) {
    this.#owner = owner
  }

  /** Whether anything is being written. */
  get isBegun(): boolean {
    return Object.values(this.#lists).some((list) => list.rows.some(isBegun))
  }

  get(name: ListName): List {
    return this.#lists[name]
  }

  /** Anew, but for what is not settled, what is being written, and these. */
  begin(call: Call, rows: readonly Row[]): void {
    this.#claims = new Claims(call)
    const all = Object.values(this.#lists).flatMap((list) => list.rows.filter(isKept))
    this.forget()
    this.#lists.mine.rows = [...new Set([...all, ...rows])]
  }

  forget(): void {
    this.filter = {}
    for (const name of Object.keys(this.#lists) as ListName[]) this.#lists[name] = newList()
  }

  /** From its beginning. What is not settled stays in sight, and what is being written. */
  async load(name: ListName): Promise<void> {
    const rows = this.#lists[name].rows.filter(isKept)
    const list: List = { rows, nextCursor: null, state: 'loading' }
    this.#lists[name] = list
    this.#owner.changed(name)
    if (name !== 'mine') {
      await this.more(name)
      return
    }
    try {
      this.#append(list, (await this.#claims?.held()) ?? [])
      list.state = 'loaded'
      await this.take(false)
    } catch (error) {
      list.state = isMissing(error) ? 'missing' : 'failed'
    }
    this.#owner.changed('mine')
  }

  /** The next page; gives what came. */
  async more(name: ListName): Promise<readonly Row[]> {
    const list = this.#lists[name]
    const call = this.#owner.call()
    if (call === null) return []
    list.state = 'loading'
    this.#owner.changed(name)
    let added: readonly Row[] = []
    try {
      const page = await this.#page(call, name, list.nextCursor)
      if (list !== this.#lists[name]) return []
      added = this.#append(list, page.comments)
      list.nextCursor = page.nextCursor
      list.state = 'loaded'
    } catch (error) {
      list.state = isMissing(error) ? 'missing' : 'failed'
    }
    this.#owner.changed(name)
    return added
  }

  /** Takes the next ones where few are left, or where somebody asks; gives what came, or `null` where nobody was asked. */
  async take(isAsked: boolean): Promise<readonly Row[] | null> {
    const list = this.#lists.mine
    if (list.state !== 'loaded' || this.#claims === null) return null
    const hasEnough = list.rows.filter(isWaiting).length > fewLeft || this.#claims.isExhausted
    if (!isAsked && hasEnough) return null
    const taken = await this.#claims.take()
    if (taken === null || list !== this.#lists.mine) return null
    list.rows = list.rows.filter(
      (row) => isOpen(row) || row.mark?.kind === 'sending' || this.#owner.isKept(row),
    )
    const added = this.#append(list, taken)
    this.#owner.changed('mine')
    return added
  }

  /** There is more than there was. */
  async takeAgain(): Promise<void> {
    if (this.#claims === null) return
    this.#claims.isExhausted = false
    await this.take(false)
  }

  /** What was undone waits again, and is still before one's eyes: nobody else is to be given it. Of many, the first few. */
  async claimAgain(rows: readonly Row[]): Promise<void> {
    const pending = rows.filter(({ comment }) => comment.status === 'pending').slice(0, fewLeft)
    try {
      for (const { comment } of pending) {
        const claimed = (await this.#claims?.takeThis(comment)) ?? null
        if (claimed !== null) this.#owner.row(claimed)
      }
    } catch {
      // They can be decided as well without.
    }
  }

  /** What was skipped is let go: its time ends. Gives the rows whose claim is another now. */
  async renew(): Promise<readonly Row[]> {
    const held = this.#held()
    if (this.#claims === null || held.length === 0) return []
    const { commentIds, until } = await this.#claims.renew(held.map(({ comment }) => comment.id))
    for (const row of held) {
      const isHeld = commentIds.includes(row.comment.id)
      row.comment = { ...row.comment, claim: isHeld ? { by: this.#owner.me() ?? '', until } : null }
    }
    if (commentIds.length < held.length) await this.takeAgain()
    return held
  }

  /** What nobody reads here any more, others may have. */
  release(): void {
    this.#claims?.release(this.#held().map(({ comment }) => comment.id))
  }

  #held(): Row[] {
    const me = this.#owner.me()
    return this.#lists.mine.rows.filter((row) => isWaiting(row) && row.comment.claim?.by === me)
  }

  #page(call: Call, name: ListName, cursor: string | null): Promise<Page> {
    const at = cursor === null ? {} : { cursor }
    if (name === 'found') return call('POST', 'search', { ...this.filter, limit: pageSize, ...at })
    const order = name === 'pending' ? 'oldest' : 'decided'
    return call(
      'GET',
      `comments?${new URLSearchParams({ status: name, order, limit: `${pageSize}`, ...at })}`,
    )
  }

  /** Those of them that are new in the list. */
  #append(list: List, comments: readonly QueuedComment[]): Row[] {
    const rows = comments.map((comment) => this.#owner.row(comment))
    const added = rows.filter((row) => !list.rows.includes(row))
    list.rows.push(...added)
    return added
  }
}

function isKept(row: Row): boolean {
  return isUnsettled(row) || isBegun(row)
}

function newList(): List {
  return { rows: [], nextCursor: null, state: 'new' }
}
