import type { Terminal } from '../../src/cli/terminal.ts'

/** A terminal that keeps what is written to it. */
export function testTerminal(
  env: Record<string, string> = {},
): Terminal & { out: () => string; err: () => string } {
  const written = { out: '', err: '' }
  return {
    env,
    stdout: {
      write: (text) => {
        written.out += text
      },
    },
    stderr: {
      write: (text) => {
        written.err += text
      },
    },
    out: () => written.out,
    err: () => written.err,
  }
}
