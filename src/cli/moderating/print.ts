import { withoutControls } from '../../domain/text.ts'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'

export type PrintOptions = { json?: true }

/** People get a table, programs a line of JSON for each. */
export function isForPeople({ stdout }: Terminal, { json }: PrintOptions): boolean {
  return stdout.isTTY === true && json !== true
}

export function columnsOf({ stdout }: Terminal): number {
  return stdout.columns || 80
}

/** 128 and the number of SIGPIPE, as a shell tells of who wrote to nobody. */
const nobodyReads = 141

/** Resolves once it is out. Who reads no further, such as `head`, ends the command without a word. */
export async function print({ stdout }: Terminal, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const fail = (error: Error) => {
    const isClosed = (error as NodeJS.ErrnoException).code === 'EPIPE'
    reject(
      isClosed
        ? new CommandError([], nobodyReads)
        : new CommandError([`It cannot be printed: ${error.message}`]),
    )
  }
  stdout.on?.('error', fail)
  stdout.write(`${lines.join('\n')}\n`, (error) => (error ? fail(error) : resolve()))
  await promise
}

/** In a JSON string the escapes are the same value. */
export function jsonLine(value: unknown): string {
  return withoutControls(JSON.stringify(value))
}
