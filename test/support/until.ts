import { setTimeout } from 'node:timers/promises'

const pollMs = 10
const giveUpMs = 20_000

/** Asks again and again until the answer is no longer `undefined`. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + giveUpMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadlineMs) throw new Error(`it did not come to pass within ${giveUpMs} ms`)
    await setTimeout(pollMs)
  }
}
