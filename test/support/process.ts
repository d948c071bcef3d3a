import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export type RunningService = {
  child: ChildProcess
  origin: string
  stdout: () => string
  stderr: () => string
  /** Sends the signal and resolves to the exit code. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** Starts the real process and resolves once it says where it listens; it ends with the test. */
export async function startService(t: Test, env: Record<string, string>): Promise<RunningService> {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    written.stdout += chunk
  })
  const exited = once(child, 'exit')
  const stop: RunningService['stop'] = async (signal = 'SIGTERM') => {
    if (child.exitCode === null) child.kill(signal)
    const [code] = await exited
    return code
  }
  t.teardown(() => stop('SIGKILL'))
  const origin = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      written.stderr += chunk
      const found = /The API, to read and to try: (http:\S+)\/docs/.exec(written.stderr)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.on('exit', (code) => reject(new Error(`it ended with ${code}: ${written.stderr}`)))
  })
  return { child, origin, stdout: () => written.stdout, stderr: () => written.stderr, stop }
}
