import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { deskBundles } from '../../scripts/build-desk.ts'
import { gzippedBytes } from '../../scripts/build-embed.ts'

const folder = new URL('../../desk/', import.meta.url)

const committed = new Map(
  readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const),
)

/** In bytes, by gzip -9, all of it together. */
const most = 30 * 1_024

t.test('what is committed is what the sources make: `node scripts/build-desk.ts` writes it', async (t) => {
  const fresh = await deskBundles()
  t.same([...committed.keys()].sort(), [...fresh.keys()].sort())
  for (const [name, text] of fresh) t.equal(committed.get(name), text, name)
})

t.test('the whole desk is no larger than it may be', async (t) => {
  const sizes = [...committed].map(([name, text]) => [name, gzippedBytes(text)] as const)
  for (const [name, bytes] of sizes) t.comment(`${name}: ${bytes} bytes gzipped`)
  const all = sizes.reduce((sum, [, bytes]) => sum + bytes, 0)
  t.ok(all <= most, `${all} bytes of ${most}`)
})

t.test(
  'nothing in it makes markup of a text, runs one, sets a style or a cookie, or asks elsewhere',
  async (t) => {
    const forbidden =
      /innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|setHTMLUnsafe|srcdoc|document\.write|\beval\b|new Function|style=|\.style\b|cssText|document\.cookie|https?:\/\/[a-z]/
    for (const name of ['desk.js', 'index.html']) t.notMatch(committed.get(name), forbidden, name)
    t.notMatch(committed.get('index.html'), /<script(?![^>]*src=)|\son\w+=/, 'no script but a file')
    t.notMatch(committed.get('desk.css'), /url\(|@import|@font-face/)
  },
)
