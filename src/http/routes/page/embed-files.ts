import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** What sites load into their pages, as it was bundled: `scripts/build-embed.ts` writes the folder. */
const folder = new URL('../../../../embed/', import.meta.url)

export type EmbedFile = {
  /** With a digest of the content in it: what it names never changes. */
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
  known ??= new Map(
    readdirSync(folder)
      .filter((name) => /\.(?:js|css)$/.test(name))
      .sort()
      .map((name) => [name, read(name)]),
  )
  return known
}

/** Changes with the files, with what this version makes of comments, and with a site's own words. */
export function markupTag(ownWords: object): () => string {
  let tag: string | undefined
  return () => {
    const names = [...embedFiles().values()].map(({ versionedName }) => versionedName)
    tag ??= createHash('sha256')
      .update(JSON.stringify([names, ownWords]))
      .digest('hex')
      .slice(0, 8)
    return tag
  }
}

/** The versioned name of a file. */
export function embedFile(name: string): string {
  const file = embedFiles().get(name)
  if (file === undefined) throw new Error(`There is no ${name} among the files for pages.`)
  return file.versionedName
}

function read(name: string): EmbedFile {
  const body = readFileSync(new URL(name, folder))
  return {
    versionedName: versionedName(name, body),
    mediaType: name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
    body,
    gzipped: gzipSync(body, { level: 9 }),
    integrity: `sha384-${createHash('sha384').update(body).digest('base64')}`,
  }
}

/** `comments.js` as `comments-3f9c1a20bd.js`. */
export function versionedName(name: string, body: Buffer | string): string {
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 10)
  return name.replace(/(\.\w+)$/, `-${digest}$1`)
}
