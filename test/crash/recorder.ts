import type { Answer, Client, Submission } from './client.ts'
import type { Ledger, SentDecision, SentSubmission } from './ledger.ts'

/** Calls the service and notes in the ledger what was sent and what was acknowledged. */
export type Recorder = {
  submit: (submission: Submission) => Promise<Answer | null>
  decide: (commentId: string, action: Verdict, more?: { withReplies?: boolean }) => Promise<Answer | null>
  decideMany: (verdicts: readonly { commentId: string; action: Verdict }[]) => Promise<Answer | null>
  withdraw: (commentId: string, receipt: string) => Promise<Answer | null>
  list: (articleId: string) => Promise<Answer | null>
}

export type Verdict = SentDecision['action']

export function recorder(client: Client, ledger: Ledger): Recorder {
  function note(commentId: string, action: Verdict, withReplies: boolean): SentDecision {
    const index = ledger.decisions.size
    const sent: SentDecision = {
      commentId,
      action,
      reason: index % 3 === 0 ? null : `reason ${index}`,
      note: `note ${index}`,
      withReplies,
      acknowledgement: null,
    }
    ledger.decisions.set(sent.note, sent)
    return sent
  }

  /** A new one was refused for good, and nothing may be there; of a withdrawn one no trace of what it was is kept. */
  function noteRefusal({ idempotencyKey, acknowledgement }: SentSubmission): void {
    if (acknowledgement === null) ledger.submissions.delete(idempotencyKey)
    else if (!ledger.withdrawals.has(acknowledgement.id))
      ledger.contradictions.push(
        `key ${idempotencyKey} was answered with ${acknowledgement.id}, then refused`,
      )
  }

  return {
    async submit(submission) {
      const key = submission.idempotencyKey
      const sent = ledger.submissions.get(key) ?? { ...submission, acknowledgement: null }
      ledger.submissions.set(key, sent)
      const answer = await client.submit(submission)
      if (answer?.statusCode === 422) noteRefusal(sent)
      if (answer?.statusCode !== 202) return answer
      const { id, receipt } = JSON.parse(answer.body)
      const before = sent.acknowledgement
      if (before !== null && (before.id !== id || before.receipt !== receipt))
        ledger.contradictions.push(`key ${key} was answered with ${before.id} and with ${id}`)
      sent.acknowledgement = { id, receipt }
      return answer
    },
    async decide(commentId, action, { withReplies = false } = {}) {
      const sent = note(commentId, action, withReplies)
      const { reason } = sent
      const answer = await client.post(`/v1/moderation/comments/${commentId}/${action}`, {
        note: sent.note,
        ...(reason !== null && { reason }),
        ...(withReplies && { replies: 'reject' }),
      })
      if (answer === null || answer.statusCode >= 500) return answer
      const { changed = false, version, rejectedReplyIds = [] } = JSON.parse(answer.body)
      sent.acknowledgement = { version: changed ? version : null, rejectedReplies: rejectedReplyIds.length }
      return answer
    },
    async decideMany(verdicts) {
      const all = verdicts.map(({ commentId, action }) => note(commentId, action, false))
      const answer = await client.post('/v1/moderation/decisions', {
        decisions: all.map(({ commentId, action, reason, note }) => ({
          commentId,
          verdict: action,
          note,
          ...(reason !== null && { reason }),
        })),
      })
      if (answer?.statusCode !== 200) return answer
      const outcomes: Outcome[] = JSON.parse(answer.body).outcomes
      for (const [index, { outcome, comment }] of outcomes.entries()) {
        const sent = all[index]
        if (sent === undefined || outcome === 'failed') continue
        const version = outcome === 'decided' ? (comment?.version ?? null) : null
        sent.acknowledgement = { version, rejectedReplies: 0 }
      }
      return answer
    },
    async withdraw(commentId, receipt) {
      ledger.withdrawals.set(commentId, ledger.withdrawals.get(commentId) ?? false)
      const answer = await client.withdraw(commentId, receipt)
      if (answer?.statusCode === 200) ledger.withdrawals.set(commentId, true)
      return answer
    },
    async list(articleId) {
      const path = `/v1/articles/${encodeURIComponent(articleId)}/comments`
      const answer = await client.get(path)
      if (answer?.statusCode !== 200) return answer
      const version = `${path} ${answer.headers['etag']}`
      const before = ledger.lists.get(version)
      if (before !== undefined && before !== answer.body)
        ledger.contradictions.push(`${version} was two bodies: ${before} ${answer.body}`)
      ledger.lists.set(version, answer.body)
      return answer
    },
  }
}

type Outcome = {
  outcome: 'decided' | 'unchanged' | 'refused' | 'failed'
  comment: { version: number } | null
}
