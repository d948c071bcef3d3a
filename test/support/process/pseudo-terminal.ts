import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify, stripVTControlCharacters } from 'node:util'
import type { Test } from 'tap'
import { until } from '../until.ts'

export type PseudoTerminal = {
  /** All that was written to it, as it came. */
  written: () => string
  /** Types, and resolves to what was written since once that satisfies `isThere`. */
  type: (keys: string, isThere: (written: string) => boolean) => Promise<string>
  shows: (isThere: (written: string) => boolean) => Promise<string>
  /** Gives it another width, as somebody does who draws its window smaller. */
  resize: (columns: number) => Promise<void>
  /** Sends a signal to what runs in it. */
  signal: (name: NodeJS.Signals) => void
  /** How it is set now: `-icanon` where keys come one by one. */
  settings: () => Promise<string>
  /** The exit code of what ran in it. */
  ended: Promise<number | null>
}

/**
 * Runs a command in a terminal that nobody sees, of util-linux' `script`: it has a width, keys come one by one, and a resize is a
 * signal. It ends with the test.
 */
export async function openPseudoTerminal(
  t: Test,
  [command, args]: readonly [command: string, args: readonly string[]],
  {
    env = {},
    columns = 80,
    rows = 24,
  }: { env?: Record<string, string>; columns?: number; rows?: number } = {},
): Promise<PseudoTerminal> {
  const words = [command, ...args].map(quoted).join(' ')
  // The command takes the place of the shell, whose number is known; what holds the terminal open lives on until it was looked at.
  const shell = `stty cols ${columns} rows ${rows}; tty; (echo "pid $BASHPID"; exec ${words}); code=$?; stty -a; echo "ended $code"`
  const child = spawn('script', ['-qefc', `exec bash -c ${quoted(shell)}`, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let written = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    written += chunk
  })
  const closed = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await closed
  })
  const { tty, pid } = await until(() => {
    const found = /(?<tty>\/dev\/\S+)\r?\npid (?<pid>\d+)\r?\n/.exec(written)?.groups
    return found && { tty: found['tty'] ?? '', pid: Number(found['pid']) }
  })
  written = ''
  const since = async (from: number, isThere: (written: string) => boolean) =>
    until(() => {
      const own = written.slice(from)
      return isThere(own) ? own : undefined
    }).catch((error: Error) => {
      throw new Error(`${error.message}; what came instead: ${stripVTControlCharacters(written.slice(from))}`)
    })
  return {
    written: () => written,
    shows: (isThere) => since(0, isThere),
    async type(keys, isThere) {
      const from = written.length
      child.stdin.write(keys)
      return since(from, isThere)
    },
    async resize(columns) {
      await promisify(execFile)('stty', ['-F', tty, 'cols', String(columns)])
    },
    signal: (name) => process.kill(pid, name),
    settings: async () => (await promisify(execFile)('stty', ['-F', tty, '-a'])).stdout,
    ended: closed.then(() => {
      const code = /ended (\d+)\r?\n$/.exec(written)?.[1]
      return code === undefined ? null : Number(code)
    }),
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
