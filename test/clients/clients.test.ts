import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { blocksWith } from '../support/documents.ts'
import { bareNode, startService } from '../support/process.ts'
import { startProxy } from './prism.ts'

/*
 * What other people's tools make of the document: types and clients that compile strictly and make every call, a collection of
 * requests that runs, and a proxy that holds each request and answer to it. They are a project of their own (`consumer/`), which takes nothing of this one but the
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
  const made = new Set(
    [...(await readFile(join(consumer, 'session.ts'), 'utf8')).matchAll(/client\.([A-Z]+)\('([^']+)'/g)].map(
      ([, method, path]) => `${method} ${path}`,
    ),
  )
  t.same([...made].sort(), (await operations()).sort())
  const { origin } = await startEmpty(t)
  t.match(await session(origin), { ok: true, said: /^All calls were answered/ })
})

t.test('README’s typed client is one that works as it stands there', async (t) => {
  const { origin } = await startEmpty(t)
  const here = (text: string) => text.replaceAll('http://127.0.0.1:3000', origin)
  const { dependencies } = JSON.parse(await readFile(join(consumer, 'package.json'), 'utf8'))
  const [install, generate] = (blocksWith('README.md', 'npx openapi-typescript')[0] ?? '').trim().split('\n')
  t.same(
    install?.match(/openapi-[a-z]+/g)?.filter((name) => !(name in dependencies)),
    [],
    'what it installs is what is installed here',
  )
  const [, name = '', ...args] = here(generate ?? '').split(' ')
  t.match(await tool(name, ...args), { ok: true })
  const file = join(folder, 'readme.ts')
  const program = here(blocksWith('README.md', 'createClient<paths>')[0] ?? '')
  await writeFile(file, `${program}\nconsole.log(JSON.stringify(data))\n`)
  t.match(await compiled(file), { ok: true, said: '' })
  t.same(await told('env', [...bareNode.slice(1), file]), {
    ok: true,
    said: '{"counts":[{"articleId":"why-we-print","total":0}]}\n',
  })
})

t.test('a proxy that validates finds no violation in them', async (t) => {
  const { origin } = await startEmpty(t)
  const proxy = await startProxy(t, folder, origin)
  t.match(await session(proxy, 'no-redirect'), { ok: true, said: /^All calls were answered/ })
})

t.test('and finds one where there is one', async (t) => {
  const { origin } = await startEmpty(t)
  const strict = JSON.parse(await readFile(document, 'utf8'))
  strict.components.schemas.Acknowledgement.required.push('mood')
  const proxy = await startProxy(t, folder, origin, strict)
  t.match(await session(proxy, 'no-redirect'), { ok: false, said: /mood/ })
})

t.test('the collection that Postman makes of it runs from top to bottom', async (t) => {
  const { origin } = await startEmpty(t)
  const options = 'parametersResolution=Example,folderStrategy=Tags'
  const [collection, results] = ['collection.json', 'results.json'].map((name) => join(folder, name))
  t.match(await tool('openapi2postmanv2', '-s', 'openapi.json', '-o', 'collection.json', '-O', options), {
    ok: true,
  })
  await writeFile(String(collection), await withIdsOf(origin, await readFile(String(collection), 'utf8')))
  const variables = [`baseUrl=${origin}`, `bearerToken=${token}`].flatMap((one) => ['--env-var', one])
  const reports = ['--reporters', 'json', '--reporter-json-export', String(results)]
  t.match(await tool('newman', 'run', 'collection.json', ...variables, ...reports), { ok: true })

  const { run: ran } = JSON.parse(await readFile(String(results), 'utf8')) as NewmanResults
  const answers = ran.executions.map(({ item, response }) => [item.name, response?.code])
  t.equal(answers.length, (await operations()).length, 'every call')
  t.same(
    answers.filter(([, code]) => code === undefined || Number(code) >= 400),
    [
      // The tool knows no examples of forms: each field says `string`, and so does the one that no reader sees.
      ['Submit the form of a page', 422],
      // For these the token is the author's receipt.
      ['See where your comment stands', 401],
      ['Withdraw your comment', 401],
    ],
  )
})

if (process.env['WHOLE'] === '1')
  t.test('the collection that Bruno makes of it runs from top to bottom', async (t) => {
    const { origin } = await startEmpty(t)
    const bru = join(await install(join(consumer, '../bruno')), 'node_modules/.bin/bru')
    // It has a file for each call; what is made of the document is the same, ids and all.
    const source = join(folder, 'for-bruno.json')
    await writeFile(source, await withIdsOf(origin, await readFile(document, 'utf8')))
    const [collection, results] = [join(folder, 'bruno'), join(folder, 'bruno.json')]
    t.match(await toldBy(bru, ['import', 'openapi', '--source', source, '--output', collection]), {
      ok: true,
    })
    const variables = [`baseUrl=${origin}`, `token=${token}`].flatMap((one) => ['--env-var', one])
    const run = ['run', '-r', ...variables, '--output', results]
    t.match(await toldBy(bru, run, collection), { ok: true })
    const [{ results: ran }] = JSON.parse(await readFile(results, 'utf8')) as BrunoResults
    t.equal(ran.length, (await operations()).length, 'every call')
    t.same(
      Object.fromEntries(
        ran
          .map(({ test, response }) => [basename(test.filename, '.yml'), response.status] as const)
          .filter(([, status]) => status >= 400),
      ),
      {
        // As in Postman's, above.
        'See where your comment stands': 401,
        'Withdraw your comment': 401,
        // Its command line leaves out what it imported as parameters of a query, also those that are required.
        'Count the approved comments of many articles': 400,
      },
    )
  })

/** Of the comments that the examples of the document are about. */
const exampleIds = /019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11|019df250-3a40-7000-8000-[0-9a-f]{12}/g

/**
 * In place of the ids of its examples those of comments that are there, as somebody would put them in who has submitted some.
 */
async function withIdsOf(origin: string, text: string): Promise<string> {
  let made = text
  for (const [index, example] of [...new Set(made.match(exampleIds))].entries()) {
    const submitted = await fetch(`${origin}/v1/articles/why-we-print/comments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"author":{"name":"Ada","email":"ada@example.org"},"body":"The comment ${index}."}`,
    })
    made = made.replaceAll(example, ((await submitted.json()) as { id: string }).id)
  }
  return made
}

async function operations(): Promise<string[]> {
  const { paths } = JSON.parse(await readFile(document, 'utf8')) as { paths: Record<string, object> }
  return Object.entries(paths).flatMap(([path, calls]) =>
    Object.keys(calls).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

type BrunoResults = [{ results: { test: { filename: string }; response: { status: number } }[] }]
type NewmanResults = { run: { executions: { item: { name: string }; response?: { code: number } }[] } }

function startEmpty(t: Test) {
  return startService(t, {
    DATABASE_URL: 'file::memory:',
    MODERATOR_TOKEN: token,
    SUBMISSIONS_PER_MINUTE: '0',
    LOG_LEVEL: 'silent',
  })
}

function session(origin: string, ...more: 'no-redirect'[]): Promise<{ ok: boolean; said: string }> {
  return told('env', [...bareNode.slice(1), join(folder, 'session.ts'), origin, token, token, ...more])
}

function tool(name: string, ...args: string[]): Promise<{ ok: boolean; said: string }> {
  return toldBy(join(installed, 'node_modules/.bin', name), args)
}

function toldBy(program: string, args: string[], cwd = folder): Promise<{ ok: boolean; said: string }> {
  return told('env', [...bareNode.slice(1), program, ...args], cwd)
}

/** These files alone, where any are named. By this project's compiler, which is ten times as fast as the one that the generators are written for. */
async function compiled(...files: string[]): Promise<{ ok: boolean; said: string }> {
  const project = join(folder, 'tsconfig.json')
  const own = JSON.parse(await readFile(project, 'utf8')) as { include: string[] }
  const other = join(folder, 'tsconfig.these.json')
  await writeFile(other, JSON.stringify({ ...own, include: files.length > 0 ? files : own.include }))
  return told('env', [...bareNode.slice(1), compiler, '-p', other])
}

async function told(command: string, args: string[], cwd = folder): Promise<{ ok: boolean; said: string }> {
  return run(command, args, { cwd }).then(
    ({ stdout }) => ({ ok: true, said: stdout }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ ok: false, said: stdout + stderr }),
  )
}

/** Once for each lock file; of two that install at once the second finds it there. */
async function install(from = consumer): Promise<string> {
  const lock = await readFile(join(from, 'package-lock.json'))
  const target = join(cache, createHash('sha256').update(lock).digest('hex').slice(0, 16))
  await mkdir(cache, { recursive: true })
  if (await readFile(join(target, 'package.json')).catch(() => null)) return target
  const mine = await mkdtemp(join(cache, 'install-'))
  for (const file of ['package.json', 'package-lock.json']) await cp(join(from, file), join(mine, file))
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await run('env', ['-u', 'NODE_OPTIONS', 'npm', 'ci', ...flags], { cwd: mine })
  await rename(mine, target).catch(() => rm(mine, { recursive: true }))
  return target
}
