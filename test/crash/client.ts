/** An answer, or `null` where there was none: the connection broke first, and nobody knows what became of the request. */
export type Answer = {
  statusCode: number
  headers: Record<string, string>
  body: string
}

export type Client = {
  get: (path: string, headers?: Record<string, string>) => Promise<Answer | null>
  post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer | null>
  submit: (submission: Submission) => Promise<Answer | null>
  withdraw: (commentId: string, receipt: string) => Promise<Answer | null>
}

export type Submission = {
  idempotencyKey: string
  articleId: string
  parentId: string | null
  author: { name: string; email: string }
  body: string
}

/** What `MODERATOR_TOKEN` is in the tests that start the real process with a moderator. */
export const moderatorToken = 'crash-test-moderator-token-0123456789'

export const moderator = { authorization: `Bearer ${moderatorToken}` }

/** Settings without limits, on this file. */
export function unlimited(file: string): Record<string, string> {
  return unlimitedAt(`file:${file}`)
}

/** Settings without limits, on the database of this URL. */
export function unlimitedAt(url: string): Record<string, string> {
  return {
    DATABASE_URL: url,
    MODERATOR_TOKEN: moderatorToken,
    SUBMISSIONS_PER_MINUTE: '0',
    SUBMISSIONS_PER_MINUTE_TOTAL: '0',
    REFUSED_SUBMISSIONS_PER_MINUTE: '0',
    READS_PER_MINUTE: '0',
    FAILED_SIGN_INS_PER_MINUTE: '0',
    MAX_EVENT_LOOP_DELAY_MS: '0',
    MAX_PENDING: '0',
  }
}

/** Calls the service over HTTP, as a moderator where a token is needed. */
export function clientOf(origin: string): Client {
  async function call(path: string, init: RequestInit): Promise<Answer | null> {
    try {
      const response = await fetch(origin + path, init)
      const body = await response.text()
      return { statusCode: response.status, headers: Object.fromEntries(response.headers), body }
    } catch {
      return null
    }
  }

  const post: Client['post'] = (path, body, headers = moderator) =>
    call(path, {
      method: 'POST',
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

  return {
    get: (path, headers = {}) => call(path, { headers }),
    post,
    submit: ({ idempotencyKey, articleId, parentId, author, body }) =>
      post(
        `/v1/articles/${encodeURIComponent(articleId)}/comments`,
        { author, body, ...(parentId !== null && { parentId }) },
        { 'idempotency-key': idempotencyKey },
      ),
    withdraw: (commentId, receipt) =>
      call(`/v1/comments/${commentId}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${receipt}` },
      }),
  }
}
