/**
 * What a caller can cause, as a value. The codes are stable: clients may compare them (they end the problem's
 * `type`), and http/problems maps each to its status in one table.
 */
export type Refusal = {
  code: RefusalCode
  /** A sentence for the caller: what is wrong and, where there is one, the way out. */
  detail: string
  /** Seconds after which the same request may succeed. */
  retryAfterSeconds?: number
  /** JSON pointer (RFC 6901) to the body field that caused it, where one field did. */
  pointer?: string
}

export type RefusalCode =
  | 'comment-not-found'
  | 'article-not-found'
  | 'article-closed'
  | 'article-moved'
  | 'article-moving'
  | 'comment-withdrawn'
  | 'decision-conflict'
  | 'version-mismatch'
  | 'parent-not-available'
  | 'reason-unknown'
  | 'looks-automated'
  | 'queue-full'
  | 'too-many-requests'
  | 'idempotency-key-reused'
  | 'idempotency-key-in-flight'
  | 'token-invalid'
  | 'token-scope-too-small'

export type Outcome<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

export function accepted<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

export function refused(
  code: RefusalCode,
  detail: string,
  more: Omit<Refusal, 'code' | 'detail'> = {},
): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, detail, ...more } }
}
