import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ControlAnswer } from './control.ts'
import type { LoadPlan, LoadResult } from './load.ts'

/** Servers on one core, the load on another, where the machine has two and can pin. */
export const pinned = availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0', 'true']).status === 0

export type Server = { port: number; startMs: number; residentMib: () => number; stop: () => Promise<void> }

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** The command of `npm start`, as package.json has it: no configuration that nobody runs. */
const startCommand = (
  JSON.parse(readFileSync(path('../package.json'), 'utf8')) as { scripts: { start: string } }
).scripts.start

function run(core: 0 | 1, command: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const [program = '', ...args] = pinned ? ['taskset', '-c', String(core), ...command] : command
  return spawn(program, args, {
    cwd: path('..'),
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

export const moderatorToken = 'bench-bench-bench-bench-bench-bench'

/** The service as `npm start` ships it: log, limits and headers on, the limits raised so that the load passes. */
export async function startService(file: string, env: Record<string, string> = {}): Promise<Server> {
  const startMs = performance.now()
  const child = run(0, ['sh', '-c', startCommand], {
    PORT: '0',
    DATABASE_URL: `file:${file}`,
    MODERATOR_TOKEN: moderatorToken,
    SUBMISSIONS_PER_MINUTE: '1000000000',
    SUBMISSIONS_PER_MINUTE_TOTAL: '1000000000',
    READS_PER_MINUTE: '1000000000',
    MAX_PENDING: '1000000000',
    ...env,
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
  })
}

export async function load(plan: LoadPlan): Promise<LoadResult> {
  const child = run(1, [process.execPath, path('load.ts')])
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
  if (written === '') throw new Error(complaint)
  return JSON.parse(written) as LoadResult
}
