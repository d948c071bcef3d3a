import type { Verdict } from './decide.ts'
import { isMine, lastDecisionOf, pastOf, statusAfter, toldOf } from './decisions.ts'
import type { Service } from './service.ts'
import { lineOf } from './text.ts'
import { undo } from './undo.ts'
import type {
  Comment,
  Context,
  DecidedComment,
  Decision,
  LoggedDecision,
  QueuedComment,
  Reason,
  Summary,
  ViewedComment,
} from './wire.ts'

/** How many are claimed at a time, and for how long unless they are renewed. */
const claimedAtOnce = 20
const claimSeconds = 300
/** What an address holds. */
const releasedAtOnce = 50
/** The next are claimed where no more than these are left. */
const fewLeft = 5
/** How many decisions of this run can be undone. */
const undoable = 50

export const renewEveryMs = (claimSeconds * 1_000) / 3
/** How often it is looked whether colleagues decided, and for more where nothing waits. */
export const lookEveryMs = 5_000

export type Desk = {
  /** The comment that is decided about; null where nothing waits. */
  current: () => QueuedComment | null
  /** What is told about the current comment; undefined until it has come. */
  context: () => Context | undefined
  /** What happened last, in a sentence. */
  said: () => string
  me: () => string
  /** In the whole queue, as it was told last. */
  pending: () => number
  mine: () => number
  /** Whether the current comment changed by itself while it stood there; then a key that decides is for `see` first. */
  isUnseen: () => boolean
  see: () => void
  tally: () => Readonly<Record<Verdict | 'skip', number>>
  reasons: () => readonly Reason[]

  start: () => Promise<void>
  /** Takes the next ones where few are left. */
  claim: () => Promise<void>
  /** Asks for what is told about the current comment and the next one. */
  look: () => Promise<void>
  /** About the comment as it was shown: what came to be known of it since is not what was decided about. */
  decide: (shown: QueuedComment, verdict: Verdict, why?: Why) => Promise<void>
  undo: () => Promise<void>
  skip: (shown: QueuedComment) => Promise<void>
  note: (shown: QueuedComment, text: string) => Promise<void>
  /** Keeps what is claimed; what is no longer is dropped. */
  renew: () => Promise<void>
  /** What colleagues decided meanwhile goes, and shows where it is the current one. */
  follow: () => Promise<void>
  release: () => Promise<void>
  say: (sentence: string) => void
}

type Why = { reason?: string; reasonCode?: string }

/** `turn` counts the decisions of this run, in the order of their keys. */
type Sent = { comment: QueuedComment; verdict: Verdict; turn: number }

/**
 * One moderator's run: the comments that it has claimed, and what was decided. Nothing is decided about a version that did not stand
 * before the moderator's eyes.
 */
export function openDesk(
  service: Service,
  { where, order }: { where: Record<string, unknown>; order?: string },
  clock: () => number,
): Desk {
  let waiting: QueuedComment[] = []
  const skipped = new Set<string>()
  const contexts = new Map<string, Context>()
  const made: (Sent & { version: number })[] = []
  /** Whose answer was lost: each may have been made. */
  let unanswered: readonly Sent[] = []
  let turns = 0
  let unseen: string | null = null
  const tally = { approve: 0, reject: 0, reopen: 0, skip: 0 }
  let said = ''
  let me = ''
  let pending = 0
  let reasons: readonly Reason[] = []
  let position = 0
  let claiming: Promise<void> | null = null
  const isFiltered = Object.keys(where).length > 0

  const nameOf = (comment: Comment) =>
    comment.author === null ? 'The comment' : `${lineOf(comment.author.name)}'s comment`

  async function takeMore(): Promise<void> {
    // Those that were skipped come again. They are held until the next ones are asked for from behind them, and then given back: who
    // skips hundreds would else hold as many as anybody may, and be given no more.
    let [behind, held]: [object, QueuedComment[]] = [{}, []]
    for (;;) {
      const { comments } = await service.post<{ comments: QueuedComment[] }>('claims', {
        limit: claimedAtOnce,
        seconds: claimSeconds,
        ...((isFiltered || held.length > 0) && { where: { ...where, ...behind } }),
        ...(order !== undefined && { order }),
      })
      const known = new Set(waiting.map(({ id }) => id))
      const fresh = comments.filter(({ id }) => !skipped.has(id) && !known.has(id))
      waiting.push(...fresh)
      held.push(...comments.filter(({ id }) => skipped.has(id)))
      const last = comments.at(-1)
      if (fresh.length > 0 || last === undefined || comments.length < claimedAtOnce) break
      behind = behindThe(last.submittedAt)
      await giveBack(held.flatMap(({ id, submittedAt }) => (submittedAt === last.submittedAt ? [] : id)))
      held = held.filter(({ submittedAt }) => submittedAt === last.submittedAt)
    }
    await giveBack(held.map(({ id }) => id))
  }

  /** Of the moment itself as well: others may have been submitted in it. */
  function behindThe(moment: string): object {
    return order === 'newest'
      ? { submittedBefore: new Date(Date.parse(moment) + 1).toISOString() }
      : { submittedAfter: moment }
  }

  async function giveBack(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += releasedAtOnce) {
      const some = ids.slice(from, from + releasedAtOnce).map((id) => `commentId=${id}`)
      await service.ask('DELETE', `claims?${some.join('&')}`)
    }
  }

  function leave(id: string): void {
    waiting = waiting.filter((comment) => comment.id !== id)
    contexts.delete(id)
  }

  /** The comment as it is now takes the place of the one that was shown; null where it is gone. */
  async function seeAgain(
    id: string,
    meant: { verdict: Verdict; why: Why } | null,
  ): Promise<{ last: Decision | null; isMade: boolean } | null> {
    contexts.delete(id)
    const seen = await service.ask<ViewedComment>('GET', `comments/${id}`)
    if (seen.ok) return put(seen.body, meant)
    leave(id)
    return null
  }

  /** `isMade` where nothing is left to decide: it is so by a decision of this run whose answer was lost, the one that is meant. */
  async function put(
    { decisions, ...now }: ViewedComment,
    meant: { verdict: Verdict; why: Why } | null,
  ): Promise<{ last: Decision | null; isMade: boolean }> {
    const own = await settle(now.id, decisions)
    const isMade =
      own !== null &&
      own.version === now.version &&
      (meant === null ||
        (own.action === meant.verdict &&
          own.reason === (meant.why.reason ?? null) &&
          own.reasonCode === (meant.why.reasonCode ?? null)))
    if (isMade) leave(now.id)
    else waiting = waiting.map((comment) => (comment.id === now.id ? { ...comment, ...now } : comment))
    return { last: lastDecisionOf(decisions), isMade }
  }

  /** The decision of this run whose answer was lost, where it was made; it counts as any other. */
  async function settle(id: string, decisions: readonly Decision[]): Promise<Decision | null> {
    for (const sent of unanswered.filter(({ comment }) => comment.id === id)) {
      const first = decisions.find(
        ({ version, action }) => action !== 'note' && version === sent.comment.version + 1,
      )
      // It may be on its way still.
      if (first === undefined) continue
      const isOwn = first.action === sent.verdict && (await isMine(service, id, first))
      unanswered = unanswered.filter((one) => one !== sent)
      if (!isOwn) continue
      unanswered = unanswered.filter(({ comment }) => comment.id !== id)
      count(sent, first.version)
      return first
    }
    return null
  }

  function count(sent: Sent, version: number): void {
    const { comment, verdict, turn } = sent
    const status = statusAfter[verdict]
    tally[verdict] += 1
    pending += comment.status === 'pending' ? -1 : status === 'pending' ? 1 : 0
    const later = made.findIndex((one) => one.turn > turn)
    made.splice(later < 0 ? made.length : later, 0, { ...sent, version })
    if (made.length > undoable) made.shift()
    said = `${nameOf(comment)} is ${status}; u undoes.`
  }

  /** It changed while it stood there, and a key may have been pressed for what it was. */
  function tellOf(id: string, decision: Decision): void {
    unseen = id
    said = `Meanwhile ${toldOf(decision, clock())}. This is how it is now; a key pressed twice decides, or s goes on.`
  }

  const desk: Desk = {
    current: () => waiting[0] ?? null,
    context: () => contexts.get(waiting[0]?.id ?? ''),
    said: () => said,
    me: () => me,
    pending: () => pending,
    mine: () => waiting.length,
    isUnseen: () => unseen !== null && unseen === waiting[0]?.id,
    see() {
      unseen = null
      said = `Press it again to decide. ${said}`
    },
    tally: () => tally,
    reasons: () => reasons,
    say(sentence) {
      said = sentence
    },

    async start() {
      const [now, ready, log] = await Promise.all([
        service.get<Summary>('summary'),
        service.get<{ reasons: Reason[] }>('reasons'),
        service.get<{ decisions: LoggedDecision[] }>('decisions?order=newest&limit=1'),
      ])
      me = now.moderator
      pending = now.counts.pending
      reasons = ready.reasons
      position = log.decisions[0]?.position ?? 0
      // What a run before could not give back.
      if (!isFiltered) waiting = (await service.get<{ comments: QueuedComment[] }>('claims')).comments
      await desk.claim()
    },

    async claim() {
      if (waiting.length > fewLeft) return
      claiming ??= takeMore().finally(() => {
        claiming = null
      })
      await claiming
    },

    async look() {
      await Promise.all(
        waiting.slice(0, 2).map(async ({ id }) => {
          if (contexts.has(id)) return
          const told = await service.ask<Context>('GET', `comments/${id}/context`)
          if (!told.ok) return
          contexts.set(id, told.body)
          const held = waiting.find((comment) => comment.id === id)
          if (held === undefined || told.body.comment.version <= held.version) return
          const { last, isMade } = await put(told.body.comment, null)
          if (!isMade && last !== null && id === waiting[0]?.id) tellOf(id, last)
        }),
      )
    },

    async decide(comment, verdict, why = {}) {
      turns += 1
      const sent = { comment, verdict, turn: turns }
      const answer = await service
        .ask<DecidedComment>('POST', `comments/${comment.id}/${verdict}`, {
          body: why,
          ifMatch: comment.version,
        })
        .catch((error: unknown) => {
          unanswered = [...unanswered, sent]
          throw error
        })
      if (answer.ok) {
        const { changed, status, version, approvedReplies } = answer.body
        unanswered = unanswered.filter((one) => one.comment.id !== comment.id)
        leave(comment.id)
        if (!changed) {
          said = `It is ${status} already.`
          return
        }
        count(sent, version)
        if (verdict === 'reject' && approvedReplies > 0)
          said = `${said} ${approvedReplies} replies stay below it.`
        return
      }
      const now = await seeAgain(comment.id, { verdict, why })
      if (now?.isMade) return
      unseen = null
      said =
        answer.problem.status === 412 && now !== null && now.last !== null
          ? `Not decided: ${toldOf(now.last, clock())}. This is how it is now; decide again, or s goes on.`
          : `Not decided: ${answer.problem.detail}`
    },

    async undo() {
      for (const id of new Set(unanswered.map(({ comment }) => comment.id))) {
        const seen = await service.ask<ViewedComment>('GET', `comments/${id}`)
        if (seen.ok) await settle(id, seen.body.decisions)
      }
      const last = made.at(-1)
      if (last === undefined) {
        said = 'There is nothing of this run to undo.'
        return
      }
      const undone = await undo(service, last.comment.id, last.version, clock())
      made.pop()
      if (undone.kind === 'refused') {
        said = `${nameOf(last.comment)} is not undone: ${undone.sentence}`
        return
      }
      tally[undone.undid.action as Verdict] -= 1
      leave(last.comment.id)
      const { id, articleId, articleUrl, parentId, status, version, author, body, submittedAt, publishedAt } =
        undone.comment
      const fields = {
        id,
        articleId,
        articleUrl,
        parentId,
        status,
        version,
        author,
        body,
        submittedAt,
        publishedAt,
      }
      waiting.unshift({ ...fields, repeats: last.comment.repeats, claim: null })
      said = `Undone: it was ${pastOf[undone.undid.action]}, and is ${status} again.`
    },

    async skip(comment) {
      skipped.add(comment.id)
      leave(comment.id)
      tally.skip += 1
      said = `${nameOf(comment)} is left to others.`
      await giveBack([comment.id])
    },

    async note(comment, text) {
      const answer = await service.ask<LoggedDecision>('POST', `comments/${comment.id}/notes`, {
        body: { text },
      })
      contexts.delete(comment.id)
      said = answer.ok ? 'Noted, for moderators only.' : answer.problem.detail
    },

    async renew() {
      const commentIds = waiting.map(({ id }) => id)
      if (commentIds.length === 0) return
      const answer = await service.ask<{ commentIds: string[] }>('PATCH', 'claims', {
        body: { seconds: claimSeconds, commentIds },
      })
      if (!answer.ok) return
      const kept = new Set(answer.body.commentIds)
      // Somebody else has the others by now. The one on the screen stays there: a version keeps it safe.
      waiting = waiting.filter(({ id }, index) => index === 0 || kept.has(id))
    },

    async follow() {
      const { decisions, nextAfter } = await service.get<{ decisions: LoggedDecision[]; nextAfter: number }>(
        `decisions?after=${position}&limit=100`,
      )
      position = nextAfter
      const held = new Map(waiting.map((comment) => [comment.id, comment]))
      const news = decisions.filter(
        ({ commentId, version, action }) =>
          action !== 'note' && version > (held.get(commentId)?.version ?? version),
      )
      const shown = waiting[0]?.id
      for (const { commentId } of news) if (commentId !== shown) leave(commentId)
      const about = news.findLast(({ commentId }) => commentId === shown)
      const now = about === undefined ? null : await seeAgain(about.commentId, null)
      pending = (await service.get<Summary>('summary')).counts.pending
      if (about === undefined || now?.isMade) return
      tellOf(about.commentId, about)
    },

    async release() {
      // What is claimed at this moment is given back too.
      await claiming?.catch(() => {})
      const ids = waiting.map(({ id }) => id)
      waiting = []
      await giveBack(ids)
    },
  }
  return desk
}
