import { setTimeout } from 'node:timers/promises'

const pollMs = 10

/**
 * To ask of a database is work for it too: for so many times as long as the last answer took it is left alone, though never so long
 * that what is waited for may be over by then.
 */
const restShare = 3
const longestRestMs = 100

/** A machine that is busy takes its time. What is promised within a time is measured, and not waited for here. */
const giveUpMs = 60_000

/** Asks again and again until the answer is no longer `undefined`. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadlineMs = performance.now() + giveUpMs
  for (;;) {
    const askedMs = performance.now()
    const answer = await ask()
    if (answer !== undefined) return answer
    const nowMs = performance.now()
    if (nowMs > deadlineMs) throw new Error(`it did not come to pass within ${giveUpMs} ms`)
    await setTimeout(Math.min(Math.max(pollMs, restShare * (nowMs - askedMs)), longestRestMs))
  }
}
