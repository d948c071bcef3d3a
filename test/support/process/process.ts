import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

const compiled = fileURLToPath(new URL('../../../node_modules/.cache/node', import.meta.url))

/**
 * How to start Node as an operator has it: without tap's hooks, which count lines and double the work of each start, and with
 * what it compiled kept for the next start. `env` becomes what it starts, so that signals arrive.
 */
export const bareNode: readonly string[] = [
  'env',
  ...['-u', 'NODE_OPTIONS', '-u', 'NODE_V8_COVERAGE'],
  `NODE_COMPILE_CACHE=${compiled}`,
  process.execPath,
]

let countsLines = (_command: string) => false

/**
 * From here on, in this file, the processes run with tap's hooks, of these commands alone where any are named: for what no
 * test runs in its own process.
 */
export function countLines(...commands: string[]): void {
  countsLines = (command) => commands.length === 0 || commands.includes(command)
}

/** As `countLines` of all, but in this test alone: each process that counts takes twice as long to start. */
export function countLinesIn(t: Test): void {
  const before = countsLines
  countLines()
  t.teardown(() => {
    countsLines = before
  })
}

/** A command line for `spawn`: `imprimatur` with these arguments, by the command `through` if any, which has to become it (`exec`). */
export function imprimatur(
  args: readonly string[],
  { through = [], options = [] }: { through?: readonly string[]; options?: readonly string[] } = {},
): [command: string, args: string[]] {
  const node = countsLines(args[0] ?? '') ? [process.execPath] : bareNode
  const [command = '', ...rest] = [...through, ...node, ...options, main, ...args]
  return [command, rest]
}

export type ServiceProcess = {
  child: ChildProcess
  stdout: () => string
  stderr: () => string
  /** Where it listens, once it says so; rejects where it ends before. */
  listening: Promise<string>
  /** Its exit code, once all that it wrote has arrived; `null` where a signal ended it. */
  ended: Promise<number | null>
  /** Sends the signal and resolves to the exit code. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

export type RunningService = ServiceProcess & { origin: string }

/** Starts the real process and resolves once it says where it listens; it ends with the test. */
export async function startService(
  t: Test,
  env: Record<string, string>,
  through: readonly string[] = [],
  options: readonly string[] = [],
): Promise<RunningService> {
  const service = spawnService(t, env, through, options)
  return { ...service, origin: await service.listening }
}

/** Starts the real process, by the command `through` if any, which has to become it (`exec`), and with these options of Node's. */
export function spawnService(
  t: Test,
  env: Record<string, string>,
  through: readonly string[] = [],
  options: readonly string[] = [],
): ServiceProcess {
  const [command, args] = imprimatur(['serve'], { through, options })
  const child = spawn(command, args, {
    // Nothing of a test depends on how busy the machine is, but where that is asked for.
    env: { ...process.env, PORT: '0', MAX_EVENT_LOOP_DELAY_MS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    written.stdout += chunk
  })
  const ended = once(child, 'close').then(([code]): number | null => code)
  const listening = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      written.stderr += chunk
      const found = /The API, to read and to try: (http:\S+)\/docs/.exec(written.stderr)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.on('close', (code) => reject(new Error(`it ended with ${code}: ${written.stderr}`)))
  })
  // Who is not interested in where it listens need not hear that it never did.
  listening.catch(() => {})
  const stop: ServiceProcess['stop'] = async (signal = 'SIGTERM') => {
    if (child.exitCode === null) child.kill(signal)
    return ended
  }
  t.teardown(() => stop('SIGKILL'))
  return {
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    listening,
    ended,
    stop,
  }
}
