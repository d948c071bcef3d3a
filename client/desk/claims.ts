import type { Call } from './api.ts'
import type { QueuedComment } from './wire.ts'

/** How many are taken at once. */
const batch = 20

/** So many fit into one call. */
const releasedAtOnce = 100

/** What this moderator has taken to decide about, so that nobody else reads the same at the same time. */
export class Claims {
  readonly #call: Call
  #isTaking = false
  /** Whether there was less to take than was asked for. */
  isExhausted = false

  constructor(call: Call) {
    this.#call = call
  }

  async held(): Promise<QueuedComment[]> {
    return (await this.#call<{ comments: QueuedComment[] }>('GET', 'claims')).comments
  }

  /** Takes some more; `null` while it does so already. */
  async take(): Promise<QueuedComment[] | null> {
    if (this.#isTaking) return null
    this.#isTaking = true
    try {
      const { comments } = await this.#call<{ comments: QueuedComment[] }>('POST', 'claims', { limit: batch })
      this.isExhausted = comments.length < batch
      return comments
    } finally {
      this.#isTaking = false
    }
  }

  /** This one, by where and when it was written: `null` where somebody else has it. */
  async takeThis({ id, articleId, submittedAt }: QueuedComment): Promise<QueuedComment | null> {
    const submittedBefore = new Date(Date.parse(submittedAt) + 1).toISOString()
    const where = { articleIds: [articleId], submittedAfter: submittedAt, submittedBefore }
    const { comments } = await this.#call<{ comments: QueuedComment[] }>('POST', 'claims', {
      limit: 1,
      where,
    })
    const others = comments.filter((comment) => comment.id !== id)
    if (others.length > 0) this.release(others.map((comment) => comment.id))
    return comments.find((comment) => comment.id === id) ?? null
  }

  /** Which of them are still held, and until when. */
  renew(commentIds: readonly string[]): Promise<{ commentIds: string[]; until: string }> {
    return this.#call('PATCH', 'claims', { commentIds })
  }

  /** Also while the page goes. */
  release(commentIds: readonly string[]): void {
    for (let at = 0; at < commentIds.length; at += releasedAtOnce) {
      const query = commentIds.slice(at, at + releasedAtOnce).map((id) => `commentId=${id}`)
      this.#call('DELETE', `claims?${query.join('&')}`, undefined, { outlivesPage: true }).catch(() => {})
    }
  }
}
