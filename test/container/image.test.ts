import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { fileText } from '../support/documents.ts'
import { linkInstalled } from '../support/process.ts'
import { environmentOf, execForm, only, type Stage, type Step, stages } from './dockerfile.ts'

/*
 * Where no container engine runs, the Dockerfile's own steps are carried out in folders: each stage has one in the place
 * of its root, and the build's context holds what .dockerignore lets through.
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
/** An installation, and a compilation. */
t.setTimeout(600_000)

t.test(
  'the steps of the Dockerfile make a tree that serves, is healthy, and ends when told to',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'imprimatur-image-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const context = await contextIn(join(folder, 'context'))
    const image = await buildIn(folder, context)

    const lock = JSON.parse(fileText('package-lock.json')) as { packages: Record<string, { dev?: true }> }
    const developed = Object.keys(lock.packages).filter((path) => lock.packages[path]?.dev)
    const left = await Promise.all(developed.map((path) => exists(join(image.root, 'app', path))))
    t.equal(developed.length > 100, true)
    t.same(
      developed.filter((_, index) => left[index]),
      [],
    )

    const data = join(folder, 'data')
    const env = {
      PATH: process.env['PATH'],
      ...environmentOf(image.stage),
      DATABASE_URL: environmentOf(image.stage)['DATABASE_URL']?.replace('/data', data),
      // What the image is given from outside: here, an address that other machines cannot reach.
      HOST: '127.0.0.1',
      PORT: '0',
      // However busy the machine is.
      MAX_EVENT_LOOP_DELAY_MS: '0',
    }
    const [command = '', ...args] = execForm(only(image.stage, 'CMD'))
    t.equal(command, 'node')
    const service = spawn(process.execPath, args, { cwd: join(image.root, 'app'), env })
    const exited = once(service, 'exit')
    t.teardown(async () => {
      if (service.exitCode === null) service.kill('SIGKILL')
      await exited
    })
    service.stdout.resume()
    const origin = await new Promise<string>((resolve, reject) => {
      let written = ''
      service.stderr.on('data', (chunk) => {
        written += chunk
        const found = /(http:\S+)\/docs/.exec(written)?.[1]
        if (found !== undefined) resolve(found)
      })
      service.on('exit', () => reject(new Error(written)))
    })
    const submitted = await fetch(`${origin}/v1/articles/a/comments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ author: { name: 'Ada', email: 'ada@example.org' }, body: 'From the image.' }),
    })
    t.equal(submitted.status, 202)
    t.equal((await fetch(`${origin}/openapi.json`)).status, 200)
    t.equal((await fetch(`${origin}/docs/`)).status, 200)
    t.equal((await fetch(`${origin}/thread/a`)).status, 200)
    t.equal((await fetch(`${origin}/embed/comments.js`)).status, 200)
    t.equal(await exists(join(data, 'moderator-token')), true)

    const health = () => healthOf(image.stage, new URL(origin).port)
    t.equal(await health(), 0)
    service.kill('SIGTERM')
    t.same(await exited, [0, null])
    t.equal(await health(), 1)
  },
)

/** What .dockerignore lets through; dockerfile.test.ts sees to it that each of its lines is read rightly here. */
async function contextIn(context: string): Promise<string> {
  const sent = [...fileText('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path = '']) => path)
  for (const path of sent) await cp(join(root, path), join(context, path), { recursive: true })
  return context
}

/** Carries out all stages; resolves to the last one, with the folder that stands for its root. */
async function buildIn(folder: string, context: string): Promise<{ stage: Stage; root: string }> {
  const roots = new Map<string, string>()
  let last: { stage: Stage; root: string } | undefined
  for (const [index, stage] of stages().entries()) {
    const stageRoot = join(folder, `stage-${index}`)
    if (stage.name !== null) roots.set(stage.name, stageRoot)
    let workdir = stageRoot
    for (const step of stage.steps) {
      if (step.keyword === 'WORKDIR') {
        workdir = join(stageRoot, step.rest)
        await mkdir(workdir, { recursive: true })
      } else if (step.keyword === 'COPY') {
        await copy(step, roots.get(step.flags['from'] ?? '') ?? context, workdir)
      } else if (step.keyword === 'RUN' && !step.rest.includes('chown')) {
        // The owner of /data is the image's own affair: the user node is in it.
        // tap puts its hooks into the options of whatever a test spawns; tsc cannot run with them.
        if (step.rest === 'npm ci' && (await linkInstalled(workdir))) continue
        await run('sh', ['-c', `unset NODE_OPTIONS; ${step.rest}`], { cwd: workdir, env: newShell() })
      }
    }
    last = { stage, root: stageRoot }
  }
  if (last === undefined) throw new Error('no stage')
  return last
}

async function copy(step: Step, from: string, workdir: string): Promise<void> {
  const paths = step.rest.split(/\s+/)
  const target = paths.pop() ?? ''
  for (const path of paths) {
    const destination = target.endsWith('/') ? join(workdir, target, basename(path)) : join(workdir, target)
    // Out of a stage, whose work is done, it is as good to move as to copy, and takes no time.
    if (step.flags['from'] !== undefined) await rename(join(from, path), destination)
    else await cp(join(from, path), destination, { recursive: true })
  }
}

/** As in a container: the Node.js that the tests run on, which the image's tag names, and none of npm's own variables. */
function newShell(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:npm_(?!config_)|npm_config_local_prefix|NODE(?:$|_OPTIONS|_ENV|_V8)|TAP|_TAPJS|INIT_CWD)/i.test(
        name,
      ),
  )
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'))
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), ...path].join(delimiter),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  }
}

async function healthOf(stage: Stage, port: string): Promise<number | null> {
  const [, ...args] = execForm(only(stage, 'HEALTHCHECK'))
  const check = spawn(process.execPath, args, { env: { PORT: port } })
  const [code] = (await once(check, 'exit')) as [number | null]
  return code
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
