import { summarize } from '../../../operations/moderation/summarize.ts'
import { contentTag } from '../../entity-tag.ts'
import { defineRoute } from '../../route.ts'
import { timestamp, timestampOrNull } from '../../timestamp.ts'
import { moderatorName } from './answer-decision.ts'
import { summaryAnswer } from './answers.ts'

export const viewSummary = defineRoute({
  operationId: 'viewSummary',
  method: 'GET',
  path: '/v1/moderation/summary',
  tag: 'Moderation',
  summary: 'View the numbers of the desk',
  description:
    'How many comments have each status, who has taken how many, what was decided today, how long those waited that were decided about within the last 24 hours, and how many came in each hour. `moderator` is the name of your own token. The `ETag` is that of the numbers, whenever they were counted.',
  access: 'moderate',
  limits: [],
  request: {},
  answers: { 200: { description: 'The numbers.', schema: summaryAnswer, headers: ['ETag'] } },
  problems: [],
  indented: true,
  async handle({ deps, caller }) {
    const moderator = moderatorName(caller.token)
    const { atMs, counts, oldestPendingAtMs, claimed, today, waits, arrivals } = await summarize(
      deps,
      moderator,
    )
    const numbers = {
      counts,
      oldestPendingAt: timestampOrNull(oldestPendingAtMs),
      claimed,
      today: {
        since: timestamp(today.sinceMs),
        ...today.verdicts,
        byModerator: today.byModerator.map(([name, verdicts]) => ({ name, ...verdicts })),
        byReason: today.byReason.map(([code, count]) => ({ code, count })),
      },
      waits: {
        decided: waits.decided,
        medianSeconds: secondsOf(waits.medianMs),
        p90Seconds: secondsOf(waits.p90Ms),
      },
      arrivals: arrivals.map(({ hourMs, count }) => ({ hour: timestamp(hourMs), count })),
    }
    return {
      status: 200,
      etag: `W/${contentTag(JSON.stringify([moderator, numbers]))}`,
      body: { moderator, at: timestamp(atMs), ...numbers },
    }
  },
})

/** Clocks that were set may make a wait negative. */
function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.max(0, Math.round(ms / 1_000))
}
