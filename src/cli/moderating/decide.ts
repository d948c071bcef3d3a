import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import { type Target, targetsOf } from './comment-ids.ts'
import { isColleagues, lastDecisionOf, statusAfter, toldOf } from './decisions.ts'
import { columnsOf, isForPeople, jsonLine, type PrintOptions, print } from './print.ts'
import { type ConnectionOptions, connect, type Service } from './service.ts'
import { hangingOf, lineOf } from './text.ts'
import { someRefused } from './undo.ts'
import type { Outcome, ViewedComment } from './wire.ts'

export type Verdict = 'approve' | 'reject' | 'reopen'

export type DecideOptions = ConnectionOptions &
  PrintOptions & {
    reason?: string
    reasonCode?: string
    note?: string
    replies?: string
    repliesReason?: string
    /** Decide whatever somebody else decided before. */
    anyway?: true
  }

/** What one call takes. */
const perCall = 100
const looksAtOnce = 8

/**
 * Decides about each by itself. Of a comment that is only named it looks first, and leaves alone what a colleague has decided: whoever
 * names it may not know. Of one whose version is known that version is decided about, and no other.
 */
export async function decideCommand(
  terminal: Terminal,
  verdict: Verdict,
  ids: readonly string[],
  options: DecideOptions,
  nowMs: number,
): Promise<void> {
  const service = await connect(terminal, options)
  const targets = await targetsOf(terminal, ids)
  const missed = { refused: 0, failed: 0 }
  for (let from = 0; from < targets.length; from += perCall) {
    const outcomes = await decideSome(service, verdict, targets.slice(from, from + perCall), options, nowMs)
    for (const { outcome } of outcomes)
      if (outcome === 'refused' || outcome === 'failed') missed[outcome] += 1
    await print(
      terminal,
      isForPeople(terminal, options)
        ? outcomes.flatMap((outcome) => hangingOf(lineFor(outcome, nowMs), columnsOf(terminal)))
        : outcomes.map(jsonLine),
    )
  }
  if (targets.length === 0) terminal.stderr.write('Nothing was named, and nothing decided.\n')
  const { refused, failed } = missed
  if (refused + failed > 0)
    throw new CommandError(
      [`${refused + failed} of ${targets.length} not done: ${refused} refused, ${failed} failed.`],
      failed > 0 ? 1 : someRefused,
    )
}

async function decideSome(
  service: Service,
  verdict: Verdict,
  targets: readonly Target[],
  options: DecideOptions,
  nowMs: number,
): Promise<Outcome[]> {
  const looked = await lookAt(service, verdict, targets, options, nowMs)
  const { reason, reasonCode, note, replies, repliesReason } = options
  const decisions = looked.flatMap((one) =>
    'outcome' in one
      ? []
      : [
          {
            commentId: one.id,
            verdict,
            ...(one.version !== null && { version: one.version }),
            ...(reason !== undefined && { reason }),
            ...(reasonCode !== undefined && { reasonCode }),
            ...(note !== undefined && { note }),
            ...(replies !== undefined && { replies }),
            ...(repliesReason !== undefined && { repliesReason }),
          },
        ],
  )
  const made =
    decisions.length === 0
      ? []
      : (await service.post<{ outcomes: Outcome[] }>('decisions', { decisions })).outcomes
  const byId = new Map(made.map((outcome) => [outcome.commentId, outcome]))
  return looked.flatMap((one) => ('outcome' in one ? one : (byId.get(one.id) ?? [])))
}

/** Each with the version to decide about, or with why it is not decided. */
async function lookAt(
  service: Service,
  verdict: Verdict,
  targets: readonly Target[],
  { anyway }: DecideOptions,
  nowMs: number,
): Promise<(Target | Outcome)[]> {
  if (verdict === 'reopen' || anyway) return [...targets]
  const look = async (target: Target): Promise<Target | Outcome> => {
    if (target.version !== null) return target
    const seen = await service.ask<ViewedComment>('GET', `comments/${target.id}`)
    if (!seen.ok) return refused(target.id, seen.problem, null)
    const { status, version, decisions } = seen.body
    const last = lastDecisionOf(decisions)
    const isOpen = status === 'pending' || status === 'withdrawn' || status === statusAfter[verdict]
    if (isOpen || last === null || !(await isColleagues(service, target.id, last)))
      return { id: target.id, version }
    const { decisions: _, claim: __, ...comment } = seen.body
    const detail = `${toldOf(last, nowMs)}. --anyway decides all the same.`
    const problem = { type: 'about:blank', title: 'A colleague has decided', status: 412, detail }
    return { ...refused(target.id, problem, last), comment }
  }
  const looked: (Target | Outcome)[] = []
  for (let from = 0; from < targets.length; from += looksAtOnce)
    looked.push(...(await Promise.all(targets.slice(from, from + looksAtOnce).map(look))))
  return looked
}

function refused(
  commentId: string,
  problem: Outcome['problem'],
  lastDecision: Outcome['lastDecision'],
): Outcome {
  return { commentId, outcome: 'refused', comment: null, problem, lastDecision }
}

function lineFor({ commentId, outcome, comment, problem, lastDecision }: Outcome, nowMs: number): string {
  const about =
    comment === null || comment.author === null
      ? ''
      : `${lineOf(comment.author.name)} on ${lineOf(comment.articleId)}`
  switch (outcome) {
    case 'decided':
      return `${comment?.status ?? outcome}  ${commentId}  ${about}`
    case 'unchanged':
      return `unchanged ${commentId}  it is ${comment?.status} already`
    case 'refused':
    case 'failed': {
      const isStale = problem?.type === 'urn:imprimatur:problem:version-mismatch' && lastDecision !== null
      const why = isStale ? `${toldOf(lastDecision, nowMs)}.` : lineOf(problem?.detail ?? '')
      return `${outcome.padEnd(9)} ${commentId}  ${why}`
    }
  }
}
