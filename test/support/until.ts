import { setTimeout } from 'node:timers/promises'

const pollMs = 10

/** A machine that is busy takes its time. What is promised within a time is measured, and not waited for here. */
const giveUpMs = 60_000

/** Asks again and again until the answer is no longer `undefined`. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadlineMs = performance.now() + giveUpMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadlineMs) throw new Error(`it did not come to pass within ${giveUpMs} ms`)
    await setTimeout(pollMs)
  }
}
