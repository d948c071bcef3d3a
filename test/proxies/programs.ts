import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'

/*
 * Proxies as Debian has them, where the machine does: `.ci/run` installs them. They are given what the documents tell an operator to
 * write, read from there.
 */

/** Starts HAProxy with these rules, in which `PORT` is where it listens; gives that port. It ends with the test. */
export async function startHaproxy(t: Test, program: string, rules: string): Promise<number> {
  const port = await freePort()
  const folder = folderOf(t)
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, rules.replaceAll('PORT', String(port)))
  await listens(t, spawn(program, ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] }), port)
  return port
}

/** Starts nginx with this inside of `http` and this inside of `server`; gives its port. It ends with the test. */
export async function startNginx(t: Test, program: string, http: string, server: string): Promise<number> {
  const port = await freePort()
  const folder = folderOf(t)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  // Its worker gives up root's rights, and could not read a folder of root's.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; ${user} pid ${folder}/pid; error_log stderr;
    events {}
    http { access_log off; ${temporary}
      ${http}
      server { listen 127.0.0.1:${port}; root ${folder};
        ${server}
      }
    }`,
  )
  await listens(
    t,
    spawn(program, ['-c', file, '-p', folder, '-e', 'stderr'], { stdio: ['ignore', 'pipe', 'pipe'] }),
    port,
  )
  return port
}

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'imprimatur-proxy-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function listens(t: Test, child: ChildProcess, port: number): Promise<void> {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text) => {
      said += text
    })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(said)
    return (await isOpen(port)) || undefined
  })
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  const isConnected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isConnected
}
