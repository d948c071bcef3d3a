import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ControlAnswer } from './control.ts'
import type { LoadPlan, LoadResult } from './load.ts'

/** Servers on one core, the load on another, where the machine has two and can pin. */
export const pinned = availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0', 'true']).status === 0

export type Server = {
  port: number
  startMs: number
  residentMib: () => number
  /** What its process has used so far, of all cores; a hundredth of a second is the least that is counted. */
  cpuMs: () => number
  stop: () => Promise<void>
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** The command of `npm start`, as package.json has it: no configuration that nobody runs. */
const startCommand = (
  JSON.parse(readFileSync(path('../package.json'), 'utf8')) as { scripts: { start: string } }
).scripts.start

/** How long one may take to start, and beyond its own seconds to end. */
const patienceMs = 60_000

const running = new Set<ChildProcess>()
let ending = false

function run(
  core: 0 | 1 | 'any',
  command: readonly string[],
  options: { env?: Record<string, string>; timeout?: number } = {},
): ChildProcess {
  if (ending) throw new Error('The bench ends.')
  const [program = '', ...args] =
    pinned && core !== 'any' ? ['taskset', '-c', String(core), ...command] : command
  const child = spawn(program, args, {
    cwd: path('..'),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options,
    env: { ...process.env, ...options.env },
  })
  running.add(child)
  child.on('exit', () => running.delete(child))
  return child
}

/** Whatever they are doing, for when the bench was interrupted or has failed; none is started any more. */
export async function endAll(): Promise<void> {
  ending = true
  const children = [...running]
  const ended = children.map((child) => once(child, 'exit'))
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(ended)
}

export const moderatorToken = 'bench-moderator-token-0123456789-0123456789'

/** The service as `npm start` ships it: log, limits and headers on, the limits raised so that the load passes. */
export async function startService(
  databaseUrl: string,
  env: Record<string, string> = {},
  core: 0 | 'any' = 0,
): Promise<Server> {
  const startMs = performance.now()
  const child = run(core, ['sh', '-c', startCommand], {
    env: {
      PORT: '0',
      DATABASE_URL: databaseUrl,
      MODERATOR_TOKEN: moderatorToken,
      SUBMISSIONS_PER_MINUTE: '1000000000',
      SUBMISSIONS_PER_MINUTE_TOTAL: '1000000000',
      READS_PER_MINUTE: '1000000000',
      MAX_PENDING: '1000000000',
      ...env,
    },
  })
  child.stdout?.resume()
  const port = await firstMatch(child, 'stderr', /http:\/\/127\.0\.0\.1:(\d+)\/docs/)
  return server(child, port, startMs)
}

export async function startControl(answer: ControlAnswer): Promise<Server> {
  const startMs = performance.now()
  const child = run(0, [process.execPath, path('control.ts')])
  child.stdin?.end(JSON.stringify(answer))
  return server(child, await firstMatch(child, 'stdout', /^(\d+)\n/), startMs)
}

async function server(child: ChildProcess, port: number, startMs: number): Promise<Server> {
  await (await fetch(`http://127.0.0.1:${port}/v1/articles/none/comments`)).text()
  return {
    port,
    startMs: performance.now() - startMs,
    residentMib: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024,
    cpuMs: () => {
      // proc(5): user and system time are the twelfth and thirteenth fields behind the name, in ticks of 10 ms.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      return 10 * (Number(fields[11]) + Number(fields[12]))
    },
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

function firstMatch(child: ChildProcess, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<number> {
  let written = ''
  return new Promise((resolve, reject) => {
    child[stream]?.on('data', (chunk) => {
      written += chunk
      const found = pattern.exec(written)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    child.on('exit', () => reject(new Error(`It ended: ${written}`)))
    setTimeout(() => reject(new Error(`It does not start: ${written}`)), patienceMs).unref()
  })
}

export async function load(plan: LoadPlan, core: 1 | 'any' = 1): Promise<LoadResult> {
  const timeout = plan.seconds * 1_000 + patienceMs
  const child = run(core, [process.execPath, path('load.ts')], { timeout })
  child.stdin?.end(JSON.stringify(plan))
  let written = ''
  child.stdout?.on('data', (chunk) => {
    written += chunk
  })
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  await once(child, 'close')
  if (written === '') throw new Error(complaint || 'The load did not end.')
  return JSON.parse(written) as LoadResult
}
