import { readFile } from 'node:fs/promises'
import t from 'tap'
import { type Config, readConfig } from '../../src/config.ts'

type Row = { name: string; fallback: string | null; limits: string }

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
const settings = rowsOf(await read('README.md'))

t.test('the table of settings has every variable that the configuration reads, and no other', async (t) => {
  const source = await read('src/config.ts')
  const names = [...source.matchAll(/\bdata\.([A-Z_]+)/g)].map(([, name = '']) => name)
  t.equal(names.includes('DATABASE_URL'), true)
  t.same(settings.map(({ name }) => name).toSorted(), [...new Set(names)].toSorted())
})

t.test('every default that the table gives is the default', async (t) => {
  const given = settings.flatMap(({ name, fallback }) => (fallback === null ? [] : [[name, fallback]]))
  t.equal(given.length > 10, true)
  t.same(config(Object.fromEntries(given)), config({}))
})

t.test('what the table says has no default has none', async (t) => {
  const none = settings.filter(({ fallback }) => fallback === null).map(({ name }) => name)
  t.same(none, [
    'MODERATOR_TOKEN',
    'MODERATOR_TOKEN_FILE',
    'CORS_ORIGINS',
    'TRUST_PROXY',
    'WORDS_FILE',
    'REASONS_FILE',
    'ARTICLE_URL',
    'PUBLIC_URL',
  ])
  t.match(config({}), {
    moderatorToken: null,
    corsOrigins: [],
    trustProxy: [],
    words: {},
    articleUrl: null,
    publicUrl: null,
  })
})

t.test('each whole number is taken up to the limit that the table gives, and no further', async (t) => {
  const bounded = settings.flatMap(({ name, limits }) => {
    const max = /^0 to (\d+)$/.exec(limits)?.[1]
    return max === undefined ? [] : [{ name, max: Number(max) }]
  })
  t.equal(bounded.length > 10, true)
  for (const { name, max } of bounded) {
    t.equal(readConfig({ [name]: String(max) }).ok, true, name)
    t.same(readConfig({ [name]: String(max + 1) }), {
      ok: false,
      faults: [`${name} must be a whole number from 0 to ${max}`],
    })
    t.not(JSON.stringify(config({ [name]: '0' })), JSON.stringify(config({ [name]: '1' })), `${name} is used`)
  }
})

t.test('the words that the table lists are those that are taken', async (t) => {
  for (const name of ['DEFAULT_LANGUAGE', 'LOG_LEVEL']) {
    const row = (await read('README.md')).split('\n').find((line) => line.startsWith(`| \`${name}\``))
    const refused = readConfig({ [name]: 'no such word' })
    const taken = refused.ok ? [] : (/one of (.*)$/.exec(refused.faults[0] ?? '')?.[1] ?? '').split(', ')
    t.equal(taken.length > 1, true)
    for (const word of taken) t.match(row, `\`${word}\``)
  }
})

function config(environment: Record<string, string>): Config {
  const result = readConfig(environment)
  if (!result.ok) throw new Error(result.faults.join('\n'))
  return result.config
}

function rowsOf(markdown: string): Row[] {
  return [...markdown.matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \|[^|]+\| ?([^|]*?) ?\|$/gm)].map(
    ([, name = '', fallback = '', limits = '']) => ({
      name,
      fallback: /^`(.*)`$/.exec(fallback)?.[1] ?? null,
      limits,
    }),
  )
}
