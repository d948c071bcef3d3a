import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { readRoot } from './dockerfile.ts'

const lines = readRoot('deploy/imprimatur.service')
  .split('\n')
  .filter((line) => /^[A-Z]\w*=/.test(line))
const valuesOf = (name: string) =>
  lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1))

t.test('it starts what npm start does, without npm between', async (t) => {
  const { scripts } = JSON.parse(readRoot('package.json')) as { scripts: Record<string, string> }
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
  for (const name of [
    ...[
      'ProtectHome',
      'PrivateTmp',
      'PrivateDevices',
      'PrivateUsers',
      'ProtectClock',
      'ProtectControlGroups',
    ],
    ...['ProtectHostname', 'ProtectKernelLogs', 'ProtectKernelModules', 'ProtectKernelTunables'],
    ...['NoNewPrivileges', 'LockPersonality', 'RestrictNamespaces', 'RestrictRealtime', 'RestrictSUIDSGID'],
  ])
    t.same(valuesOf(name), ['yes'], name)
  t.same(valuesOf('ProtectSystem'), ['strict'])
  t.same(valuesOf('CapabilityBoundingSet'), [''])
  t.same(valuesOf('SystemCallFilter'), ['@system-service', '~@privileged'])
  t.same(valuesOf('MemoryDenyWriteExecute'), [])
})
