import { validate } from 'dockerfile-utils'
import t from 'tap'
import { fileText } from '../support/documents.ts'
import { dockerfile, environmentOf, execForm, only, stages } from './dockerfile.ts'

const packageJson = JSON.parse(fileText('package.json')) as {
  devDependencies: Record<string, string>
  scripts: Record<string, string>
  version: string
  license: string
}

t.test('the Dockerfile has no fault that a linter knows of', async (t) => {
  t.same(validate(dockerfile), [])
  t.equal(validate(dockerfile.replace('WORKDIR /app', 'WORKDIR app')).length > 0, true)
})

t.test('every stage starts from the Node.js that the tests run on, the slim official image', async (t) => {
  const images = stages().map(({ image }) => image)
  t.equal(images.length, 2)
  for (const image of images) t.equal(image, `node:${packageJson.devDependencies['node']}-slim`)
})

t.test(
  'the image takes its libraries and its code from the build, development dependencies left behind',
  async (t) => {
    const [build, image] = stages()
    t.equal(build?.name, 'build')
    t.match(
      build?.steps.filter(({ keyword }) => keyword === 'RUN').map(({ rest }) => rest),
      ['npm ci', /npm prune --omit=dev$/],
    )
    const copied = image?.steps.filter(
      ({ keyword, flags }) => keyword === 'COPY' && flags['from'] === 'build',
    )
    t.same(
      copied?.map(({ rest }) => rest.split(' ')[0]),
      ['/app/node_modules', '/app/dist'],
    )
  },
)

t.test('the service runs as a user that is not root, who owns the folder of the data', async (t) => {
  const image = stages().at(-1)
  if (image === undefined) throw new Error('no stage')
  t.equal(only(image, 'USER').rest, 'node')
  const volume = execForm(only(image, 'VOLUME'))
  t.same(volume, ['/data'])
  const keywords = image.steps.map(({ keyword }) => keyword)
  t.equal(only(image, 'RUN').rest, 'mkdir -m 0700 /data && chown node:node /data')
  t.equal(keywords.indexOf('RUN') < keywords.indexOf('USER'), true)
  // What is written to a volume's folder after VOLUME is lost.
  t.equal(keywords.indexOf('RUN') < keywords.indexOf('VOLUME'), true)
})

t.test('it listens on all addresses, and keeps its data in the volume', async (t) => {
  const image = stages().at(-1)
  if (image === undefined) throw new Error('no stage')
  const environment = environmentOf(image)
  t.match(environment, {
    NODE_ENV: 'production',
    HOST: '0.0.0.0',
    DATABASE_URL: 'file:/data/imprimatur.db',
  })
  t.equal(only(image, 'EXPOSE').rest, environment['PORT'])
})

t.test('signals reach the service itself, and its health is asked without a shell or curl', async (t) => {
  const image = stages().at(-1)
  if (image === undefined) throw new Error('no stage')
  const fromCheckout = packageJson.scripts['start']?.replace(/^.*\bexec /, '').split(' ')
  t.same(
    execForm(only(image, 'CMD')),
    fromCheckout?.map((word) => (word === 'src/main.ts' ? 'dist/main.js' : word)),
    'as npm start does',
  )
  t.match(execForm(only(image, 'CMD')), ['node', /^--/, 'dist/main.js', 'serve'])
  t.equal(
    image.steps.some(({ keyword }) => keyword === 'ENTRYPOINT'),
    false,
  )
  t.match(execForm(only(image, 'HEALTHCHECK')), ['node', '-e', /\/readyz/])
})

t.test('the image says what it is, in the labels that registries read', async (t) => {
  const image = stages().at(-1)
  if (image === undefined) throw new Error('no stage')
  const labels = Object.fromEntries(
    [...only(image, 'LABEL').rest.matchAll(/org\.opencontainers\.image\.(\w+)="([^"]*)"/g)].map(
      ([, name, value]) => [name, value],
    ),
  )
  t.match(labels, {
    title: 'Imprimatur',
    description: /comment/,
    version: packageJson.version,
    licenses: packageJson.license,
  })
})

t.test('nothing but what the image needs is sent to the build', async (t) => {
  const [everything, ...exceptions] = fileText('.dockerignore').trim().split('\n')
  t.equal(everything, '*')
  const sent = exceptions.map((line) => line.replace(/^!/, ''))
  t.equal(
    exceptions.every((line) => /^![\w./-]+$/.test(line)),
    true,
  )
  const needed = stages()
    .flatMap(({ steps }) => steps)
    .filter(({ keyword, flags }) => keyword === 'COPY' && flags['from'] === undefined)
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1))
  t.same(sent.toSorted(), [...new Set(needed)].toSorted())
})
