import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../src', import.meta.url))

/** The rooms of a layer that has one for each capability; of another's only the domain may be imported. */
const capabilities = ['comments', 'page', 'moderation', 'articles', 'feeds', 'desk', 'tokens', 'machine']

/**
 * What the files below a folder, or one file, may import: folders and files of src, packages, `node:` modules. First match
 * counts. `ROOM` is the capability's own: the third part of the path in `http`, the second elsewhere.
 */
const rules: { below: string; own: string[]; packages: string[] }[] = [
  {
    below: 'config.ts',
    own: ['domain/', 'words/', 'store/location.ts (type)', 'store/postgres-url.ts'],
    packages: ['zod', 'ipaddr.js', 'node:fs'],
  },
  { below: 'log.ts', own: ['domain/'], packages: ['pino', 'fastify (type)'] },
  {
    below: 'app.ts',
    own: ['http/', 'jobs/', 'words/words.ts', 'log.ts', 'config.ts (type)', 'store/store.ts (type)'],
    packages: ['fastify', 'uuid', 'node:net (type)'],
  },
  { below: 'domain/', own: ['domain/'], packages: [] },
  { below: 'xml.ts', own: [], packages: [] },
  {
    // Files for other systems, of rows as they come; a temporary database of its own puts them in order.
    below: 'export/',
    own: ['export/', 'domain/', 'xml.ts', 'store/transfer.ts (type)'],
    packages: ['better-sqlite3'],
  },
  {
    // A client of the API by the document, and nothing else.
    below: 'contract/',
    own: ['contract/'],
    packages: [
      'ajv',
      'ajv-formats',
      'node:assert/strict',
      'node:crypto',
      'node:fs',
      'node:test',
      'node:timers/promises',
    ],
  },
  {
    // A client of the API by the document as well, with a terminal before it.
    below: 'cli/moderating/',
    own: [
      'cli/moderating/',
      'cli/command-error.ts',
      'cli/signals.ts',
      'cli/terminal.ts (type)',
      'domain/text.ts',
      'http/routes/moderation/answers.ts (type)',
    ],
    packages: [
      'commander',
      'node:fs/promises',
      'node:readline',
      'node:timers/promises',
      'node:tty (type)',
      'node:util',
      'string-width',
      'wrap-ansi',
    ],
  },
  {
    // Reads other systems' files, and knows no database of ours: rows in our own format come out.
    below: 'convert/formats/',
    own: ['convert/formats/', 'convert/source/', 'convert/text/', 'convert/*.ts', 'domain/'],
    packages: ['better-sqlite3', 'csv-parse'],
  },
  {
    below: 'convert/',
    own: ['convert/', 'domain/', 'store/transfer.ts (type)'],
    packages: [
      '@streamparser/json',
      'better-sqlite3',
      'csv-parse',
      'entities',
      'htmlparser2',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:os',
      'node:path',
      'node:stream',
      'node:zlib',
      'sax',
      'yauzl',
    ],
  },
  { below: 'words/', own: ['words/', 'domain/language.ts'], packages: [] },
  {
    // Runs in the server and in a browser alike.
    below: 'page/',
    own: ['page/', 'words/en.ts (type)', 'domain/comments/comment.ts'],
    packages: [],
  },
  {
    below: 'jobs/',
    own: ['jobs/', 'operations/', 'domain/', 'store/*.ts (type)'],
    packages: ['fastify (type)', 'node:timers/promises'],
  },
  {
    below: 'operations/',
    own: ['operations/ROOM/', 'operations/*.ts', 'domain/', 'store/*.ts (type)'],
    packages: ['node:crypto', 'node:timers/promises'],
  },
  {
    below: 'store/sqlite/',
    own: ['store/sqlite/', 'store/*.ts', 'domain/'],
    packages: [
      'drizzle-orm',
      'better-sqlite3',
      'node:events',
      'node:fs',
      'node:module',
      'node:path',
      'node:url',
      'node:worker_threads',
    ],
  },
  {
    below: 'store/postgres/',
    own: ['store/postgres/', 'store/*.ts', 'domain/'],
    packages: [
      'drizzle-orm',
      'lru-cache',
      'node:crypto',
      'node:module',
      'node:timers/promises',
      'node:url',
      'pg',
      'pg-connection-string',
    ],
  },
  { below: 'store/open-store.ts', own: ['store/'], packages: ['node:timers/promises'] },
  {
    below: 'store/',
    own: ['store/*.ts', 'domain/'],
    packages: ['drizzle-orm', 'node:module', 'node:timers/promises'],
  },
  {
    below: 'http/routes/index.ts',
    own: ['http/routes/', 'http/route.ts (type)'],
    packages: [],
  },
  {
    // The reference is a service of its own, behind the same limits and the same answers to what goes wrong.
    below: 'http/routes/machine/docs.ts',
    own: ['http/'],
    packages: ['fastify', '@fastify/helmet', '@fastify/swagger', '@fastify/swagger-ui'],
  },
  {
    below: 'http/routes/page/embed-files.ts',
    own: [],
    packages: ['node:crypto', 'node:fs', 'node:zlib'],
  },
  {
    // Bytes as they are: behind the limits, and no route of the API.
    below: 'http/routes/page/serve-embed.ts',
    own: ['http/'],
    packages: ['fastify (type)', 'negotiator'],
  },
  {
    below: 'http/routes/desk/',
    own: ['http/routes/ROOM/', 'http/limits/', 'http/serving/'],
    packages: ['fastify (type)', 'negotiator', 'node:fs', 'node:zlib'],
  },
  {
    below: 'http/routes/page/front-page.ts',
    own: ['http/', 'page/'],
    packages: ['fastify (type)', 'node:crypto'],
  },
  {
    // What the list and the submission are to a program, the thread and its form are to a browser: the same use cases.
    below: 'http/routes/page/',
    own: [
      'http/routes/ROOM/',
      'http/routes/comments/',
      'http/*.ts',
      'operations/comments/',
      'page/',
      'domain/',
      'words/en.ts (type)',
    ],
    packages: ['zod', 'node:querystring'],
  },
  {
    below: 'http/routes/',
    own: [
      'http/routes/ROOM/',
      'http/*.ts',
      'operations/ROOM/',
      'operations/*.ts',
      'domain/',
      'words/words.ts',
      'words/en.ts (type)',
      'xml.ts',
    ],
    packages: ['zod', 'fastify (type)', 'node:fs', 'uuid'],
  },
  {
    below: 'http/html-text.ts',
    own: ['page/'],
    packages: ['node:timers/promises'],
  },
  {
    below: 'http/serving/close-connections.ts',
    own: [],
    packages: ['fastify (type)', 'node:net', 'node:timers/promises'],
  },
  {
    below: 'http/serving/bound-connections.ts',
    own: [],
    packages: ['fastify (type)', 'node:fs', 'node:http (type)'],
  },
  {
    below: 'http/serving/shed-load.ts',
    own: ['http/problems.ts'],
    packages: ['fastify (type)', 'node:perf_hooks'],
  },
  {
    below: 'http/',
    own: [
      'http/*.ts',
      'http/serving/',
      'http/limits/',
      'operations/deps.ts (type)',
      'operations/tokens/authenticate.ts',
      'domain/',
      'words/en.ts (type)',
      'store/*.ts (type)',
      'config.ts (type)',
    ],
    packages: [
      'fastify',
      '@fastify/rate-limit',
      'zod',
      'prom-client',
      'negotiator',
      'ipaddr.js',
      'forwarded-parse',
      'lru-cache',
      // serving/node-http.ts says why.
      'node:http (type)',
      'node:crypto',
      'node:net (type)',
      'node:timers/promises',
    ],
  },
]

/** The process and its writer's thread. */
const entries = ['main.ts', 'store/sqlite/writer-thread.ts']

const forbiddenNames = /(^|[/-])(utils?|helpers?|common|manager|misc|shared)([./-]|$)/

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(sep).join('/'))

t.test('each folder imports only what the floor plan allows', async (t) => {
  t.ok(files.length > 40)
  const against: string[] = []
  for (const file of files) {
    const rule = rules.find(({ below }) => file.startsWith(below))
    if (rule === undefined) continue
    const own = rule.own.map((pattern) => pattern.replace('ROOM', roomOf(file)))
    for (const { target, typeOnly } of importsOf(file)) {
      const allowed = target.startsWith('.')
        ? own.some((pattern) => matches(ownPath(file, target), pattern, typeOnly))
        : rule.packages.some((pattern) => matches(packageOf(target), pattern, typeOnly))
      if (!allowed) against.push(`${file} imports ${target}`)
    }
  }
  t.same(against, [])
})

t.test('moderating in a terminal needs nothing of the service but its address', async (t) => {
  const reached = new Set<string>()
  const visit = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    for (const { target, typeOnly } of importsOf(file))
      if (target.startsWith('.') && !typeOnly) visit(ownPath(file, target))
  }
  for (const file of files) if (file.startsWith('cli/moderating/')) visit(file)
  t.ok(reached.size > 10)
  t.same(
    [...reached].filter((file) => !/^(?:cli|domain)\//.test(file)),
    [],
  )
})

t.test('each layer with rooms has them by the names of the capabilities', async (t) => {
  for (const layer of ['domain/', 'operations/', 'http/routes/']) {
    const rooms = files
      .filter((file) => file.startsWith(layer))
      .map((file) => file.slice(layer.length).split('/'))
      .flatMap(([room = '', ...rest]) => (rest.length > 0 ? [room] : []))
    t.same(
      [...new Set(rooms)].filter((room) => !capabilities.includes(room)),
      [],
      layer,
    )
  }
})

t.test('no file is imported by what it imports', async (t) => {
  t.same(circlesAmong(new Map(files.map((file) => [file, ownImportsOf(file)]))), [])
  t.same(
    circlesAmong(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
    ['b > c > b'],
    'a circle is found',
  )
})

t.test('each package that a deployment installs is imported by some file, and no other', async (t) => {
  const { dependencies } = JSON.parse(readFileSync(join(root, '../package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const imported = files
    .flatMap((file) => importsOf(file))
    .map(({ target }) => packageOf(target))
    .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
  t.same([...new Set(imported)].sort(), Object.keys(dependencies).sort())
})

t.test('the rules bite', async (t) => {
  t.notOk(matches('store/sqlite/store.ts', 'store/*.ts', false))
  t.ok(matches('store/rows.ts', 'store/*.ts', false))
  t.notOk(matches('store/store.ts', 'store/store.ts (type)', false))
  t.ok(matches('store/store.ts', 'store/store.ts (type)', true))
  t.notOk(matches('operations/page.ts', 'domain/', true))
})

t.test(
  'what runs in a browser takes from the service what both show, and the types of its answers',
  async (t) => {
    const folder = fileURLToPath(new URL('../client', import.meta.url))
    const clients = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )
    t.ok(clients.length > 0)
    for (const file of clients) {
      for (const { target, typeOnly } of importsOf(`../client/${file}`)) {
        const isOwn = /^\.\/[\w-]+\.ts$/.test(target)
        const isShared = /^(?:\.\.\/)+src\/(?:page\/[\w-]+|words\/en|domain\/language)\.ts$/.test(target)
        const isWire = typeOnly && /^(?:\.\.\/)+src\/http\/routes\/\w+\/answers\.ts$/.test(target)
        t.ok(isOwn || isShared || isWire, `${file} imports ${target}`)
      }
    }
  },
)

t.test(
  'a test comes by its support through the doors: the files of that folder, and none of the rooms behind',
  async (t) => {
    const folder = fileURLToPath(new URL('.', import.meta.url))
    const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((file) => file.split(sep).join('/'))
      .filter((file) => file.endsWith('.ts') && !file.startsWith('support/'))
    t.ok(tests.length > 100)
    t.same(
      tests.flatMap((file) =>
        importsOf(`../test/${file}`)
          .filter(({ target }) => target.includes('/support/') && !/\/support\/[\w-]+\.ts$/.test(target))
          .map(({ target }) => `${file} imports ${target}`),
      ),
      [],
    )
  },
)

t.test('only the entries have effects on import', async (t) => {
  const having = files.filter((file) =>
    /^(?:await|process\.|new |console)/m.test(readFileSync(join(root, file), 'utf8')),
  )
  t.same(
    having.filter((file) => !entries.includes(file)),
    [],
  )
})

t.test('no file is named after what it is not', async (t) => {
  t.same(
    files.filter((file) => forbiddenNames.test(file)),
    [],
  )
})

t.test('exports are named', async (t) => {
  t.same(
    files.filter((file) => /^export default/m.test(readFileSync(join(root, file), 'utf8'))),
    [],
  )
})

function importsOf(file: string): { target: string; typeOnly: boolean }[] {
  const source = readFileSync(join(root, file), 'utf8')
  const statements = source.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)
  const dynamic = source.matchAll(/import\(['"]([^'"]+)['"]\)/g)
  return [
    ...[...statements].map(([, type, target = '']) => ({ target, typeOnly: type !== undefined })),
    ...[...dynamic].map(([, target = '']) => ({ target, typeOnly: false })),
  ]
}

function ownImportsOf(file: string): string[] {
  return importsOf(file).flatMap(({ target }) => (target.startsWith('.') ? [ownPath(file, target)] : []))
}

/** Depth first; each circle once, from where it was entered. Types count too: they are what is hardest to take apart. */
function circlesAmong(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '))
    if (path.includes(file) || done.has(file)) return
    for (const next of imports.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return circles
}

function roomOf(file: string): string {
  const [layer, ...parts] = file.split('/')
  return (layer === 'http' ? parts[1] : parts[0]) ?? ''
}

function ownPath(file: string, target: string): string {
  return relative(root, join(root, dirname(file), target))
    .split(sep)
    .join(posix.sep)
}

function packageOf(target: string): string {
  if (target.startsWith('node:')) return target
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

function matches(target: string, pattern: string, typeOnly: boolean): boolean {
  const bare = pattern.replace(' (type)', '')
  if (bare !== pattern && !typeOnly) return false
  if (bare.endsWith('/')) return target.startsWith(bare)
  if (bare.endsWith('/*.ts')) return dirname(target) === dirname(bare) && target.endsWith('.ts')
  return target === bare
}

/**
 * A wall clock can be set. What it says is a moment, for people and for what is kept: it comes in by `clock`, from where the
 * process begins. What lasts is measured by `performance.now()`.
 */
t.test('nobody asks the wall clock but who begins', (t) => {
  const whoBegin =
    /^(?:app|cli\/(?:add|articles|backup|convert|export|moderating\/commands|serve|token|token-file))\.ts$/
  const asking = files.filter((file) =>
    /\bDate\.now\b|\bnew Date\(\)/.test(readFileSync(join(root, file), 'utf8')),
  )
  t.same(
    asking.filter((file) => !whoBegin.test(file)),
    [],
  )
  t.end()
})
