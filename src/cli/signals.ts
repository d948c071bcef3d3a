/**
 * What asks a process to end, and the exit code of one that a signal has ended: 128 and its number, as shells tell it. A
 * terminal that is closed sends SIGHUP, Ctrl-\ SIGQUIT.
 */
export const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const

export type EndingSignal = keyof typeof exitCodes

type Taker = (signal: EndingSignal) => void

const takers: Taker[] = []
let isHeard = false

/**
 * Ends the process at the next of these signals, even where it is the first of a container: to that one the kernel passes
 * no signal on for which it has no handler.
 */
export function hearSignals(): void {
  if (isHeard) return
  isHeard = true
  for (const signal of endingSignals)
    process.on(signal, () => {
      const taker = takers.at(-1) ?? endBy
      taker(signal)
    })
}

/** Lets `take` decide what becomes of such a signal, until the function that it gives is called. */
export function takeSignals(take: Taker): () => void {
  hearSignals()
  takers.push(take)
  return () => {
    takers.splice(takers.indexOf(take), 1)
  }
}

/**
 * Has whoever ends a command that is a process of its own be told what becomes of what it has done, until it is called. Only for one
 * that waits for others: where nothing lets the loop turn, the signal would be heard at the end.
 */
export function sayingAtTheEnd(
  { pid, stderr }: { pid?: number; stderr: { write: (text: string) => unknown } },
  sentence: string,
): () => void {
  if (pid === undefined) return () => {}
  /* c8 ignore next 4: in a process of its own, whose lines nobody counts; test/crash/move-in.test.ts ends it. */
  return takeSignals((signal) => {
    stderr.write(`\n${sentence}\n`)
    endBy(signal)
  })
}

export function endBy(signal: EndingSignal): void {
  process.exit(exitCodes[signal])
}

// The names are the keys of that very object.
const endingSignals = Object.keys(exitCodes) as EndingSignal[]
