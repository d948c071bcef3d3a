import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** What sites load into their pages, as it was bundled: `scripts/build-embed.ts` writes the folder. */
const folder = new URL('../../../../embed/', import.meta.url)

/** What has a digest of its own: what a page names itself, and what only `count.js` asks for. Of the rest, these ask for. */
const entries = ['comments.js', 'count.js', 'count-words.js']

export type EmbedFile = {
  /** With a digest in it: what it names never changes. */
  versionedName: string
  mediaType: string
  body: Buffer
  gzipped: Buffer
  /** For `integrity=` (W3C, Subresource Integrity). */
  integrity: string
}

let known: ReadonlyMap<string, EmbedFile> | undefined

/** The files by their stable names, read when the first of them is asked for. */
export function embedFiles(): ReadonlyMap<string, EmbedFile> {
  known ??= readFiles()
  return known
}

function readFiles(): Map<string, EmbedFile> {
  const bodies = new Map(
    readdirSync(folder)
      .filter((name) => /\.(?:js|css)$/.test(name))
      .map((name) => [name, readFileSync(new URL(name, folder))]),
  )
  const ofParts = partsDigest(bodies)
  return new Map(
    [...bodies].map(([name, body]) => [
      name,
      {
        versionedName: versionedName(name, entries.includes(name) ? digestOf(body) : ofParts),
        mediaType: name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
        body,
        gzipped: gzipSync(body, { level: 9 }),
        integrity: `sha384-${createHash('sha384').update(body).digest('base64')}`,
      },
    ]),
  )
}

/** One digest for all that the scripts ask for, since each more would be ten bytes in them that nothing compresses. */
export function partsDigest(files: ReadonlyMap<string, Buffer | string>): string {
  const parts = [...files]
    .filter(([name]) => !entries.includes(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
  return digestOf(parts.map(([name, body]) => `${name}\n${body}\n`).join(''))
}

export function digestOf(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 10)
}

/** `comments.js` as `comments-3f9c1a20bd.js`. */
export function versionedName(name: string, digest: string): string {
  return name.replace(/(\.\w+)$/, `-${digest}$1`)
}

/** Changes with the version and its files, which hold what makes a tree of comments, and with the settings that pages depend on. */
export function markupTag(settings: object): () => string {
  let tag: string | undefined
  return () => {
    const names = [...embedFiles().values()].map(({ versionedName }) => versionedName)
    tag ??= createHash('sha256')
      .update(JSON.stringify([names, settings, version()]))
      .digest('hex')
      .slice(0, 8)
    return tag
  }
}

function version(): unknown {
  return JSON.parse(readFileSync(new URL('../package.json', folder), 'utf8')).version
}

/** The versioned name of a file. */
export function embedFile(name: string): string {
  const file = embedFiles().get(name)
  if (file === undefined) throw new Error(`There is no ${name} among the files for pages.`)
  return file.versionedName
}
