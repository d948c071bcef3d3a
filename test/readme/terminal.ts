import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'

export type Terminal = {
  /** Types a command and resolves to all that it prints, once it has ended. Its variables and its folder stay. */
  type: (command: string) => Promise<string>
  /** Types, in a second window, a command that goes on running; resolves once what it printed satisfies `isReady`. */
  start: (
    command: string,
    isReady: (printed: string) => boolean,
    more?: Record<string, string>,
  ) => Promise<RunningCommand>
}

export type RunningCommand = {
  printed: () => string
  /** Presses Ctrl-C and resolves to the exit code. */
  interrupt: () => Promise<number | null>
}

/** A shell as somebody opens it who has just arrived, in `folder`; what was started in it ends with the test. */
export async function openTerminal(t: Test, folder: string, env: Record<string, string>): Promise<Terminal> {
  const memory = await mkdtemp(join(tmpdir(), 'imprimatur-terminal-'))
  t.teardown(() => rm(memory, { recursive: true, force: true }))
  const state = join(memory, 'state')
  await writeFile(state, `cd '${folder}'\n`)

  function spawnShell(
    script: string,
    more: Record<string, string> = {},
  ): { child: ChildProcess; printed: () => string; ended: Promise<number | null> } {
    // A process group of its own, as an interactive shell gives each command: Ctrl-C reaches all of it.
    // tap puts its hooks into the options of whatever a test spawns; tsc cannot run with them, nor would a newcomer.
    const child = spawn('bash', ['-c', `exec 2>&1\nunset NODE_OPTIONS\n. '${state}'\n${script}`], {
      env: { ...newcomersEnvironment(), ...env, ...more },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    let written = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      written += chunk
    })
    const ended = once(child, 'close').then(([code]) => code as number | null)
    return { child, printed: () => written, ended }
  }

  return {
    async type(command) {
      const remember = `{ declare -p | grep -E '^declare -[-x]+ [a-z]'; printf "cd '%s'\\n" "$PWD"; } > '${state}'`
      const { printed, ended } = spawnShell(`${command}\n${remember}`)
      await ended
      return printed()
    },
    async start(command, isReady, more) {
      const { child, printed, ended } = spawnShell(command, more)
      const signal = (name: NodeJS.Signals) => {
        const isOver = child.exitCode !== null || child.signalCode !== null
        if (child.pid !== undefined && !isOver) process.kill(-child.pid, name)
      }
      t.teardown(() => signal('SIGKILL'))
      await new Promise<void>((resolve, reject) => {
        child.stdout?.on('data', () => isReady(printed()) && resolve())
        ended.then((code) => reject(new Error(`${command}\nended with ${code}:\n${printed()}`)))
      })
      return {
        printed,
        async interrupt() {
          signal('SIGINT')
          return ended
        },
      }
    },
  }
}

/** None of what npm and tap put into the environment of a test, and no library's command before the machine's own. */
function newcomersEnvironment(): NodeJS.ProcessEnv {
  const own = /^(?:npm_(?!config_)|npm_config_local_prefix|NODE(?:$|_OPTIONS|_ENV|_V8)|TAP|_TAPJS|INIT_CWD)/i
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name))
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'))
  return {
    ...Object.fromEntries(kept),
    PATH: path.join(delimiter),
    // What others do on the machine is not what is tried here.
    MAX_EVENT_LOOP_DELAY_MS: '0',
    // The checkout's own `npm ci` has filled the cache.
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  }
}
