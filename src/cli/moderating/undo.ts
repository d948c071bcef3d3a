import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import { isMine, lastDecisionOf, pastOf, statusAfter, toldOf } from './decisions.ts'
import { columnsOf, isForPeople, jsonLine, type PrintOptions, print } from './print.ts'
import { type ConnectionOptions, connect, type Service } from './service.ts'
import { hangingOf, lineOf } from './text.ts'
import type { DecidedComment, Decision, LoggedDecision, ViewedComment } from './wire.ts'

/** Exit code where everything was asked and some of it refused. */
export const someRefused = 3

export type Undone =
  | { kind: 'undone'; comment: DecidedComment; undid: Decision }
  /** `comment` as it is now, and who decided since; both null where there is no such comment any more. */
  | { kind: 'refused'; comment: ViewedComment | null; sentence: string }

export async function undoCommand(
  terminal: Terminal,
  id: string | undefined,
  options: ConnectionOptions & PrintOptions,
  nowMs: number,
): Promise<void> {
  const service = await connect(terminal, options)
  const { commentId, version } = await (id === undefined ? myLast(service) : myLastOf(service, id, nowMs))
  const undone = await undo(service, commentId, version, nowMs)
  if (undone.kind === 'refused') throw new CommandError([`Not undone: ${undone.sentence}`], someRefused)
  const { comment, undid } = undone
  const told = `undone    ${comment.id}  was ${pastOf[undid.action]}, is ${comment.status}  ${lineOf(comment.author?.name ?? '')} on ${lineOf(comment.articleId)}`
  await print(
    terminal,
    isForPeople(terminal, options) ? hangingOf(told, columnsOf(terminal)) : [jsonLine(comment)],
  )
}

/**
 * Makes the decision that leads back to before the one that made this version, unless somebody decided since. Where replies went
 * along with a rejection they come back with it.
 */
export async function undo(
  service: Service,
  commentId: string,
  version: number,
  nowMs: number,
): Promise<Undone> {
  const seen = await service.ask<ViewedComment>('GET', `comments/${commentId}`)
  if (!seen.ok) return { kind: 'refused', comment: null, sentence: seen.problem.detail }
  const { decisions } = seen.body
  const made = decisions.find((one) => one.version === version && one.action !== 'note')
  if (made === undefined || seen.body.version !== version) return overtaken(seen.body, nowMs)
  const { path, body } = wayBack(decisions, made)
  const answer = await service.ask<DecidedComment>('POST', `comments/${commentId}/${path}`, {
    body,
    ifMatch: version,
  })
  if (answer.ok) return { kind: 'undone', comment: answer.body, undid: made }
  const now = await service.ask<ViewedComment>('GET', `comments/${commentId}`)
  return now.ok && now.body.version !== version
    ? overtaken(now.body, nowMs)
    : { kind: 'refused', comment: now.ok ? now.body : null, sentence: answer.problem.detail }
}

function overtaken(comment: ViewedComment, nowMs: number): Undone {
  const last = lastDecisionOf(comment.decisions)
  const sentence = last === null ? 'it is pending.' : `${toldOf(last, nowMs)}.`
  return { kind: 'refused', comment, sentence }
}

function wayBack(decisions: readonly Decision[], made: Decision): { path: string; body: object } {
  const before = lastDecisionOf(decisions.filter(({ version }) => version < made.version))
  switch (before === null ? 'pending' : statusAfter[before.action as keyof typeof statusAfter]) {
    case 'approved':
      return { path: 'approve', body: made.action === 'reject' ? { replies: 'restore' } : {} }
    case 'rejected': {
      const { reason = null, reasonCode = null } = before ?? {}
      return {
        path: 'reject',
        body: { ...(reason !== null && { reason }), ...(reasonCode !== null && { reasonCode }) },
      }
    }
    default:
      return { path: 'reopen', body: {} }
  }
}

type Made = { commentId: string; version: number }

/** The last decision of this token. Replies that went along are undone with the comment that took them. */
async function myLast(service: Service): Promise<Made> {
  const { decisions } = await service.get<{ decisions: LoggedDecision[] }>(
    'decisions?order=newest&decidedBy=me&limit=100',
  )
  const last = decisions.find(({ action }) => action !== 'note')
  if (last === undefined) throw new CommandError(['You have decided nothing yet.'], someRefused)
  refuseErasure(last)
  const parentId = await broughtBackWith(service, last)
  if (parentId !== null) refuseRestored(`imprimatur undo ${last.commentId} undoes this reply`, parentId)
  if (last.rejectedWith === null) return last
  const along = decisions.find(
    ({ commentId, action }) => commentId === last.rejectedWith && action === 'reject',
  )
  return along ?? last
}

async function myLastOf(service: Service, id: string, nowMs: number): Promise<Made> {
  const seen = await service.ask<ViewedComment>('GET', `comments/${encodeURIComponent(id)}`)
  if (!seen.ok) throw new CommandError([seen.problem.detail], someRefused)
  const last = lastDecisionOf(seen.body.decisions)
  if (last === null) throw new CommandError(['Nobody has decided about it yet.'], someRefused)
  if (!(await isMine(service, id, last)))
    throw new CommandError([`Not undone: ${toldOf(last, nowMs)}.`], someRefused)
  refuseErasure(last)
  if (last.action === 'approve') {
    const query = `decisions?after=${last.position}&limit=1`
    const [next] = (await service.get<{ decisions: LoggedDecision[] }>(query)).decisions
    if (next?.decidedBy === last.decidedBy && (await broughtBackWith(service, next)) === id)
      refuseRestored('they would stay without it', id)
  }
  return { commentId: id, version: last.version }
}

/**
 * The comment by whose approval this reply came back that had gone along with it; null where it was no such approval. One who
 * approves the reply by itself after that comment has done the same.
 */
async function broughtBackWith(
  service: Service,
  { commentId, action, version, position }: LoggedDecision,
): Promise<string | null> {
  if (action !== 'approve') return null
  const reply = await service.get<ViewedComment>(`comments/${commentId}`)
  const before = lastDecisionOf(reply.decisions.filter((one) => one.version < version))
  if (before?.action !== 'reject' || before.rejectedWith === null) return null
  const along = await service.get<ViewedComment>(`comments/${before.rejectedWith}`)
  const then = lastDecisionOf(along.decisions.filter((one) => one.position < position))
  return then?.action === 'approve' && then.position > before.position ? before.rejectedWith : null
}

/** A rejection would take replies along that had never gone: which of them came back stands in no answer. */
function refuseRestored(besides: string, commentId: string): never {
  throw new CommandError(
    [
      `Not undone: replies came back with ${commentId}; ${besides}. imprimatur reject ${commentId} --replies reject takes all replies along.`,
    ],
    someRefused,
  )
}

function refuseErasure({ action }: Decision): void {
  if (action === 'erase')
    throw new CommandError(['Your last decision was an erasure, which cannot be undone.'], someRefused)
}
