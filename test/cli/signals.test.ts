import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'
import t from 'tap'
import { countLines, imprimatur, spawnService, startService } from '../support/process.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)
countLines()
t.jobs = 2

const inNamespace = [
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--pid', '--fork', '--kill-child', '--'],
]

t.test('a service ends by each signal that asks for it, with what is in flight finished', async (t) => {
  for (const [signal, code] of [
    ['SIGTERM', 0],
    ['SIGINT', 0],
    ['SIGQUIT', 0],
    ['SIGHUP', 129],
  ] as const)
    await t.test(signal, async (t) => {
      const service = await startService(t, { DATABASE_URL: 'file::memory:' })
      t.equal(await service.stop(signal), code)
      t.match(service.stdout(), new RegExp(`"signal":"${signal}","msg":"closing"`))
    })
})

t.test('SIGUSR2 ends nothing, and is told of', async (t) => {
  const service = await startService(t, { DATABASE_URL: 'file::memory:' })
  service.child.kill('SIGUSR2')
  await until(() => (service.stdout().includes('a signal that means nothing here') ? true : undefined))
  t.equal((await fetch(`${service.origin}/livez`)).status, 200)
  t.equal(await service.stop(), 0)
})

t.test('a process that crashed ends by that signal, and not with code 0', async (t) => {
  for (const signal of ['SIGSEGV', 'SIGABRT'] as const) {
    const service = await startService(t, { DATABASE_URL: 'file::memory:' })
    t.equal(await service.stop(signal), null)
  }
})

t.test('a start that waits for its database ends at once when it is told to', async (t) => {
  const url = await silentServer(t)
  for (const [signal, code] of [
    ['SIGTERM', 0],
    ['SIGINT', 0],
    ['SIGHUP', 129],
  ] as const) {
    const service = spawnService(t, { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '3600' })
    await until(() => (service.stderr().includes('Waiting') ? true : undefined))
    t.equal(await service.stop(signal), code)
    t.match(service.stderr(), `Told to end by ${signal} before it was ready.`)
  }
})

if (canBeFirst())
  t.test('the first process of a container hears signals from its start on', async (t) => {
    const url = await silentServer(t)
    await t.test('while it waits for its database', async (t) => {
      const service = asFirst(t, ['serve'], { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '3600' })
      await until(() => (service.stderr().includes('Waiting') ? true : undefined))
      process.kill(service.pid(), 'SIGTERM')
      t.equal(await service.ended, 0)
    })
    await t.test('while it is loaded, from its own first lines on', async (t) => {
      const service = asFirst(t, ['serve'], { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '3600' })
      const code = await until(async () => {
        const pid = service.pid()
        // What Node.js itself does before is out of reach: such a signal is lost, hence again.
        if (pid > 0) process.kill(pid, 'SIGTERM')
        return Promise.race([service.ended, setTimeout(5)])
      })
      // By whichever part of the start it was in.
      t.ok([0, 143].includes(code ?? -1), `${code}`)
      t.notMatch(service.stderr(), 'Waiting')
    })
    await t.test('in a command too', async (t) => {
      const service = asFirst(t, ['token', 'list'], { DATABASE_URL: url, DATABASE_WAIT_SECONDS: '3600' })
      await until(() => (service.stderr().includes('Waiting') ? true : undefined))
      process.kill(service.pid(), 'SIGTERM')
      t.equal(await service.ended, 143)
    })
    await t.test('while it serves', async (t) => {
      const service = asFirst(t, ['serve'], { DATABASE_URL: 'file::memory:', PORT: '0' })
      await until(() => (service.stderr().includes('ready') ? true : undefined))
      process.kill(service.pid(), 'SIGTERM')
      t.equal(await service.ended, 0)
    })
  })

/** Takes connections, and says nothing: a PostgreSQL that is not ready. */
async function silentServer(t: Test): Promise<string> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return `postgres://a:b@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/c`
}

/** Starts main.ts as the first process of a namespace: the kernel passes no signal on to it that it has no handler for. */
function asFirst(t: Test, args: readonly string[], env: Record<string, string>) {
  // Without tap's hooks, which have handlers of their own.
  const through = ['env', '-u', 'NODE_OPTIONS', 'unshare', ...inNamespace]
  const child = spawn(...imprimatur(args, { through }), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let written = ''
  child.stderr.on('data', (chunk) => {
    written += chunk
  })
  const ended = once(child, 'close').then(([code]): number | null => code)
  t.teardown(() => child.kill('SIGKILL'))
  /** 0 before there is one, and once there is none. */
  const pid = () => {
    const file = `/proc/${child.pid}/task/${child.pid}/children`
    return existsSync(file) ? Number(readFileSync(file, 'utf8').trim()) : 0
  }
  return { stderr: () => written, ended, pid }
}

function canBeFirst(): boolean {
  return spawnSync('unshare', [...inNamespace, 'true']).status === 0
}
