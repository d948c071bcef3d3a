import type { OwnComment } from '../../src/http/routes/comments/answers.ts'
import { phrase } from '../../src/page/phrase.ts'
import { type Branch, type Child, h } from '../../src/page/tree.ts'
import { type AuthorWords, authorWords, type Words } from '../../src/words/en.ts'
import { call, codeOf, Refused } from './api.ts'

/** A comment that was sent from this browser. The receipt is its author's key to it. */
type Receipt = { id: string; receipt: string }

/** `isAsked`: its author is asked whether it is to go for good. */
type Own = { comment: OwnComment; isAsked: boolean }

/** What has become of a withdrawal, with what its author is told. */
export type Withdrawal = { isGone: boolean; text: string }

/** How many receipts of an article are kept, the newest of them. */
const mostReceipts = 20

/**
 * A reader's own comments on an article, where the page lets their receipts be kept: a file of its own, which no other page
 * loads.
 */
export class OwnComments {
  readonly #service: string
  readonly #key: string
  #own: readonly Own[] = []

  /** `article` tells the receipts of this article from those of others. */
  constructor(service: string, article: string) {
    this.#service = service
    this.#key = `imprimatur ${service} ${article}`
  }

  keep(receipt: Receipt): void {
    this.#write([...this.#receipts(), receipt])
  }

  /** Asks what has become of them. */
  async ask(): Promise<void> {
    const receipts = this.#receipts()
    const found = await Promise.all(receipts.map((one) => this.#call(one, 'GET')))
    // Who is not known any more was withdrawn long ago, or the service began anew. What was kept meanwhile stays.
    const gone = receipts.filter((_, index) => found[index] === 'unknown').map(({ id }) => id)
    if (gone.length > 0) this.#write(this.#receipts().filter(({ id }) => !gone.includes(id)))
    this.#own = found.flatMap((comment) =>
      comment !== null && comment !== 'unknown' ? [{ comment, isAsked: false }] : [],
    )
  }

  /** Asks the author of a comment, or no more, whether it is to go. */
  setAsked(id: string, isAsked: boolean): void {
    this.#own = this.#own.map((own) => (own.comment.id === id ? { ...own, isAsked } : own))
  }

  async withdraw(id: string, pageWords: Partial<Words>): Promise<Withdrawal> {
    const words = { ...authorWords, ...pageWords }
    const receipt = this.#receipts().find((one) => one.id === id)
    const answer = receipt && (await this.#call(receipt, 'DELETE'))
    this.setAsked(id, false)
    if (answer === undefined || answer === null || answer === 'unknown')
      return { isGone: false, text: words.notWithdrawn }
    this.#own = this.#own.map((own) => (own.comment.id === id ? { comment: answer, isAsked: false } : own))
    this.#write(this.#receipts().filter((one) => one.id !== id))
    return { isGone: true, text: words.withdrawn }
  }

  tree(pageWords: Partial<Words>): Child {
    const words = { ...authorWords, ...pageWords }
    const items = this.#own.map((own) => itemOf(own, words))
    return items.length > 0 && h('ul', { class: 'imprimatur-own' }, items)
  }

  async #call({ id, receipt }: Receipt, method: 'GET' | 'DELETE'): Promise<OwnComment | 'unknown' | null> {
    try {
      return await call<OwnComment>(`${this.#service}/v1/comments/${id}`, {
        method,
        headers: { authorization: `Bearer ${receipt}` },
      })
    } catch (error) {
      return error instanceof Refused && codeOf(error.problem) === 'token-invalid' ? 'unknown' : null
    }
  }

  #receipts(): Receipt[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#key) ?? '[]')
      return Array.isArray(kept) ? kept.filter(isReceipt) : []
    } catch {
      return []
    }
  }

  #write(receipts: readonly Receipt[]): void {
    try {
      if (receipts.length === 0) localStorage.removeItem(this.#key)
      else localStorage.setItem(this.#key, JSON.stringify(receipts.slice(-mostReceipts)))
    } catch {
      // A browser that stores nothing: its reader has no receipts, as without the attribute.
    }
  }
}

function isReceipt(one: Partial<Receipt> | null): one is Receipt {
  return typeof one?.id === 'string' && typeof one.receipt === 'string'
}

function itemOf({ comment, isAsked }: Own, words: AuthorWords): Branch {
  const { id, body, status } = comment
  const button = (action: string, text: string) =>
    h('button', { type: 'button', class: `imprimatur-${action}`, 'data-id': id }, text)
  return h(
    'li',
    { 'data-id': `own-${id}`, 'data-state': status },
    body !== null && h('div', { class: 'imprimatur-body', dir: 'auto' }, body),
    h('p', {}, stateOf(comment, words)),
    status !== 'withdrawn' &&
      (isAsked
        ? [
            h('span', {}, words.withdrawForGood),
            ' ',
            button('confirm', words.withdraw),
            ' ',
            button('keep', words.keepIt),
          ]
        : button('withdraw', words.withdraw)),
  )
}

function stateOf({ status, reason }: OwnComment, words: AuthorWords): Child {
  switch (status) {
    case 'pending':
      return words.waits
    case 'approved':
      return words.published
    case 'rejected':
      return reason === null
        ? words.rejected
        : phrase(words.rejectedBecause, { reason: h('bdi', {}, reason) })
    case 'withdrawn':
      return words.withdrawn
  }
}
