import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { StatefulSet } from 'kubernetes-models/apps/v1'
import { Service } from 'kubernetes-models/v1'
import t, { type Test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { fileText } from '../support/documents.ts'
import { bareNode } from '../support/process.ts'
import { environmentOf, execForm, only, stages } from './dockerfile.ts'

/* deploy/kubernetes.yaml against Kubernetes' own schemas: their values are validated, and names that they lack do not compile. */

const documents = parseAllDocuments(fileText('deploy/kubernetes.yaml'), { strict: true }).map(
  (document) => document.toJS() as Record<string, unknown>,
)
const [service, set] = documents.map((document) => structuredClone(document))
const container = () => new StatefulSet(set as never).spec?.template.spec?.containers[0]

t.setTimeout(600_000)

t.test('its values are what Kubernetes takes', async (t) => {
  t.equal(documents.length, 2)
  new Service(service as never).validate()
  new StatefulSet(set as never).validate()
  t.throws(() => new StatefulSet({ ...set, spec: { replicas: 'one' } } as never).validate())
})

t.test('each name in it is one of Kubernetes', async (t) => {
  t.equal(await complaintsOf(t, service, set), 'none')
  const misspelt = JSON.parse(JSON.stringify(set).replace('"livenessProbe"', '"liveProbe"'))
  t.match(await complaintsOf(t, service, misspelt), /'"liveProbe"' does not exist/)
})

t.test(
  'it fits the image: port, user, folder of the data, and probes that the service answers',
  async (t) => {
    const image = stages().at(-1)
    if (image === undefined) throw new Error('no stage')
    const environment = environmentOf(image)
    t.equal(container()?.ports?.[0]?.containerPort, Number(environment['PORT']))
    t.same(execForm(only(image, 'VOLUME')), [container()?.volumeMounts?.[0]?.mountPath])
    t.equal(only(image, 'USER').rest, 'node')
    const { livenessProbe, readinessProbe, startupProbe } = container() ?? {}
    t.same(
      [livenessProbe, readinessProbe, startupProbe].map((probe) => probe?.httpGet?.path),
      ['/livez', '/readyz', '/livez'],
    )
    const settings = Object.fromEntries(container()?.env?.map(({ name, value }) => [name, value ?? '']) ?? [])
    t.match(readConfig({ ...environment, ...settings }), { ok: true })
  },
)

/** What the compiler says of these as values of Kubernetes' types. */
async function complaintsOf(t: Test, service: unknown, set: unknown): Promise<string> {
  const checkout = fileURLToPath(new URL('../..', import.meta.url))
  const folder = t.testdir({
    'manifest.ts': `import type { IStatefulSet } from 'kubernetes-models/apps/v1'
      import type { IService } from 'kubernetes-models/v1'
      export const service: IService = ${JSON.stringify(service)}
      export const set: IStatefulSet = ${JSON.stringify(set)}`,
  })
  const flags = ['--noEmit', '--ignoreConfig', '--skipLibCheck', '--strict', '--module', 'nodenext']
  const tsc = [join(checkout, 'node_modules/.bin/tsc'), ...flags, join(folder, 'manifest.ts')]
  return promisify(execFile)('env', [...bareNode.slice(1), ...tsc]).then(
    () => 'none',
    ({ stdout }: { stdout: string }) => stdout,
  )
}
