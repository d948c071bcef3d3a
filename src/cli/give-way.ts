import { constants, setPriority } from 'node:os'
import type { Terminal } from './terminal.ts'

/**
 * Lets whoever else wants the processor have it first: readers of the service next to it come before what takes minutes anyway. Where the
 * system does not let it, it goes on as it is.
 */
export function giveWay({ pid }: Pick<Terminal, 'pid'>): void {
  if (pid === undefined) return
  /* c8 ignore next 6: in a process of its own, whose lines nobody counts; test/cli/add.test.ts looks at its priority. */
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Not allowed: it costs readers some milliseconds.
  }
}
