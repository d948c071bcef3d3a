import type { CommentStatus } from '../../domain/comments/comment.ts'
import type { ClaimStore } from '../../store/claims.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { DecidedLine, SummaryStore } from '../../store/summary.ts'
import type { Deps } from '../deps.ts'

export type SummaryDeps = Pick<Deps<SummaryStore & ClaimStore & ModerationStore>, 'store' | 'clock'>

type Verdicts = Record<(typeof verdicts)[number], number>

export type Summary = {
  atMs: number
  counts: Record<CommentStatus, number>
  oldestPendingAtMs: number | null
  claimed: { mine: number; others: number }
  today: {
    sinceMs: number
    verdicts: Verdicts
    byModerator: [name: string, verdicts: Verdicts][]
    byReason: [code: string, count: number][]
  }
  waits: { decided: number; medianMs: number | null; p90Ms: number | null }
  arrivals: { hourMs: number; count: number }[]
}

const verdicts = ['approve', 'reject', 'reopen', 'erase'] as const

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How the queue stands, and what was done today (from 00:00 UTC) and within the last 24 hours, for this moderator. */
export async function summarize({ store, clock }: SummaryDeps, moderator: string): Promise<Summary> {
  const atMs = clock()
  const thisHourMs = atMs - (atMs % hourMs)
  const hoursMs = Array.from({ length: 24 }, (_, index) => thisHourMs - (23 - index) * hourMs)
  const [counts, queue, claimed, lines, arrivals] = await Promise.all([
    store.countByStatus(),
    store.queue(),
    store.countClaims(moderator),
    store.decidedSince(atMs - dayMs),
    store.arrivals(hoursMs, atMs),
  ])
  const sinceMs = atMs - (atMs % dayMs)
  return {
    atMs,
    counts,
    oldestPendingAtMs: queue.oldestAtMs,
    claimed,
    ...decidedOf(lines, sinceMs),
    arrivals: hoursMs.map((hourMs, index) => ({ hourMs, count: arrivals[index] ?? 0 })),
  }
}

/** Many lines are given as the same array for a while, and looked through once. */
const lookedThrough = new WeakMap<readonly DecidedLine[], Pick<Summary, 'today' | 'waits'>>()

function decidedOf(lines: readonly DecidedLine[], sinceMs: number): Pick<Summary, 'today' | 'waits'> {
  const known = lookedThrough.get(lines)
  if (known !== undefined && known.today.sinceMs === sinceMs) return known
  const today = lines.filter(({ decidedAtMs }) => decidedAtMs >= sinceMs)
  const found = { today: { sinceMs, ...ofToday(today) }, waits: waitsOf(lines) }
  lookedThrough.set(lines, found)
  return found
}

function ofToday(lines: readonly DecidedLine[]): Omit<Summary['today'], 'sinceMs'> {
  const all = none()
  const byModerator = new Map<string, Verdicts>()
  const byReason = new Map<string, number>()
  for (const { action, decidedBy, reasonCode } of lines) {
    const verdict = verdicts.find((one) => one === action)
    if (verdict === undefined || decidedBy === null) continue
    const own = byModerator.get(decidedBy) ?? none()
    own[verdict] += 1
    all[verdict] += 1
    byModerator.set(decidedBy, own)
    if (reasonCode !== null) byReason.set(reasonCode, (byReason.get(reasonCode) ?? 0) + 1)
  }
  return {
    verdicts: all,
    byModerator: [...byModerator].sort(([one], [other]) => (one < other ? -1 : 1)),
    byReason: [...byReason].sort(([one, some], [other, more]) => more - some || (one < other ? -1 : 1)),
  }
}

function none(): Verdicts {
  return { approve: 0, reject: 0, reopen: 0, erase: 0 }
}

function waitsOf(lines: readonly DecidedLine[]): Summary['waits'] {
  const waits = Float64Array.from(
    lines.flatMap(({ waitedMs }) => (waitedMs === null ? [] : [waitedMs])),
  ).sort()
  /** The least that is not exceeded by this part of them. */
  const at = (part: number) => waits[Math.max(0, Math.ceil(part * waits.length) - 1)] ?? null
  return { decided: waits.length, medianMs: at(0.5), p90Ms: at(0.9) }
}
