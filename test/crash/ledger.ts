import { hashSecret } from '../../src/operations/secrets.ts'
import type { Submission } from './client.ts'
import type { DecisionRow, State } from './state.ts'

/** What was sent to a service, and what of it was acknowledged: what its database is held against. */
export type Ledger = {
  /** By idempotency key. */
  submissions: Map<string, SentSubmission>
  /** By note: each has one of its own, and so has each line of the log that it makes. */
  decisions: Map<string, SentDecision>
  /** Whether it was acknowledged, by the comment's id. */
  withdrawals: Map<string, boolean>
  /** Bodies of lists, by path and entity tag. */
  lists: Map<string, string>
  /** Answers that say another thing than one before. */
  contradictions: string[]
}

export type SentSubmission = Submission & { acknowledgement: { id: string; receipt: string } | null }

export type SentDecision = {
  commentId: string
  action: 'approve' | 'reject'
  reason: string | null
  note: string
  /** The replies may have been rejected along with it, each under the same note. */
  withReplies: boolean
  /** `version` is what it made of the comment; `null` where it changed nothing. */
  acknowledgement: { version: number | null; rejectedReplies: number } | null
}

export function newLedger(): Ledger {
  return {
    submissions: new Map(),
    decisions: new Map(),
    withdrawals: new Map(),
    lists: new Map(),
    contradictions: [],
  }
}

export function summaryOf({ submissions, decisions, withdrawals, lists }: Ledger): string {
  return `${submissions.size} submissions, ${decisions.size} decisions, ${withdrawals.size} withdrawals, ${lists.size} lists`
}

/**
 * Every way in which the database differs from what was acknowledged, or disagrees with itself; empty where all is well.
 * What was sent and not acknowledged may be there, as a whole and once, or not.
 */
export function faultsOf(state: State, ledger: Ledger): string[] {
  return [
    ...ledger.contradictions,
    ...state.damage,
    ...submissionFaults(state, ledger),
    ...decisionFaults(state, ledger),
    ...logFaults(state),
    ...totalFaults(state),
  ]
}

function submissionFaults({ comments }: State, { submissions, withdrawals }: Ledger): string[] {
  const faults: string[] = []
  const byId = new Map(comments.map((row) => [row.id, row]))
  const acknowledgedIds = new Set<string>()
  const unacknowledged = new Map<string, Submission>()
  for (const { acknowledgement, ...sent } of submissions.values()) {
    if (acknowledgement === null) {
      unacknowledged.set(sent.body, sent)
      continue
    }
    const { id, receipt } = acknowledgement
    if (acknowledgedIds.has(id)) faults.push(`two submissions were acknowledged as ${id}`)
    acknowledgedIds.add(id)
    const row = byId.get(id)
    if (row === undefined) {
      faults.push(`acknowledged comment ${id} is missing`)
      continue
    }
    const erased = row.status === 'withdrawn' && withdrawals.has(id)
    if (
      row.articleId !== sent.articleId ||
      row.parentId !== sent.parentId ||
      row.receiptHash !== hashSecret(receipt) ||
      row.body !== (erased ? null : sent.body) ||
      row.authorName !== (erased ? null : sent.author.name) ||
      row.authorEmail !== (erased ? null : sent.author.email)
    ) {
      faults.push(`acknowledged comment ${id} is not as it was sent: ${JSON.stringify({ row, sent })}`)
    }
    if (withdrawals.get(id) === true && !erased) faults.push(`${id} was withdrawn and is ${row.status}`)
  }
  for (const row of comments.filter(({ id }) => !acknowledgedIds.has(id))) {
    const sent = unacknowledged.get(row.body ?? '')
    if (sent === undefined) {
      faults.push(`comment ${row.id} was never sent, or is there twice: ${JSON.stringify(row)}`)
      continue
    }
    unacknowledged.delete(sent.body)
    if (
      row.articleId !== sent.articleId ||
      row.parentId !== sent.parentId ||
      row.authorName !== sent.author.name ||
      row.authorEmail !== sent.author.email
    ) {
      faults.push(`unacknowledged comment ${row.id} is half there: ${JSON.stringify({ row, sent })}`)
    }
  }
  return faults
}

function decisionFaults({ decisions }: State, ledger: Ledger): string[] {
  const faults: string[] = []
  const byNote = Map.groupBy(decisions, ({ note }) => note ?? '')
  for (const row of decisions.filter(({ action }) => action === 'withdraw')) {
    if (!ledger.withdrawals.has(row.commentId)) faults.push(`nobody withdrew ${row.commentId}`)
    if (row.decidedBy !== null) faults.push(`the withdrawal of ${row.commentId} has a moderator`)
  }
  for (const row of decisions.filter(({ action }) => action !== 'withdraw')) {
    if (!wasSent(row, ledger)) faults.push(`the log has what nobody decided: ${JSON.stringify(row)}`)
  }
  for (const { acknowledgement, commentId, note } of ledger.decisions.values()) {
    const rows = byNote.get(note) ?? []
    const own = rows.filter((row) => row.commentId === commentId)
    if (own.length > 1) faults.push(`decision ${note} is there ${own.length} times`)
    if (acknowledgement === null) continue
    const { version, rejectedReplies } = acknowledgement
    if ((own[0]?.version ?? null) !== version)
      faults.push(`decision ${note} about ${commentId} is not in the log as acknowledged: version ${version}`)
    if (rows.length - own.length !== rejectedReplies)
      faults.push(`decision ${note} rejected ${rejectedReplies} replies, the log has ${rows.length}`)
  }
  return faults
}

function wasSent(row: DecisionRow, { decisions }: Ledger): boolean {
  const sent = decisions.get(row.note ?? '')
  if (sent === undefined || row.decidedBy !== 'environment') return false
  if (sent.commentId === row.commentId) return sent.action === row.action && sent.reason === row.reason
  // The comment's reason is for its own author.
  return sent.withReplies && row.action === 'reject' && row.reason === null
}

const statusAfter = {
  approve: 'approved',
  reject: 'rejected',
  reopen: 'pending',
  withdraw: 'withdrawn',
  erase: 'withdrawn',
}

/** A comment is what its log says: no line is missing, none is too many. */
function logFaults({ comments, decisions }: State): string[] {
  const logs = Map.groupBy(decisions, ({ commentId }) => commentId)
  return comments.flatMap((row) => {
    const log = (logs.get(row.id) ?? []).toSorted((a, b) => a.version - b.version)
    const last = log.at(-1)
    const whole =
      log.every(({ version }, index) => version === index + 2) &&
      row.version === log.length + 1 &&
      row.status === (last === undefined ? 'pending' : statusAfter[last.action]) &&
      row.publishedAtMs === (last?.action === 'approve' ? last.decidedAtMs : null)
    return whole ? [] : [`${row.id} is not what its log says: ${JSON.stringify({ row, log })}`]
  })
}

function totalFaults({ comments, decisions, articles, totals }: State): string[] {
  const positions = new Set(decisions.map(({ position }) => position))
  const counted = (name: string) =>
    name === 'decisions' ? decisions.length : comments.filter(({ status }) => status === name).length
  const byArticle = Map.groupBy(comments, ({ articleId }) => articleId)
  const approvals = new Map(
    decisions.filter(({ action }) => action === 'approve').map((row) => [row.commentId, row.decidedAtMs]),
  )
  return [
    ...(totals.length === 5 ? [] : [`there are ${totals.length} totals`]),
    ...totals
      .filter(({ name, value }) => value !== counted(name))
      .map(({ name, value }) => `${counted(name)} are ${name}, and the total says ${value}`),
    // What is not committed takes no position, so they are 1, 2, 3, …
    ...(positions.size === decisions.length && Math.max(0, ...positions) === decisions.length
      ? []
      : [
          `${decisions.length} lines of the log have ${positions.size} positions up to ${Math.max(0, ...positions)}`,
        ]),
    ...[...byArticle.keys()]
      .filter((articleId) => articles.every((row) => row.articleId !== articleId))
      .map((articleId) => `article ${articleId} is missing`),
    ...articles.flatMap((article) => {
      const own = byArticle.get(article.articleId) ?? []
      const approved = own.filter(({ status }) => status === 'approved').length
      const movedAtMs = Math.max(0, ...own.map(({ id }) => approvals.get(id) ?? 0))
      const countIsRight = article.approvedCount === approved
      const revisionIsRight = movedAtMs === 0 ? article.revision === 0 : article.revision >= movedAtMs
      return countIsRight && revisionIsRight
        ? []
        : [`article ${JSON.stringify(article)} has ${approved} approved, the last at ${movedAtMs}`]
    }),
  ]
}
