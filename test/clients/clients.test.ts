import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { bareNode, startService } from '../support/process.ts'
import { startProxy } from './prism.ts'

/*
 * What other people's tools make of the document: types and clients that compile strictly and make every call, and a proxy that
 * holds each request and answer to it. They are a project of their own (`consumer/`), which takes nothing of this one but the
 * document, and is installed when this test first runs.
 */

const run = promisify(execFile)
const consumer = fileURLToPath(new URL('consumer', import.meta.url))
const document = fileURLToPath(new URL('../../openapi/openapi.json', import.meta.url))
const cache = fileURLToPath(new URL('../../node_modules/.cache/clients', import.meta.url))
const compiler = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url))
const token = 'a-token-for-the-clients-of-32-characters'

t.setTimeout(600_000)

const installed = await install()
// Not below the checkout's node_modules, where Node strips no types.
const folder = await mkdtemp(join(tmpdir(), 'imprimatur-clients-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
for (const file of ['package.json', 'tsconfig.json', 'session.ts'])
  await cp(join(consumer, file), join(folder, file))
await run('ln', ['-s', join(installed, 'node_modules'), join(folder, 'node_modules')])
await cp(document, join(folder, 'openapi.json'))

t.test('two generators make types and a client of it, which compile strictly', async (t) => {
  await tool('openapi-typescript', 'openapi.json', '-o', 'generated/api.d.ts')
  await tool('openapi-ts', '-i', 'openapi.json', '-o', 'generated/client')
  t.match(await compiled(), { ok: true, said: '' })
})

t.test('what the document does not have does not compile', async (t) => {
  const file = join(folder, 'session.ts')
  const session = await readFile(file, 'utf8')
  t.teardown(() => writeFile(file, session))
  // At once: the compiler takes some seconds each time.
  let mistaken = session
  for (const [right, wrong] of [
    ["verdict: 'approve'", "verdict: 'aprove'"],
    ['outcomes[0]?.outcome', 'outcomes[0]?.result'],
    ["'If-Match':", "'If-Matches':"],
    ['email?.split', 'email.split'],
  ] as const) {
    t.match(mistaken, right)
    mistaken = mistaken.replace(right, wrong)
  }
  await writeFile(file, mistaken)
  const { ok, said } = await compiled()
  t.notOk(ok)
  for (const complaint of [
    /"aprove"' is not assignable/,
    /'result' does not exist/,
    /'If-Matches'/,
    /Object is possibly 'null'/,
  ])
    t.match(said, complaint)
})

t.test('the typed client makes every call', async (t) => {
  const { origin } = await startEmpty(t)
  t.match(await session(origin), { ok: true, said: /^All calls were answered/ })
})

t.test('a proxy that validates finds no violation in them', async (t) => {
  const { origin } = await startEmpty(t)
  const proxy = await startProxy(t, folder, origin)
  t.match(await session(proxy), { ok: true, said: /^All calls were answered/ })
})

t.test('and finds one where there is one', async (t) => {
  const { origin } = await startEmpty(t)
  const strict = JSON.parse(await readFile(document, 'utf8'))
  strict.components.schemas.Acknowledgement.required.push('mood')
  const proxy = await startProxy(t, folder, origin, strict)
  t.match(await session(proxy), { ok: false, said: /mood/ })
})

function startEmpty(t: Test) {
  return startService(t, {
    DATABASE_URL: 'file::memory:',
    MODERATOR_TOKEN: token,
    SUBMISSIONS_PER_MINUTE: '0',
    LOG_LEVEL: 'silent',
  })
}

function session(origin: string): Promise<{ ok: boolean; said: string }> {
  return told('env', [...bareNode.slice(1), join(folder, 'session.ts'), origin, token, token])
}

function tool(name: string, ...args: string[]): Promise<{ ok: boolean; said: string }> {
  return told('env', [...bareNode.slice(1), join(installed, 'node_modules/.bin', name), ...args])
}

/** By this project's compiler, which is ten times as fast as the one that the generators are written for. */
function compiled(): Promise<{ ok: boolean; said: string }> {
  return told('env', [...bareNode.slice(1), compiler, '-p', '.'])
}

async function told(command: string, args: string[]): Promise<{ ok: boolean; said: string }> {
  return run(command, args, { cwd: folder }).then(
    ({ stdout }) => ({ ok: true, said: stdout }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ ok: false, said: stdout + stderr }),
  )
}

/** Once for each lock file; of two that install at once the second finds it there. */
async function install(): Promise<string> {
  const lock = await readFile(join(consumer, 'package-lock.json'))
  const target = join(cache, createHash('sha256').update(lock).digest('hex').slice(0, 16))
  await mkdir(cache, { recursive: true })
  if (await readFile(join(target, 'package.json')).catch(() => null)) return target
  const mine = await mkdtemp(join(cache, 'install-'))
  for (const file of ['package.json', 'package-lock.json']) await cp(join(consumer, file), join(mine, file))
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await run('env', ['-u', 'NODE_OPTIONS', 'npm', 'ci', ...flags], { cwd: mine })
  await rename(mine, target).catch(() => rm(mine, { recursive: true }))
  return target
}
