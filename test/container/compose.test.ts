import { fileURLToPath } from 'node:url'
import { DCLinter } from 'dclint'
import t from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { environmentOf, execForm, only, readRoot, stages } from './dockerfile.ts'

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

const text = readRoot('compose.yaml')
/** As it is once the secret's lines are uncommented, as the file says. */
const textWithSecret = text.replaceAll(
  /^( *)# ( *(?:secrets:|environment:|- moderator_token|MODERATOR_TOKEN_FILE:|moderator_token:|file:).*)$/gm,
  '$1$2',
)

t.test('the compose file follows the Compose Specification, and no linter complains', async (t) => {
  t.same(lint({ 'compose.yaml': text }), [])
  t.same(lint({ 'compose.yaml': textWithSecret }), [])
  t.match(lint({ 'compose.yaml': text.replace('restart:', 'restrat:') }), [/invalid-schema/])

  function lint(files: Record<string, string>): string[] {
    const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] })
    const results: LintResult[] = linter.lintFiles([t.testdir(files)], false)
    return results.flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`))
  }
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

function serviceOf(yaml: string): { service: Service; compose: Compose } {
  const compose = parse(yaml) as Compose
  const [[, service] = [], ...others] = Object.entries(compose.services)
  if (service === undefined || others.length > 0) throw new Error('not one service')
  return { service, compose }
}
