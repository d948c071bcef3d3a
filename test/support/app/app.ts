import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { buildApp } from '../../../src/app.ts'
import { type Config, readConfig } from '../../../src/config.ts'
import { checkAnswer } from '../../../src/contract/document-check.ts'
import type { TokenScope } from '../../../src/domain/tokens/token.ts'
import { createToken } from '../../../src/operations/tokens/create-token.ts'
import type { Store } from '../../../src/store/store.ts'
import { noteAnswer } from '../routes/every-status.ts'
import { emptyStore } from '../store/store.ts'

/** What a reader sends, in the shape of most tests. */
export const submission = { author: { name: 'Ada', email: 'ada@example.org' }, body: 'A fine article.' }

export type TestApp = {
  app: FastifyInstance
  store: Store
  /** Everything that was logged. */
  log: string[]
  /** Calls the service and holds the answer against the OpenAPI document. */
  call: (request: InjectOptions) => Promise<LightMyRequestResponse>
  /** `Authorization` for a new token of these scopes. */
  token: (...scopes: TokenScope[]) => Promise<{ authorization: string }>
  /** Submits to an article and gives the acknowledgement. */
  submit: (
    articleId: string,
    more?: Partial<typeof submission> & { parentId?: string },
  ) => Promise<Acknowledgement>
  /** Submits and approves; gives the acknowledgement. */
  publish: (
    articleId: string,
    more?: Partial<typeof submission> & { parentId?: string },
  ) => Promise<Acknowledgement>
}

export type Acknowledgement = { id: string; status: string; message: string; receipt: string }

export type TestAppOptions = Partial<Config> & {
  store?: Store
  clock?: () => number
  elapsedMs?: () => number
  newId?: () => string
  opening?: Promise<unknown>
}

/** A service of its own on an empty store, without limits unless the test sets them; closed with the test. */
export async function startApp(t: Test, options: TestAppOptions = {}): Promise<TestApp> {
  const {
    store = await emptyStore(t),
    clock = Date.now,
    newId = uuidv7,
    elapsedMs,
    opening,
    ...overrides
  } = options
  const log: string[] = []
  const app = await buildApp({
    config: testConfig(overrides),
    store,
    clock,
    ...(elapsedMs !== undefined && { elapsedMs }),
    newId,
    ...(opening !== undefined && { opening }),
    logStream: { write: (line) => log.push(line) },
  })
  t.teardown(() => app.close())

  const call: TestApp['call'] = async (request) => {
    const response = await app.inject(request)
    const answer = {
      method: request.method ?? 'GET',
      url: String(request.url),
      status: response.statusCode,
      headers: response.headers,
      body: response.body,
    }
    checkAnswer(answer)
    noteAnswer(answer)
    return response
  }
  const token: TestApp['token'] = async (...scopes) => {
    const result = await createToken({ store, clock, newId }, { name: newId(), scopes, expiresAtMs: null })
    if (result.kind !== 'created') throw new Error(result.kind)
    return { authorization: `Bearer ${result.secret}` }
  }
  const submit: TestApp['submit'] = async (articleId, more = {}) => {
    const response = await call({
      method: 'POST',
      url: `/v1/articles/${encodeURIComponent(articleId)}/comments`,
      payload: { ...submission, ...more },
    })
    if (response.statusCode !== 202) throw new Error(response.body)
    return response.json()
  }
  let moderator: Promise<{ authorization: string }> | undefined
  const publish: TestApp['publish'] = async (articleId, more = {}) => {
    const acknowledgement = await submit(articleId, more)
    moderator ??= token('moderate')
    const response = await call({
      method: 'POST',
      url: `/v1/moderation/comments/${acknowledgement.id}/approve`,
      headers: await moderator,
    })
    if (response.statusCode !== 200) throw new Error(response.body)
    return acknowledgement
  }
  return { app, store, log, call, token, submit, publish }
}

/** Submits many comments side by side, and approves them in one call; gives their ids in order. */
export async function publishAtOnce(
  { call, submit, token }: Pick<TestApp, 'call' | 'submit' | 'token'>,
  count: number,
  articleIdOf: (index: number) => string,
): Promise<string[]> {
  const submitted = await Promise.all(Array.from({ length: count }, (_, index) => submit(articleIdOf(index))))
  const ids = submitted.map(({ id }) => id).sort()
  const response = await call({
    method: 'POST',
    url: '/v1/moderation/decisions',
    headers: await token('moderate'),
    payload: { decisions: ids.map((commentId) => ({ commentId, verdict: 'approve' })) },
  })
  if (response.statusCode !== 200) throw new Error(response.body)
  return ids
}

/** The defaults, without limits. */
export function testConfig(overrides: Partial<Config> = {}): Config {
  const result = readConfig({
    SUBMISSIONS_PER_MINUTE: '0',
    SUBMISSIONS_PER_MINUTE_TOTAL: '0',
    REFUSED_SUBMISSIONS_PER_MINUTE: '0',
    READS_PER_MINUTE: '0',
    FAILED_SIGN_INS_PER_MINUTE: '0',
    UNKNOWN_PATHS_PER_MINUTE: '0',
    MAX_EVENT_LOOP_DELAY_MS: '0',
  })
  if (!result.ok) throw new Error(result.faults.join('\n'))
  return { ...result.config, ...overrides }
}
