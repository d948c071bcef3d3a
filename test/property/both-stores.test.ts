import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { checkAnswer } from '../../src/contract/document-check.ts'
import { commentStatuses } from '../../src/domain/comments/comment.ts'
import type { Store } from '../../src/store/store.ts'
import { wholeNumber } from '../support/amount.ts'
import { startApp } from '../support/app.ts'
import { emptyStore, logOf } from '../support/store.ts'
import { type Breakage, breakages, bytesOf } from './breakage.ts'
import { callsOf, type Draft, operations, urlOf } from './calls.ts'
import { sequences } from './sequences.ts'
import { byInject, type WireAnswer } from './wire.ts'
import { type LivingWorld, learnFrom, populate } from './world.ts'

/*
 * Two services with the same clock and the same ids, one on SQLite, one on PostgreSQL, are sent the same requests and give
 * the same answers, byte for byte. Any number of them, the same ones again:
 * REQUESTS=20000 SEED=42 node test/property/both-stores.test.ts
 */
const requests = wholeNumber('REQUESTS') ?? 700
const seed = wholeNumber('SEED') ?? Date.now() % 2 ** 31

t.setTimeout(600_000 + requests * 60)

t.test(`${requests} requests get the same answers from both stores (SEED=${seed})`, async (t) => {
  t.comment(`REQUESTS=${requests} SEED=${seed}`)
  const sides = [await startSide(t, 'sqlite'), await startSide(t, 'postgres')] as const
  const statuses = new Map<number, number>()
  let sent = 0

  /** Sends what `make` makes in each world, and holds the answers against each other; gives the one that both gave. */
  async function send(make: (world: LivingWorld) => Draft): Promise<WireAnswer> {
    const answers = await Promise.all(sides.map((side) => side.send(make(side.world))))
    const [one, other] = answers.map(({ plain }) => plain)
    if (one !== other) throw new Error(`SQLite:\n${one}\nPostgreSQL:\n${other}`)
    const [{ answer } = { answer: undefined }] = answers
    if (answer === undefined) throw new Error('nobody answered')
    sent += 1
    statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
    return answer
  }

  const ofTheDocument = fc
    .oneof(
      ...operations.map((operation) =>
        fc.tuple(
          fc.constant(operation),
          callsOf(operation),
          fc.oneof(
            { weight: 2, arbitrary: fc.constant<Breakage[]>([]) },
            {
              weight: 1,
              arbitrary: fc.array(breakages(sides[0].credentialNames), { minLength: 1, maxLength: 2 }),
            },
          ),
        ),
      ),
    )
    .map(([, call, broken]) => async () => {
      await send((world) => broken.reduce((draft, { apply }) => apply(draft), call(world)))
    })
  const ofASequence = sequences.map((sequence) => () => sequence(send))
  // A minute, a moment, not at all; back, as clocks do; and far enough that the keys expire.
  const passing = fc.constantFrom(0, 0, 1, 17, 1_000, 60_000, -500, 90_000_000)
  const steps = fc.tuple(passing, fc.oneof(ofTheDocument, ofASequence))

  await fc.assert(
    fc.asyncProperty(steps, async ([passedMs, step]) => {
      if (sent >= requests) return
      for (const side of sides) await side.pass(passedMs)
      for (const { world } of sides) await world.keepUp()
      await step()
    }),
    {
      seed,
      numRuns: requests,
      endOnFailure: true,
      reporter(run) {
        if (!run.failed) return
        throw new Error(`SEED=${seed}, step ${run.numRuns}: ${(run.errorInstance as Error).message}`)
      },
    },
  )

  const [kept, alsoKept] = await Promise.all(sides.map(({ store }) => everythingIn(store)))
  t.same(kept, alsoKept, 'both have kept the same')
  t.comment(
    `${sent} requests: ${[...statuses]
      .sort()
      .map(([status, count]) => `${count}x${status}`)
      .join(' ')}`,
  )
  if (requests < 1_000) return
  const expected = [200, 202, 304, 400, 401, 404, 405, 412, 422]
  t.same(
    expected.filter((status) => !statuses.has(status)),
    [],
    'answers of every kind were compared',
  )
})

type Side = {
  store: Store
  world: LivingWorld
  /** What stands for the credentials of either world until it is known whose they have to be. */
  credentialNames: readonly string[]
  /** Whoever lets a minute pass lets the index of words be made meanwhile. */
  pass: (ms: number) => Promise<void>
  send: (draft: Draft) => Promise<{ answer: WireAnswer; plain: string }>
}

/** The one operation whose path says of which article a new comment is. */
const newComment = { path: '/v1/articles/{articleId}/comments' }

async function startSide(t: Test, storeName: 'sqlite' | 'postgres'): Promise<Side> {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  let count = 0
  const store = lastingClaims(await emptyStore(t, storeName))
  const testApp = await startApp(t, {
    store,
    clock: () => nowMs,
    newId() {
      count += 1
      return uuidv7({ msecs: nowMs, random: createHash('sha256').update(String(count)).digest() })
    },
    maxPending: 0,
  })
  const world = await populate(testApp)
  const credentials = new Map(world.credentials.map((secret, index) => [`credential ${index}`, secret]))
  const plain = plainTeller()
  return {
    store,
    world,
    credentialNames: [...credentials.keys()],
    async pass(ms) {
      nowMs += ms
      if (ms >= 60_000) while ((await store.indexSome(nowMs)) === 'more');
    },
    async send(draft) {
      const own = withCredentials(draft, credentials)
      const answer = await ask(testApp.app, own)
      learnFrom(answer, own, newComment, world)
      return { answer, plain: plain(draft, answer) }
    },
  }
}

/** Claims end by the databases' own clocks: here none ends by itself, and all tell the same moment. */
function lastingClaims(store: Store): Store {
  const forMs = 3_600_000
  const then = <C extends { untilMs: number }>(claim: C): C => ({ ...claim, untilMs: 1_800_000_000_000 })
  return {
    ...store,
    claim: async (call) => (await store.claim({ ...call, forMs })).map(then),
    claimsOf: async (by) => (await store.claimsOf(by)).map(then),
    renewClaims: async (call) => (await store.renewClaims({ ...call, forMs })).map(then),
    findClaims: async (ids) =>
      new Map([...(await store.findClaims(ids))].map(([id, claim]) => [id, then(claim)])),
  }
}

/** Every comment with its log, but for the hash of its receipt, which is random, and the ids of its decisions. */
async function everythingIn(store: Store) {
  const lists = await Promise.all(
    commentStatuses.map((status) =>
      store.listByStatus({
        status,
        articleId: null,
        order: 'oldest',
        limit: 1_000_000,
        after: null,
      }),
    ),
  )
  const comments = lists.flatMap(({ comments }) => comments)
  const articleIds = [...new Set(comments.map(({ articleId }) => articleId))]
  return {
    queue: await store.queue(),
    counts: [...(await store.countApproved(articleIds))].sort(),
    comments: await Promise.all(
      comments.map(async ({ receiptHash: _, ...comment }) => [
        comment,
        (await logOf(store, comment.id)).map(({ id: _, ...decision }) => decision),
      ]),
    ),
  }
}

async function ask(app: FastifyInstance, draft: Draft): Promise<WireAnswer> {
  const { method, headers } = draft
  const url = urlOf(draft)
  const answer = await byInject(app, { method, url, headers, payload: bytesOf(draft) })
  const { statusCode: status, body } = answer
  if (status >= 500) throw new Error(`${method} ${url} was answered ${status}: ${body}`)
  checkAnswer({ method: method.toUpperCase(), url, status, headers: answer.headers, body })
  return answer
}

function withCredentials(draft: Draft, credentials: ReadonlyMap<string, string>): Draft {
  const authorization = credentials.get(draft.headers['authorization'] ?? '')
  return authorization === undefined ? draft : { ...draft, headers: { ...draft.headers, authorization } }
}

/**
 * Tells an answer as a text in which only that is left out which no two services have in common: the moment, what a process
 * is like, and its secrets, each of which is named by when it came up first.
 */
function plainTeller(): (draft: Draft, answer: WireAnswer) => string {
  const secrets = new Map<string, string>()
  const nameOf = (secret: string) => {
    const name = secrets.get(secret) ?? `secret ${secrets.size}`
    secrets.set(secret, name)
    return name
  }
  return (draft, { statusCode, headers, body }) => {
    const { date: _, ...others } = headers
    const isMetrics = String(headers['content-type']).startsWith('text/plain')
    const isLog =
      draft.method === 'GET' && urlOf(draft).startsWith('/v1/moderation/decisions') && statusCode === 200
    const length = {
      ...((isMetrics || isLog) && { 'content-length': '' }),
      // Ids and positions of decisions are in what is digested.
      ...((isLog || /\/context(?:\?|$)/.test(urlOf(draft))) && { etag: '' }),
    }
    // One comment's lines have one order; those of a batch about several do not.
    const shown = isLog && !draft.query.some((part) => part.startsWith('commentId=')) ? '' : body
    const lines = isMetrics ? body.split('\n').filter((line) => !ofThisProcess.test(line)) : [shown]
    return [
      `${draft.method} ${urlOf(draft)} ${statusCode}`,
      ...Object.entries({ ...others, ...length }).map(([name, value]) => `${name}: ${value}`),
      '',
      ...lines,
    ]
      .join('\n')
      .replaceAll(decisionIds, '"id": "decision"')
      .replaceAll(positions, '$1')
      .replaceAll(/imr_[\w-]{43}/g, nameOf)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-(?=[0-9a-f]{12})/g, 'request ')
  }
}

/** Decisions of one batch are made side by side: which of them takes the next id, or the next position, is anybody's guess. */
const decisionIds = /"id": "[^"]*",\s*"position": \d+(?=,\s*"action")/g
const positions = /("nextAfter": |"position": )\d+/g

const ofThisProcess =
  /^(?:process_|nodejs_|imprimatur_database_bytes |imprimatur_http_request_duration_seconds_(?:bucket|sum))/
