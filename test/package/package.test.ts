import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { until } from '../support/until.ts'

/*
 * What somebody gets who installs the packed tarball into an empty folder (INSTALL=1 does that by npm): Node strips no types below
 * node_modules, so it must be JavaScript, and all of it must be there.
 */

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** tap puts its own hooks into every process that a test starts; npm and tsc are to run as they do for anybody. */
const unhooked = ['-u', 'NODE_OPTIONS']

t.setTimeout(600_000)

// Outside the checkout: npm installs into the nearest folder above that has a package.json.
const folder = await mkdtemp(join(tmpdir(), 'imprimatur-package-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
const copy = join(folder, 'copy')
const consumer = join(folder, 'consumer')
const installed = join(consumer, 'node_modules', '@imprimatur', 'server')

t.test('npm pack builds a tarball, which is installed', async (t) => {
  await copyCheckout()
  await mkdir(consumer)
  await npm(['pack', '--pack-destination', consumer], copy)
  const [tarball = ''] = (await readdir(consumer)).filter((file) => file.endsWith('.tgz'))
  t.match(tarball, /^imprimatur-server-\d+\.\d+\.\d+.*\.tgz$/)
  if (process.env['INSTALL'] !== '1' && (await linkInto(consumer, join(consumer, tarball)))) return
  const flags = ['--prefix', consumer, '--no-audit', '--no-fund', '--prefer-offline']
  await npm(['install', `./${tarball}`, ...flags], consumer)
  t.match(await readFile(join(consumer, 'package.json'), 'utf8'), `file:${tarball}`)
})

t.test('the package has what the service needs, and nothing else', async (t) => {
  const files = await filesBelow(installed)
  const sources = (await filesBelow(join(checkout, 'src'))).map(
    (file) => `dist/${file.replace(/\.ts$/, '.js')}`,
  )
  t.same(files.filter((file) => file.startsWith('dist/')).sort(), sources.sort(), 'dist is all of src')
  const others = files.filter((file) => !file.startsWith('dist/'))
  for (const file of [
    'package.json',
    'openapi/openapi.json',
    'migrations/sqlite/meta/_journal.json',
    'embed/comments.js',
    'desk/index.html',
    'desk/desk.js',
  ])
    t.ok(others.includes(file), file)
  t.same(
    others.filter(
      (file) =>
        !/^(?:package\.json|(?:README|CHANGELOG|CONTRIBUTING)\.md|LICENSE|openapi\/(?:openapi\.json|comment-life\.arazzo\.yaml))$/.test(
          file,
        ) &&
        !/^(?:docs\/[\w/-]+\.md|docs\/pictures\/[\w-]+\.png|embed\/[\w-]+\.(?:js|css)|desk\/(?:index\.html|desk\.(?:js|css))|deploy\/imprimatur\.service|deploy\/[\w.]+\.yaml)$/.test(
          file,
        ) &&
        !/^migrations\/[a-z]+\/(?:\d{4}_[\w-]+\.sql|meta\/_journal\.json)$/.test(file),
    ),
    [],
    'no tests, no data, no sources, nothing left over from an earlier build',
  )
})

t.test('no link in what it says of itself is dead', async (t) => {
  const files = await filesBelow(installed)
  const texts = files.filter((file) => /^(?:README|CHANGELOG)\.md$|^docs\/.*\.md$/.test(file))
  t.ok(texts.length > 10)
  for (const text of texts)
    for (const [, target = ''] of (await readFile(join(installed, text), 'utf8')).matchAll(
      /\]\(([^)#\s]+)[^)]*\)/g,
    )) {
      if (/^https?:/.test(target)) continue
      const path = posix.join(posix.dirname(text), target)
      t.ok(
        files.some((file) => file === path || file.startsWith(`${path}/`)),
        `${text} links to ${target}`,
      )
    }
})

t.test(
  'its name is in a scope, so that nobody else can take it, and it can be found by what it is',
  async (t) => {
    const { name, keywords, bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    t.match(name, /^@imprimatur\//)
    t.same(Object.keys(bin), ['imprimatur'])
    t.ok(keywords.includes('comments') && keywords.includes('moderation'))
  },
)

t.test('npx imprimatur serves, and SIGTERM ends it with exit code 0', async (t) => {
  const child = start('npx', ['--no', 'imprimatur'])
  const written = collect(child)
  const exited = once(child, 'exit')
  // npm does not pass every signal on to what it runs, so the signals go to the service itself, which logs its pid.
  const [line = ''] = await until(() => /^\{.*Server listening at .*\}$/m.exec(written()) ?? undefined)
  const { pid, msg } = JSON.parse(line) as { pid: number; msg: string }
  t.teardown(() => {
    if (child.exitCode === null) process.kill(pid, 'SIGKILL')
  })
  const origin = /http:\S+/.exec(msg)?.[0] ?? ''
  const tokenFile = join(consumer, 'data', 'moderator-token')
  const token = (await until(() => readFile(tokenFile, 'utf8').catch(() => undefined))).trim()
  const moderator = { authorization: `Bearer ${token}` }

  const submitted = await fetch(`${origin}/v1/articles/hello/comments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ author: { name: 'Ada', email: 'ada@example.org' }, body: 'A fine article.' }),
  })
  t.equal(submitted.status, 202)
  const { id } = (await submitted.json()) as { id: string }
  const approval = `${origin}/v1/moderation/comments/${id}/approve`
  t.equal((await fetch(approval, { method: 'POST', headers: moderator })).status, 200)
  const list = await fetch(`${origin}/v1/articles/hello/comments`)
  t.match(await list.json(), {
    total: 1,
    comments: [{ id, author: { name: 'Ada' }, body: 'A fine article.' }],
  })

  const document = await fetch(`${origin}/openapi.json`)
  t.same(await document.json(), JSON.parse(await readFile(join(checkout, 'openapi/openapi.json'), 'utf8')))
  const docs = await fetch(`${origin}/docs`)
  t.equal(docs.status, 200)
  const [, script = ''] = /<script src="([^"]+bundle\.js)"/.exec(await docs.text()) ?? []
  const bundle = await fetch(new URL(script, `${origin}/docs/`))
  t.equal(bundle.status, 200, `the reference's own script, ${script}, is in the package`)

  const thread = await (await fetch(`${origin}/thread/hello`)).text()
  t.match(thread, 'A fine article.')
  const [, element = ''] = /<script type="module" src="([^"]+)"/.exec(thread) ?? []
  t.equal(
    (await fetch(new URL(element, `${origin}/thread/hello`))).status,
    200,
    `${element} is in the package`,
  )

  // As deploy/contract.*.yaml have it, for a site's own CI.
  const { stdout: held } = await run('env', [...unhooked, 'npx', '--no', 'imprimatur', 'contract', origin], {
    cwd: consumer,
    env: { ...environment(), MODERATOR_TOKEN: token },
  })
  t.match(held, /^ℹ pass [1-9]\d*$/m)
  t.match(held, /^ℹ fail 0$/m)

  process.kill(pid, 'SIGTERM')
  t.same(await exited, [0, null])
})

t.test('the workflows to copy do that, with the package of this version', async (t) => {
  const { name, version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'))
  for (const host of ['github', 'gitlab']) {
    const text = await readFile(join(installed, `deploy/contract.${host}.yaml`), 'utf8')
    const steps = JSON.stringify(parse(text))
    for (const step of [
      `npm install --no-save ${name}@${version}`,
      'npx imprimatur serve & curl',
      'npx imprimatur contract http://127.0.0.1:3000',
    ])
      t.match(steps, step)
  }
})

t.test('an old Node is told so in a sentence, and the exit code is 1', async (t) => {
  for (const version of ['18.20.8', '20.20.2', '22.17.1']) {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
    const stub = `data:text/javascript,${encodeURIComponent(pretend)}`
    const child = start(process.execPath, ['--import', stub, join(installed, 'dist', 'main.js')])
    const written = collect(child)
    const [code] = await once(child, 'close')
    t.equal(code, 1, version)
    t.match(written(), `Imprimatur needs Node.js 22.18 or later; this is ${version}.`)
  }
})

/**
 * The checkout without what git does not know, except that data and an earlier build are there, as they are in a
 * folder that somebody works in. Packing builds, and must not do so in the checkout while other tests run.
 */
async function copyCheckout(): Promise<void> {
  const left = ['node_modules', '.git', '.tap', 'dist', 'data']
  for (const entry of await readdir(checkout)) {
    if (!left.includes(entry)) await cp(join(checkout, entry), join(copy, entry), { recursive: true })
  }
  await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'))
  for (const file of [
    'data/imprimatur.db',
    'data/moderator-token',
    'dist/from-an-earlier-build.js',
    '.env',
  ]) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    await writeFile(join(copy, file), '')
  }
}

/**
 * What `npm install` of the tarball would put there, which README.md's commands do by npm: the package, and those of this checkout
 * that it depends on, and no others. `false` where it did not, as where the folder is on another disk.
 */
async function linkInto(folder: string, tarball: string): Promise<boolean> {
  const lock = JSON.parse(await readFile(join(checkout, 'package-lock.json'), 'utf8'))
  const packages = Object.entries<{ dev?: true }>(lock.packages).filter(([, { dev }]) => dev !== true)
  const own = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/
  const names = packages.flatMap(([path]) => own.exec(path)?.[1] ?? [])
  const modules = join(folder, 'node_modules')
  try {
    for (const name of names) {
      await mkdir(dirname(join(modules, name)), { recursive: true })
      await run('cp', ['-al', join(checkout, 'node_modules', name), join(modules, name)])
    }
    await mkdir(installed, { recursive: true })
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed])
    const { bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    await mkdir(join(modules, '.bin'))
    await symlink(join(installed, bin.imprimatur), join(modules, '.bin', 'imprimatur'))
    await chmod(join(installed, bin.imprimatur), 0o755)
    await writeFile(join(folder, 'package.json'), '{}')
    return true
  } catch {
    await rm(modules, { recursive: true, force: true })
    return false
  }
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  await run('env', [...unhooked, 'npm', ...args], { cwd, env: environment() })
}

function start(command: string, args: readonly string[]): ChildProcess {
  return spawn('env', [...unhooked, command, ...args], {
    cwd: consumer,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** The machine's own, registry settings included, with this Node first and nothing of the service's settings. */
function environment(): NodeJS.ProcessEnv {
  const foreign = /^(?:npm_(?:package|lifecycle)_.*|DATABASE_URL|MODERATOR_TOKEN.*|HOST)$/
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`
  return { ...Object.fromEntries(kept), PATH: path, PORT: '0' }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, '/'),
    )
}

/** Everything that it has written so far, to both its outputs. */
function collect({ stdout, stderr }: ChildProcess): () => string {
  let written = ''
  for (const stream of [stdout, stderr]) {
    stream?.on('data', (chunk) => {
      written += chunk
    })
  }
  return () => written
}
