import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits: nobody guesses it, so a fast hash is enough to keep it by. */
const secretBytes = 32

export function newSecret(prefix: string): string {
  return prefix + randomBytes(secretBytes).toString('base64url')
}

export function newSalt(): string {
  return randomBytes(secretBytes).toString('base64url')
}

/** What is kept of a secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** A value that only who knows both `key` and `salt` can make again. */
export function derive(key: string, salt: string): string {
  return createHmac('sha256', salt).update(key).digest('base64url')
}

/** Compares two hashes without telling by the time it takes how much of them agrees. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
