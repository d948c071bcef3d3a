import type { Service } from './service.ts'
import { ageOf, lineOf } from './text.ts'
import type { Action, Decision, LoggedDecision, Status } from './wire.ts'

/** Notes change nothing, and neither is anybody's decision. */
export function lastDecisionOf(decisions: readonly Decision[]): Decision | null {
  return decisions.findLast(({ action }) => action !== 'note') ?? null
}

/** `marie rejected it 2 h ago (Please stay on the subject.)` */
export function toldOf(
  { action, decidedBy, reason, reasonCode, decidedAt }: Decision,
  nowMs: number,
): string {
  const who = decidedBy === null ? 'its author' : lineOf(decidedBy)
  const why = reason ?? reasonCode ?? null
  return `${who} ${pastOf[action]} it ${ageOf(decidedAt, nowMs)} ago${why === null ? '' : ` (${lineOf(why)})`}`
}

export const pastOf: Record<Action, string> = {
  approve: 'approved',
  reject: 'rejected',
  reopen: 'reopened',
  withdraw: 'withdrew',
  erase: 'erased',
  note: 'noted about',
}

/** Whether the token that asks has made it. */
export async function isMine(service: Service, commentId: string, { id }: Decision): Promise<boolean> {
  const query = `decidedBy=me&commentId=${commentId}&order=newest&limit=100`
  const { decisions } = await service.get<{ decisions: LoggedDecision[] }>(`decisions?${query}`)
  return decisions.some((decision) => decision.id === id)
}

/** Of another moderator: its author and an import are nobody of this desk. */
export async function isColleagues(
  service: Service,
  commentId: string,
  decision: Decision,
): Promise<boolean> {
  const { decidedBy } = decision
  if (decidedBy === null || decidedBy.startsWith('import:')) return false
  return !(await isMine(service, commentId, decision))
}

export const statusAfter: Record<Exclude<Action, 'note'>, Status> = {
  approve: 'approved',
  reject: 'rejected',
  reopen: 'pending',
  withdraw: 'withdrawn',
  erase: 'withdrawn',
}
