import { Readable } from 'node:stream'
import type { Terminal } from '../../../src/cli/terminal.ts'

/** What a command told, less how far it was every ten seconds: on a machine that has much else to do, any command tells that. */
export function withoutProgress(told: string): string {
  return told.replace(/^[A-Z][a-z]+: \d+ %, [\d,]+ of [\d,]+ (?:rows|MiB)\n/gm, '')
}

/** A terminal that keeps what is written to it; `input` is what somebody types into it. */
export function testTerminal(
  env: Record<string, string> = {},
  input = '',
  /** How wide it is; a pipe where it is not said. */
  columns?: number,
): Terminal & { out: () => string; err: () => string; errWithProgress: () => string } {
  const written = { out: '', err: '' }
  return {
    env,
    stdin: Readable.from([Buffer.from(input)]),
    stdout: {
      write: (text, done) => {
        written.out += text
        done?.()
      },
      ...(columns !== undefined && { isTTY: true, columns }),
    },
    stderr: {
      write: (text) => {
        written.err += text
      },
    },
    out: () => written.out,
    err: () => withoutProgress(written.err),
    errWithProgress: () => written.err,
  }
}
