import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { bundles, gzippedBytes } from '../../scripts/build-embed.ts'
import { languages } from '../../src/domain/language.ts'

const folder = new URL('../../embed/', import.meta.url)

const committed = new Map(
  readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const),
)

/** In bytes, by gzip -9, as most CDNs send them: nobody's page is to grow unseen. */
const most: Readonly<Record<string, number>> = {
  'comments.js': 8_192,
  'count.js': 819,
  'comments.css': 2_048,
  ...Object.fromEntries(languages.filter((code) => code !== 'en').map((code) => [`${code}.js`, 1_536])),
}

t.test('what is committed is what the sources make: `node scripts/build-embed.ts` writes it', async (t) => {
  const fresh = await bundles()
  t.same([...committed.keys()].sort(), [...fresh.keys()].sort())
  for (const [name, text] of fresh) t.equal(committed.get(name), text, name)
})

t.test('no file is larger than it may be', async (t) => {
  for (const [name, text] of committed) {
    const bytes = gzippedBytes(text)
    const limit = most[name]
    t.comment(`${name}: ${bytes} bytes gzipped${limit === undefined ? '' : ` of ${limit}`}`)
    if (limit !== undefined) t.ok(bytes <= limit, `${name} has ${bytes} bytes of ${limit}`)
  }
  t.same(
    Object.keys(most).filter((name) => !committed.has(name)),
    [],
    'each of them is there',
  )
})

t.test('nothing in a script makes markup of a text, runs one, or sets a style', async (t) => {
  const forbidden =
    /innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|setHTMLUnsafe|srcdoc|document\.write|\beval\b|new Function|style=|\.style\b|cssText|document\.cookie|https?:\/\/[a-z]/
  for (const [name, text] of committed) if (name.endsWith('.js')) t.notMatch(text, forbidden, name)
})

t.test('no file loads a font, a picture or anything from elsewhere', async (t) => {
  for (const [name, text] of committed)
    if (name.endsWith('.css')) t.notMatch(text, /url\(|@import|@font-face/, name)
})

t.test('all of the style stands in its layer, so that whatever a site says wins', async (t) => {
  t.match(committed.get('comments.css'), /^@layer imprimatur\{[^@]*(?:@media[^@]*)*\}\s*$/)
})
