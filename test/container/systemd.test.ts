import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { fileText } from '../support/documents.ts'
import { programOf } from '../support/process.ts'

const lines = fileText('deploy/imprimatur.service')
  .split('\n')
  .filter((line) => /^[A-Z]\w*=/.test(line))
const valuesOf = (name: string) =>
  lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1))

t.test('it starts what npm start does, without npm between', async (t) => {
  const { scripts } = JSON.parse(fileText('package.json')) as { scripts: Record<string, string> }
  const fromCheckout = scripts['start']?.replace(/^.*\bexec node /, '')
  t.same(valuesOf('ExecStart'), [`/opt/imprimatur/node_modules/.bin/node ${fromCheckout}`])
})

t.test(
  'its settings are taken, the database is where it may write, and it is waited for at a stop',
  async (t) => {
    const settings = Object.fromEntries(
      valuesOf('Environment')
        .flatMap((text) => text.split(' '))
        .map((one) => one.split('=')),
    )
    const read = readConfig(settings)
    t.match(read, { ok: true, config: { database: { file: '/var/lib/imprimatur/imprimatur.db' } } })
    t.same(valuesOf('StateDirectory'), ['imprimatur'])
    t.same(valuesOf('StateDirectoryMode'), ['0700'])
    if (read.ok) t.ok(Number(valuesOf('TimeoutStopSec')[0]) > read.config.shutdownSeconds)
  },
)

t.test('nothing that hardens it is lost, and nothing is asked for that V8 cannot live with', async (t) => {
  const said = lines.map((line) => line.split('=', 1)[0] ?? '')
  const hardening = Object.fromEntries(
    said.slice(said.indexOf('ProtectSystem')).map((name) => [name, valuesOf(name)]),
  )
  t.same(hardening, {
    ProtectSystem: ['strict'],
    ...all('yes', 'ProtectHome', 'PrivateTmp', 'PrivateDevices', 'PrivateUsers', 'ProtectClock'),
    ...all('yes', 'ProtectControlGroups', 'ProtectHostname', 'ProtectKernelLogs', 'ProtectKernelModules'),
    ...all('yes', 'ProtectKernelTunables', 'NoNewPrivileges', 'LockPersonality', 'RestrictNamespaces'),
    ...all('yes', 'RestrictRealtime', 'RestrictSUIDSGID', 'RemoveIPC'),
    ProtectProc: ['invisible'],
    ProcSubset: ['pid'],
    ...all('', 'CapabilityBoundingSet', 'AmbientCapabilities'),
    RestrictAddressFamilies: ['AF_INET AF_INET6 AF_UNIX'],
    SystemCallArchitectures: ['native'],
    SystemCallFilter: ['@system-service', '~@privileged'],
    SystemCallErrorNumber: ['EPERM'],
    WantedBy: ['multi-user.target'],
  })
  t.same(valuesOf('MemoryDenyWriteExecute'), [])
  t.same(valuesOf('UMask'), ['0077'])
  t.same(valuesOf('User'), ['imprimatur'])
})

t.test('systemd itself knows each line, and rates it as the unit says', async (t) => {
  if (analyze === null) {
    t.pass('systemd', { skip: 'systemd-analyze is not here' })
    return
  }
  const rated = await told(analyze, 'security', '--offline=true', '--no-pager', unit)
  const [, rating] = /exposure level for imprimatur\.service: ([\d.]+)/.exec(rated) ?? []
  // Before version 250 it rated only what runs.
  if (rating === undefined) t.pass('the rating', { skip: 'this systemd-analyze does not rate a file' })
  else {
    t.ok(Number(rating) <= 2, rating)
    // Versions of systemd weigh some lines in other ways.
    for (const [, said] of [
      /rates it ([\d.]+) \("OK"\)/.exec(fileText('deploy/imprimatur.service')) ?? [],
      /`systemd-analyze security`: ([\d.]+)/.exec(fileText('docs/operating.md')) ?? [],
    ])
      t.ok(Math.abs(Number(said) - Number(rating)) <= 0.3, `${said} is said, ${rating} is the rating`)
  }
  // What it starts stands where the unit is put, not here.
  const complaints = (await told(analyze, 'verify', unit))
    .split('\n')
    .filter((line) => !/not executable/.test(line))
  t.same(
    complaints.filter((line) => line.includes('imprimatur.service')),
    [],
  )
  const misspelt = join(t.testdir(), 'imprimatur.service')
  writeFileSync(misspelt, fileText('deploy/imprimatur.service').replace('ProtectHome', 'ProtectHomes'))
  t.match(await told(analyze, 'verify', misspelt), /ProtectHomes/)
})

const unit = fileURLToPath(new URL('../../deploy/imprimatur.service', import.meta.url))
const analyze = programOf('systemd-analyze')

/** All that it writes, however it ends. */
async function told(program: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(program, args).catch(
    (error: { stdout: string; stderr: string }) => error,
  )
  return stdout + stderr
}

function all(value: string, ...names: string[]): Record<string, string[]> {
  return Object.fromEntries(names.map((name) => [name, [value]]))
}
