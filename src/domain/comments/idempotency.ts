/** How long a submission's answer is remembered under its Idempotency-Key. */
export const idempotencyWindowMs = 24 * 60 * 60 * 1000

/**
 * What is kept of a submission that carried an Idempotency-Key, so that the first answer can be given again. The
 * key itself is not kept: the receipt is derived from it and `salt`, so that the record alone opens nothing.
 */
export type IdempotencyRecord = {
  keyHash: string
  salt: string
  /** HMAC of the whole request under `salt`: tells the same request from another one. */
  fingerprint: string
  commentId: string
  /** The language the first answer was given in. */
  language: string
  expiresAtMs: number
}
