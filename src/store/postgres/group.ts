import type { Submission, SubmitOutcome } from '../store.ts'
import { StoreFault } from '../store-fault.ts'
import type { Settled } from './batch.ts'
import { addComments, liveRecords } from './commands.ts'
import type { Database } from './database.ts'
import { faultOf } from './fault.ts'

/**
 * Adds submissions by one statement. Where it is refused for what is in one of them, each has a statement of its own, so
 * that a bad one fails alone. A fault that may pass is the same for all: each would wait for the same lock in its turn.
 */
export async function submitGroup(
  query: Database['query'],
  submissions: readonly Submission[],
): Promise<Settled<SubmitOutcome>[]> {
  if (!haveDistinctKeys(submissions)) return submitEach(query, submissions)
  try {
    const outcomes = await submitTogether(query, submissions)
    return outcomes.map((value) => ({ ok: true, value }))
  } catch (error) {
    if (submissions.length > 1 && !(faultOf(error) instanceof StoreFault))
      return submitEach(query, submissions)
    return submissions.map(() => ({ ok: false, error }))
  }
}

async function submitEach(
  query: Database['query'],
  submissions: readonly Submission[],
): Promise<Settled<SubmitOutcome>[]> {
  const settled: Settled<SubmitOutcome>[] = []
  // In a row: of two with the same key the second finds the first one's record.
  for (const submission of submissions) settled.push(...(await submitGroup(query, [submission])))
  return settled
}

async function submitTogether(
  query: Database['query'],
  submissions: readonly Submission[],
): Promise<SubmitOutcome[]> {
  const added = await addComments(query, submissions)
  const refused = submissions.filter(({ comment }) => !added.has(comment.id))
  const keys = refused.flatMap(({ idempotency }) => (idempotency === null ? [] : [idempotency.keyHash]))
  const nowMs = Math.min(...refused.map(({ comment }) => comment.submittedAtMs))
  const records = keys.length === 0 ? new Map() : await liveRecords(query, keys, nowMs)
  return submissions.map(({ comment, idempotency }): SubmitOutcome => {
    if (added.has(comment.id)) return { kind: 'committed' }
    const record = records.get(idempotency?.keyHash ?? '')
    return record === undefined ? { kind: 'full' } : { kind: 'replayed', record }
  })
}

function haveDistinctKeys(submissions: readonly Submission[]): boolean {
  const keys = submissions.flatMap(({ idempotency }) => idempotency?.keyHash ?? [])
  return new Set(keys).size === keys.length
}
