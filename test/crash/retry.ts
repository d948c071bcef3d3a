import { clientOf } from './client.ts'
import type { Ledger } from './ledger.ts'
import type { Random } from './random.ts'
import { recorder } from './recorder.ts'

/** Sends again what was not acknowledged, and some of what was; each is acknowledged now, or as it was before. */
export async function retry(origin: string, ledger: Ledger, random: Random): Promise<void> {
  const record = recorder(clientOf(origin), ledger)
  const sent = [...ledger.submissions.values()]
  const again = sent.filter(({ acknowledgement }) => acknowledgement === null || random.chance(0.05))
  await Promise.all(
    again.map(async (submission) => {
      const answer = await record.submit(submission)
      if (answer?.statusCode !== 202 && answer?.statusCode !== 422)
        ledger.contradictions.push(`a retry of ${submission.idempotencyKey} was answered ${answer?.body}`)
    }),
  )
}
