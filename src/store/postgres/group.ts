import type { IdempotencyRecord } from '../../domain/comments/idempotency.ts'
import type { Submission, SubmitOutcome } from '../comments.ts'
import type { Settled } from './batch.ts'
import { addComments, liveRecords, movedAmong } from './commands.ts'
import type { Database } from './database.ts'
import { isRefusedForContent } from './fault.ts'

type Outcome = Settled<SubmitOutcome>

/**
 * Adds submissions by one statement. Where it is refused for what is in one of them, each has a statement of its own, so
 * that a bad one fails alone. Any other fault is the same for all: each would wait for the same lock in its turn, or its
 * outcome is not known, and then nothing is sent again.
 */
export async function submitGroup(
  query: Database['query'],
  submissions: readonly Submission[],
): Promise<Outcome[]> {
  if (!haveDistinctKeys(submissions)) return submitEach(query, submissions)
  try {
    return await submitTogether(query, submissions)
  } catch (error) {
    if (submissions.length > 1 && isRefusedForContent(error)) return submitEach(query, submissions)
    return submissions.map(() => ({ ok: false, error }))
  }
}

async function submitEach(query: Database['query'], submissions: readonly Submission[]): Promise<Outcome[]> {
  const settled: Outcome[] = []
  // In a row: of two with the same key the second finds the first one's record.
  for (const submission of submissions) settled.push(...(await submitGroup(query, [submission])))
  return settled
}

/** What the first statement has committed stays acknowledged, whatever becomes of the questions after it. */
async function submitTogether(
  query: Database['query'],
  submissions: readonly Submission[],
): Promise<Outcome[]> {
  const added = await addComments(query, submissions)
  const refused = submissions.filter(({ comment }) => !added.has(comment.id))
  const outcomes = new Map<Submission, Outcome>()
  for (const [index, outcome] of (await explain(query, refused)).entries()) {
    const submission = refused[index]
    if (submission !== undefined) outcomes.set(submission, outcome)
  }
  return submissions.map(
    (submission) => outcomes.get(submission) ?? { ok: true, value: { kind: 'committed' } },
  )
}

/** Why submissions were not added: their key was known, their article was moved, or there is no room. Of them nothing was written. */
async function explain(query: Database['query'], refused: readonly Submission[]): Promise<Outcome[]> {
  try {
    const records = await recordsOf(query, refused)
    const found = refused.map((submission) => recordIn(records, submission))
    // A record may have expired, or been removed, since it stood in the way: then the key is free by now.
    const free = refused.filter(
      (submission, index) => submission.idempotency !== null && found[index] === null,
    )
    const moved =
      refused.length === 0
        ? new Set<string>()
        : await movedAmong(query, [...new Set(refused.map(({ comment }) => comment.articleId))])
    const addedNow = free.length === 0 ? new Set<string>() : await addComments(query, free)
    return refused.map(({ comment }, index): Outcome => {
      if (addedNow.has(comment.id)) return { ok: true, value: { kind: 'committed' } }
      const record = found[index] ?? null
      if (record !== null) return { ok: true, value: { kind: 'replayed', record } }
      return { ok: true, value: { kind: moved.has(comment.articleId) ? 'moved' : 'full' } }
    })
  } catch (error) {
    return refused.map(() => ({ ok: false, error }))
  }
}

async function recordsOf(
  query: Database['query'],
  submissions: readonly Submission[],
): Promise<Map<string, IdempotencyRecord>> {
  const keys = submissions.flatMap(({ idempotency }) => idempotency?.keyHash ?? [])
  const nowMs = Math.min(...submissions.map(({ comment }) => comment.submittedAtMs))
  return keys.length === 0 ? new Map() : liveRecords(query, keys, nowMs)
}

function recordIn(
  records: ReadonlyMap<string, IdempotencyRecord>,
  { idempotency }: Submission,
): IdempotencyRecord | null {
  return records.get(idempotency?.keyHash ?? '') ?? null
}

function haveDistinctKeys(submissions: readonly Submission[]): boolean {
  const keys = submissions.flatMap(({ idempotency }) => idempotency?.keyHash ?? [])
  return new Set(keys).size === keys.length
}
