import { fileURLToPath } from 'node:url'
import { DCLinter } from 'dclint'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { fileText } from '../support/documents.ts'
import { environmentOf, execForm, only, stages } from './dockerfile.ts'

type Service = {
  build: string
  ports: string[]
  restart: string
  read_only: boolean
  stop_grace_period: string
  volumes: string[]
  env_file: { path: string; required: boolean }[]
  secrets?: string[]
  environment?: Record<string, string>
}
type Compose = {
  services: Record<string, Service>
  volumes: Record<string, null>
  secrets?: Record<string, { file: string }>
}

type LintResult = { messages: { rule: string; message: string }[] }

const text = fileText('compose.yaml')
/** As it is once the secret's lines are uncommented, as the file says. */
const textWithSecret = text.replaceAll(
  /^( *)# ( *(?:secrets:|environment:|- moderator_token|MODERATOR_TOKEN_FILE:|moderator_token:|file:).*)$/gm,
  '$1$2',
)

t.test('the compose file follows the Compose Specification, and no linter complains', async (t) => {
  t.same(lint(t, { 'compose.yaml': text }), [])
  t.same(lint(t, { 'compose.yaml': textWithSecret }), [])
  t.match(lint(t, { 'compose.yaml': text.replace('restart:', 'restrat:') }), [/invalid-schema/])
})

t.test('the data is in a named volume, where the image keeps it', async (t) => {
  const { service, compose } = serviceOf(text)
  const image = stages().at(-1)
  if (image === undefined) throw new Error('no stage')
  const [volume] = execForm(only(image, 'VOLUME'))
  t.same(service.volumes, [`data:${volume}`])
  t.same(Object.keys(compose.volumes), ['data'])
})

t.test('it is reachable from its own machine alone, on the port the image listens on', async (t) => {
  const { service } = serviceOf(text)
  const image = stages().at(-1)
  if (image === undefined) throw new Error('no stage')
  const port = environmentOf(image)['PORT']
  t.same(service.ports, [`127.0.0.1:${port}:${port}`])
})

t.test('it comes back after a fault, and is given longer to stop than it takes', async (t) => {
  const { service } = serviceOf(text)
  t.equal(service.restart, 'unless-stopped')
  const defaults = readConfig({})
  if (!defaults.ok) throw new Error(defaults.faults.join())
  t.equal(Number(/^(\d+)s$/.exec(service.stop_grace_period)?.[1]) > defaults.config.shutdownSeconds, true)
})

t.test(
  'settings come from an optional file, the token from a secret once its lines are uncommented',
  async (t) => {
    const { service } = serviceOf(text)
    t.same(service.env_file, [{ path: '.env', required: false }])
    t.equal(service.environment, undefined)

    const { service: withSecret, compose } = serviceOf(textWithSecret)
    const [name = ''] = withSecret.secrets ?? []
    t.same(Object.keys(compose.secrets ?? {}), [name])
    t.same(withSecret.environment, { MODERATOR_TOKEN_FILE: `/run/secrets/${name}` })
    const secretFile = fileURLToPath(new URL('no-such-file', import.meta.url))
    t.match(readConfig({ ...withSecret.environment, MODERATOR_TOKEN_FILE: secretFile }), {
      faults: [/^MODERATOR_TOKEN_FILE must name a file/],
    })
  },
)

const replicated = fileText('compose.postgres.yaml')
const proxyRules = fileText('haproxy.cfg')

t.test('so does the one of several replicas', async (t) => {
  t.same(lint(t, { 'compose.yaml': replicated }), [])
})

t.test('it does not start without the secrets, and its settings are valid with them', async (t) => {
  const required = [...replicated.matchAll(/\$\{([^}]*)\}/g)].map(([, inside = '']) => inside.split(':?'))
  t.same(new Set(required.map(([name]) => name)), new Set(['POSTGRES_PASSWORD', 'MODERATOR_TOKEN']))
  for (const [, whatToDo = ''] of required) t.not(whatToDo, '')

  const { replicas, postgres, config } = replicatedServices()
  t.equal(replicas.length, 2)
  t.same(replicas[0]?.service, replicas[1]?.service, 'what one replica is told, the other is told')
  t.equal(config.moderatorToken, secretGiven)
  const {
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: database,
  } = postgres.environment ?? {}
  t.same(config.database, {
    dialect: 'postgres',
    urls: [`postgres://${user}:${password}@postgres:5432/${database}`],
  })
  t.equal(replicas.length * (config.databasePoolSize + 1) < maxConnectionsOfPostgres, true)
})

t.test('its replicas are reached through the proxy alone, which knows each of them', async (t) => {
  const { replicas, proxy, postgres, config } = replicatedServices()
  const image = stages().at(-1)
  if (image === undefined) throw new Error('no stage')
  const port = environmentOf(image)['PORT']
  t.same(
    [...replicas.map(({ service }) => service.ports), postgres.ports],
    [undefined, undefined, undefined],
    'no other port is published',
  )
  const [, ours] = /^127\.0\.0\.1:3000:(\d+)$/.exec(proxy.ports.join()) ?? []
  t.match(proxyRules, new RegExp(`^ +bind :${ours}$`, 'm'))
  const backends = proxyRules.split(/^backend /m).slice(1)
  t.equal(backends.length, 2)
  for (const backend of backends) {
    const servers = [...backend.matchAll(/^ +server (\S+) (\S+)$/gm)].map(([, name, address]) => ({
      name,
      address,
    }))
    t.same(
      servers,
      replicas.map(({ name }) => ({ name, address: `${name}:${port}` })),
    )
  }
  t.same(proxy.volumes, ['./haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro'])
  for (const pool of ['172.16.0.0/12', '192.168.0.0/16']) t.ok(config.trustProxy.includes(pool), pool)
})

t.test('its replicas come back after a fault, and are given longer to stop than they take', async (t) => {
  const { replicas, config } = replicatedServices()
  for (const { service } of replicas) {
    t.equal(service.restart, 'unless-stopped')
    t.equal(Number(/^(\d+)s$/.exec(service.stop_grace_period)?.[1]) > config.shutdownSeconds, true)
  }
})

/** https://www.postgresql.org/docs/18/runtime-config-connection.html, less the three that are reserved. */
const maxConnectionsOfPostgres = 97
const secretGiven = '0123456789abcdeffedcba9876543210'

/** As Compose reads it where each secret is given. */
function replicatedServices() {
  const compose = parse(replicated.replaceAll(/\$\{[^}]*\}/g, secretGiven), { merge: true }) as Compose
  const { postgres, proxy, ...others } = compose.services
  const replicas = Object.entries(others).map(([name, service]) => ({ name, service }))
  const read = readConfig(stringsOf(replicas[0]?.service.environment))
  if (postgres === undefined || proxy === undefined || !read.ok) throw new Error('not as it should be')
  return { replicas, postgres, proxy, config: read.config }
}

function stringsOf(environment: Record<string, unknown> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]))
}

function lint(t: Test, files: Record<string, string>): string[] {
  const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] })
  const results: LintResult[] = linter.lintFiles([t.testdir(files)], false)
  return results.flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`))
}

function serviceOf(yaml: string): { service: Service; compose: Compose } {
  const compose = parse(yaml) as Compose
  const [[, service] = [], ...others] = Object.entries(compose.services)
  if (service === undefined || others.length > 0) throw new Error('not one service')
  return { service, compose }
}
