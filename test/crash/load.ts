import { setTimeout } from 'node:timers/promises'
import type { Answer, Client, Submission } from './client.ts'
import type { Ledger, SentSubmission } from './ledger.ts'
import type { Random } from './random.ts'
import { recorder, type Verdict } from './recorder.ts'

const articles = ['morning', 'https://example.org/à?b=c', 'evening']

/** Statuses that a client of a healthy service may meet here: decisions and keys are contested on purpose. */
const expected = new Set([200, 202, 409, 422])

/** Of many decisions, one that failed; no comment here has these bytes in it. */
const failedOutcome = '"outcome": "failed"'

export type LoadOptions = {
  clients: number
  /** Called after each answer. */
  onAnswer: () => void
  /** The database may go away under the service, which then answers 503. */
  outages?: boolean
  /** Asked after each answer: whether the clients stop by themselves. */
  enough?: () => boolean
}

/** How long a client that was answered 503 waits: it would ask a thousand times a second otherwise. */
const pauseMs = 20

/**
 * Many clients at once that submit, decide, withdraw and read, until they get no answer any more. What no healthy
 * service answers is noted as a contradiction.
 */
export async function load(
  client: Client,
  ledger: Ledger,
  random: Random,
  { clients, onAnswer, outages = false, enough = () => false }: LoadOptions,
): Promise<void> {
  const record = recorder(client, ledger)
  const known = [...ledger.submissions.values()].filter(({ acknowledgement }) => acknowledgement !== null)

  async function submitNew(): Promise<Answer | null> {
    const submission = newSubmission(random, ledger, known)
    const answer = await record.submit(submission)
    const sent = ledger.submissions.get(submission.idempotencyKey)
    if (answer?.statusCode === 202 && sent !== undefined) known.push(sent)
    return answer
  }

  /** One of the latest, so that many decide about the same. */
  function someId(): string | undefined {
    return random.pick(known.slice(-100))?.acknowledgement?.id
  }

  function act(): Promise<Answer | null> {
    const [what, id] = [random.int(1, 100), someId()]
    if (id === undefined || what <= 45) return submitNew()
    if (what <= 57) return record.decide(id, 'approve')
    if (what <= 67) return record.decide(id, 'reject', { withReplies: random.chance(0.5) })
    if (what <= 77) {
      const ids = new Set(Array.from({ length: random.int(1, 20) }, () => someId() ?? id))
      return record.decideMany([...ids].map((commentId) => ({ commentId, action: someVerdict(random) })))
    }
    if (what <= 82) {
      const own = random.pick(known)?.acknowledgement
      return own == null ? submitNew() : record.withdraw(own.id, own.receipt)
    }
    if (what <= 90) {
      const again = random.pick(known)
      return again === undefined ? submitNew() : record.submit(again)
    }
    return record.list(random.pick(articles) ?? '')
  }

  async function run(): Promise<void> {
    for (let answer = await act(); answer !== null; answer = await act()) {
      const failed = isRefusal(answer) || answer.body.includes(failedOutcome)
      if (!(failed && outages) && (failed || !expected.has(answer.statusCode)))
        ledger.contradictions.push(`answered ${answer.statusCode}: ${answer.body}`)
      onAnswer()
      if (enough()) return
      if (failed) await setTimeout(pauseMs)
    }
  }

  await Promise.all(Array.from({ length: clients }, run))
}

/** What a service says whose database is away: try again, and when. */
function isRefusal({ statusCode, headers, body }: Answer): boolean {
  return (
    statusCode === 503 &&
    headers['content-type'] === 'application/problem+json' &&
    /^[1-9]\d*$/.test(headers['retry-after'] ?? '') &&
    /"urn:imprimatur:problem:(?:not-ready|overloaded)"/.test(body)
  )
}

function newSubmission(random: Random, ledger: Ledger, known: readonly SentSubmission[]): Submission {
  const number = ledger.submissions.size
  const parent = random.chance(0.3) ? random.pick(known.slice(-100)) : undefined
  return {
    idempotencyKey: `key ${number} ${random.int(0, 1e9)}`,
    articleId: parent?.articleId ?? random.pick(articles) ?? '',
    parentId: parent?.acknowledgement?.id ?? null,
    author: { name: `Reader ${number}`, email: `reader-${number}@example.org` },
    body: `Comment ${number} ${random.int(0, 1e9)} 👍 ${'é'.repeat(random.int(0, 3_000))}`,
  }
}

function someVerdict(random: Random): Verdict {
  return random.chance(0.6) ? 'approve' : 'reject'
}
