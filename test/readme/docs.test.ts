import { existsSync, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { fieldErrorCodes } from '../../src/http/field-errors.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { problemTable } from '../../src/http/problems.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFile(join(root, path), 'utf8')
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).toSorted()

t.test('docs/problems.md explains every problem, with its status and its title', async (t) => {
  const text = await read('docs/problems.md')
  const explained = [
    ...text.matchAll(/^### `([a-z-]+)`\n\n\*\*(\d{3}) ([^*]+)\.\*\*(.*?)(?=^#|$(?![\s\S]))/gms),
  ]
  t.same(
    explained.map(([, code, status, title]) => ({ code, status: Number(status), title })).toSorted(byCode),
    Object.entries(problemTable)
      .map(([code, entry]) => ({ code, ...entry }))
      .toSorted(byCode),
  )
  for (const [, code, , , explanation] of explained) t.match(explanation, '*Do:*', `${code}: what to do`)
})

t.test('docs/problems.md explains every code that a field error can have', async (t) => {
  const [, table = ''] = (await read('docs/problems.md')).split('## What is wrong with a field')
  const explained = [...table.matchAll(/^\| `([a-z-]+)` \| \S.*\|$/gm)].map(([, code]) => code)
  t.same(explained, fieldErrorCodes)
})

t.test('docs/operating.md has every metric of the service, and no other', async (t) => {
  const metrics = createMetrics(
    {
      queue: async () => ({ pending: 0, oldestAtMs: null }),
      databaseBytes: async () => 0,
      jobAges: async () => new Map(),
    },
    Date.now,
  )
  const rendered = [...(await metrics.render()).matchAll(/^# HELP (imprimatur_\w+)/gm)].map(
    ([, name]) => name,
  )
  const told = [...(await read('docs/operating.md')).matchAll(/^\| `(imprimatur_\w+)`/gm)].map(
    ([, name]) => name,
  )
  t.equal(told.length > 3, true)
  t.same(told.toSorted(), rendered.toSorted())
})

t.test('docs/operating.md tells of log lines that the service writes', async (t) => {
  const table = /^## Logs$(.*?)^## /ms.exec(await read('docs/operating.md'))?.[1] ?? ''
  const lines = [...table.matchAll(/^\| `([^`]+)` \|/gm)].flatMap(([, line = '']) =>
    line === 'msg' ? [] : [line],
  )
  const files = globSync('src/**/*.ts', { cwd: root })
  const source = (await Promise.all(files.map(read))).join('')
  t.equal(lines.length > 5, true)
  for (const line of lines) t.equal(source.includes(`'${line}'`), true, line)
})

t.test('a link leads to a file and to a heading that are there', async (t) => {
  t.equal(documents.length > 10, true)
  for (const document of documents) {
    for (const [, target = ''] of (await read(document)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? document : join(dirname(document), path)
      const found = existsSync(join(root, file))
      t.equal(found, true, `${document} links to ${target}`)
      if (anchor !== undefined && found)
        t.equal(anchorsOf(await read(file)).includes(anchor), true, `${document} links to ${target}`)
    }
  }
})

t.test('every file and folder that the documents name is there', async (t) => {
  const named = /`((?:src|test|docs|contract|openapi|migrations|bench|scripts|\.ci)\/[\w./-]*)`/g
  let count = 0
  for (const document of documents) {
    for (const [, path = ''] of (await read(document)).matchAll(named)) {
      count += 1
      t.equal(existsSync(join(root, path)), true, `${document} names ${path}`)
    }
  }
  t.equal(count > 30, true)
})

t.test('every script that the documents name is in package.json', async (t) => {
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> }
  for (const document of documents) {
    const named = (await read(document)).matchAll(/npm run (?:--silent )?([a-z:]+)/g)
    for (const [, name = ''] of named)
      t.equal(Object.hasOwn(scripts, name), true, `${document} names ${name}`)
  }
})

t.test('every setting that the documents name is one', async (t) => {
  for (const document of documents) {
    const named = [...(await read(document)).matchAll(/`([A-Z]+(?:_[A-Z]+)+)\b/g)].map(
      ([, name = '']) => name,
    )
    for (const name of new Set(named)) {
      if (notOurs.has(name)) continue
      t.equal(refusesNonsense(name), true, `${document} names ${name}`)
    }
  }
})

/** Of the tests, of faults' codes, of the server example, of SQLite, of other systems, of the commands that are a client. */
const notOurs = new Set([
  'ADMIN_PASSWD',
  'BACKUP_PATH',
  'CONNECT_TIMEOUT',
  'IMPRIMATUR_TOKEN',
  'IMPRIMATUR_TOKEN_FILE',
  'IMPRIMATUR_URL',
  'README_UPDATE',
  'SQLITE_TMPDIR',
  'STORE_BUSY',
  'SUBMIT_TOKEN',
  'SYSTEM_WITHHELD',
  'TEST_DATABASE_URL',
  'TEST_POOLER',
  'TEST_STORE',
])

/** No value is right for every setting, so a setting is known by its refusal of a wrong one. */
function refusesNonsense(name: string): boolean {
  const result = readConfig({ [name]: '\u0000 no such thing' })
  return !result.ok && result.faults.some((fault) => fault.startsWith(`${name} `))
}

/** As GitHub makes them. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function byCode(one: { code?: string | undefined }, other: { code?: string | undefined }): number {
  return (one.code ?? '').localeCompare(other.code ?? '')
}
